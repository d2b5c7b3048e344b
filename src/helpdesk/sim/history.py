"""What happened: the tickets of a company that were received in a period, with their logs and clocks, by chunks."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Text, bindparam, cast, select, type_coerce
from sqlalchemy.types import NullType

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.instants import Instant
from helpdesk.kernel.principal import Principal
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import clocks, events, tickets
from helpdesk.store.types import decode_json

CHUNK = 2_000
"""Tickets read in one transaction, about."""


MAX_INSTANT = 2**62
"""Later than any ticket: a period without an end."""


class Standing(Struct, frozen=True):
    """How one promise stood, or would have stood."""

    name: str
    seq: int
    kind: str
    state: str
    goal: Instant | None
    due: Instant | None


OF_NO_CONSEQUENCE = (Happened.WARNED, Happened.GOAL_PASSED, Happened.BREACHED, Happened.WITHHELD)
"""What timers and brakes write and nothing follows from; a third of many a log, so it is not even read."""


class Past(Struct, frozen=True):
    """One ticket: its row, its log without what is `OF_NO_CONSEQUENCE`, its clocks as they were promised."""

    ticket: Ticket
    log: tuple[Entry, ...]
    clocks: tuple[Standing, ...]


class Period(Struct, frozen=True):
    """Tickets received from ``since`` on and before ``until``."""

    since: Instant
    until: Instant


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


_FIELDS = Ticket.__struct_fields__
_STATE = _FIELDS.index("state") + 1
"""Its place in a row, after the key."""
_PLAIN = NullType()
"""As the driver gives it: ids that are only compared, millions of times, need be no objects."""
_STATES = {state.value: state for state in State}
_HAPPENED = {what.value: what for what in Happened}

_TICKETS = Prepared(
    select(type_coerce(tickets.c.id, _PLAIN).label("key"), *(tickets.c[name] for name in _FIELDS))
    .where(
        tickets.c.tenant_id == bindparam("tenant"),
        tickets.c.id.between(bindparam("first"), bindparam("last")),
        tickets.c.received_at >= bindparam("since"),
        tickets.c.received_at < bindparam("until"),
    )
    .order_by(tickets.c.id)
)
_LOGS = Prepared(
    select(
        type_coerce(events.c.ticket_id, _PLAIN).label("key"),
        events.c.seq,
        events.c.at,
        events.c.what,
        events.c.actor,
        cast(events.c.data, Text).label("text"),
    )
    .where(
        events.c.tenant_id == bindparam("tenant"),
        events.c.ticket_id.between(bindparam("first"), bindparam("last")),
        *(events.c.what != what.value for what in OF_NO_CONSEQUENCE),
    )
    .order_by(events.c.ticket_id, events.c.seq)
)
_CLOCKS = Prepared(
    select(
        type_coerce(clocks.c.ticket_id, _PLAIN).label("key"), *(clocks.c[name] for name in Standing.__struct_fields__)
    )
    .where(clocks.c.tenant_id == bindparam("tenant"), clocks.c.ticket_id.between(bindparam("first"), bindparam("last")))
    .order_by(clocks.c.ticket_id, clocks.c.name, clocks.c.seq)
)


def _read(session: Session, period: Period, span: Span) -> list[Past]:
    between = {"tenant": session.tenant_id, "first": span.first, "last": span.last}
    rows = _TICKETS.all(session, {**between, "since": period.since, "until": period.until})
    logs: dict[Any, list[Entry]] = {row[0]: [] for row in rows}
    promised: dict[Any, list[Standing]] = {row[0]: [] for row in rows}
    last, log = None, list[Entry]()
    for key, seq, at, what, actor, text in _LOGS.all(session, between):
        if key != last:
            last, log = key, logs.get(key, [])
        log.append(Entry(seq, at, _HAPPENED[what], actor, decode_json(text)))
    for key, *standing in _CLOCKS.all(session, between):
        if key in promised:
            promised[key].append(Standing(*standing))
    return [Past(_ticket(row), tuple(logs[row[0]]), tuple(promised[row[0]])) for row in rows if logs[row[0]]]


def _ticket(row: tuple[Any, ...]) -> Ticket:
    values = list(row)
    values[_STATE] = _STATES[row[_STATE]]
    return Ticket(*values[1:])
