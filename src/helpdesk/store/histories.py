"""Many tickets with their whole logs, chunk by chunk, in the order in which they were registered.

One chunk is one consistent view when it is read in one session; memory holds a chunk, never a company.
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from msgspec import Struct
from sqlalchemy import bindparam, func, select

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Ticket
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import events, tickets
from helpdesk.store.tickets import Cached

CHUNK = 500
"""Tickets read in one session, about."""
FIRST = UUID(int=0)
"""Before every ticket."""

_FIELDS = Ticket.__struct_fields__
_CACHED = Cached.__struct_fields__
_ROWS = Prepared(
    select(*(tickets.c[name] for name in _FIELDS), *(tickets.c[name] for name in _CACHED))
    .where(tickets.c.tenant_id == bindparam("tenant"), tickets.c.id > bindparam("after"))
    .order_by(tickets.c.id)
    .limit(bindparam("limit"))
)
_LOGS = Prepared(
    select(events.c.ticket_id, events.c.seq, events.c.at, events.c.what, events.c.actor, events.c.data)
    .where(
        events.c.tenant_id == bindparam("tenant"),
        events.c.ticket_id >= bindparam("first"),
        events.c.ticket_id <= bindparam("last"),
    )
    .order_by(events.c.ticket_id, events.c.seq)
)


class History(Struct, frozen=True):
    """One ticket: its row with what the row caches of its log, and the log."""

    ticket: Ticket
    cached: Cached
    log: tuple[Entry, ...]


def read_histories(session: Session, after: UUID = FIRST, limit: int = CHUNK) -> list[History]:
    """Return the tenant's tickets registered after the one with the id ``after``, at most ``limit``."""
    tenant = session.tenant_id
    rows = _ROWS.all(session, {"tenant": tenant, "after": after, "limit": limit})
    if not rows:
        return []
    width = len(_FIELDS)
    found = [(_ticket(row[:width]), Cached(*row[width:])) for row in rows]
    logs = read_logs(session, found[0][0].id, found[-1][0].id)
    return [History(ticket, cached, logs.get(ticket.id, ())) for ticket, cached in found]


def read_logs(session: Session, first: UUID, last: UUID) -> dict[UUID, tuple[Entry, ...]]:
    """Return the logs of the tenant's tickets from the id ``first`` to the id ``last``, both included."""
    rows = _LOGS.all(session, {"tenant": session.tenant_id, "first": first, "last": last})
    return {ticket_id: tuple(_entries(lines)) for ticket_id, lines in groupby(rows, itemgetter(0))}


def count_tickets(session: Session) -> int:
    """Return how many tickets the tenant has."""
    wanted = select(func.count()).where(tickets.c.tenant_id == session.tenant_id)
    return int(session.connection.execute(wanted).scalar_one())


def _entries(rows: Iterator[tuple[object, ...]]) -> Iterator[Entry]:
    for _, seq, at, what, actor, data in rows:
        yield Entry(seq, at, Happened(what), actor, data or {})  # type: ignore[arg-type]  # a row of _LOGS' columns


def _ticket(row: tuple[object, ...]) -> Ticket:
    values = dict(zip(_FIELDS, row, strict=True))
    return Ticket(**{**values, "state": State(values["state"])})  # type: ignore[arg-type]  # a row of _ROWS' columns
