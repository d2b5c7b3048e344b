"""The timers that are due, as a slow timekeeper would ask for them."""

from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.session import Session
from helpdesk.store.upcoming import DueTimer, upcoming


def due_before(session: Session, horizon: Instant, limit: int) -> list[DueTimer]:
    """Return the pending timers of all tenants due before ``horizon``, the earliest first, at most ``limit``."""
    return sorted(upcoming(session, horizon, 1_000_000).timers, key=lambda timer: timer.due_at)[:limit]
