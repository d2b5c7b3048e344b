"""Taking the company's events to its targets: what is owed to each, what it is signed with, when it is given up.

Each subscription follows the feed by itself: a transaction owes what it wants of the next events and moves its
position, so nothing is owed twice and nothing is passed over, whatever is killed in between.
"""

from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Struct

from helpdesk.contracts.events import Published
from helpdesk.contracts.messages import Outbound
from helpdesk.desk.changing.resources import Resources
from helpdesk.kernel.errors import Conflict, NotFound
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import to_datetime
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.feed import feed_end, read_feed
from helpdesk.store.outbox import Outbox, OutboxRow, notifier_destination
from helpdesk.store.subscriptions import Subscription, Subscriptions, secrets_of

TEST = "subscription.test"
"""The type of an event that only tries a target."""
EVENT = "event"
"""What such a delivery is for."""


class Target(Struct, frozen=True):
    """Where an event goes now, and what it is signed with."""

    target: str
    secrets: tuple[str, ...]


def owe_next(session: Session, subscription_id: UUID, limit: int) -> bool:
    """Owe to a target what it wants of the next ``limit`` events; say whether there may be more of them."""
    subscriptions = Subscriptions(session)
    try:
        subscription = subscriptions.by_id(subscription_id, held=True)
    except NotFound:  # it was taken away
        return False
    if subscription.disabled_at is not None:
        return False
    end = feed_end(session)  # read before the events: all up to it are seen below
    items = read_feed(session, subscription.position, limit)  # what happened in the shadow is passed over
    outbox = Outbox(session)
    for item in items:
        event = msgspec.convert(item.payload, Published)
        if subscription.wants(event.type):
            about = None if event.number is None else UUID(event.subject)
            message = _message(session, subscription, event, item.position)
            outbox.add_delivery(message, ticket_id=about, seq=event.seq)
    more = len(items) == limit
    subscriptions.advance(subscription.id, items[-1].position if more else max(end, *(i.position for i in items), 0))
    return more


def owe_test(session: Session, subscription: Subscription) -> UUID:
    """Owe a target an event that tells of nothing; return the delivery's id.

    Raises:
        Conflict: it is disabled.
    """
    if subscription.disabled_at is not None:
        raise Conflict("the subscription is disabled")
    event = Published(
        id=new_id(), tenant_id=session.tenant_id, type=TEST, subject=str(subscription.id),
        occurred_at=to_datetime(session.now), number=None, seq=0,
    )  # fmt: skip
    return Outbox(session).add_delivery(_message(session, subscription, event, 0), ticket_id=None, seq=0)


def target_of(session: Session, subscription_id: UUID) -> Target | None:
    """Return where a subscription's events go; None where it was taken away or is disabled."""
    try:
        found = Subscriptions(session).by_id(subscription_id)
    except NotFound:
        return None
    return None if found.disabled_at is not None else Target(found.target, secrets_of(session, found))


def event_taken(session: Session, row: OutboxRow) -> None:
    """Note that a target took an event, in the transaction that records it."""
    Subscriptions(session).reached(UUID(str(row.payload["recipient"])))


def event_failed(session: Session, resources: Resources, row: OutboxRow, cause: str) -> None:
    """Note that an event was given up. A target that took nothing since the event was owed is disabled."""
    try:
        found = Subscriptions(session).by_id(UUID(str(row.payload["recipient"])))
    except NotFound:
        return
    if found.reached_at is None or found.reached_at < row.created_at:
        disable(session, resources, found.id, cause)


def disable(session: Session, resources: Resources, subscription_id: UUID, why: str) -> None:
    """Send a target nothing more, and tell the company's people; a disabled one stays as it is."""
    subscriptions = Subscriptions(session)
    if not subscriptions.disable(subscription_id, why):
        return
    host = urlsplit(subscriptions.by_id(subscription_id).target).hostname or "?"
    Audit(session).record("subscription.disable", f"subscription:{subscription_id}", {"cause": why[:200]})
    try:
        evaluator = resources.directory.in_force(session, session.now)
    except Conflict:  # no edition says in which language to write, nor from where
        return
    composer = resources.composer(session, evaluator)
    letter = composer.compose_apart("subscription", composer.alert_address, {"host": host, "reason": why[:200]})
    if letter is not None:
        Outbox(session).add_delivery(letter, ticket_id=None, seq=0)


def _message(session: Session, subscription: Subscription, event: Published, position: int) -> Outbound:
    """Return an event as it goes to a target: its id stays over retries, its body over rotations of the secret."""
    data = msgspec.to_builtins(event)
    del data["type"]
    body = {"type": event.type, "timestamp": data["occurred_at"], "data": {**data, "position": position}}
    return Outbound(
        id=str(event.id),
        channel_kind=notifier_destination(subscription.notifier),
        sender=str(session.tenant_id),
        recipient=str(subscription.id),
        subject=event.type,
        text=msgspec.json.encode(body).decode(),
        automatic=True,
        purpose=EVENT,
    )
