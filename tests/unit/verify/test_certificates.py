"""A certificate holds as it was issued, whatever happened to the ticket; no altered one holds, however it is sealed."""

import json
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.certificates import (
    COMPANIES,
    ROOT,
    SEAL,
    certificates_of,
    evaluators,
    golden,
    holds,
    mutants,
    sealed_anew,
    signed_anew,
    varied,
)

from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.errors import Conflict, NotFound
from helpdesk.kernel.instants import DAY, HOUR, MINUTE
from helpdesk.regulation.certifying.certificates import certify
from helpdesk.regulation.certifying.seal import Seal
from helpdesk.regulation.examining.replay import _instant
from helpdesk.regulation.examining.scenarios import load_scenarios, scenario_log
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import take_snapshot
from helpdesk.regulation.loading.loader import load_package
from helpdesk.verify.certificates import Refused, check_derivation, verify
from helpdesk.verify.document import read

KEY = SEAL.public_key
MUTANTS = 10_000


@pytest.fixture(scope="module", name="issued")
def _issued() -> list[tuple[str, bytes]]:
    return list(golden())


@pytest.fixture(scope="module", name="judges")
def _judges() -> dict[str, Evaluator]:
    return evaluators()


def test_every_worked_case_has_certificates_that_hold(issued: list[tuple[str, bytes]]) -> None:
    """All five companies, and everything that a certificate may tell of, are among them."""
    told: Counter[str] = Counter()
    for name, content in issued:
        try:
            verify(content, [KEY])
        except Refused as refusal:
            pytest.fail(f"{name}: {refusal}")
        document = json.loads(content)
        told.update({document["tenant"], document["rule"]["kind"], document["rule"]["amount"]["unit"]})
        told.update(key for key, value in document["derived"].items() if value)
    assert set(COMPANIES) <= set(told)
    wanted = {"limit", "average", "working", "elapsed", "working_days", "calendar_days_without_weekends"}
    assert wanted | {"pauses", "level_change", "days", "goal", "ended_by"} <= set(told)


@pytest.mark.parametrize("company", COMPANIES)
def test_every_scenario_has_certificates_that_hold(company: str) -> None:
    """Terms, capped goals, clocks going on again, each as the scenarios of the clauses have them."""
    package = load_package(ROOT / "policies" / company)
    usual = Evaluator(take_snapshot(package, parameters=package.example))
    told: Counter[str] = Counter()
    for scenario in load_scenarios(ROOT / "policies" / company):
        if not scenario.received or scenario.readings or scenario.parameters is not None:
            continue
        received = _instant(scenario.received)
        admission = usual.admit_by_name(scenario.channel, received)
        if not admission.accepted:
            continue
        log = scenario_log(scenario, usual, admission.channel, received, admission.counts_from)
        now = _instant(scenario.now) if scenario.now else log[-1].at
        for clock, content in certificates_of(usual, log, now):
            try:
                verify(content, [KEY])
            except Refused as refusal:
                pytest.fail(f"{scenario.name} {clock}: {refusal}")
            told[json.loads(content)["derived"]["state"]] += 1
    assert told


def test_no_mutant_holds_with_its_hash_sealed_anew(issued: list[tuple[str, bytes]]) -> None:
    """10,000: every scalar of certificates of all companies, keys, lists; none holds."""
    chosen = varied(issued, 8)
    dice = random.Random(4)
    share = -(-MUTANTS // len(chosen))
    tried = 0
    for name, content in chosen:
        document = json.loads(content)
        for how, mutant in mutants(document, dice, share):
            tried += 1
            assert not holds(sealed_anew(mutant, document)), f"{name}: {how}"
    assert tried >= MUTANTS


def test_nothing_derived_holds_altered_even_signed_anew(issued: list[tuple[str, bytes]]) -> None:
    """Whoever holds the key cannot make another deadline follow from the same facts."""
    dice = random.Random(5)
    for name, content in varied(issued, 3):
        document = json.loads(content)
        for how, derived in mutants(document["derived"], dice, 24):
            assert not holds(signed_anew({**document, "derived": derived})), f"{name}: derived.{how}"


def test_another_key_is_refused_where_one_is_trusted(issued: list[tuple[str, bytes]]) -> None:
    """A forger signs with a key of his own: that is seen only by whoever knows the true one."""
    forged = signed_anew({**json.loads(issued[0][1]), "tenant": "somebody"}, Seal(b"forger"))
    assert verify(forged).tenant == "somebody"
    with pytest.raises(Refused, match="not by the key that is trusted"):
        verify(forged, [KEY])


ACTS: tuple[tuple[Happened, dict[str, Any]], ...] = (
    (Happened.CLIENT_MESSAGE, {}),
    (Happened.ANSWER_SENT, {}),
    (Happened.QUESTION_SENT, {}),
    (Happened.NOTICE_SENT, {"names_engineer": True}),
    (Happened.NOTICE_SENT, {"names_engineer": False}),
    (Happened.LINE_SET, {"line": "development"}),
    (Happened.PAUSED, {"reason": "waiting_client"}),
    (Happened.RESUMED, {"reason": "waiting_client"}),
    (Happened.PAUSED, {"reason": "update"}),
    (Happened.RESUMED, {"reason": "update"}),
    (Happened.RESOLVED, {}),
    (Happened.DISAGREED, {}),
    (Happened.REOPENED, {}),
    (Happened.NOTE_ADDED, {"message_id": "m"}),
    (Happened.LEVEL_SET, {}),
    (Happened.CLOSED, {}),
)


@st.composite
def logs(draw: st.DrawFn, judge: Evaluator) -> tuple[Entry, ...]:
    """Draw the log of a ticket of 2026 to which anything happens, sensible or not."""
    at = 1_767_600_000_000_000 + draw(st.integers(0, 300 * 24 * 4)) * 15 * MINUTE + draw(st.integers(0, MINUTE))
    levels = [level.id for level in judge.levels()]
    channel = draw(st.sampled_from(judge.channels)).name
    level = draw(st.sampled_from([None, *levels])) if levels else None
    found = [Entry(1, at, Happened.RECEIVED, "c", {"channel": channel, "sender": "private@example.org"})]
    if draw(st.booleans()):
        counts = {"counts_from": at + draw(st.integers(0, 10)) * HOUR} if draw(st.booleans()) else {}
        found.append(Entry(2, at, Happened.REGISTERED, "c", counts))
    if level is not None:
        found.append(Entry(len(found) + 1, at, Happened.LEVEL_SET, "c", {"level": level, "before": None}))
    for what, data in draw(st.lists(st.sampled_from(ACTS), max_size=12)):
        at += draw(st.sampled_from((0, 1, MINUTE, 7 * MINUTE, HOUR, 5 * HOUR, DAY)))
        said: dict[str, Any] = dict(data)
        if what is Happened.LEVEL_SET:
            if not levels:
                continue
            said = {"level": draw(st.sampled_from(levels)), "before": level}
            level = said["level"]
        if what is Happened.CLIENT_MESSAGE:
            said["channel"] = draw(st.sampled_from(judge.channels)).name
        found.append(Entry(len(found) + 1, at, what, "c", said))
    return tuple(found)


@pytest.mark.parametrize("company", COMPANIES)
def test_the_certificate_of_any_log_holds(company: str, judges: dict[str, Evaluator]) -> None:
    """Whatever happened, in whatever order: the slow implementation finds the same for every clock."""
    judge = judges[company]

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.data(), st.sampled_from((0, 1, HOUR, 3 * DAY)))
    def one(data: st.DataObject, later: int) -> None:
        log = data.draw(logs(judge))
        for _, content in certificates_of(judge, log, log[-1].at + later):
            assert b"private@example.org" not in content
            verify(content, [KEY])

    one()


