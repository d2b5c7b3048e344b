"""What a channel plugin provides, and what it is given."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from helpdesk.contracts.messages import Inbound, Outbound, Receipt


class Gateway(Protocol):
    """The service's side of a channel."""

    async def submit(self, message: Inbound) -> Receipt:
        """Take in one message. Returns after commit; acknowledge the source only then.

        Raises:
            helpdesk.kernel.errors.NotFound: no tenant has this address.
            helpdesk.kernel.errors.Unavailable: try again later; nothing was stored.
            helpdesk.kernel.errors.Invalid: another try would end the same; quarantine it. So does ``Refused``. Where
                the sender waits and ``fields`` are named, ask for those instead.
            helpdesk.kernel.errors.KeyReused: something else is stored under this key; acknowledge.
        """
        ...

    async def knows(self, channel_kind: str, address: str) -> bool:
        """Say whether some tenant is reached at ``address``."""
        ...

    async def quarantine(self, channel_kind: str, address: str, source_key: str, raw: bytes, cause: str) -> Receipt:
        """Keep what could not be read, with its cause, for a person's look."""
        ...


class TemporaryFailure(Exception):
    """The message could not be sent now; try again later, not before ``retry_after_seconds`` where that is known."""

    def __init__(self, cause: str = "", *, retry_after_seconds: float = 0.0) -> None:
        super().__init__(cause)
        self.retry_after_seconds = retry_after_seconds


class PermanentFailure(Exception):
    """The message can never be sent as it is."""


@runtime_checkable
class Listener(Protocol):
    """A channel's receiving side: a server or a poller."""

    async def start(self, gateway: Gateway) -> None:
        """Begin to receive; return once ready (a server's port is bound)."""
        ...

    async def stop(self) -> None:
        """Stop taking in, finish what was taken, return."""
        ...


@runtime_checkable
class Sender(Protocol):
    """A channel's sending side."""

    async def send(self, message: Outbound) -> str:
        """Send ``message`` once and return the remote side's word for it.

        Raises:
            TemporaryFailure: worth another try.
            PermanentFailure: not worth one.
        """
        ...


class Channel(Protocol):
    """A channel plugin's object, returned by the hook ``register_channel``."""

    @property
    def kind(self) -> str:
        """The transport's name: ``email``, ``phone``, …"""
        ...

    @property
    def answers(self) -> bool:
        """Whether clients are answered on it: then letters about a request that came by it leave by it.

        Else they go by mail, where a mail address of the client is known.
        """
        ...

    def settings(self) -> Mapping[str, str]:
        """Name the settings it reads (``HELPDESK_<KIND>_…``), each with a paragraph: meaning, unit, default."""
        ...

    def normalise(self, address: str) -> str:
        """Return the canonical form of an address of this kind.

        Raises:
            ValueError: it is not an address of this kind.
        """
        ...

    def listener(self, settings: Mapping[str, Any]) -> Listener | None:
        """Return the receiving side, or None where the API is the way in."""
        ...

    def sender(self, settings: Mapping[str, Any]) -> Sender | None:
        """Return the sending side, or None where nothing can be sent."""
        ...
