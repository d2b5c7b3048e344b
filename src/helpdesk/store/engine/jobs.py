"""How work gets to the database's threads and its outcome gets back: the seam between async edges and plain code."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from queue import Empty, SimpleQueue
from typing import Any
from uuid import UUID

from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.principal import Principal
from helpdesk.store.engine.session import Session

_log = logging.getLogger(__name__)

GATHER_SECONDS = 0.01
"""How long a batch is waited for at most, once there is company to expect."""
GAP_SECONDS = 0.001
"""A batch is waited for no longer once nothing joined it for so long."""

_LANES_KEPT = 1_000
"""Tenants whose empty lanes are kept, for what is known of their callers."""

DESERTED = "the database did not answer in time; perhaps the work was done"


class Job:
    """One work with its principal, and where its outcome goes: an event loop's future, or a blocked thread.

    It waits, then is begun exactly once or given up exactly once; what was begun is always finished.
    """

    __slots__ = (
        "_done",
        "_future",
        "_lock",
        "_loop",
        "_taken",
        "callbacks",
        "deadline",
        "error",
        "principal",
        "result",
        "shared",
        "work",
    )

    def __init__(
        self,
        principal: Principal,
        work: Callable[[Session], Any],
        within_seconds: float,
        loop: asyncio.AbstractEventLoop | None = None,
        *,
        shared: bool = False,
    ) -> None:
        self.deadline = time.monotonic() + within_seconds
        """When its caller stops waiting, begun or not, by ``time.monotonic``."""
        self.principal = principal
        self.work = work
        self.shared = shared
        """Whether it may be done in one transaction with others of its tenant."""
        self.result: Any = None
        self.error: BaseException | None = None
        self.callbacks: tuple[Callable[[], None], ...] = ()
        self._loop = loop
        self._future: asyncio.Future[Any] | None = None if loop is None else loop.create_future()
        self._done = threading.Event() if loop is None else None
        self._lock = threading.Lock()
        self._taken = False

    def begin(self) -> bool:
        """Claim the job for a database thread; False if nobody waits for it any more."""
        with self._lock:
            if self._taken or (self._future is not None and self._future.cancelled()):
                return False
            self._taken = True
            return True

    def fail(self, error: BaseException) -> None:
        """Have it end in ``error``."""
        self.error, self.result, self.callbacks = error, None, ()

    def _give_up(self) -> bool:
        with self._lock:
            if self._taken:
                return False
            self._taken = True
        self.error = Unavailable("the database is too busy")
        return True

    async def outcome(self, patience_seconds: float) -> Any:
        """Await the result.

        Raises:
            Unavailable: it was not begun within ``patience_seconds``, or not done by its deadline.
            BaseException: what the work raised.
        """
        assert self._future is not None
        assert self._loop is not None
        timer = self._loop.call_later(patience_seconds, self._expire, self._future, self._loop)
        try:
            return await self._future
        finally:
            timer.cancel()

    def _expire(self, future: asyncio.Future[Any], loop: asyncio.AbstractEventLoop) -> None:
        if self._give_up():
            self._resolve()
        elif self.deadline != float("inf"):
            loop.call_later(self.deadline - time.monotonic(), _desert, future)

    def wait(self, patience_seconds: float) -> Any:
        """Block until the result is there. Raises as ``outcome`` does."""
        assert self._done is not None
        if not self._done.wait(patience_seconds) and not self._give_up():
            left = None if self.deadline == float("inf") else max(0.0, self.deadline - time.monotonic())
            if not self._done.wait(left):
                raise Unavailable(DESERTED)
        if self.error is not None:
            raise self.error
        return self.result

    def _resolve(self) -> None:
        future = self._future
        if future is None or future.done():  # cancelled meanwhile: the work stands, nobody asks for its result
            return
        if self.error is not None:
            future.set_exception(self.error)
        else:
            future.set_result(self.result)

    @staticmethod
    def settle(jobs: Iterable["Job"]) -> None:
        """Hand out the outcomes, waking each event loop once."""
        by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
        for job in jobs:
            if job._loop is not None:
                by_loop.setdefault(job._loop, []).append(job)
            elif job._done is not None:
                job._done.set()
        for loop, waiting in by_loop.items():
            try:
                loop.call_soon_threadsafe(_resolve_all, waiting)
            except RuntimeError:  # the loop is closed: nobody waits
                _log.debug("an event loop ended before %d of its works did", len(waiting))


def _desert(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_exception(Unavailable(DESERTED))


def _resolve_all(jobs: list[Job]) -> None:
    for job in jobs:
        job._resolve()


def call_back(jobs: Iterable[Job]) -> None:
    """Call the committed jobs' callbacks; one that raises is logged and harms no other."""
    for job in jobs:
        for callback in job.callbacks:
            try:
                callback()
            except Exception:
                _log.exception("a callback after commit raised")


