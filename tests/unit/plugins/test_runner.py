"""A plugin's code stops its own loop and nobody else's, whatever it does there."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar

import pytest
from structlog.testing import capture_logs

from helpdesk.contracts.channels import TemporaryFailure
from helpdesk.kernel.errors import Unavailable
from helpdesk.plugins import runner as runners
from helpdesk.plugins.runner import MOST_GIVEN_UP, PluginFailed, Runner

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def runner() -> AsyncIterator[Runner]:
    made = Runner("folder")
    yield made
    assert await made.end(30)


class Block:
    """Code that blocks its thread until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self._over = threading.Event()
        self.times = 0

    def hold(self) -> None:
        self.times += 1
        self.begun.set()
        self._over.wait()

    async def send(self) -> str:
        self.hold()
        return "sent"

    def let_go(self) -> None:
        self._over.set()


@pytest.fixture
def block() -> Block:
    return Block()


async def _soon() -> str:
    return threading.current_thread().name


async def _given_up(runner: Runner, block: Block) -> None:
    """Call what blocks, and wait for it no longer."""
    call = asyncio.ensure_future(runner.call(block.send))
    await asyncio.to_thread(block.begun.wait)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_calls_run_in_the_plugins_thread(runner: Runner) -> None:
    """One thread and one loop for all that is called, made in or asked of a plugin that awaits."""
    assert await runner.call(_soon) == "plugin folder"
    loops = {await runner.call(_loop), await runner.call(_loop), runner.make(asyncio.get_running_loop)}
    assert len(loops) == 1
    assert asyncio.get_running_loop() not in loops


async def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


async def test_errors_come_back_as_they_are(runner: Runner) -> None:
    """So that a failure that is temporary is one."""

    async def fail() -> None:
        raise TemporaryFailure("busy", retry_after_seconds=7)

    with pytest.raises(TemporaryFailure, match="busy") as caught:
        await runner.call(fail)
    assert caught.value.retry_after_seconds == 7


@pytest.mark.parametrize("end", [SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError(), GeneratorExit()])
async def test_an_end_is_an_error(runner: Runner, end: BaseException) -> None:
    """What would end the process, or the task of whoever asked, is a failed call; the loop goes on."""

    async def leave() -> None:
        raise end

    with pytest.raises(PluginFailed, match="folder"):
        await runner.call(leave)
    with pytest.raises(PluginFailed, match="folder"):
        runner.make(lambda: (_ for _ in ()).throw(end))
    assert await runner.call(_soon)


async def test_what_a_plugin_began_may_not_end_the_process(runner: Runner) -> None:
    """A task or a callback that exits: said in the log, and the loop goes on; whoever awaits the task fails."""

    def leave() -> None:
        raise SystemExit(3)

    async def leaving() -> None:
        leave()

    async def begin() -> None:
        asyncio.get_running_loop().call_soon(leave)
        await asyncio.create_task(leaving())

    with capture_logs() as said, pytest.raises(PluginFailed):
        await runner.call(begin)
    assert {each["event"] for each in said} == {"a plugin tried to end the process"}
    assert await runner.call(_soon)


async def test_what_nobody_asks_for_is_said_with_the_plugins_name(runner: Runner) -> None:
    """A callback that raises; so does a task that failed and is forgotten."""

    def fail() -> None:
        raise ValueError("a bug")

    async def begin() -> None:
        asyncio.get_running_loop().call_soon(fail)
        await asyncio.sleep(0)

    with capture_logs() as said:
        await runner.call(begin)
    assert [(each["plugin"], type(each["exc_info"])) for each in said] == [("folder", ValueError)]


async def test_a_plugin_that_stops_its_loop_goes_on(runner: Runner) -> None:
    """The loop is not its own to stop."""

    async def stop() -> None:
        asyncio.get_running_loop().stop()

    await runner.call(stop)
    assert await runner.call(_soon)


async def test_who_waits_is_free_while_the_plugin_blocks(runner: Runner, block: Block) -> None:
    """A budget that is over is over at once; what was not begun by then is never begun."""
    await _given_up(runner, block)
    later = asyncio.ensure_future(runner.call(block.send))
    await asyncio.sleep(0)
    later.cancel()
    await asyncio.wait([later])
    block.let_go()
    assert await runner.call(_soon)
    assert block.times == 1


