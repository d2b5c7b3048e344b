"""Subscribing targets to the company's events: each change in one transaction, audited without the target's path."""

from collections.abc import Collection
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Struct

from helpdesk.contracts.events import ANNOUNCEMENT_PUBLISHED, EDITION_PUBLISHED, REVIEW_OVERDUE, event_type
from helpdesk.contracts.log import Happened
from helpdesk.desk.changing.versions import Kept, seen
from helpdesk.desk.outward.notifying import owe_test
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.subscriptions import Subscription, Subscriptions

MOST = 20
"""Subscriptions of a company."""
EVENT_TYPES = frozenset({*map(event_type, Happened), EDITION_PUBLISHED, ANNOUNCEMENT_PUBLISHED, REVIEW_OVERDUE})
"""What can be subscribed to."""


class Wish(Struct, frozen=True):
    """A target and what it is to be sent. ``target`` is canonical."""

    notifier: str
    target: str
    events: tuple[str, ...] = ()
    """Types; none: all."""
    title: str = ""
    enabled: bool = True


def subscribe(session: Session, wish: Wish) -> Kept:
    """Add a target; it is sent what happens from now on.

    Raises:
        Invalid: a type is none.
        Conflict: it is subscribed already, or there are too many.
    """
    subscriptions = Subscriptions(session)
    events = _known(wish.events)
    if len(subscriptions.all()) >= MOST:
        raise Conflict(f"a company has at most {MOST} subscriptions")
    made = subscriptions.add(wish.notifier, wish.target, events, wish.title.strip())
    _record(session, "add", made)
    return Kept(made.id, made.version)


def change(session: Session, subscription_id: UUID, wish: Wish, expected_version: int | None) -> Kept:
    """Replace what is said of a target. Enabled again it goes on with what happens from now on.

    Raises:
        NotFound, VersionConflict: as ``Subscriptions`` says.
        Invalid: a type is none.
        Conflict: the new target is subscribed already.
    """
    subscriptions = Subscriptions(session)
    found = subscriptions.by_id(subscription_id, held=True)
    with seen(found.version, expected_version):
        told = {"target": wish.target, "notifier": wish.notifier, "title": wish.title.strip()}
        changed = subscriptions.change(found, events=_known(wish.events), **told)
        if wish.enabled and changed.disabled_at is not None:
            changed = subscriptions.begin_again(changed)
        elif not wish.enabled and changed.disabled_at is None:
            subscriptions.disable(changed.id, "by hand")
            changed = subscriptions.by_id(changed.id)
        _record(session, "change", changed)
        return Kept(changed.id, changed.version)


def unsubscribe(session: Session, subscription_id: UUID, expected_version: int | None) -> Kept:
    """Take a target away; what is owed to it is given up.

    Raises:
        NotFound, VersionConflict: as ``Subscriptions`` says.
    """
    subscriptions = Subscriptions(session)
    found = subscriptions.by_id(subscription_id, held=True)
    with seen(found.version, expected_version):
        subscriptions.remove(found)
        _record(session, "remove", found)
        return Kept(found.id, found.version)


def rotate(session: Session, subscription_id: UUID) -> Kept:
    """Give a target a new secret; the former counts beside it for a day.

    Raises:
        NotFound: there is no such subscription.
    """
    subscriptions = Subscriptions(session)
    found = subscriptions.by_id(subscription_id, held=True)
    changed = subscriptions.change(found, generation=found.generation + 1, rotated_at=session.now)
    _record(session, "rotate", changed)
    return Kept(changed.id, changed.version)


def try_out(session: Session, subscription_id: UUID) -> Kept:
    """Send a target an event that tells of nothing.

    Raises:
        NotFound: there is no such subscription.
        Conflict: it is disabled.
    """
    found = Subscriptions(session).by_id(subscription_id)
    delivery = owe_test(session, found)
    _record(session, "test", found)
    return Kept(delivery)


def _known(events: Collection[str]) -> list[str]:
    unknown = sorted(set(events) - EVENT_TYPES)
    if unknown:
        raise Invalid(f"there is no event {unknown[0][:100]!r}", fields={"events": "names no type of event"})
    return sorted(set(events))


def _record(session: Session, act: str, subscription: Subscription) -> None:
    told = {"notifier": subscription.notifier, "host": urlsplit(subscription.target).hostname or ""}
    told |= {"events": ", ".join(subscription.events)}
    Audit(session).record(f"subscription.{act}", f"subscription:{subscription.id}", told)
