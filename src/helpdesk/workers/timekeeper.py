"""The timekeeper: has due timers fired, promptly, never early, and one company's as soon as another's.

The truth is in the database: a timer's row, its epoch, the database's clock with its offset. Here is only a cache of
the near future, rebuilt from the rows, so that firing is prompt without polling hard. The present is reckoned from the
database's clock at the last look plus the time since then by this machine's steady clock, which is never ahead unless
the offset was set back; and the firing transaction looks again.

What is due is fired in turns. A turn is one transaction with a bounded number of one tenant's timers, and belongs to
the tenant whose last turn is the longest ago: a flood of one tenant's makes another's wait for a turn, not for the
flood. Few turns are at work at once, so that requests find a writer.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from uuid import UUID

from msgspec import Struct

from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.instants import SECOND, Instant
from helpdesk.kernel.principal import system
from helpdesk.sla.queues import TimerQueue
from helpdesk.store.engine.database import Database, Session
from helpdesk.store.upcoming import DueTimer, Upcoming, upcoming
from helpdesk.workers.wake import Wake

_log = logging.getLogger(__name__)

PRINCIPAL = system("timekeeper")


class TimekeeperSettings(Struct, frozen=True):
    """How the timekeeper paces itself. Durations in seconds by the wall unless they say ``_us``."""

    poll_seconds: float = 1.0
    """Looks into the database at least this often: moved offsets, other instances' timers, lost wake-ups."""
    calm_seconds: float = 0.05
    """Looks no more often than this, however often it is woken."""
    horizon_us: int = 3 * SECOND
    """How far ahead timers are read."""
    read_limit: int = 2_000
    """Timers read in one look, about, all tenants alike."""
    together: int = 64
    """Timers of one tenant fired in one transaction at most: how long a turn keeps the others waiting."""
    chunk: int = 512
    """Timers fired, about, before looking again whether it is time to look."""
    concurrency: int = 2
    """Turns at once."""
    fire_seconds: float = 10.0
    """How long one turn may take."""
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
    """Calls ``fire`` with due timers of one tenant.

    ``fire`` commits the effects of all of them once, or raises and commits none; those that no longer hold, or not
    yet, have none. It may be called again for the same timers, also by another instance at the same time. Where it
    raises, each of them is given to it alone: the one at fault undoes nobody's.
    """

    name = "timekeeper"

    def __init__(
        self,
        database: Database,
        fire: Callable[[UUID, Sequence[DueTimer]], Awaitable[object]],
        *,
        read: Callable[[Session, Instant, int, int], Upcoming] = upcoming,
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
        self._due: dict[UUID, deque[DueTimer]] = {}
        """What is due and waits for its tenant's turn."""
        self._served: dict[UUID, int] = {}
        """When tenants had their last turns, counted in turns."""
        self._turns = 0
        self._together = self._settings.together
        """How many go together now: fewer where the database could not do so many in time."""
        self._troubles: dict[bytes, _Trouble] = {}
        self._db_minus_loop: Instant = 0
        self._looked_at = float("-inf")
        self._more = False
        self._stopping = False
        self._fired = 0

    @property
    def fired(self) -> int:
        """How many timers ``fire`` returned for."""
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
        empty = self._more and not self._queue and not self._due
        if age >= self._settings.poll_seconds or woken or empty:
            if age < self._settings.calm_seconds:
                await asyncio.sleep(self._settings.calm_seconds - age)
            await self._look()

    async def _look(self) -> None:
        settings = self._settings
        loop = asyncio.get_running_loop()
        aside = len(self._troubles)

        def read(session: Session) -> tuple[Instant, Upcoming]:
            return session.now, self._read(session, session.now + settings.horizon_us, settings.read_limit, aside)

        database_now, found = await self._database.read(PRINCIPAL, read)
        self._looked_at = loop.time()
        # The time the read took makes us late, never early.
        self._db_minus_loop = database_now - int(self._looked_at * SECOND)
        self._more = found.more
        self._queue.clear()
        self._due.clear()
        self._timers = {_key(timer): timer for timer in found.timers}
        self._troubles = {key: trouble for key, trouble in self._troubles.items() if key in self._timers}
        tenants = {timer.tenant_id for timer in found.timers}
        self._served = {tenant: turn for tenant, turn in self._served.items() if tenant in tenants}
        for key, timer in self._timers.items():
            trouble = self._troubles.get(key)
            if trouble is None or trouble.epoch != timer.epoch or trouble.until <= self._looked_at:
                self._queue.push(key, timer.due_at)

    async def _fire_due(self) -> bool:
        """Fire about a chunk of what is due, turn by turn; say whether anything was."""
        for key, _ in self._queue.pop_due(self._now()):
            timer = self._timers[key]
            self._due.setdefault(timer.tenant_id, deque()).append(timer)
        if not self._due:
            return False
        left = self._settings.chunk

        async def take() -> None:
            nonlocal left
            while left > 0 and self._due:
                tenant, timers = self._next_turn()
                left -= len(timers)
                await self._fire_together(tenant, timers)

        async with asyncio.TaskGroup() as group:
            for _ in range(self._settings.concurrency):
                group.create_task(take())
        return True

    def _next_turn(self) -> tuple[UUID, list[DueTimer]]:
        """Take the next timers of the tenant whose turn it is; one that failed before goes alone."""
        tenant = min(self._due, key=lambda each: self._served.get(each, 0))
        self._turns += 1
        self._served[tenant] = self._turns
        line = self._due[tenant]
        timers = [line.popleft()]
        while line and len(timers) < self._together and _key(timers[0]) not in self._troubles:
            if _key(line[0]) in self._troubles:
                break
            timers.append(line.popleft())
        if not line:
            del self._due[tenant]
        return tenant, timers

    async def _fire_together(self, tenant: UUID, timers: Sequence[DueTimer]) -> None:
        try:
            async with asyncio.timeout(self._settings.fire_seconds):
                await self._fire(tenant, timers)
        except Unavailable:  # the rows are pending: the next look finds them
            self._together = max(1, len(timers) // 2)
        except Exception as problem:
            if len(timers) > 1:
                _log.info("%d timers are fired one by one, because together: %s", len(timers), problem)
                for timer in timers:
                    await self._fire_together(tenant, [timer])
                return
            (timer,) = timers
            self._note_trouble(_key(timer), timer)
            _log.exception("firing %s of ticket %s failed", timer.key, timer.ticket_id)
        else:
            self._fired += len(timers)
            self._together = min(self._settings.together, self._together * 2)
            for timer in timers:
                self._troubles.pop(_key(timer), None)

    def _note_trouble(self, key: bytes, timer: DueTimer) -> None:
        """Leave the timer alone for a while, the longer the more often it failed: it must not crowd out others."""
        settings = self._settings
        known = self._troubles.get(key)
        pause = settings.first_pause_seconds
        if known is not None and known.epoch == timer.epoch:
            pause = min(known.pause_seconds * 2, settings.last_pause_seconds)
        self._troubles[key] = _Trouble(timer.epoch, pause, asyncio.get_running_loop().time() + pause)


def _key(timer: DueTimer) -> bytes:
    """Return 16 bytes that name the timer (not its moment)."""
    name = f"{timer.key.clock}\0{timer.key.clock_seq}\0{timer.key.point}"
    return blake2b(timer.tenant_id.bytes + timer.ticket_id.bytes + name.encode(), digest_size=16).digest()
