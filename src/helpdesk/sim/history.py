"""What happened: the tickets of a company that were received in a period, with their logs and clocks, by chunks."""

from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.instants import Instant
from helpdesk.kernel.principal import Principal
from helpdesk.store.database import Database
from helpdesk.store.schema import clocks, events, tickets
from helpdesk.store.session import Session

CHUNK = 1_000
"""Tickets read in one transaction, about."""


class Standing(Struct, frozen=True):
    """How one promise stood, or would have stood."""

    name: str
    seq: int
    kind: str
    state: str
    goal: Instant | None
    due: Instant | None


class Past(Struct, frozen=True):
    """One ticket: its row, its whole log, its clocks as they were promised."""

    ticket: Ticket
    log: tuple[Entry, ...]
    clocks: tuple[Standing, ...]


class Period(Struct, frozen=True):
    """Tickets received from ``since`` on and before ``until``."""

    since: Instant
    until: Instant


_FIELDS = Ticket.__struct_fields__
_STANDING = Standing.__struct_fields__


class Span(Struct, frozen=True):
    """A chunk: the tickets of a period from the first to the last id, in the order in which they were registered."""

    first: UUID
    last: UUID
    size: int


def spans(database: Database, principal: Principal, period: Period, size: int = CHUNK) -> list[Span]:
    """Return the chunks of the principal's company's tickets that were received in the period."""

    def work(session: Session) -> list[Span]:
        wanted = select(tickets.c.id).where(*_within(session, period)).order_by(tickets.c.id)
        ids = session.connection.execute(wanted).scalars().all()
        cut = [ids[start : start + size] for start in range(0, len(ids), size)]
        return [Span(part[0], part[-1], len(part)) for part in cut]

    return database.read_now(principal, work)


def read(database: Database, principal: Principal, period: Period, span: Span) -> list[Past]:
    """Return a chunk's tickets.

    Each chunk is one short transaction: a long simulation holds up nobody, and sees a ticket as it is when it is read.
    """
    return database.read_now(principal, lambda session: _read(session, period, span))


def _within(session: Session, period: Period) -> tuple[Any, ...]:
    return (
        tickets.c.tenant_id == session.tenant_id,
        tickets.c.received_at >= period.since,
        tickets.c.received_at < period.until,
    )


def _read(session: Session, period: Period, span: Span) -> list[Past]:
    execute = session.connection.execute
    between = (span.first, span.last)
    wanted = select(*(tickets.c[name] for name in _FIELDS)).where(
        *_within(session, period), tickets.c.id.between(*between)
    )
    found = [_ticket(row) for row in execute(wanted.order_by(tickets.c.id))]
    logged = select(events.c.ticket_id, events.c.seq, events.c.at, events.c.what, events.c.actor, events.c.data).where(
        events.c.tenant_id == session.tenant_id, events.c.ticket_id.between(*between)
    )
    logs = {
        key: tuple(Entry(seq, at, Happened(what), actor, data) for _, seq, at, what, actor, data in rows)
        for key, rows in groupby(execute(logged.order_by(events.c.ticket_id, events.c.seq)), itemgetter(0))
    }
    promised = select(clocks.c.ticket_id, *(clocks.c[name] for name in _STANDING)).where(
        clocks.c.tenant_id == session.tenant_id, clocks.c.ticket_id.between(*between)
    )
    standing = {
        key: tuple(Standing(*row[1:]) for row in rows)
        for key, rows in groupby(
            execute(promised.order_by(clocks.c.ticket_id, clocks.c.name, clocks.c.seq)), itemgetter(0)
        )
    }
    return [Past(ticket, logs[ticket.id], standing.get(ticket.id, ())) for ticket in found if ticket.id in logs]


def _ticket(row: Row[Any]) -> Ticket:
    values = dict(row._mapping)
    return Ticket(**{**values, "state": State(values["state"])})
