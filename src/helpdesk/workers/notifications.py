"""A notifier as the deliveries' worker sees it: a sender that looks up where a subscription's events go now."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.contracts.messages import Outbound
from helpdesk.contracts.notifiers import Notification, NotificationSender, TargetGone
from helpdesk.desk.outward.notifying import Target, target_of
from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.principal import system
from helpdesk.store.engine.database import Database, Session

Disable = Callable[[Session, UUID, str], None]
"""Ends a subscription; runs in a transaction bound to its tenant."""


class Notifications:
    """Takes each event to its target by one notifier: target and secrets as they are now, not as when it was owed."""

    def __init__(self, database: Database, sender: NotificationSender, disable: Disable) -> None:
        self._database = database
        self._sender = sender
        self._disable = disable

    async def send(self, message: Outbound) -> str:
        """Send one event and return the target's word for it.

        Raises:
            TemporaryFailure: worth another try.
            PermanentFailure: not worth one: the subscription is gone or disabled, or the target says so.
        """
        principal, subscription = system("notifier", UUID(message.sender)), UUID(message.recipient)
        try:
            found: Target | None = await self._database.read(principal, partial(_target, subscription=subscription))
        except Unavailable as problem:
            raise TemporaryFailure(problem.detail) from problem
        if found is None:
            raise PermanentFailure("the subscription was taken away or is disabled")
        try:
            return await self._sender.send(Notification(message.id, found.target, found.secrets, message.text.encode()))
        except TargetGone as gone:
            await self._database.write(principal, partial(self._end, subscription=subscription, why=str(gone)))
            raise

    def _end(self, session: Session, *, subscription: UUID, why: str) -> None:
        self._disable(session, subscription, why)


def _target(session: Session, *, subscription: UUID) -> Target | None:
    return target_of(session, subscription)
