"""What a notifier plugin provides: it takes the company's events to a target that the company subscribed."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from helpdesk.contracts.channels import PermanentFailure


class Notification(Struct, frozen=True):
    """One event on its way to one target."""

    id: str
    """Stable over retries: whoever gets it twice can tell."""
    target: str
    """Where to, as ``Notifier.normalise`` gave it."""
    secrets: tuple[str, ...]
    """What it is signed with, the newest first: ``whsec_`` and base64. Two while they change."""
    body: bytes
    """The event as JSON: ``type``, ``timestamp``, ``data``."""

    def __repr__(self) -> str:
        return f"Notification({self.id}, {len(self.body)} bytes)"


class TargetGone(PermanentFailure):
    """The target wants nothing any more: the subscription ends."""


@runtime_checkable
class NotificationSender(Protocol):
    """A notifier's sending side."""

    async def send(self, notification: Notification) -> str:
        """Send it once and return the target's word for it, not empty.

        Raises:
            TemporaryFailure: worth another try.
            PermanentFailure: not worth one.
            TargetGone: nothing sent there ever is again.
        """
        ...


class Notifier(Protocol):
    """A notifier plugin's object, returned by the hook ``register_notifier``."""

    @property
    def name(self) -> str:
        """Its name: ``webhook``, …"""
        ...

    def settings(self) -> Mapping[str, str]:
        """Name the settings it reads (``HELPDESK_<NAME>_…``), each with a paragraph: meaning, unit, default."""
        ...

    def normalise(self, target: str) -> str:
        """Return the canonical form of a target.

        Raises:
            ValueError: it is none, or none that may be reached; says why.
        """
        ...

    def sender(self, settings: Mapping[str, Any]) -> NotificationSender:
        """Return the sending side.

        Raises:
            ValueError: a setting is not valid; the text names it.
        """
        ...
