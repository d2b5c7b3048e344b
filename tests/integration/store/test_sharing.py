"""Works that share a transaction, their new rows held back and written together: as if each had been alone."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError
from tests.support.things import add_tenant, add_ticket, agent_of

from helpdesk.kernel.errors import Conflict, Invalid, KeyReused
from helpdesk.kernel.ids import new_id
from helpdesk.store.audit import Audit
from helpdesk.store.engine.database import Database, Session
from helpdesk.store.engine.jobs import gather
from helpdesk.store.inbox import Inbox
from helpdesk.store.mail_counters import MailCounters
from helpdesk.store.participants import Participants
from helpdesk.store.schema import audit
from helpdesk.store.tenants import Counters
from helpdesk.store.tickets import Tickets

pytestmark = pytest.mark.anyio


async def together(database: Database, tenant: UUID, *works: Callable[[Session], Any]) -> list[Any]:
    """Hand over the works so that they wait together: one before them keeps the writer busy."""
    agent = agent_of(tenant)
    gate = database.write(agent, lambda session: session.connection.execute(text("SELECT 1")).all(), shared=True)
    waiting = [database.write(agent, work, shared=True) for work in works]
    return (await asyncio.gather(gate, *waiting, return_exceptions=True))[1:]


def line(about: str) -> Callable[[Session], int]:
    """Return a work that takes a number and adds a row."""

    def work(session: Session) -> int:
        number = Counters(session).next("lines")
        Audit(session).record("test", about, {"number": number})
        return number

    return work


def failing(about: str, error: Exception, *, changes: bool = False) -> Callable[[Session], int]:
    """Return a work that takes a number, adds a row, perhaps changes something at once, and fails."""

    def work(session: Session) -> int:
        line(about)(session)
        if changes:
            session.connection.execute(insert(audit), _row(session, f"{about} at once"))
        raise error

    return work


def _row(session: Session, about: str) -> dict[str, Any]:
    held = {"tenant_id": session.tenant_id, "id": new_id(), "at": session.now, "actor": "a", "act": "t"}
    return {**held, "object": about, "data": {}}


def lines(database: Database, tenant: UUID) -> dict[str, int]:
    """Return what stands, with its numbers."""
    wanted = select(audit.c.object, audit.c.data).where(audit.c.tenant_id == tenant, audit.c.act == "test")
    rows = database.read_now(agent_of(tenant), lambda s: s.connection.execute(wanted).all(), within_seconds=60)
    return {row.object: row.data["number"] for row in rows}


@pytest.mark.parametrize("changes", [False, True])
async def test_a_failing_work_leaves_nothing_and_no_gap(database: Database, changes: bool) -> None:
    """Its rows are forgotten, what it changed is undone, its number is given out again; the works beside it stand."""
    tenant = add_tenant(database, "acme")
    works = (line("a"), failing("b", Conflict("no"), changes=changes), line("c"), failing("d", Invalid("x")), line("e"))
    answers = await together(database, tenant, *works)
    assert [type(answer) for answer in answers] == [int, Conflict, int, Invalid, int]
    assert lines(database, tenant) == {"a": 1, "c": 2, "e": 3}


async def test_what_was_added_is_seen(database: Database) -> None:
    """Held rows are written before whatever must see them: a prepared read, a plain statement, the next work."""
    tenant = add_tenant(database, "acme")
    wanted = select(func.count()).select_from(audit).where(audit.c.act == "test")

    def adds_and_looks(session: Session) -> list[int]:
        line("a")(session)
        first = session.connection.execute(wanted).scalar_one()
        Audit(session).record("test", "b", {"number": 0})
        return [first, session.connection.execute(wanted).scalar_one()]

    answers = await together(database, tenant, line("z"), adds_and_looks)
    assert answers[1] == [2, 3]


@pytest.mark.parametrize("changes", [False, True])
async def test_mails_are_counted_among_others(database: Database, changes: bool) -> None:
    """Of one address' mails in one transaction none is lost, and those of a work that fails are not counted."""
    tenant = add_tenant(database, "acme")

    def mail(session: Session) -> bool:
        Audit(session).record("test", "mail", {})
        return MailCounters(session).take("a@example.org", per_hour=3, per_day=20)

    def lost(session: Session) -> None:
        mail(session)
        failing("lost", Conflict("no"), changes=changes)(session)

    found = await together(database, tenant, mail, lost, mail, lost, mail, mail)
    assert [str(each) for each in found] == ["True", "no", "True", "no", "True", "False"]
    assert await together(database, tenant, mail) == [False]


