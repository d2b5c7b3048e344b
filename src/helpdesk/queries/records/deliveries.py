"""Letters on their way out, as they stand: owed, sent, given up, or kept from leaving by shadow mode."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta
from sqlalchemy import JSON, ColumnElement, and_, func, literal_column, or_, select, type_coerce

from helpdesk.domain.complaints import LETTERS
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.paging import decode, encode, page
from helpdesk.queries.views.base import Moment, View, moment
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import NOTIFIERS, OutboxKind, OutboxState
from helpdesk.store.schema import outbox, tickets

# Written out, not bound: only so does the partial index of what is suppressed serve a query.
SUPPRESSED: ColumnElement[bool] = literal_column("outbox.state = 'suppressed' AND outbox.kind = 'delivery'")

_PURPOSE = type_coerce(outbox.c.payload, JSON())["purpose"].as_string()


class DeliveryView(View, frozen=True):
    """One letter."""

    id: UUID
    number: int | None
    """The ticket's number; null where it belongs to none (a refusal)."""
    channel_kind: str
    recipient: str
    purpose: str
    """What it is for: `acknowledgement`, `answer`, `warning`, …"""
    subject: str
    text: str
    state: OutboxState
    """`suppressed`: kept from leaving by shadow mode; never sent."""
    attempts: int
    created_at: Moment
    left_at: Moment | None
    """When the remote side took it."""
    error: str | None


class DeliveryPage(View, frozen=True):
    """A page of letters, newest first."""

    items: tuple[DeliveryView, ...]
    next: str | None


def list_deliveries(
    session: Session, *, limit: Annotated[int, Meta(ge=1)], cursor: str | None = None, state: OutboxState | None = None
) -> DeliveryPage:
    """Return a page of the tenant's letters, newest first, but for those about complaints: the agent concerned may ask.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    same_ticket = and_(tickets.c.tenant_id == outbox.c.tenant_id, tickets.c.id == outbox.c.ticket_id)
    wanted = (
        select(outbox, tickets.c.number)
        .select_from(outbox.outerjoin(tickets, same_ticket))
        .where(outbox.c.tenant_id == session.tenant_id, outbox.c.kind == OutboxKind.DELIVERY.value)
        .where(~outbox.c.destination.startswith(NOTIFIERS))
        .where(or_(outbox.c.ticket_id.is_not(None), _PURPOSE.not_in(LETTERS)))
    )
    if state is OutboxState.SUPPRESSED:
        wanted = wanted.where(SUPPRESSED)
    elif state is not None:
        wanted = wanted.where(outbox.c.state == state.value)
    if cursor is not None:
        (before,) = decode("deliveries", cursor, tuple[UUID])
        wanted = wanted.where(outbox.c.id < before)
    rows, more = page(session, wanted.order_by(outbox.c.id.desc()), limit)
    items = tuple(
        DeliveryView(
            id=row.id,
            number=row.number,
            channel_kind=row.destination,
            recipient=row.payload.get("recipient", ""),
            purpose=row.payload.get("purpose", ""),
            subject=row.payload.get("subject", ""),
            text=row.payload.get("text", ""),
            state=OutboxState(row.state),
            attempts=row.attempts,
            created_at=to_datetime(row.created_at),
            left_at=moment(row.effect_at),
            error=row.error,
        )
        for row in rows
    )
    return DeliveryPage(items, encode("deliveries", str(items[-1].id)) if more else None)


def count_suppressed_everywhere(session: Session) -> dict[UUID, int]:
    """Return the same of every company that the session may see, by its id; none where it has kept none."""
    wanted = select(outbox.c.tenant_id, func.count()).where(SUPPRESSED).group_by(outbox.c.tenant_id)
    return dict(row for row in session.connection.execute(wanted))


def count_suppressed(session: Session) -> int:
    """Return how many letters of the tenant shadow mode has kept from leaving."""
    wanted = select(func.count()).select_from(outbox).where(outbox.c.tenant_id == session.tenant_id, SUPPRESSED)
    return int(session.connection.execute(wanted).scalar_one())
