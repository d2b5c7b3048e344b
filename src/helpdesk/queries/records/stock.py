"""How much there is of everything, over all tenants: for the service's own metrics, never for a tenant's eyes."""

from msgspec import Struct
from sqlalchemy import func, select

from helpdesk.queries.records.deliveries import SUPPRESSED
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import ledger, outbox, tenants, tickets, timers

_OWED = ("open", "published", "sending", "dead")


class Stock(Struct, frozen=True):
    """Counts by state, and how late the latest is."""

    tickets: dict[str, int]
    ledger: dict[str, int]
    """By outcome."""
    timers_pending: int
    timers_late_us: int
    """How long the most overdue timer has waited, in microseconds; 0 when none has."""
    outbox: dict[str, int]
    """What is owed, by state; ``dead`` needs a person, ``suppressed`` was kept from leaving by shadow mode."""
    in_shadow: int
    """Companies in shadow mode."""


def count_stock(session: Session) -> Stock:
    """Return the stock as this session sees it: give it the service's principal, bound to no tenant."""
    execute = session.connection.execute
    by_state = execute(select(tickets.c.state, func.count()).group_by(tickets.c.state))
    by_outcome = execute(select(ledger.c.outcome, func.count()).group_by(ledger.c.outcome))
    owed = execute(select(outbox.c.state, func.count()).where(outbox.c.state.in_(_OWED)).group_by(outbox.c.state))
    kept = select(func.count()).select_from(outbox).where(SUPPRESSED)
    suppressed = execute(kept).scalar_one()
    in_shadow = execute(select(func.count()).where(tenants.c.shadow_since.is_not(None))).scalar_one()
    pending, earliest = execute(
        select(func.count(), func.min(timers.c.due_at)).where(timers.c.state == "pending")
    ).one()
    late = max(0, session.now - earliest) if earliest is not None else 0
    return Stock(
        tickets={str(key): count for key, count in by_state},
        ledger={str(key): count for key, count in by_outcome},
        timers_pending=pending,
        timers_late_us=late,
        outbox={str(key): count for key, count in owed} | {"suppressed": int(suppressed)},
        in_shadow=int(in_shadow),
    )
