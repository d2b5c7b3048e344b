"""Repairs beside their tickets: SpecPromDesign's equipment, from the request to the return."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from tests.integration.desk.companies import Five, take_on_all

from helpdesk.contracts.log import Entry
from helpdesk.contracts.messages import Inbound
from helpdesk.desk.receiving.receive import Arrival, receive
from helpdesk.desk.tickets.repairs import RepairKept, act, request_repair
from helpdesk.domain.repairs import Cover, Done, Payer, RepairAct, RepairState
from helpdesk.kernel.errors import Conflict, Invalid, NotFound, VersionConflict
from helpdesk.kernel.instants import DAY, from_datetime
from helpdesk.kernel.principal import Principal, Role
from helpdesk.queries.tickets.repairs import get_repair, list_repairs
from helpdesk.store.audit import Audit
from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.engine.session import Session
from helpdesk.store.organisations import Organisations
from helpdesk.store.tickets import Tickets

T = TypeVar("T")

COMPANY = "specpromdesign"
NOW = from_datetime(datetime.fromisoformat("2026-03-02T00:30:00+03:00"))
"""In Moscow the day after the warranty's last; in UTC still that day."""


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(sqlite_template, tmp_path / "alone.db")
    opened = open_database(f"sqlite:///{tmp_path / 'alone.db'}")
    yield opened
    opened.close()


@pytest.fixture
def five(database: Database) -> Five:
    five = take_on_all(database)
    five.move_to(NOW)
    return five


def do(five: Five, work: Callable[[Session], T], company: str = COMPANY) -> T:
    return five.database.write_now(Principal(Role.AGENT, "key:agent", five.tenants[company]), work)


def own(five: Five, organisation: str, until: str, company: str = COMPANY) -> UUID:
    """Deliver a piece of equipment to an organisation."""

    def work(session: Session) -> UUID:
        kept = Organisations(session)
        found = kept.find_name(organisation) or kept.add(organisation)
        fields = {"name": "Шлагбаум", "serial": "7", "act_number": "12", "accepted_on": "2025-03-01"}
        return kept.add_equipment(found.id, {**fields, "warranty_until": until}).id

    return do(five, work, company)


def ticket_of(five: Five, organisation: str, company: str = COMPANY) -> int:
    """Have a client of an organisation write; return the ticket's number."""

    def work(session: Session) -> int:
        evaluator = five.resources.directory.in_force(session, session.now)
        address = next(rule.addresses[0] for rule in evaluator.channels if rule.kind == "email" and rule.addresses)
        message = Inbound("email", address, f"{organisation} {session.now}", "c@client.example", None, "x", "y")
        taken = receive(session, five.resources, Arrival(message, organisation=organisation))
        assert taken.number is not None, taken
        return taken.number

    return five.database.write_now(five.channel(company), work)


def step(five: Five, number: int, done: Done, version: int | None = None) -> RepairKept:
    return do(five, partial(act, resources=five.resources, number=number, done=done, expected_version=version))


def begin(five: Five, ticket: int, piece: UUID) -> int:
    work = partial(request_repair, resources=five.resources, ticket=ticket, equipment_id=piece, fault="не работает")
    return do(five, work).number


def log(five: Five, ticket: int) -> tuple[Entry, ...]:
    return do(five, lambda session: Tickets(session).log(Tickets(session).by_number(ticket).id))


def test_a_repair_is_told_in_its_ticket_and_audited(five: Five) -> None:
    """Each act is an entry of the log, without gaps, with who pays as soon as that is known."""
    piece, other = own(five, "ООО «Один»", "2026-03-02"), own(five, "ООО «Один»", "2027-01-01")
    ticket = ticket_of(five, "ООО «Один»")
    number = begin(five, ticket, piece)
    five.move_to(NOW + 30 * DAY)
    step(five, number, Done(RepairAct.RECEIVE), 1)
    step(five, number, Done(RepairAct.DIAGNOSE, diagnosis="двигатель"))
    step(five, number, Done(RepairAct.REPLACE, replacement_id=other))
    assert step(five, number, Done(RepairAct.RETURN)).version == 5
    entries = log(five, ticket)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    told = [entry.data for entry in entries if entry.what.value == "repair_moved"]
    assert [data["act"] for data in told] == ["request", "receive", "diagnose", "replace", "return"]
    assert told[2] == {"repair": 1, "act": "diagnose", "state": "diagnosed", "cover": "covered", "payer": "contractor"}
    shown = do(five, partial(get_repair, number=number))
    assert (shown.state, shown.ticket, shown.replacement_id, shown.transport_payer, shown.told_on) == (
        RepairState.RETURNED, ticket, other, Payer.CONTRACTOR, "2026-03-02",
    )  # fmt: skip
    assert (shown.clause, shown.ended_at is not None) == ("Термины и определения", True)
    acts = [line.act for line in do(five, lambda session: Audit(session).latest(5))]
    assert acts == ["repair.return", "repair.replace", "repair.diagnose", "repair.receive", "repair.request"]