def gather(waiting: Callable[[], int], expected: int) -> None:
    """Wait for company: until as many jobs wait as came together the last time, or no more come.

    A job that came alone the last time is not kept waiting. Where many callers ask at once, a fuller transaction costs
    each of them less than it makes them wait, and the threads do not fight for Python's lock meanwhile.
    """
    if expected < 2:
        return
    ends = time.monotonic() + GATHER_SECONDS
    seen, since = waiting(), time.monotonic()
    while seen < expected and (now := time.monotonic()) < ends and now - since < GAP_SECONDS:
        time.sleep(GAP_SECONDS / 4)
        if (there := waiting()) != seen:
            seen, since = there, time.monotonic()


class _Lane(deque[Job]):
    """The shared jobs of one tenant."""

    together = 0
    """How many were taken the last time, with those that came while they were done."""


class JobQueue:
    """A bounded queue for one group of threads: a full queue refuses at once.

    Jobs are taken one by one, or by ``get_together``: shared jobs of one tenant stand in a lane of their own, which one
    thread at a time empties; lanes take turns.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._closed = False
        self._lock = threading.Lock()
        self._jobs: SimpleQueue[Job | _Lane | None] = SimpleQueue()
        self._lanes: dict[UUID | None, _Lane] = {}
        self._busy: set[UUID | None] = set()
        self._in_lanes = 0

    def put(self, job: Job, *, lanes: bool = False) -> None:
        """Add a job; with ``lanes`` a shared one to its tenant's.

        Raises:
            Unavailable: the queue is full, or the database is closed.
        """
        with self._lock:
            if self._closed:
                raise Unavailable("the database is closed")
            if self._jobs.qsize() + self._in_lanes >= self._limit:
                raise Unavailable("too much work waits for the database")
            if not (lanes and job.shared):
                self._jobs.put(job)
                return
            self._in_lanes += 1
            tenant = job.principal.tenant_id
            lane = self._lanes.get(tenant)
            if lane is None:
                lane = self._lanes[tenant] = _Lane()
            lane.append(job)
            if tenant not in self._busy:
                self._busy.add(tenant)
                self._jobs.put(lane)

    def get(self) -> Job | None:
        """Wait for a job; None once the queue is closed and empty."""
        job = self._jobs.get()
        assert not isinstance(job, _Lane)
        if job is None:
            self._jobs.put(None)  # for the next thread
        return job

    def waiting(self) -> int:
        """Return about how many jobs wait."""
        return self._jobs.qsize()

    def get_together(self, limit: int) -> list[Job] | None:
        """Wait for a job, or for at most ``limit`` that one transaction may serve; None once closed and empty.

        Jobs that nobody waits for any more are left out. Give what was returned to ``done_together`` once it is done.
        """
        while (found := self._jobs.get()) is None:
            self._jobs.put(None)  # for the next thread
            if not self._in_lanes:
                return None
            time.sleep(0.001)  # a lane comes round again
        if isinstance(found, Job):
            return [found] if found.begin() else []
        gather(found.__len__, found.together)
        with self._lock:
            taken = [found.popleft() for _ in range(min(limit, len(found)))]
            self._in_lanes -= len(taken)
            found.together = len(taken)
        begun = [job for job in taken if job.begin()]
        if not begun:
            self._leave(found, taken[0].principal.tenant_id)
        return begun

    def done_together(self, jobs: Sequence[Job]) -> None:
        """Let others take what waits behind ``jobs``."""
        if jobs and jobs[0].shared:
            tenant = jobs[0].principal.tenant_id
            self._leave(self._lanes[tenant], tenant)

    def _leave(self, lane: _Lane, tenant: UUID | None) -> None:
        with self._lock:
            lane.together = max(lane.together, len(lane))
            if lane:
                self._jobs.put(lane)
            else:
                self._busy.discard(tenant)
                if len(self._lanes) > _LANES_KEPT:
                    del self._lanes[tenant]

    def get_nowait(self) -> Job | None:
        """Return a job if one waits."""
        try:
            job = self._jobs.get_nowait()
        except Empty:
            return None
        assert not isinstance(job, _Lane)
        if job is None:
            self._jobs.put(None)
        return job

    def close(self) -> None:
        """Take no more jobs; those waiting are still done."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
