"""Who pays for a repair, and in what order it goes: the table, act by act."""

from itertools import product
from uuid import UUID

import pytest
from msgspec.structs import replace

from helpdesk.domain.clients import Equipment
from helpdesk.domain.repairs import TRANSITIONS, Cover, Done, Payer, Repair, RepairAct, RepairState, act_on, cover_of
from helpdesk.kernel.errors import Conflict, Invalid

PIECE = Equipment(UUID(int=1), UUID(int=9), "Шлагбаум", "7", "12", "2025-03-01", "2026-03-01", 0)
OTHER = UUID(int=2)
REPAIR = Repair(
    UUID(int=3), 1, UUID(int=4), PIECE.id, "не открывается", "2026-02-01", RepairState.REQUESTED, "", None, "", "",
    None, None, False, None, "Термины и определения", 0, None, 1,
)  # fmt: skip
COMPLETE = {
    RepairAct.DIAGNOSE: Done(RepairAct.DIAGNOSE, diagnosis="двигатель"),
    RepairAct.REPLACE: Done(RepairAct.REPLACE, replacement_id=OTHER, agreed=True),
    RepairAct.BEGIN: Done(RepairAct.BEGIN, agreed=True),
}


@pytest.mark.parametrize(
    ("day", "exception", "cover"),
    [
        ("2025-02-28", "", Cover.NOT_ACCEPTED),
        ("2025-03-01", "", Cover.COVERED),
        ("2026-03-01", "", Cover.COVERED),
        ("2026-03-02", "", Cover.OVER),
        ("2026-02-01", "залит водой", Cover.EXCEPTION),
        ("2026-03-02", "залит водой", Cover.OVER),
    ],
)
def test_the_warranty_covers_its_term_but_for_exceptions(day: str, exception: str, cover: Cover) -> None:
    """From the act's day to the warranty's last, both included."""
    assert cover_of(PIECE, day, exception) is cover


def test_without_act_or_term_nothing_is_covered() -> None:
    """What is not known is not taken for granted."""
    assert cover_of(replace(PIECE, accepted_on=None), "2026-02-01") is Cover.NOT_ACCEPTED
    assert cover_of(replace(PIECE, warranty_until=None), "2026-02-01") is Cover.NO_TERM


@pytest.mark.parametrize(("state", "act"), list(product(RepairState, RepairAct)))
def test_the_table_alone_says_what_may_follow(state: RepairState, act: RepairAct) -> None:
    """Every pair of a state and an act, complete with what belongs to it."""
    repair = replace(REPAIR, state=state, payer=Payer.CONTRACTOR)
    done = COMPLETE.get(act, Done(act))
    if (state, act) in TRANSITIONS:
        after = act_on(repair, done, PIECE, 7)
        assert after.state is TRANSITIONS[state, act]
        assert (after.ended_at is None) == (after.state not in {RepairState.RETURNED, RepairState.CANCELLED})
    else:
        with pytest.raises(Conflict):
            act_on(repair, done, PIECE, 7)


def test_a_warranty_case_is_the_contractor_s() -> None:
    """Repair and transport, and nobody has to agree."""
    diagnosed = act_on(replace(REPAIR, state=RepairState.RECEIVED), COMPLETE[RepairAct.DIAGNOSE], PIECE, 1)
    assert (diagnosed.cover, diagnosed.payer, diagnosed.transport_payer) == (
        Cover.COVERED, Payer.CONTRACTOR, Payer.CONTRACTOR,
    )  # fmt: skip
    assert act_on(diagnosed, Done(RepairAct.BEGIN), PIECE, 1).state is RepairState.REPAIRING


def test_any_other_case_is_the_client_s_who_must_agree() -> None:
    """Transport included; an approved exception within the term too. Another diagnosis asks again."""
    received = replace(REPAIR, state=RepairState.RECEIVED)
    excepted = Done(RepairAct.DIAGNOSE, "двигатель", "залит водой", "начальник сервиса")
    diagnosed = act_on(received, excepted, PIECE, 1)
    assert (diagnosed.cover, diagnosed.payer, diagnosed.transport_payer) == (
        Cover.EXCEPTION, Payer.CLIENT, Payer.CLIENT,
    )  # fmt: skip
    for act in (Done(RepairAct.BEGIN), Done(RepairAct.REPLACE, replacement_id=OTHER)):
        with pytest.raises(Conflict) as caught:
            act_on(diagnosed, act, PIECE, 1)
        assert caught.value.clause == "Термины и определения"
    repairing = act_on(diagnosed, Done(RepairAct.BEGIN, agreed=True), PIECE, 1)
    assert act_on(repairing, Done(RepairAct.REPLACE, replacement_id=OTHER), PIECE, 1).replacement_id == OTHER
    assert act_on(diagnosed, Done(RepairAct.DECLINE), PIECE, 1).state is RepairState.DECLINED
    again = act_on(replace(diagnosed, agreed=True), COMPLETE[RepairAct.DIAGNOSE], PIECE, 1)
    assert (again.payer, again.agreed) == (Payer.CONTRACTOR, False)


@pytest.mark.parametrize(
    ("state", "done", "field"),
    [
        (RepairState.RECEIVED, Done(RepairAct.DIAGNOSE), "diagnosis"),
        (RepairState.RECEIVED, Done(RepairAct.DIAGNOSE, "x", exception="y"), "approved_by"),
        (RepairState.RECEIVED, Done(RepairAct.DIAGNOSE, "x", approved_by="y"), "approved_by"),
        (RepairState.DIAGNOSED, Done(RepairAct.REPLACE), "replacement_id"),
        (RepairState.DIAGNOSED, Done(RepairAct.REPLACE, replacement_id=PIECE.id), "replacement_id"),
        (RepairState.REQUESTED, Done(RepairAct.RECEIVE, diagnosis="x"), "diagnosis"),
        (RepairState.REPAIRED, Done(RepairAct.RETURN, agreed=True), "agreed"),
    ],
)
def test_an_act_says_what_belongs_to_it(state: RepairState, done: Done, field: str) -> None:
    """No less and no more."""
    with pytest.raises(Invalid) as caught:
        act_on(replace(REPAIR, state=state, payer=Payer.CONTRACTOR), done, PIECE, 1)
    assert list(caught.value.fields) == [field]


def test_an_exception_is_made_only_from_what_is_covered() -> None:
    """Out of the term there is nothing to except from."""
    received = replace(REPAIR, state=RepairState.RECEIVED, told_on="2026-03-02")
    with pytest.raises(Invalid):
        act_on(received, Done(RepairAct.DIAGNOSE, "x", "залит водой", "начальник"), PIECE, 1)
