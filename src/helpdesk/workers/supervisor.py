"""Keeps workers running: starts them in order, restarts the crashed with a backoff, stops in reverse, drains."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

_log = logging.getLogger(__name__)

FIRST_BACKOFF_SECONDS = 0.1
LAST_BACKOFF_SECONDS = 10.0
STEADY_SECONDS = 10.0
"""A worker that ran this long starts its backoff anew."""
DRAIN_SECONDS = 10.0
"""How long all workers together may take to finish what they have begun."""


class Worker(Protocol):
    """Something that runs until it is told to stop."""

    @property
    def name(self) -> str:
        """Its name in logs and in the health report."""
        ...

    async def run(self, ready: Callable[[], None]) -> None:
        """Work until ``stop``; call ``ready`` once at work. Returns when what was begun is finished.

        What it raises counts as a crash, and it is run again.
        """
        ...

    def stop(self) -> None:
        """Ask ``run`` to finish. Quick; calling it twice does nothing more."""
        ...


class WorkerState(StrEnum):
    """How a worker stands."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPED = "stopped"


class WorkerHealth(Struct):
    """What the health report says of a worker."""

    state: WorkerState = WorkerState.STARTING
    restarts: int = 0
    error: str = ""
    """The last crash."""


class Supervisor:
    """Runs ``workers``, started in this order and stopped in the reverse one."""

    def __init__(self, workers: Sequence[Worker], *, drain_seconds: float = DRAIN_SECONDS) -> None:
        self._workers = tuple(workers)
        self._drain_seconds = drain_seconds
        self._health = {worker.name: WorkerHealth() for worker in workers}
        assert len(self._health) == len(self._workers), "two workers of one name"
        self._tasks: list[tuple[Worker, asyncio.Task[None]]] = []
        self._stopping = asyncio.Event()

    @property
    def ready(self) -> bool:
        """Whether every worker is at work."""
        return all(health.state is WorkerState.READY for health in self._health.values())

    def health(self) -> dict[str, WorkerHealth]:
        """Return each worker's health by its name."""
        return dict(self._health)

    async def start(self) -> None:
        """Start the workers; returns at once."""
        assert not self._tasks, "started twice"
        for worker in self._workers:
            self._tasks.append((worker, asyncio.create_task(self._keep(worker), name=worker.name)))

    async def stop(self) -> None:
        """Stop the last started first; cancel those still at work when the time for draining is over."""
        self._stopping.set()
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._drain_seconds
        for worker, task in reversed(self._tasks):
            worker.stop()
            await asyncio.wait({task}, timeout=max(0.0, ends - loop.time()))
            if not task.done():
                _log.warning("%s did not finish in time", worker.name)
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            self._health[worker.name].state = WorkerState.STOPPED
        self._tasks.clear()

    async def _keep(self, worker: Worker) -> None:
        health = self._health[worker.name]
        loop = asyncio.get_running_loop()
        backoff = FIRST_BACKOFF_SECONDS

        def ready() -> None:
            health.state = WorkerState.READY

        while not self._stopping.is_set():
            began = loop.time()
            try:
                await worker.run(ready)
                if self._stopping.is_set():
                    return
                health.error = "it ended by itself"
                _log.error("%s ended by itself", worker.name)
            except (Exception, SystemExit) as problem:  # a plugin below it may try to exit
                health.error = f"{type(problem).__name__}: {problem}"
                _log.exception("%s crashed", worker.name)
            health.state = WorkerState.RESTARTING
            health.restarts += 1
            if loop.time() - began >= STEADY_SECONDS:
                backoff = FIRST_BACKOFF_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), backoff)
            backoff = min(backoff * 2, LAST_BACKOFF_SECONDS)
