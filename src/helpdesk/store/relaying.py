"""The outbox as the relay sees it: the rows of all tenants, claimed in batches, a turn for every tenant.

All of it runs as the service itself, bound to no tenant. Claims and placing are made by one relay at a time
(``feed.lock_relays``); the publishing in between is not.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Over,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from helpdesk.kernel.instants import MINUTE, Instant
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import none_of
from helpdesk.store.feed import lock_relays
from helpdesk.store.outbox import FIRST_IN_LINE, OWED, ROW_COLUMNS, OutboxKind, OutboxRow, OutboxState
from helpdesk.store.schema import outbox, tenants

SCAN_POSITIONS = 5_000
"""Positions of a tenant looked at in one read for events that a wiped stream lost."""
QUICK_TRIES = 3
"""After so many tries whose outcome stayed unknown, the next one waits a minute."""

_NOW: BindParameter[int] = bindparam("now", type_=outbox.c.created_at.type)
_EVENT = and_(outbox.c.kind == OutboxKind.EVENT.value, OWED)
_DELIVERY = and_(outbox.c.kind == OutboxKind.DELIVERY.value, OWED)
_FREE = and_(
    outbox.c.state == OutboxState.OPEN.value,
    outbox.c.next_attempt_at <= _NOW,
    or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= _NOW),
)

_before = outbox.alias("before")
_NOT_BEHIND: ColumnElement[bool] = none_of(
    select(_before.c.id).where(
        and_(
            _before.c.tenant_id == outbox.c.tenant_id,
            _before.c.ticket_id == outbox.c.ticket_id,
            _before.c.destination == outbox.c.destination,
            literal_column("before.state IN ('open', 'published', 'sending')"),
            _before.c.seq < outbox.c.seq,
            or_(_before.c.claimed_until > _NOW, _before.c.next_attempt_at > _NOW, _before.c.position.is_(None)),
        )
    )
)
"""No earlier event of the ticket is being published elsewhere or waits for its next try."""


def _turn(*partition: ColumnElement[Any], order: Sequence[ColumnElement[Any]]) -> Over[int]:
    return func.row_number().over(partition_by=partition, order_by=order)


_ready_events = (
    select(
        outbox.c.tenant_id,
        outbox.c.id,
        outbox.c.position,
        _turn(outbox.c.tenant_id, order=[outbox.c.position]).label("turn"),
    )
    .where(_EVENT, _FREE, outbox.c.position.is_not(None), _NOT_BEHIND)
    .subquery("ready")
)
_CLAIMED = {"generation": outbox.c.generation + 1, "claimed_until": bindparam("until")}
_CLAIM_EVENTS = Prepared(
    update(outbox)
    .where(
        tuple_(outbox.c.tenant_id, outbox.c.id).in_(
            select(_ready_events.c.tenant_id, _ready_events.c.id)
            .order_by(_ready_events.c.turn, _ready_events.c.position)
            .limit(bindparam("limit"))
        )
    )
    .values(_CLAIMED)
    .returning(*ROW_COLUMNS)
)

# How many of each destination are out already: a flood waits here, in the database, not on the bus.
_out = (
    select(outbox.c.destination, func.count().label("count"))
    .where(_DELIVERY, or_(outbox.c.state != OutboxState.OPEN.value, outbox.c.claimed_until > _NOW))
    .group_by(outbox.c.destination)
    .subquery("out")
)
_ready_deliveries = (
    select(
        outbox.c.tenant_id,
        outbox.c.id,
        outbox.c.destination,
        outbox.c.next_attempt_at,
        _turn(
            outbox.c.destination, outbox.c.tenant_id, order=[outbox.c.next_attempt_at, outbox.c.seq, outbox.c.id]
        ).label("turn"),
    )
    .where(_DELIVERY, _FREE, FIRST_IN_LINE)
    .subquery("ready")
)
_ranked = select(
    _ready_deliveries,
    _turn(_ready_deliveries.c.destination, order=[_ready_deliveries.c.turn, _ready_deliveries.c.next_attempt_at]).label(
        "rank"
    ),
).subquery("ranked")
_CLAIM_DELIVERIES = Prepared(
    update(outbox)
    .where(
        tuple_(outbox.c.tenant_id, outbox.c.id).in_(
            select(_ranked.c.tenant_id, _ranked.c.id)
            .outerjoin(_out, _out.c.destination == _ranked.c.destination)
            .where(_ranked.c.rank <= bindparam("window") - func.coalesce(_out.c.count, 0))
            .order_by(_ranked.c.rank)
            .limit(bindparam("limit"))
        )
    )
    .values(_CLAIMED)
    .returning(*ROW_COLUMNS)
)

_HELD = and_(
    outbox.c.tenant_id == bindparam("tenant"),
    outbox.c.id == bindparam("row"),
    outbox.c.generation == bindparam("held"),
    outbox.c.state == OutboxState.OPEN.value,
)
_STORED = Prepared(
    update(outbox)
    .where(_HELD)
    .values(state=OutboxState.DONE.value, effect_at=_NOW, remote_id=bindparam("place"), claimed_until=None, error=None)
)
_ON_THE_BUS = Prepared(
    update(outbox)
    .where(_HELD)
    .values(state=OutboxState.PUBLISHED.value, remote_id=bindparam("place"), claimed_until=bindparam("until"))
)
_RELEASED = Prepared(update(outbox).where(_HELD).values(claimed_until=None))
_REFUSED = Prepared(
    update(outbox).where(_HELD).values(state=OutboxState.DEAD.value, error=bindparam("cause"), claimed_until=None)
)
_REAP = Prepared(
    update(outbox)
    .where(
        _DELIVERY,
        or_(outbox.c.state == OutboxState.PUBLISHED.value, outbox.c.state == OutboxState.SENDING.value),
        outbox.c.claimed_until <= _NOW,
    )
    .values(
        state=OutboxState.OPEN.value,
        generation=outbox.c.generation + 1,
        claimed_until=None,
        next_attempt_at=case((outbox.c.attempts > QUICK_TRIES, _NOW + MINUTE), else_=_NOW),
    )
    .returning(outbox.c.id)
)
_LOST_WAKE_UPS = Prepared(
    update(outbox)
    .where(
        _DELIVERY,
        outbox.c.state == OutboxState.PUBLISHED.value,
        or_(outbox.c.remote_id < bindparam("first_place"), outbox.c.remote_id > bindparam("last_place")),
    )
    .values(state=OutboxState.OPEN.value, generation=outbox.c.generation + 1, claimed_until=None)
    .returning(outbox.c.id)
)
_PAGE = and_(
    outbox.c.tenant_id == bindparam("tenant"),
    outbox.c.position > bindparam("above"),
    outbox.c.position <= bindparam("up_to"),
)
_LOST_EVENTS = select(outbox.c.tenant_id, outbox.c.id).where(
    _PAGE,
    outbox.c.state == OutboxState.DONE.value,
    or_(outbox.c.remote_id < bindparam("first_place"), outbox.c.remote_id > bindparam("last_place")),
)
_OLDEST_OF_PAGE = select(func.min(outbox.c.created_at)).where(_PAGE)
_REOPEN = Prepared(
    update(outbox)
    .where(
        outbox.c.tenant_id == bindparam("tenant"),
        outbox.c.id == bindparam("row"),
        outbox.c.kind == OutboxKind.EVENT.value,
        outbox.c.state == OutboxState.DONE.value,
    )
    .values(
        state=OutboxState.OPEN.value,
        generation=outbox.c.generation + 1,
        claimed_until=None,
        next_attempt_at=_NOW,
        effect_at=None,
    )
)


class Settled(Struct, frozen=True):
    """A claimed row and where the bus has stored it."""

    row: OutboxRow
    place: str


class Backlog(Struct, frozen=True):
    """What is owed, over all tenants."""

    events: int
    deliveries: int
    oldest_at: Instant | None
    """When the oldest of them was added."""


def claim_events(session: Session, limit: int, lease_us: int) -> list[OutboxRow]:
    """Claim placed events for publishing; of each tenant and ticket in order, the tenants in turn."""
    lock_relays(session)
    values = {"now": session.now, "until": session.now + lease_us, "limit": limit}
    rows = [OutboxRow(*row) for row in _CLAIM_EVENTS.all(session, values)]
    return sorted(rows, key=lambda row: (row.tenant_id, row.position or 0))


def claim_deliveries(session: Session, limit: int, window: int, lease_us: int) -> list[OutboxRow]:
    """Claim due deliveries that are first in their line, at most ``window`` of a destination being out at once."""
    lock_relays(session)
    values = {"now": session.now, "until": session.now + lease_us, "limit": limit, "window": window}
    rows = [OutboxRow(*row) for row in _CLAIM_DELIVERIES.all(session, values)]
    return sorted(rows, key=lambda row: row.id)


def events_stored(session: Session, settled: Iterable[Settled]) -> None:
    """Record that the bus has stored these events: they are done."""
    _settle(session, _STORED, [(each.row, {"place": each.place, "now": session.now}) for each in settled])


def wake_ups_stored(session: Session, settled: Iterable[Settled], patience_us: int) -> None:
    """Record that wake-ups for these deliveries are on the bus; after ``patience_us`` they count as lost."""
    until = session.now + patience_us
    _settle(session, _ON_THE_BUS, [(each.row, {"place": each.place, "until": until}) for each in settled])


def release(session: Session, rows: Iterable[OutboxRow]) -> None:
    """Give claimed rows back, unpublished."""
    _settle(session, _RELEASED, [(row, {}) for row in rows])


def refuse(session: Session, refused: Iterable[tuple[OutboxRow, str]]) -> None:
    """Give up claimed rows that the bus can never take, each with its cause."""
    _settle(session, _REFUSED, [(row, {"cause": cause}) for row, cause in refused])


def _settle(session: Session, statement: Prepared, rows: Iterable[tuple[OutboxRow, dict[str, Any]]]) -> None:
    bound = [{"tenant": row.tenant_id, "row": row.id, "held": row.generation, **values} for row, values in rows]
    statement.change_each(session, bound)


def reap(session: Session) -> int:
    """Open again what was claimed too long ago: lost wake-ups, and sends whose outcome is unknown."""
    return len(_REAP.all(session, {"now": session.now}))


def reopen_lost_wake_ups(session: Session, first_place: str, last_place: str) -> int:
    """Open deliveries whose wake-up the stream does not have: it is named outside the stream's present places."""
    values = {"first_place": first_place, "last_place": last_place}
    return len(_LOST_WAKE_UPS.all(session, values))


