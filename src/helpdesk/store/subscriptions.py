"""Subscriptions: where the company's events are taken, as one tenant sees them; and which of all lag behind."""

import base64
import hmac
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from helpdesk.kernel.errors import Conflict, NotFound, VersionConflict
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import DAY, Instant
from helpdesk.store.engine.session import Session
from helpdesk.store.feed import COUNTER, feed_end
from helpdesk.store.instance import installation
from helpdesk.store.schema import subscriptions, tenant_counters

BOTH_SECRETS_US = DAY
"""How long the former secret counts beside the new one."""
_CONTEXT = b"helpdesk subscription 1\0"
_PREFIX = "whsec_"


class Subscription(Struct, frozen=True):
    """One target."""

    id: UUID
    notifier: str
    target: str
    events: list[str]
    """Types, e.g. ``ticket.registered``; none: all."""
    title: str
    position: int
    """Of the feed: events up to it are owed to the target already."""
    generation: int
    """Of its secret."""
    rotated_at: Instant | None
    reached_at: Instant | None
    """When it last took something."""
    disabled_at: Instant | None
    disabled_why: str
    version: int
    created_at: Instant

    def generations(self, now: Instant) -> tuple[int, ...]:
        """Return which generations of its secret count now, the newest first."""
        fresh = self.rotated_at is not None and now < self.rotated_at + BOTH_SECRETS_US
        return (self.generation, self.generation - 1) if fresh else (self.generation,)

    def wants(self, event_type: str) -> bool:
        """Say whether events of a type are taken there."""
        return not self.events or event_type in self.events


_FIELDS = Subscription.__struct_fields__
_COLUMNS = tuple(subscriptions.c[name] for name in _FIELDS)


class Subscriptions:
    """The tenant's subscriptions."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def by_id(self, subscription_id: UUID, *, held: bool = False) -> Subscription:
        """Return one; ``held`` for a change until the transaction ends.

        Raises:
            NotFound: this tenant has none of that id.
        """
        wanted = self._own().where(subscriptions.c.id == subscription_id)
        row = self._connection.execute(wanted.with_for_update() if held else wanted).one_or_none()
        if row is None:
            raise NotFound("There is no such subscription.")
        return Subscription(*row)

    def all(self) -> tuple[Subscription, ...]:
        """Return all, the oldest first."""
        rows = self._connection.execute(self._own().order_by(subscriptions.c.id))
        return tuple(Subscription(*row) for row in rows)

    def add(self, notifier: str, target: str, events: list[str], title: str) -> Subscription:
        """Add one; it begins with what happens from now on.

        Raises:
            Conflict: the target is subscribed already.
        """
        made = Subscription(
            new_id(),
            notifier,
            target,
            events,
            title,
            feed_end(self._session),
            1,
            None,
            None,
            None,
            "",
            1,
            self._session.now,
        )
        values = {name: getattr(made, name) for name in _FIELDS}
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(subscriptions), {"tenant_id": self._tenant, **values})
        except IntegrityError as error:
            raise Conflict("the target is subscribed already") from error
        return made

    def change(self, before: Subscription, **values: Any) -> Subscription:
        """Change one as it was read, raising its version.

        Raises:
            VersionConflict: it is no longer as it was read.
            Conflict: the new target is subscribed already.
        """
        table = subscriptions.c
        as_read = and_(table.tenant_id == self._tenant, table.id == before.id, table.version == before.version)
        changed = update(subscriptions).where(as_read).values(version=before.version + 1, **values).returning(table.id)
        try:
            with self._connection.begin_nested():
                found = self._connection.execute(changed).one_or_none()
        except IntegrityError as error:
            raise Conflict("the target is subscribed already") from error
        if found is None:
            raise VersionConflict(current=self.by_id(before.id).version)
        return self.by_id(before.id)

    def begin_again(self, before: Subscription) -> Subscription:
        """Enable one again: what happened meanwhile is in the feed, and is not made up for."""
        return self.change(before, disabled_at=None, disabled_why="", position=feed_end(self._session))

    def remove(self, before: Subscription) -> None:
        """Take one away, as it was read.

        Raises:
            VersionConflict: it is no longer as it was read.
        """
        table = subscriptions.c
        as_read = and_(table.tenant_id == self._tenant, table.id == before.id, table.version == before.version)
        if self._connection.execute(delete(subscriptions).where(as_read).returning(table.id)).one_or_none() is None:
            raise VersionConflict(current=self.by_id(before.id).version)

    def advance(self, subscription_id: UUID, position: int) -> None:
        """Note that everything up to a position of the feed is owed to it."""
        self._note(subscription_id, position=position)

    def reached(self, subscription_id: UUID) -> None:
        """Note that it took something now."""
        self._note(subscription_id, reached_at=self._session.now)

    def disable(self, subscription_id: UUID, why: str) -> bool:
        """Send it nothing more; say whether it was enabled."""
        table = subscriptions.c
        found = self._connection.execute(
            update(subscriptions)
            .where(table.tenant_id == self._tenant, table.id == subscription_id, table.disabled_at.is_(None))
            .values(disabled_at=self._session.now, disabled_why=why[:500], version=table.version + 1)
            .returning(table.id)
        )
        return found.one_or_none() is not None

    def _note(self, subscription_id: UUID, **values: Any) -> None:
        table = subscriptions.c
        own = and_(table.tenant_id == self._tenant, table.id == subscription_id)
        self._connection.execute(update(subscriptions).where(own).values(**values))

    def _own(self) -> Select[Any]:
        return select(*_COLUMNS).where(subscriptions.c.tenant_id == self._tenant)


def lagging(session: Session, limit: int) -> list[tuple[UUID, UUID]]:
    """Return which enabled subscriptions are behind their feed, as (tenant, id). For the service itself."""
    table = subscriptions.c
    feed = and_(tenant_counters.c.tenant_id == table.tenant_id, tenant_counters.c.name == COUNTER)
    wanted = (
        select(table.tenant_id, table.id)
        .join(tenant_counters, feed)
        .where(table.disabled_at.is_(None), tenant_counters.c.value > table.position)
        .order_by(table.position, table.id)
        .limit(limit)
    )
    return [(row.tenant_id, row.id) for row in session.connection.execute(wanted)]


def secrets_of(session: Session, subscription: Subscription) -> tuple[str, ...]:
    """Return the secrets that count now, the newest first; made from the installation's own, so none is kept."""
    key = installation(session).secret
    made = []
    for generation in subscription.generations(session.now):
        context = _CONTEXT + subscription.id.bytes + generation.to_bytes(8, "big")
        made.append(_PREFIX + base64.b64encode(hmac.digest(key, context, "sha256")).decode("ascii"))
    return tuple(made)