def test_the_day_is_the_company_s(five: Five) -> None:
    """Half past midnight in Moscow is the day after: a warranty that ended the day before is over."""
    piece = own(five, "ООО «Один»", "2026-03-01")
    ticket = ticket_of(five, "ООО «Один»")
    number = begin(five, ticket, piece)
    step(five, number, Done(RepairAct.RECEIVE))
    step(five, number, Done(RepairAct.DIAGNOSE, diagnosis="двигатель"))
    shown = do(five, partial(get_repair, number=number))
    assert (shown.cover, shown.payer, shown.transport_payer) == (Cover.OVER, Payer.CLIENT, Payer.CLIENT)
    with pytest.raises(Conflict):
        step(five, number, Done(RepairAct.BEGIN))
    assert step(five, number, Done(RepairAct.BEGIN, agreed=True)).state == "repairing"


def test_a_refused_act_leaves_nothing(five: Five) -> None:
    """Out of order, for another version, for a repair that is not there: neither the repair nor the log changes."""
    piece = own(five, "ООО «Один»", "2026-12-31")
    ticket = ticket_of(five, "ООО «Один»")
    number = begin(five, ticket, piece)
    before = log(five, ticket)
    with pytest.raises(Conflict):
        step(five, number, Done(RepairAct.FINISH))
    with pytest.raises(VersionConflict):
        step(five, number, Done(RepairAct.RECEIVE), 9)
    with pytest.raises(NotFound):
        step(five, 99, Done(RepairAct.RECEIVE))
    assert log(five, ticket) == before


def test_a_piece_has_one_repair_at_a_time(five: Five) -> None:
    """Else two diagnoses of one fault might have two of them pay; nor is what is under repair given instead."""
    piece, other = own(five, "ООО «Один»", "2027-03-01"), own(five, "ООО «Один»", "2027-03-01")
    first, second = ticket_of(five, "ООО «Один»"), ticket_of(five, "ООО «Один»")
    number = begin(five, first, piece)
    with pytest.raises(Conflict, match=f"repair {number} of this piece"):
        begin(five, second, piece)
    another = begin(five, second, other)
    for act_ in (Done(RepairAct.RECEIVE), Done(RepairAct.DIAGNOSE, diagnosis="Плата")):
        step(five, number, act_)
    with pytest.raises(Invalid, match="under repair"):
        step(five, number, Done(RepairAct.REPLACE, replacement_id=other))
    step(five, another, Done(RepairAct.CANCEL))
    step(five, number, Done(RepairAct.REPLACE, replacement_id=other))
    step(five, number, Done(RepairAct.RETURN))
    assert begin(five, second, piece) == another + 1


def test_the_equipment_is_the_client_s_own(five: Five) -> None:
    """Another organisation's piece is neither repaired nor given under a ticket; nor is one that is not there."""
    piece, foreign = own(five, "ООО «Один»", "2026-12-31"), own(five, "ООО «Два»", "2026-12-31")
    ticket = ticket_of(five, "ООО «Один»")
    for wrong in (foreign, UUID(int=5)):
        with pytest.raises(Invalid):
            begin(five, ticket, wrong)
    with pytest.raises(Invalid):
        begin(five, 99, piece)
    number = begin(five, ticket, piece)
    step(five, number, Done(RepairAct.RECEIVE))
    step(five, number, Done(RepairAct.DIAGNOSE, diagnosis="x"))
    with pytest.raises(Invalid):
        step(five, number, Done(RepairAct.REPLACE, replacement_id=foreign))
    listed = do(five, partial(list_repairs, limit=5, cursor=None, state=RepairState.DIAGNOSED, ticket=ticket))
    assert [found.number for found in listed.items] == [number]
    assert do(five, partial(list_repairs, limit=5, cursor=None, state=None, ticket=98)).items == ()


def test_a_regulation_without_repairs_has_none(five: Five) -> None:
    """Siroca sells software: 3.x says nothing of equipment."""
    piece = own(five, "ООО «Один»", "2026-12-31", "pass24")
    do(five, lambda s: Organisations(s).add_contract(
        _organisation(s, "ООО «Один»"), "client", "1", "2020-01-01", None), "pass24")  # fmt: skip
    ticket = ticket_of(five, "ООО «Один»", "pass24")
    work = partial(request_repair, resources=five.resources, ticket=ticket, equipment_id=piece, fault="x")
    with pytest.raises(Conflict, match="no repairs"):
        do(five, work, "pass24")


def _organisation(session: Session, name: str) -> UUID:
    found = Organisations(session).find_name(name)
    assert found is not None
    return found.id
