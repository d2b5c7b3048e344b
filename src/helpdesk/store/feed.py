"""A tenant's events in one gap-free order, whether or not the bus has them: what the HTTP feed serves.

Positions are given after commit (``place``), one relay at a time: a writer that numbered its own events could commit
after one with a greater number, and a reader who had passed it would never see them.
"""

from collections import defaultdict, deque
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, case, insert, select, text, update

from helpdesk.contracts.events import SHADOW_PREFIX, is_shadow
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import OWED, OutboxKind, OutboxState
from helpdesk.store.schema import outbox, tenant_counters

COUNTER = "feed"
"""The tenant's counter of positions."""
PLACE_LIMIT = 500
"""Events placed in one transaction, about."""

_RELAY_LOCK = 0x68646F62  # any number that nobody else locks

_unplaced = and_(
    outbox.c.kind == OutboxKind.EVENT.value,
    outbox.c.state == OutboxState.OPEN.value,
    OWED,
    outbox.c.position.is_(None),
)
_IN_SHADOW = outbox.c.subject.startswith(SHADOW_PREFIX)
_COLUMNS = (outbox.c.tenant_id, outbox.c.id, outbox.c.ticket_id, outbox.c.seq)
_OLDEST = Prepared(
    select(*_COLUMNS).where(_unplaced).order_by(outbox.c.next_attempt_at, outbox.c.id).limit(bindparam("limit"))
)
_OF_TICKETS = select(*_COLUMNS).where(_unplaced, outbox.c.ticket_id.in_(bindparam("tickets", expanding=True)))
_PLACE = Prepared(
    update(outbox)
    .where(outbox.c.tenant_id == bindparam("tenant"), outbox.c.id == bindparam("row"))
    .values(
        position=bindparam("place"),
        # What happened in shadow mode is owed to nobody: its place in the feed is all that becomes of it.
        state=case((_IN_SHADOW, OutboxState.SUPPRESSED.value), else_=outbox.c.state),
    )
)
_READ = (
    select(outbox.c.position, outbox.c.id, outbox.c.subject, outbox.c.created_at, outbox.c.payload)
    .where(
        outbox.c.tenant_id == bindparam("tenant"),
        outbox.c.kind == OutboxKind.EVENT.value,
        outbox.c.position > bindparam("after"),
    )
    .order_by(outbox.c.position)
    .limit(bindparam("limit"))
)
_ALL_EVENTS = Prepared(_READ)
_REAL_EVENTS = Prepared(_READ.where(~_IN_SHADOW))
_COUNT = (
    update(tenant_counters)
    .where(tenant_counters.c.tenant_id == bindparam("tenant"), tenant_counters.c.name == COUNTER)
    .values(value=tenant_counters.c.value + bindparam("more"))
    .returning(tenant_counters.c.value)
)


class _Unplaced(NamedTuple):
    tenant_id: UUID
    id: UUID
    ticket_id: UUID | None
    seq: int


class FeedItem(NamedTuple):
    """One event in the feed."""

    position: int
    """Counts from 1 per tenant, without gaps; give the last one seen as ``after``."""
    id: UUID
    subject: str
    """The bus's; of an event that happened in shadow mode one that no bus has."""
    created_at: Instant
    payload: dict[str, Any]
    """``Published``, as plain data."""


def read_feed(session: Session, after: int, limit: int, *, shadow: bool = False) -> list[FeedItem]:
    """Return the tenant's events behind position ``after``, in order, at most ``limit``.

    ``shadow``: those too that happened in the company's shadow mode, marked; else they are passed over.
    """
    values = {"tenant": session.tenant_id, "after": after, "limit": limit}
    rows = (_ALL_EVENTS if shadow else _REAL_EVENTS).all(session, values)
    return [_marked(FeedItem(*row)) for row in rows]


def _marked(item: FeedItem) -> FeedItem:
    return item._replace(payload={**item.payload, "shadow": True}) if is_shadow(item.subject) else item


def feed_end(session: Session) -> int:
    """Return the last position of the tenant's feed, 0 while it is empty."""
    wanted = select(tenant_counters.c.value).where(
        tenant_counters.c.tenant_id == session.tenant_id, tenant_counters.c.name == COUNTER
    )
    return session.connection.execute(wanted).scalar_one_or_none() or 0


def lock_relays(session: Session) -> None:
    """Let no other relay claim or place until the end of this transaction. On SQLite there is one writer anyway."""
    if session.dialect == "postgresql":
        session.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _RELAY_LOCK})


def place(session: Session, limit: int = PLACE_LIMIT) -> int:
    """Give positions to events of all tenants that have none, the oldest first; return to how many.

    Of one ticket ``seq`` decides, even if the database's clock was set back in between.
    """
    lock_relays(session)
    rows = [_Unplaced(*row) for row in _OLDEST.all(session, {"limit": limit})]
    if not rows:
        return 0
    if len(rows) == limit:  # the cut may have parted a ticket's events: take the ticket whole
        known = {row.id for row in rows}
        tickets = {row.ticket_id for row in rows if row.ticket_id}
        whole = session.connection.execute(_OF_TICKETS, {"tickets": sorted(tickets)})
        rows += [row for row in (_Unplaced(*each) for each in whole) if row.id not in known]
    by_tenant: dict[UUID, list[UUID]] = defaultdict(list)
    by_ticket: dict[UUID | None, deque[_Unplaced]] = defaultdict(deque)
    for row in sorted(rows, key=lambda row: row.seq):
        by_ticket[row.ticket_id].append(row)
    for row in rows:
        next_of_ticket = by_ticket[row.ticket_id].popleft()
        by_tenant[next_of_ticket.tenant_id].append(next_of_ticket.id)
    placed = []
    for tenant, ids in by_tenant.items():
        last = _count(session, tenant, len(ids))
        placed += [
            {"tenant": tenant, "row": row_id, "place": place}
            for place, row_id in enumerate(ids, start=last - len(ids) + 1)
        ]
    _PLACE.change_each(session, placed)
    return len(placed)


def _count(session: Session, tenant: UUID, more: int) -> int:
    """Return the tenant's counter after ``more``; whoever holds the row's lock is alone until commit."""
    last: int | None = session.connection.execute(_COUNT, {"tenant": tenant, "more": more}).scalar_one_or_none()
    if last is None:
        session.connection.execute(insert(tenant_counters), [{"tenant_id": tenant, "name": COUNTER, "value": more}])
        return more
    return last
