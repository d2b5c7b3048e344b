"""Timers of all tenants that come due soon, as many of one tenant as of another: no flood of one hides another's."""

from collections import Counter
from uuid import UUID

from msgspec import Struct
from sqlalchemy import and_, bindparam, literal_column, select, true

from helpdesk.domain.timers import TimerKey
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import tenants, timers


class DueTimer(Struct, frozen=True):
    """A timer whose moment has come, or will come soon."""

    tenant_id: UUID
    ticket_id: UUID
    key: TimerKey
    due_at: Instant
    epoch: int


class Upcoming(Struct, frozen=True):
    """What was asked for, and whether it is all."""

    timers: list[DueTimer]
    """Each tenant's in the order of their moments."""
    more: bool = False
    """Whether a tenant has more of them than it was given room for."""


_COLUMNS = (
    timers.c.tenant_id, timers.c.ticket_id, timers.c.clock, timers.c.clock_seq, timers.c.point, timers.c.due_at,
    timers.c.epoch,
)  # fmt: skip
# The state is written out, not bound: only so does the partial index of pending timers serve.
_SOON = and_(literal_column("timers.state = 'pending'"), timers.c.due_at < bindparam("horizon"))
_OF_TENANT = and_(timers.c.tenant_id == tenants.c.id, _SOON)
# Asked for one row of each tenant in turn, never for all that is due: that may be very many.
_earliest = select(timers.c.due_at).where(_OF_TENANT).order_by(timers.c.due_at).limit(1)
_TENANTS = Prepared(select(tenants.c.id).where(_earliest.scalar_subquery().is_not(None)))
_first = select(*_COLUMNS).where(_OF_TENANT).order_by(timers.c.due_at).limit(bindparam("room")).lateral("soon")
_OF_ALL = Prepared(select(*_first.columns).select_from(tenants.join(_first, true())))
_OF_ONE = Prepared(
    select(*_COLUMNS)
    .where(timers.c.tenant_id == bindparam("tenant"), _SOON)
    .order_by(timers.c.due_at)
    .limit(bindparam("room"))
)


def upcoming(session: Session, horizon: Instant, limit: int, beside: int = 0) -> Upcoming:
    """Return pending timers due before ``horizon``, about ``limit`` of them: of each tenant the first ones.

    The tenants that have any share the room alike, and each has room for one, and for ``beside`` more.
    """
    values = {"horizon": horizon}
    found = [tenant for (tenant,) in _TENANTS.all(session, values)]
    if not found:
        return Upcoming([])
    room = max(1, limit // len(found)) + beside
    if session.dialect == "postgresql":  # one round trip, where SQLite has none and knows no LATERAL
        rows = _OF_ALL.all(session, {**values, "room": room})
    else:
        rows = [row for tenant in found for row in _OF_ONE.all(session, {**values, "tenant": tenant, "room": room})]
    soon = [
        DueTimer(tenant, ticket, TimerKey(clock, seq, point), due_at, epoch)
        for tenant, ticket, clock, seq, point, due_at, epoch in rows
    ]
    most = max(Counter(timer.tenant_id for timer in soon).values(), default=0)
    return Upcoming(soon, more=most >= room)
