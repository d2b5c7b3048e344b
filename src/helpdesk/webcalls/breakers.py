"""Slots and a breaker for each host: a sick one is left alone, and keeps no other waiting."""

import asyncio
import time
from collections import OrderedDict

from msgspec import Struct

SLOTS = 4
"""Events on their way to one host at once."""
PATIENCE_SECONDS = 2.0
"""How long to wait for a slot."""
FAILURES = 5
"""In a row, after which the breaker opens."""
FIRST_PAUSE_SECONDS = 30.0
LAST_PAUSE_SECONDS = 900.0
_REMEMBERED = 10_000


class Busy(Exception):
    """The host is to be left alone for ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"is left alone for {seconds:.0f} s")
        self.seconds = seconds


class _Host(Struct):
    slots: asyncio.Semaphore
    failures: int = 0
    open_until: float = 0.0
    """By the monotonic clock; one try is let through after it."""


class Breakers:
    """All hosts' slots and breakers, of one event loop."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    async def enter(self, host: str) -> None:
        """Take a slot.

        Raises:
            Busy: none was free in time, or the breaker is open.
        """
        found = self._of(host)
        rest = found.open_until - time.monotonic()
        if rest > 0:
            raise Busy(rest)
        if found.open_until:  # this one is the try; others wait for what becomes of it
            found.open_until = time.monotonic() + FIRST_PAUSE_SECONDS
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await found.slots.acquire()
        except TimeoutError:
            raise Busy(PATIENCE_SECONDS) from None

    def leave(self, host: str, *, well: bool) -> None:
        """Give the slot back and say how it went."""
        found = self._of(host)
        found.slots.release()
        if well:
            found.failures, found.open_until = 0, 0.0
            return
        found.failures += 1
        if found.failures >= FAILURES:
            pause = min(FIRST_PAUSE_SECONDS * 2 ** (found.failures - FAILURES), LAST_PAUSE_SECONDS)
            found.open_until = time.monotonic() + pause

    def _of(self, host: str) -> _Host:
        found = self._hosts.get(host)
        if found is None:
            found = self._hosts[host] = _Host(asyncio.Semaphore(SLOTS))
            while len(self._hosts) > _REMEMBERED:
                self._hosts.popitem(last=False)
        return found