async def test_a_call_is_cancelled_on_the_other_side(runner: Runner) -> None:
    """What awaits there is told that nobody waits any more."""
    begun, cancelled = asyncio.Event(), asyncio.Event()
    here = asyncio.get_running_loop()

    async def linger() -> None:
        here.call_soon_threadsafe(begun.set)
        try:
            await asyncio.Event().wait()
        finally:
            here.call_soon_threadsafe(cancelled.set)

    call = asyncio.ensure_future(runner.call(linger))
    await begun.wait()
    call.cancel()
    await cancelled.wait()
    await asyncio.wait([call])
    assert call.cancelled()


async def test_a_plugin_that_does_not_end_its_calls_is_called_no_further(runner: Runner) -> None:
    """It would gather them for ever; once it has ended them it is called again."""
    let_go = await runner.call(_event)
    here, begun = asyncio.get_running_loop(), asyncio.Semaphore(0)

    async def stay() -> None:
        here.call_soon_threadsafe(begun.release)
        while not let_go.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await let_go.wait()

    calls = [asyncio.ensure_future(runner.call(stay)) for _ in range(MOST_GIVEN_UP)]
    for _ in calls:
        await begun.acquire()
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)
    with pytest.raises(TemporaryFailure, match="has not ended"):
        await runner.call(_soon)
    runner.make(let_go.set)
    while True:
        with contextlib.suppress(TemporaryFailure):
            assert await runner.call(_soon)
            return
        await asyncio.sleep(0)


async def _event() -> asyncio.Event:
    return asyncio.Event()


async def test_nothing_of_the_callers_context_goes_along(runner: Runner) -> None:
    """Neither what the service keeps in its context, nor what one call of the plugin left in its own."""
    kept: ContextVar[str] = ContextVar("kept", default="")
    kept.set("ours")

    async def look() -> str:
        found = kept.get()
        kept.set("the plugin's")
        return found

    assert [await runner.call(look), await runner.call(look)] == ["", ""]
    assert kept.get() == "ours"


async def test_standing_still_is_said_once_and_so_is_going_on(
    runner: Runner, block: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line with the plugin and where it stands; one when it turns again; asked meanwhile, it is named."""
    monkeypatch.setattr(runners, "STANDING_SECONDS", 0.0)
    await _given_up(runner, block)
    with capture_logs() as said:
        for _ in range(3):
            runner.look()
        assert runner.standing_seconds > 0
        block.let_go()
        assert await runner.call(_soon)
        runner.look()
    assert [(each["event"], each["plugin"]) for each in said] == [
        ("a plugin stands still", "folder"),
        ("a plugin goes on", "folder"),
    ]
    assert "hold" in said[0]["at"]
    monkeypatch.undo()
    assert await runner.call(_soon)
    assert runner.standing_seconds == 0


async def test_one_that_blocks_is_left_behind(block: Block) -> None:
    """The end waits as long as it may, says where the plugin stands, and what comes later is refused."""
    runner = Runner("folder")
    await _given_up(runner, block)
    with capture_logs() as said:
        assert not await runner.end(0.0)
    block.let_go()
    assert said[0]["event"] == "a plugin does not end"
    with pytest.raises(Unavailable):
        await runner.call(_soon)


async def test_what_is_left_in_an_ending_loop_is_cancelled() -> None:
    """As at the end of any program; the thread is gone with it."""
    runner, cancelled = Runner("folder"), threading.Event()

    async def linger() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async def begin() -> asyncio.Task[None]:
        task = asyncio.create_task(linger())
        await asyncio.sleep(0)
        return task

    kept = await runner.call(begin)
    assert await runner.end(30)
    assert cancelled.is_set()
    assert kept.done()


def test_a_loop_that_was_never_needed_has_no_thread() -> None:
    """Plugins that only read addresses cost nothing."""
    runner = Runner("phone")
    runner.look()
    assert not {"plugin phone", "asked phone"} & {each.name for each in threading.enumerate()}
    assert asyncio.run(runner.end(0.0))


def test_a_side_that_is_not_made_in_time_is_a_failure(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    """The start goes on without it."""
    monkeypatch.setattr(runners, "ASKED_SECONDS", 0.0)
    runner: Runner = Runner("folder")
    make: Callable[[], None] = block.hold
    with pytest.raises(PluginFailed, match="did not answer"):
        runner.make(make)
    block.let_go()
