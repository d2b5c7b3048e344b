"""A wake-up for a worker: from any thread, many at once count as one."""

import asyncio
import contextlib


class Wake:
    """Set from anywhere, waited for in one event loop. Wake-ups are hints: whoever waits also polls slowly."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked = False

    def __call__(self) -> None:
        """Wake the waiter. Quick, never raises, callable from any thread."""
        if self._asked:
            return
        self._asked = True
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float) -> bool:
        """Wait to be woken, ``seconds`` at most; say whether it was a wake-up."""
        self._loop = asyncio.get_running_loop()
        if not self._asked:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._event.wait(), seconds)
        woken = self._asked
        # In this order: whoever asks in between schedules a set that comes after the clear.
        self._asked = False
        self._event.clear()
        return woken