def test_a_goal_that_the_limit_cuts_short_can_be_counted_to_its_own_end(judges: dict[str, Evaluator]) -> None:
    """PASS24 1.5.3: 48 working hours with a wait of three days end after the dates that the limit itself looks at."""
    judge = judges["pass24"]
    at = 1_767_787_200_000_001
    told: tuple[tuple[int, Happened, dict[str, Any]], ...] = (
        (0, Happened.RECEIVED, {"channel": "email"}),
        (0, Happened.LEVEL_SET, {"level": "low", "before": None}),
        (2 * DAY, Happened.PAUSED, {"reason": "waiting_client"}),
        (5 * DAY, Happened.RESOLVED, {}),
    )
    log = tuple(Entry(seq, at + after, what, "c", data) for seq, (after, what, data) in enumerate(told, start=1))
    for _, content in certificates_of(judge, log, log[-1].at):
        verify(content, [KEY])


def test_where_nothing_is_promised_there_is_nothing_to_certify(judges: dict[str, Evaluator]) -> None:
    log = (Entry(1, 1_772_000_000_000_000, Happened.RECEIVED, "c", {"channel": "helpdesk"}),)
    judge = judges["pass24"]
    with pytest.raises(NotFound):
        certify(judge, SEAL, 1, log, "no-such", 0, log[0].at)
    unknown = next(view for view in judge.clocks(log, log[0].at) if view.due is None)
    with pytest.raises(Conflict, match="nothing to certify"):
        certify(judge, SEAL, 1, log, unknown.name, unknown.seq, log[0].at)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "an object is needed"),
        (b"{}", "format: is missing"),
        (b'{"a": 1, "a": 1}', "twice"),
        (b'{"a": 1.5}', "not a whole number"),
        (b'{"a": NaN}', "not a whole number"),
        (b"[" * 100_000, "not JSON"),
        (b" " * 4_000_001, "larger"),
        (b"1" * 5_000, "not JSON"),
    ],
)
def test_what_is_no_certificate_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        verify(content)


def test_the_reason_names_the_value_and_what_it_should_be(issued: list[tuple[str, bytes]]) -> None:
    document = read(issued[0][1])
    due = document["derived"]["due"]
    with pytest.raises(Refused, match=r"derived\.due: it says '2030-.*', computed anew it is '20"):
        check_derivation({**document, "derived": {**document["derived"], "due": f"2030{due[4:]}"}})


def test_a_ticket_judged_anew_shows_by_what(issued: list[tuple[str, bytes]]) -> None:
    """The acts lead from snapshot to snapshot, and to the certificate's own at last."""
    document = read(issued[0][1])
    act = {"seq": 99, "at": document["as_of"], "what": "rejudged"}
    told = {**act, "data": {"before": "0" * 64, "after": document["snapshot"]}}
    check_derivation({**document, "log": [*document["log"], told]})
    with pytest.raises(Refused, match="snapshot"):
        check_derivation({**document, "log": [*document["log"], {**act, "data": {"before": "", "after": "0" * 64}}]})


def test_a_seal_is_made_of_the_secret_alone_and_shows_nothing_of_it() -> None:
    assert Seal(b"a").public_key == Seal(b"a").public_key != Seal(b"b").public_key
    assert len(SEAL.fingerprint) == 39
    assert repr(SEAL).startswith("<helpdesk.regulation.certifying.seal.Seal object")
