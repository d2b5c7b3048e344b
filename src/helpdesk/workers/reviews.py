"""Looks now and then whether an edition is overdue for its review. Telling once is the desk's."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from helpdesk.kernel.errors import Unavailable
from helpdesk.workers.wake import Wake

_log = logging.getLogger(__name__)

HOURLY_SECONDS = 3_600.0
"""A review is due by the day: more often would be no earlier."""
SOON_SECONDS = 30.0
"""After a database that did not answer."""


class Reviews:
    """Calls ``tell`` at the start and every hour; it returns the companies that it told of."""

    name = "reviews"

    def __init__(self, tell: Callable[[], Awaitable[Sequence[str]]], *, every_seconds: float = HOURLY_SECONDS) -> None:
        self._tell = tell
        self._every_seconds = every_seconds
        self._wake = Wake()
        self._stopping = False

    async def run(self, ready: Callable[[], None]) -> None:
        """Look until ``stop``."""
        self._stopping = False
        ready()
        while not self._stopping:
            try:
                for slug in await self._tell():
                    _log.warning("the regulation of %s is overdue for its review", slug)
                pause = self._every_seconds
            except Unavailable:
                pause = min(SOON_SECONDS, self._every_seconds)
            await self._wake.wait(pause)

    def stop(self) -> None:
        """Ask ``run`` to finish."""
        self._stopping = True
        self._wake()
