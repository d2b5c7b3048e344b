"""Subscriptions as they stand, and what was taken to their targets."""

from uuid import UUID

from sqlalchemy import and_, select

from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.paging import decode, encode, page
from helpdesk.queries.views.base import Moment, View, moment
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import OutboxKind, OutboxState, notifier_destination
from helpdesk.store.schema import outbox, tickets
from helpdesk.store.subscriptions import Subscription, Subscriptions, secrets_of


class SubscriptionView(View, frozen=True):
    """A target of the company's events."""

    id: UUID
    notifier: str
    target: str
    events: tuple[str, ...]
    """None: all."""
    title: str
    position: int
    """Of the feed: events up to it were sent, are owed, or were not wanted."""
    reached_at: Moment | None
    """When it last took something."""
    disabled_at: Moment | None
    disabled_why: str
    rotated_at: Moment | None
    """When it last got a new secret; the former counts beside it for a day."""
    created_at: Moment
    version: int


class SubscriptionList(View, frozen=True):
    """All subscriptions, the oldest first."""

    items: tuple[SubscriptionView, ...]


class SecretsView(View, frozen=True):
    """What a target's events are signed with."""

    secrets: tuple[str, ...]
    """As Standard Webhooks writes them, the newest first; two for a day after a rotation."""


class NotificationView(View, frozen=True):
    """One event on its way to one target."""

    id: UUID
    event_id: str
    """The `webhook-id`, the same at each try."""
    type: str
    number: int | None
    """The ticket's number."""
    state: OutboxState
    attempts: int
    created_at: Moment
    left_at: Moment | None
    """When the target took it."""
    answer: str | None
    """The target's word for it."""
    error: str | None


class NotificationPage(View, frozen=True):
    """A page of them, newest first."""

    items: tuple[NotificationView, ...]
    next: str | None


def list_subscriptions(session: Session) -> SubscriptionList:
    """Return all of the tenant's subscriptions."""
    return SubscriptionList(tuple(_view(each) for each in Subscriptions(session).all()))


def get_subscription(session: Session, subscription_id: UUID) -> SubscriptionView:
    """Return one.

    Raises:
        NotFound: the tenant has none of this id.
    """
    return _view(Subscriptions(session).by_id(subscription_id))


def get_secrets(session: Session, subscription_id: UUID) -> SecretsView:
    """Return the secrets that count now.

    Raises:
        NotFound: the tenant has none of this id.
    """
    return SecretsView(secrets_of(session, Subscriptions(session).by_id(subscription_id)))


def list_notifications(
    session: Session, subscription_id: UUID, *, limit: int, cursor: str | None = None, state: OutboxState | None = None
) -> NotificationPage:
    """Return a page of what was owed to a target, newest first.

    Raises:
        NotFound: the tenant has none of this id.
        BadCursor: the cursor is not one of this list.
    """
    found = Subscriptions(session).by_id(subscription_id)
    same_ticket = and_(tickets.c.tenant_id == outbox.c.tenant_id, tickets.c.id == outbox.c.ticket_id)
    wanted = (
        select(outbox, tickets.c.number)
        .select_from(outbox.outerjoin(tickets, same_ticket))
        .where(outbox.c.tenant_id == session.tenant_id, outbox.c.kind == OutboxKind.DELIVERY.value)
        .where(outbox.c.destination == notifier_destination(found.notifier), outbox.c.subject == str(found.id))
    )
    if state is not None:
        wanted = wanted.where(outbox.c.state == state.value)
    if cursor is not None:
        (before,) = decode("notifications", cursor, tuple[UUID])
        wanted = wanted.where(outbox.c.id < before)
    rows, more = page(session, wanted.order_by(outbox.c.id.desc()), limit)
    items = tuple(
        NotificationView(
            id=row.id,
            event_id=row.payload["id"],
            type=row.payload["subject"],
            number=row.number,
            state=OutboxState(row.state),
            attempts=row.attempts,
            created_at=to_datetime(row.created_at),
            left_at=moment(row.effect_at),
            answer=row.remote_id if row.state == OutboxState.DONE else None,
            error=row.error,
        )
        for row in rows
    )
    return NotificationPage(items, encode("notifications", str(items[-1].id)) if more else None)


def _view(found: Subscription) -> SubscriptionView:
    return SubscriptionView(
        found.id, found.notifier, found.target, tuple(found.events), found.title, found.position,
        moment(found.reached_at), moment(found.disabled_at), found.disabled_why, moment(found.rotated_at),
        to_datetime(found.created_at), found.version,
    )  # fmt: skip
