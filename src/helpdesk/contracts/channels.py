"""What a channel plugin provides, and what it is given."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from helpdesk.contracts.messages import Attachment, Box, Inbound, Letter, Outbound, Receipt


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

    async def collect(self, box: Box, after: int, limit: int, wait_seconds: float = 0.0) -> tuple[Letter, ...]:
        """Return the letters of a box behind position ``after``, in their order; wait where there is none yet.

        Of a channel that ``collects``. Nothing is taken out: the same may be asked for again.

        Raises:
            helpdesk.kernel.errors.NotFound: no tenant has the box's address.
            helpdesk.kernel.errors.Unavailable: try again later.
        """
        ...

    async def file(self, box: Box, letter_id: str, place: int) -> Attachment | None:
        """Return a file of one of the box's letters with its bytes, the first being 0; None: there is no such file.

        Raises:
            helpdesk.kernel.errors.NotFound, helpdesk.kernel.errors.Unavailable: as for ``collect``.
        """
        ...

    async def token_of(self, box: Box, number: int) -> str | None:
        """Return the threading token of a ticket that the box's person takes part in; None for every other number.

        Raises:
            helpdesk.kernel.errors.NotFound, helpdesk.kernel.errors.Unavailable: as for ``collect``.
        """
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


@runtime_checkable
class Collected(Protocol):
    """A channel whose clients come for their letters: the service keeps them, and ``Gateway.collect`` gives them."""

    @property
    def collects(self) -> str:
        """How the addresses of those begin who come. Whoever else asked on the channel is answered by mail."""
        ...


@runtime_checkable
class Local(Protocol):
    """A channel whose addresses people shorten where they live: telephone numbers without the country."""

    def normalise_near(self, address: str, ours: Collection[str]) -> str:
        """Return the canonical form of a client's address as it is written near the company's own, which are canonical.

        Raises:
            ValueError: it is not an address of this kind.
        """
        ...


def canonical(channel: Channel | None, address: str, near: Collection[str] | None = None) -> str:
    """Return the canonical form of an address; without a channel the text itself.

    ``near``: it is a client's, as it is written near these of ours, where the channel knows of that.

    Raises:
        ValueError: it is not an address of this kind.
    """
    if channel is None:
        return address.strip()
    if near is not None and isinstance(channel, Local):
        return channel.normalise_near(address, near)
    return channel.normalise(address)


class Answering(Struct, frozen=True):
    """Who is answered on the channel that they asked by, and not by mail."""

    beginnings: Mapping[str, str]
    """By kind of channel: how the addresses begin of those who are; empty: all are."""

    def reaches(self, channel_kind: str, address: str) -> bool:
        """Say whether the person with this address is."""
        beginning = self.beginnings.get(channel_kind)
        return beginning is not None and address.startswith(beginning)
