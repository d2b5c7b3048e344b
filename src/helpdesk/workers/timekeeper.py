"""The timekeeper: has due timers fired, promptly and never early.

The truth is in the database: a timer's row, its epoch, the database's clock with its offset. Here is only a cache of
the near future, rebuilt from the rows, so that firing is prompt without polling hard. The present is reckoned from the
database's clock at the last look plus the time since then by this machine's steady clock, which is never ahead unless
the offset was set back; and the firing transaction looks again.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b

from msgspec import Struct

from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.instants import SECOND, Instant
from helpdesk.kernel.principal import system
from helpdesk.sla.queues import TimerQueue
from helpdesk.store.engine.database import Database, Session
from helpdesk.store.upcoming import DueTimer, upcoming
from helpdesk.workers.wake import Wake

_log = logging.getLogger(__name__)

PRINCIPAL = system("timekeeper")


class TimekeeperSettings(Struct, frozen=True):
    """How the timekeeper paces itself. Durations in seconds by the wall unless they say ``_us``."""

    poll_seconds: float = 1.0
    """Looks into the database at least this often: moved offsets, other instances' timers, lost wake-ups."""
    calm_seconds: float = 0.05
    """Looks no more often than this, however often it is woken."""
    horizon_us: int = 5 * SECOND
    """How far ahead timers are read."""
    read_limit: int = 2_000
    chunk: int = 256
    """Timers fired before looking again."""
    concurrency: int = 64
    """Timers being fired at once."""
    fire_seconds: float = 10.0
    """How long one firing may take."""
    first_pause_seconds: float = 1.0
    last_pause_seconds: float = 300.0
    """How long a timer whose firing fails is left alone, at first and at most."""


class _Trouble(Struct):
    """A timer whose firing failed."""

    epoch: int
    pause_seconds: float
    until: float
    """By the loop's clock."""


class Timekeeper:
    """Calls ``fire`` for each due timer.

    ``fire`` commits the timer's effect once, or finds that it no longer holds, or that it is too early; it may be
    called again for the same timer, also by another instance at the same time.
    """

    name = "timekeeper"

    def __init__(
        self,
        database: Database,
        fire: Callable[[DueTimer], Awaitable[object]],
        *,
        read: Callable[[Session, Instant, int], Sequence[DueTimer]] = upcoming,
        settings: TimekeeperSettings | None = None,
    ) -> None:
        self._database = database
        self._fire = fire
        self._read = read
        self._settings = settings or TimekeeperSettings()
        self.wake = Wake()
        """Call it after a commit that wrote timers, from any thread."""
        self._queue = TimerQueue()
        self._timers: dict[bytes, DueTimer] = {}
        self._troubles: dict[bytes, _Trouble] = {}
        self._db_minus_loop: Instant = 0
        self._looked_at = float("-inf")
        self._more = False
        self._stopping = False
        self._fired = 0

    @property
    def fired(self) -> int:
        """How often ``fire`` returned."""
        return self._fired

    def stop(self) -> None:
        """Finish what is being fired, fire no more."""
        self._stopping = True
        self.wake()

    async def run(self, ready: Callable[[], None]) -> None:
        """Fire timers until stopped."""
        self._stopping = False
        self._looked_at = float("-inf")
        woken = True
        while not self._stopping:
            try:
                await self._look_if_due(woken)
                woken = False
                ready()
            except Unavailable as problem:
                _log.warning("the timekeeper waits for the database: %s", problem)
                await asyncio.sleep(self._settings.calm_seconds)
            if not await self._fire_due():
                woken = await self.wake.wait(self._pause())

    def _now(self) -> Instant:
        return self._db_minus_loop + int(asyncio.get_running_loop().time() * SECOND)

    def _pause(self) -> float:
        """Return how long there is nothing to do, in seconds."""
        first = self._queue.peek()
        pause = self._settings.poll_seconds
        if first is not None:
            pause = min(pause, (first[1] - self._now()) / SECOND)
        return max(pause, 0.0)

    async def _look_if_due(self, woken: bool) -> None:
        """Rebuild the cache when it may be stale."""
        age = asyncio.get_running_loop().time() - self._looked_at
        empty = self._more and not self._queue
        if age >= self._settings.poll_seconds or woken or empty:
            if age < self._settings.calm_seconds:
                await asyncio.sleep(self._settings.calm_seconds - age)
            await self._look()

    async def _look(self) -> None:
        settings = self._settings
        loop = asyncio.get_running_loop()
        limit = settings.read_limit + len(self._troubles)

        def read(session: Session) -> tuple[Instant, Sequence[DueTimer]]:
            return session.now, self._read(session, session.now + settings.horizon_us, limit)

        database_now, rows = await self._database.read(PRINCIPAL, read)
        self._looked_at = loop.time()
        # The time the read took makes us late, never early.
        self._db_minus_loop = database_now - int(self._looked_at * SECOND)
        self._more = len(rows) >= limit
        self._queue.clear()
        self._timers = {_key(timer): timer for timer in rows}
        self._troubles = {key: trouble for key, trouble in self._troubles.items() if key in self._timers}
        for key, timer in self._timers.items():
            trouble = self._troubles.get(key)
            if trouble is None or trouble.epoch != timer.epoch or trouble.until <= self._looked_at:
                self._queue.push(key, timer.due_at)

    async def _fire_due(self) -> bool:
        """Fire a chunk of what is due, the tenants in turn; say whether anything was."""
        due = [self._timers[key] for key, _ in self._queue.pop_due(self._now())]
        if not due:
            return False
        ordered = in_turn(due)
        for timer in ordered[self._settings.chunk :]:
            self._queue.push(_key(timer), timer.due_at)
        work = iter(ordered[: self._settings.chunk])

        async def take() -> None:
            for timer in work:
                await self._fire_one(timer)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._settings.concurrency, len(ordered))):
                group.create_task(take())
        return True

    async def _fire_one(self, timer: DueTimer) -> None:
        key = _key(timer)
        try:
            async with asyncio.timeout(self._settings.fire_seconds):
                await self._fire(timer)
        except Unavailable:
            return  # the row is pending: the next look finds it
        except Exception:
            self._note_trouble(key, timer)
            _log.exception("firing %s of ticket %s failed", timer.key, timer.ticket_id)
        else:
            self._fired += 1
            self._troubles.pop(key, None)

    def _note_trouble(self, key: bytes, timer: DueTimer) -> None:
        """Leave the timer alone for a while, the longer the more often it failed: it must not crowd out others."""
        settings = self._settings
        known = self._troubles.get(key)
        pause = settings.first_pause_seconds
        if known is not None and known.epoch == timer.epoch:
            pause = min(known.pause_seconds * 2, settings.last_pause_seconds)
        self._troubles[key] = _Trouble(timer.epoch, pause, asyncio.get_running_loop().time() + pause)


def in_turn(timers: Sequence[DueTimer]) -> list[DueTimer]:
    """Return ``timers`` with the tenants in turn: each one's first, each one's second, …; in order within a tenant."""
    by_tenant: dict[object, int] = defaultdict(int)
    turns = []
    for index, timer in enumerate(timers):
        turns.append((by_tenant[timer.tenant_id], index))
        by_tenant[timer.tenant_id] += 1
    return [timers[index] for _, index in sorted(turns)]


def _key(timer: DueTimer) -> bytes:
    """Return 16 bytes that name the timer (not its moment)."""
    name = f"{timer.key.clock}\0{timer.key.clock_seq}\0{timer.key.point}"
    return blake2b(timer.tenant_id.bytes + timer.ticket_id.bytes + name.encode(), digest_size=16).digest()
