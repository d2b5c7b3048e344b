"""The database as the rest of the service sees it: works handed to its threads, done inside transactions."""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar, cast

from helpdesk.kernel.principal import Principal
from helpdesk.store.engine.jobs import Job, JobQueue
from helpdesk.store.engine.session import Session

T = TypeVar("T")

QUEUE_LIMIT = 4096
"""Works that may wait for a group of threads before more are refused with Unavailable."""


class Database(ABC):
    """A database with its writer and reader threads.

    A *work* is a plain function of a ``Session``. It may be run again, after a serialization failure or when it could
    not be done together with others, so it changes nothing but the database. What a work raises undoes that work alone
    and reaches its caller.
    """

    def __init__(
        self,
        *,
        writers: int,
        readers: int,
        patience_seconds: float,
        within_seconds: float = float("inf"),
        lanes: bool = False,
    ) -> None:
        self._lanes = lanes
        self._patience_seconds = patience_seconds
        self._within_seconds = within_seconds
        self._writes = JobQueue(QUEUE_LIMIT)
        self._reads = JobQueue(QUEUE_LIMIT)
        self._threads = [
            threading.Thread(target=self._serve_writes, name=f"store-writer-{n}", daemon=True) for n in range(writers)
        ] + [threading.Thread(target=self._serve_reads, name=f"store-reader-{n}", daemon=True) for n in range(readers)]

    @property
    @abstractmethod
    def dialect(self) -> str:
        """The database's kind: ``sqlite`` or ``postgresql``."""

    def in_place(self) -> bool:
        """Say whether the database that is open still stands where it was found; a server's always does."""
        return True

    async def write(
        self,
        principal: Principal,
        work: Callable[[Session], T],
        *,
        within_seconds: float | None = None,
        shared: bool = False,
    ) -> T:
        """Run ``work`` in a transaction on a writer thread; return its result once it is committed.

        Cancelling the caller leaves nothing half done: a work not yet begun is dropped, one begun is finished.
        ``within_seconds`` bounds the whole wait; by default 2 s on PostgreSQL, and nothing on SQLite. A ``shared`` work
        is short, and may be done in one transaction with others of its tenant; on SQLite every work may.

        Raises:
            Unavailable: nothing was stored; or, if the answer to COMMIT did not come, perhaps it was.
            Exception: whatever ``work`` raised; its changes are undone.
        """
        return cast(T, await self._hand_over(self._writes, principal, work, within_seconds, shared=shared))

    async def read(
        self, principal: Principal, work: Callable[[Session], T], *, within_seconds: float | None = None
    ) -> T:
        """Run ``work`` in a read-only transaction on a reader thread: one consistent view.

        ``within_seconds`` as for ``write``; give more of it to a long report.

        Raises:
            Unavailable: the database does not answer.
            Exception: whatever ``work`` raised.
        """
        return cast(T, await self._hand_over(self._reads, principal, work, within_seconds))

    def write_now(
        self, principal: Principal, work: Callable[[Session], T], *, within_seconds: float | None = None
    ) -> T:
        """Do as ``write``, blocking the calling thread. Never call it on an event loop's thread."""
        return cast(T, self._wait_for(self._writes, principal, work, within_seconds))

    def read_now(self, principal: Principal, work: Callable[[Session], T], *, within_seconds: float | None = None) -> T:
        """Do as ``read``, blocking the calling thread."""
        return cast(T, self._wait_for(self._reads, principal, work, within_seconds))

    def close(self) -> None:
        """Finish the works that wait, end the threads, close the connections. Calling it again does nothing."""
        self._writes.close()
        self._reads.close()
        for thread in self._threads:
            thread.join()
        self._threads = []
        self._disconnect()

    async def _hand_over(
        self,
        queue: JobQueue,
        principal: Principal,
        work: Callable[[Session], Any],
        within_seconds: float | None,
        *,
        shared: bool = False,
    ) -> Any:
        loop = asyncio.get_running_loop()
        job = Job(principal, work, within_seconds or self._within_seconds, loop, shared=shared)
        queue.put(job, lanes=self._lanes)
        return await job.outcome(self._patience_seconds)

    def _wait_for(
        self, queue: JobQueue, principal: Principal, work: Callable[[Session], Any], within_seconds: float | None
    ) -> Any:
        job = Job(principal, work, within_seconds or self._within_seconds)
        queue.put(job)
        return job.wait(self._patience_seconds)

    def _start(self) -> None:
        for thread in self._threads:
            thread.start()

    @abstractmethod
    def _serve_writes(self) -> None:
        """Do the writes until their queue is closed. Runs on a writer thread."""

    @abstractmethod
    def _serve_reads(self) -> None:
        """Do the reads until their queue is closed. Runs on a reader thread."""

    @abstractmethod
    def _disconnect(self) -> None:
        """Close what is left open once the threads have ended."""
