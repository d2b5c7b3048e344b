"""Wake-ups: none is lost, many count as one, any thread may call."""

import asyncio
import threading

import pytest

from helpdesk.workers.wake import Wake

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_asked_before_anybody_waits() -> None:
    """A wake-up that comes before the first wait is not lost."""
    wake = Wake()
    wake()
    assert await wake.wait(10)
    assert not await wake.wait(0)


async def test_many_count_as_one() -> None:
    """Wake-ups that come together wake once."""
    wake = Wake()
    for _ in range(5):
        wake()
    assert await wake.wait(10)
    assert not await wake.wait(0.01)


async def test_from_another_thread() -> None:
    """Of many waits none outlasts a wake-up that came after the one before."""
    wake = Wake()
    answered = threading.Semaphore(0)

    def call() -> None:
        for _ in range(500):
            wake()
            assert answered.acquire(timeout=10)

    thread = threading.Thread(target=call)
    thread.start()
    for _ in range(500):
        assert await wake.wait(10)
        answered.release()
    await asyncio.to_thread(thread.join)


async def test_nobody_waits_any_more() -> None:
    """A wake-up after its loop's end harms nobody."""
    wake = Wake()

    def run_and_end() -> None:
        asyncio.run(wake.wait(0))

    await asyncio.to_thread(run_and_end)
    wake()
