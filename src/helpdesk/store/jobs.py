"""How work gets to the database's threads and its outcome gets back: the seam between async edges and plain code."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import Any

from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.principal import Principal
from helpdesk.store.session import Session

_log = logging.getLogger(__name__)

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
        "work",
    )

    def __init__(
        self,
        principal: Principal,
        work: Callable[[Session], Any],
        within_seconds: float,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.deadline = time.monotonic() + within_seconds
        """When its caller stops waiting, begun or not, by ``time.monotonic``."""
        self.principal = principal
        self.work = work
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


class JobQueue:
    """A bounded queue for one group of threads: a full queue refuses at once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._closed = False
        self._lock = threading.Lock()
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()

    def put(self, job: Job) -> None:
        """Add a job.

        Raises:
            Unavailable: the queue is full, or the database is closed.
        """
        with self._lock:
            if self._closed:
                raise Unavailable("the database is closed")
            if self._jobs.qsize() >= self._limit:
                raise Unavailable("too much work waits for the database")
            self._jobs.put(job)

    def get(self) -> Job | None:
        """Wait for a job; None once the queue is closed and empty."""
        job = self._jobs.get()
        if job is None:
            self._jobs.put(None)  # for the next thread
        return job

    def get_nowait(self) -> Job | None:
        """Return a job if one waits."""
        try:
            job = self._jobs.get_nowait()
        except Empty:
            return None
        if job is None:
            self._jobs.put(None)
        return job

    def close(self) -> None:
        """Take no more jobs; those waiting are still done."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
