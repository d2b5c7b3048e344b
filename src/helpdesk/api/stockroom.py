"""Keeps the metrics' stock fresh enough: counted at most every few seconds, however often it is asked for."""

import asyncio
import time
from collections.abc import Callable

from helpdesk.api.metrics import Metrics
from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.principal import system
from helpdesk.queries.records.stock import count_stock
from helpdesk.store.engine.database import Database

FRESH_SECONDS = 10.0
"""How old the counts may be."""


class Stockroom:
    """Counts the stock into the metrics."""

    def __init__(self, database: Database, metrics: Metrics, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._metrics = metrics
        self._clock = clock
        self._counted_at = float("-inf")
        self._lock = asyncio.Lock()

    async def refresh(self) -> None:
        """Count anew if the counts are old. While the database is down the last ones stay."""
        async with self._lock:
            if self._clock() - self._counted_at < FRESH_SECONDS:
                return
            try:
                self._metrics.set_stock(await self._database.read(system("metrics"), count_stock))
            except Unavailable:
                return
            self._counted_at = self._clock()