async def test_a_ticket_that_was_added_is_held_by_the_next_work(database: Database) -> None:
    """A prepared read of a table whose rows are held back finds them."""
    tenant = add_tenant(database, "acme")

    def participates(session: Session) -> frozenset[str]:
        ticket_id = add_ticket(session, 1)
        Participants(session).add(ticket_id, "email", "a@b.example", "client")
        assert Tickets(session).find(ticket_id) is not None
        Participants(session).add(ticket_id, "email", "a@b.example", "client")
        return Participants(session).addresses(ticket_id, "email")

    assert await together(database, tenant, participates) == [frozenset({"a@b.example"})]


async def test_a_row_that_cannot_be_written_fails_its_work_alone(database: Database) -> None:
    """A NUL, or a row that refers to nothing: only its own work is told, though all were to be written together."""
    tenant = add_tenant(database, "acme")

    def orphan(session: Session) -> None:
        Participants(session).add(new_id(), "email", "a@b.example", "client")

    answers = await together(database, tenant, line("a"), orphan, line("b"))
    assert answers[0] == 1
    assert isinstance(answers[1], IntegrityError)
    assert answers[2] == 2
    assert lines(database, tenant) == {"a": 1, "b": 2}


async def test_repetitions_among_others(database: Database) -> None:
    """A key that came before, or comes twice in one transaction, has one effect and one answer; another request under
    it is refused, and a work that fails because the first one took effect gives the first one's answer.
    """
    tenant = add_tenant(database, "acme")

    def claims(key: str, request: bytes = b"h", *, fails: bool = False) -> Callable[[Session], Any]:
        def work(session: Session) -> Any:
            earlier = Inbox(session).claim("http", key, request)
            if earlier is not None:
                return earlier["number"]
            if fails:
                raise Conflict("somebody was faster")
            number = line(key)(session)
            Inbox(session).complete("http", key, {"number": number})
            return number

        return work

    assert await together(database, tenant, claims("a"), claims("a"), claims("b")) == [1, 1, 2]
    answers = await together(database, tenant, claims("c"), claims("a", fails=True), claims("b", b"other"), claims("d"))
    assert answers[0] == 3
    assert answers[1] == 1
    assert isinstance(answers[2], KeyReused)
    assert answers[3] == 4
    assert lines(database, tenant) == {"a": 1, "b": 2, "c": 3, "d": 4}


async def test_tenants_do_not_share(database: Database) -> None:
    """Works of two companies, mixed: each sees and writes its own, whatever was written for the other just before."""
    ours, theirs = add_tenant(database, "a"), add_tenant(database, "b")
    count = select(func.count()).select_from(audit).where(audit.c.act == "test")

    def counted(tenant: UUID) -> Callable[[Session], int]:
        def work(session: Session) -> int:
            line("x")(session)
            return int(session.connection.execute(count.where(audit.c.tenant_id == tenant)).scalar_one())

        return work

    works = [database.write(agent_of(t), counted(t), shared=True) for _ in range(10) for t in (ours, theirs)]
    answers = await asyncio.gather(*works)
    assert sorted(answers[::2]) == sorted(answers[1::2]) == list(range(1, 11))


async def test_very_many_rows_are_not_held(database: Database) -> None:
    """A work that adds very many rows has them written on its way."""
    tenant = add_tenant(database, "acme")

    def adds(session: Session) -> int:
        for number in range(3_000):
            Audit(session).record("test", f"{number}", {"number": number})
        assert session.buffer is not None
        return sum(len(rows) for rows in session.buffer._own.values())

    assert await database.write(agent_of(tenant), adds, within_seconds=60) <= 2_000
    assert len(lines(database, tenant)) == 3_000


def test_nobody_waits_for_company_that_does_not_come() -> None:
    """A lone caller is served at once; one that had company waits a moment at most."""
    gather(lambda: 1, 1)
    gather(lambda: 1, 64)
