"""A gateway that keeps what it is given in memory, and fails on request."""

import asyncio
from collections.abc import Collection
from uuid import UUID

from msgspec import Struct

from helpdesk.contracts.messages import Attachment, Box, Inbound, Letter, Nature, Outcome, Receipt
from helpdesk.kernel.errors import HelpdeskError, NotFound
from helpdesk.kernel.instants import Instant

_LEDGER_IDS = 0x018F_0000_0000_7000_8000_0000_0000_0000


class Quarantined(Struct, frozen=True):
    """What a channel could not read."""

    channel_kind: str
    address: str
    source_key: str
    raw: bytes
    cause: str


class FakeGateway:
    """Stands for the service. ``addresses`` are those that some tenant is reached at."""

    def __init__(self, addresses: Collection[tuple[str, str]], now: Instant = 1_790_000_000_000_000) -> None:
        self.messages: dict[str, Inbound] = {}
        """Every message taken in, by its source key; the same key again changes nothing."""
        self.quarantined: dict[str, Quarantined] = {}
        """Everything quarantined, by its source key."""
        self.submissions: list[str] = []
        """The source key of every call that was answered, repeats included."""
        self.failures: list[BaseException] = []
        """Raised by the next calls of ``submit`` and ``quarantine``, one each, before anything is kept."""
        self.refusing: HelpdeskError | None = None
        """Raised by every call of ``submit``; ``quarantine`` works."""
        self.hold: asyncio.Event | None = None
        """While it is set aside and not set, calls wait for it before they keep anything."""
        self.reached = asyncio.Event()
        """Set as soon as a call waits for ``hold``."""
        self.letters: dict[Box, list[Letter]] = {}
        """What waits for whom."""
        self.files: dict[tuple[Box, str, int], Attachment] = {}
        """The letters' files, by box, letter and place."""
        self.tokens: dict[tuple[Box, int], str] = {}
        """The tokens of people's tickets, by their numbers."""
        self._addresses = set(addresses)
        self._now = now

    async def submit(self, message: Inbound) -> Receipt:
        """Keep ``message``; the same key again is answered as a duplicate."""
        await self._before()
        if self.refusing is not None:
            raise self.refusing
        if (message.channel_kind, message.address) not in self._addresses:
            raise NotFound
        known = message.source_key in self.messages
        self.messages.setdefault(message.source_key, message)
        self.submissions.append(message.source_key)
        if known:
            return self._receipt(Outcome.DUPLICATE)
        return self._receipt(Outcome.TICKET if message.nature is Nature.REQUEST else Outcome.NOTED)

    async def knows(self, channel_kind: str, address: str) -> bool:
        """Say whether ``address`` is one of those given."""
        await asyncio.sleep(0)
        return (channel_kind, address) in self._addresses

    async def quarantine(self, channel_kind: str, address: str, source_key: str, raw: bytes, cause: str) -> Receipt:
        """Keep what could not be read."""
        await self._before()
        self.quarantined.setdefault(source_key, Quarantined(channel_kind, address, source_key, raw, cause))
        self.submissions.append(source_key)
        return self._receipt(Outcome.QUARANTINED)

    async def collect(self, box: Box, after: int, limit: int, wait_seconds: float = 0.0) -> tuple[Letter, ...]:
        """Return what waits behind ``after``; look again until ``wait_seconds`` are over."""
        await self._before()
        loop = asyncio.get_running_loop()
        ends = loop.time() + wait_seconds
        while True:
            found = [letter for letter in self.letters.get(box, ()) if letter.position > after]
            if found or loop.time() >= ends:
                return tuple(found[:limit])
            await asyncio.sleep(0.01)

    async def file(self, box: Box, letter_id: str, place: int) -> Attachment | None:
        """Return a file of a letter."""
        await self._before()
        return self.files.get((box, letter_id, place))

    async def token_of(self, box: Box, number: int) -> str | None:
        """Return the token of one of the person's tickets."""
        await self._before()
        return self.tokens.get((box, number))

    def now(self) -> Instant:
        """Return the instant given at the beginning, the same each time."""
        return self._now

    @property
    def kept(self) -> set[str]:
        """The source keys of all that was taken in or quarantined."""
        return set(self.messages) | set(self.quarantined)

    async def _before(self) -> None:
        await asyncio.sleep(0)
        if self.hold is not None:
            self.reached.set()
            await self.hold.wait()
        if self.failures:
            raise self.failures.pop(0)

    def _receipt(self, outcome: Outcome) -> Receipt:
        return Receipt(str(UUID(int=_LEDGER_IDS + len(self.submissions))), outcome, tenant="conformance")
