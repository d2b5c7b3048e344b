"""What became of everything received, and what of it waits for a person's look."""

from uuid import UUID

from sqlalchemy import and_, func, select

from helpdesk.contracts.messages import Outcome
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.paging import decode, encode, page
from helpdesk.queries.views.holds import HoldPage, HoldView
from helpdesk.queries.views.records import LedgerEntry, LedgerPage, LedgerTotal, LedgerTotals
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import holds, ledger, tickets


def list_ledger(
    session: Session,
    *,
    limit: int,
    cursor: str | None = None,
    day: str | None = None,
    channel_kind: str | None = None,
    outcome: Outcome | None = None,
) -> LedgerPage:
    """Return a page of the tenant's ledger, newest first.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    same_ticket = and_(tickets.c.tenant_id == ledger.c.tenant_id, tickets.c.id == ledger.c.ticket_id)
    wanted = (
        select(ledger, tickets.c.number)
        .select_from(ledger.outerjoin(tickets, same_ticket))
        .where(ledger.c.tenant_id == session.tenant_id)
    )
    for column, value in ((ledger.c.day, day), (ledger.c.channel_kind, channel_kind), (ledger.c.outcome, outcome)):
        if value is not None:
            wanted = wanted.where(column == str(value))
    if cursor is not None:
        (before,) = decode("ledger", cursor, tuple[UUID])
        wanted = wanted.where(ledger.c.id < before)
    rows, more = page(session, wanted.order_by(ledger.c.id.desc()), limit)
    items = tuple(
        LedgerEntry(
            id=row.id,
            channel_kind=row.channel_kind,
            address=row.address,
            sender=row.sender,
            received_at=to_datetime(row.received_at),
            day=row.day,
            outcome=Outcome(row.outcome),
            clause=row.clause,
            reason=row.reason,
            hint=row.hint,
            number=row.number,
            duplicate_of=row.duplicate_of,
        )
        for row in rows
    )
    return LedgerPage(items, encode("ledger", str(items[-1].id)) if more else None)


def ledger_totals(session: Session, *, first_day: str, last_day: str) -> LedgerTotals:
    """Return how much was received from ``first_day`` to ``last_day`` (both included), by what became of it."""
    wanted = (
        select(ledger.c.day, ledger.c.channel_kind, ledger.c.outcome, func.count().label("count"))
        .where(ledger.c.tenant_id == session.tenant_id, ledger.c.day >= first_day, ledger.c.day <= last_day)
        .group_by(ledger.c.day, ledger.c.channel_kind, ledger.c.outcome)
        .order_by(ledger.c.day, ledger.c.channel_kind, ledger.c.outcome)
    )
    items = tuple(
        LedgerTotal(day, channel_kind, Outcome(outcome), count)
        for day, channel_kind, outcome, count in session.connection.execute(wanted)
    )
    return LedgerTotals(sum(item.count for item in items), items)


def list_holds(session: Session, *, limit: int, cursor: str | None = None) -> HoldPage:
    """Return a page of the doubtful things that nobody has looked at yet, oldest first.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    same_ticket = and_(tickets.c.tenant_id == holds.c.tenant_id, tickets.c.id == holds.c.ticket_id)
    wanted = (
        select(holds.c.ledger_id, holds.c.cause, holds.c.message, holds.c.created_at, tickets.c.number)
        .select_from(holds.outerjoin(tickets, same_ticket))
        .where(holds.c.tenant_id == session.tenant_id, holds.c.resolved_at.is_(None))
        .order_by(holds.c.ledger_id)
    )
    if cursor is not None:
        (after,) = decode("holds", cursor, tuple[UUID])
        wanted = wanted.where(holds.c.ledger_id > after)
    rows, more = page(session, wanted, limit)
    items = tuple(
        HoldView(row.ledger_id, row.number, row.cause, row.message, to_datetime(row.created_at)) for row in rows
    )
    return HoldPage(items, encode("holds", str(items[-1].ledger_id)) if more else None)