def tenant_ids(session: Session) -> list[UUID]:
    """Return all tenants."""
    return list(session.connection.execute(select(tenants.c.id)).scalars())


def last_position(session: Session, tenant: UUID) -> int:
    """Return the last position of a tenant's feed, 0 when it is empty."""
    found = session.connection.execute(select(func.max(outbox.c.position)).where(outbox.c.tenant_id == tenant)).scalar()
    return found or 0


def find_lost_events(
    session: Session, tenant: UUID, up_to: int, first_place: str, last_place: str
) -> tuple[list[tuple[UUID, UUID]], Instant | None]:
    """Look at one page of a tenant's feed, down from ``up_to``, for events that the stream does not have.

    Returns their (tenant, id), and when the page's oldest event was added (None: the page is empty).
    """
    page = {"tenant": tenant, "above": up_to - SCAN_POSITIONS, "up_to": up_to}
    oldest = session.connection.execute(_OLDEST_OF_PAGE, page).scalar()
    lost = session.connection.execute(_LOST_EVENTS, page | {"first_place": first_place, "last_place": last_place})
    return [(row.tenant_id, row.id) for row in lost], oldest


def reopen_events(session: Session, lost: Iterable[tuple[UUID, UUID]]) -> None:
    """Owe the publication of these events again, under their own ids."""
    bound = [{"tenant": tenant, "row": row, "now": session.now} for tenant, row in lost]
    _REOPEN.run_each(session, bound)


def backlog(session: Session) -> Backlog:
    """Return what is owed over all tenants."""
    row = session.connection.execute(
        select(
            func.count(case((outbox.c.kind == OutboxKind.EVENT.value, 1))),
            func.count(case((outbox.c.kind == OutboxKind.DELIVERY.value, 1))),
            func.min(outbox.c.created_at),
        ).where(OWED)
    ).one()
    return Backlog(*row)
