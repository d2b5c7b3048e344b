"""The indexer: brings the words of new messages into the index that search asks.

It is woken after commits and lets a moment pass, so that it does much at once and a burst of messages comes first.
Several may run: each takes what no other has in hand.
"""

import asyncio
import logging
from collections.abc import Callable

from msgspec import Struct

from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.principal import system
from helpdesk.store.engine.database import Database
from helpdesk.store.indexing import BATCH, index_waiting
from helpdesk.workers.wake import Wake

_log = logging.getLogger(__name__)

PRINCIPAL = system("indexer")


class IndexerSettings(Struct, frozen=True):
    """How the indexer paces itself, in seconds by the wall."""

    poll_seconds: float = 5.0
    """Looks for work at least this often, woken or not."""
    calm_seconds: float = 0.5
    """How long a woken indexer waits for more."""


class Indexer:
    """Indexes what waits."""

    name = "indexer"

    def __init__(self, database: Database, settings: IndexerSettings | None = None) -> None:
        self._database = database
        self._settings = settings or IndexerSettings()
        self.wake = Wake()
        """Call it after a commit that added messages, from any thread."""
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the batch in hand."""
        self._stopping.set()
        self.wake()

    async def run(self, ready: Callable[[], None]) -> None:
        """Index until stopped."""
        self._stopping.clear()
        ready()
        while not self._stopping.is_set():
            try:
                while not self._stopping.is_set() and await self._database.write(PRINCIPAL, index_waiting) == BATCH:
                    pass
            except Unavailable as problem:
                _log.warning("the indexer waits for the database: %s", problem)
            await self.wake.wait(self._settings.poll_seconds)
            try:
                async with asyncio.timeout(self._settings.calm_seconds):
                    await self._stopping.wait()
            except TimeoutError:
                continue
