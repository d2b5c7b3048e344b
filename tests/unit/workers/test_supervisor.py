"""The supervisor: order, restarts, health, draining."""

import asyncio
from collections.abc import Callable

import pytest

from helpdesk.workers import supervisor as module
from helpdesk.workers.supervisor import Supervisor, WorkerState

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Plain:
    """A worker that does as told: how often to crash before it is at work, and whether it ends when asked."""

    def __init__(self, name: str, log: list[str], *, crashes: int = 0, stubborn: bool = False) -> None:
        self.name = name
        self.at_work = asyncio.Event()
        self._log = log
        self._crashes = crashes
        self._stubborn = stubborn
        self._asked = asyncio.Event()

    async def run(self, ready: Callable[[], None]) -> None:
        self._log.append(f"{self.name} runs")
        if self._crashes:
            self._crashes -= 1
            raise SystemExit(3) if self._crashes % 2 else LookupError("broken")
        ready()
        self.at_work.set()
        await self._asked.wait()
        if self._stubborn:
            await asyncio.Event().wait()
        self._log.append(f"{self.name} ends")

    def stop(self) -> None:
        self._asked.set()


async def test_stopped_in_the_reverse_order() -> None:
    """Each finishes before the one started before it is asked to."""
    log: list[str] = []
    workers = [Plain(name, log) for name in "abc"]
    supervisor = Supervisor(workers)
    assert not supervisor.ready
    await supervisor.start()
    for worker in workers:
        await worker.at_work.wait()
    assert supervisor.ready
    await supervisor.stop()
    assert log == ["a runs", "b runs", "c runs", "c ends", "b ends", "a ends"]
    assert {health.state for health in supervisor.health().values()} == {WorkerState.STOPPED}
    assert not supervisor.ready


async def test_a_crashed_worker_is_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it raises, it is restarted with a growing pause; the others do not notice."""
    monkeypatch.setattr(module, "FIRST_BACKOFF_SECONDS", 0.001)
    log: list[str] = []
    bad, good = Plain("bad", log, crashes=4), Plain("good", log)
    supervisor = Supervisor([bad, good])
    await supervisor.start()
    async with asyncio.timeout(10):
        await bad.at_work.wait()
    health = supervisor.health()
    assert (health["bad"].restarts, health["bad"].error) == (4, "LookupError: broken")
    assert health["good"].restarts == 0
    assert supervisor.ready
    await supervisor.stop()


async def test_what_does_not_finish_is_cancelled() -> None:
    """The time for draining is shared; when it is over, stop returns all the same."""
    log: list[str] = []
    stubborn, good = Plain("stubborn", log, stubborn=True), Plain("good", log)
    supervisor = Supervisor([good, stubborn], drain_seconds=0.05)
    await supervisor.start()
    await stubborn.at_work.wait()
    await good.at_work.wait()
    async with asyncio.timeout(5):
        await supervisor.stop()
    assert "good ends" in log
    assert "stubborn ends" not in log


async def test_stopped_while_it_waits_to_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause before a restart does not hold up stopping."""
    monkeypatch.setattr(module, "FIRST_BACKOFF_SECONDS", 60.0)
    log: list[str] = []
    supervisor = Supervisor([Plain("bad", log, crashes=1)])
    await supervisor.start()
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await supervisor.stop()
    assert log == ["bad runs"]
