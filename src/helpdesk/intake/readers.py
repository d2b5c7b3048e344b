"""Who waits for a letter in a box: woken at once where this process put it in, within a second where another did."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence

from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.principal import system
from helpdesk.store.boxes import Key, moved
from helpdesk.store.engine.database import Database

_log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How often the database is asked, once for all who wait, whether another instance put something in."""
_ASKED_AT_ONCE = 200


class WaitingReaders:
    """Lets readers wait. All of it belongs to one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: defaultdict[Key, dict[asyncio.Event, int]] = defaultdict(dict)
        self._looking: asyncio.Task[None] | None = None

    async def wait(self, key: Key, after: int, seconds: float) -> None:
        """Return when the box may have something behind ``after``, at the latest after ``seconds``."""
        told = asyncio.Event()
        self._waiting[key][told] = after
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="boxes")
        try:
            async with asyncio.timeout(seconds):
                await told.wait()
        except TimeoutError:
            pass
        finally:
            del self._waiting[key][told]
            if not self._waiting[key]:
                del self._waiting[key]

    def wake(self, key: Key) -> None:
        """Wake whoever waits at a box."""
        for told in self._waiting.get(key, ()):
            told.set()

    async def _look(self) -> None:
        """Ask the database while anybody waits."""
        try:
            while self._waiting:
                await asyncio.sleep(LOOK_SECONDS)
                keys = list(self._waiting)
                for start in range(0, len(keys), _ASKED_AT_ONCE):
                    await self._look_at(keys[start : start + _ASKED_AT_ONCE])
        finally:
            self._looking = None

    async def _look_at(self, keys: Sequence[Key]) -> None:
        try:
            found = await self._database.read(system("boxes"), lambda session: moved(session, keys))
        except Unavailable as error:
            _log.debug("boxes cannot be looked at: %s", error.detail)
            return
        for key, last in found.items():
            for told, after in self._waiting.get(key, {}).items():
                if last > after:
                    told.set()
