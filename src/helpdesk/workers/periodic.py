"""Workers that nothing wakes: they work at the start and then every so often."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable

from helpdesk.kernel.errors import Unavailable
from helpdesk.workers.wake import Wake

_log = logging.getLogger(__name__)

SOON_SECONDS = 30.0
"""After a database that did not answer."""


class Periodic(ABC):
    """Calls ``work`` at the start and every so often."""

    name: str

    def __init__(self, *, every_seconds: float) -> None:
        self._every_seconds = every_seconds
        self._wake = Wake()
        self.stopping = False

    @abstractmethod
    async def work(self) -> None:
        """Do what there is to do; in parts, and no further part once it is ``stopping``.

        Raises:
            Unavailable: the database does not answer.
        """

    async def run(self, ready: Callable[[], None]) -> None:
        """Work until ``stop``."""
        self.stopping = False
        ready()
        while not self.stopping:
            pause = self._every_seconds
            try:
                await self.work()
            except Unavailable as problem:
                _log.info("%s: waiting for the database: %s", self.name, problem)
                pause = min(SOON_SECONDS, pause)
            await self._wake.wait(pause)

    def stop(self) -> None:
        """Finish the part in hand."""
        self.stopping = True
        self._wake()
