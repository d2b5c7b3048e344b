"""Looks now and then whether an edition is overdue for its review. Telling once is the desk's."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from helpdesk.workers.periodic import Periodic

_log = logging.getLogger(__name__)

HOURLY_SECONDS = 3_600.0
"""A review is due by the day: more often would be no earlier."""


class Reviews(Periodic):
    """Calls ``tell``; it returns the companies that it told of."""

    name = "reviews"

    def __init__(self, tell: Callable[[], Awaitable[Sequence[str]]], *, every_seconds: float = HOURLY_SECONDS) -> None:
        super().__init__(every_seconds=every_seconds)
        self._tell = tell

    async def work(self) -> None:
        """Tell what is overdue."""
        for slug in await self._tell():
            _log.warning("the regulation of %s is overdue for its review", slug)
