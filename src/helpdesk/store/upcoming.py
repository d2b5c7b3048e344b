"""Timers of all tenants that come due soon, a turn for every tenant: a flood of one cannot hide those of another."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, literal_column, select

from helpdesk.domain.timers import TimerKey
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import timers


class DueTimer(Struct, frozen=True):
    """A timer whose moment has come, or will come soon."""

    tenant_id: UUID
    ticket_id: UUID
    key: TimerKey
    due_at: Instant
    epoch: int


def upcoming(session: Session, horizon: Instant, limit: int) -> list[DueTimer]:
    """Return pending timers due before ``horizon``, at most ``limit``: each tenant's first, each tenant's second, …"""
    ready = (
        select(
            timers,
            func.row_number().over(partition_by=timers.c.tenant_id, order_by=timers.c.due_at).label("turn"),
        )
        # Written out, not bound: only so does the partial index of pending timers serve.
        .where(literal_column("timers.state = 'pending'"), timers.c.due_at < horizon)
        .subquery("ready")
    )
    rows = session.connection.execute(select(ready).order_by(ready.c.turn, ready.c.due_at).limit(limit))
    return [
        DueTimer(row.tenant_id, row.ticket_id, TimerKey(row.clock, row.clock_seq, row.point), row.due_at, row.epoch)
        for row in rows
    ]
