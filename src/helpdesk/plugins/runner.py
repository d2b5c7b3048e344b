"""What a plugin runs in: an event loop of its own, in a thread of its own.

Code that blocks or spins there stops that loop and no other; an exit passes out of the loop, and the loop goes on. The
thread is a daemon: one that hangs for ever keeps no process from ending.
"""

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import structlog

from helpdesk.contracts.channels import TemporaryFailure
from helpdesk.kernel.errors import Unavailable
from helpdesk.plugins.crossing import Crossing, post
from helpdesk.plugins.questions import Questions
from helpdesk.plugins.stacks import stack_of

T = TypeVar("T")

_log = structlog.get_logger("helpdesk.plugins")

STANDING_SECONDS = 5.0
"""After so long without a turn of its loop a plugin's code is said to stand still."""
ASKED_SECONDS = 30.0
"""How long a plugin may take to make one of its sides, and to begin."""
MOST_GIVEN_UP = 64
"""Calls that nobody waits for any more and the plugin has not ended: with more it is called no further."""
_LAST_SECONDS = 1.0
"""How long what is left in an ending loop may take to note that it is cancelled."""


class PluginFailed(RuntimeError):
    """A plugin's code ended in a way that no caller can take: it tried to end the process, or was late at the start."""


class Runner:
    """Runs one plugin's code. Its thread begins with the first call."""

    def __init__(self, plugin: str) -> None:
        self.plugin = plugin
        self.questions = Questions(plugin)
        """What it is asked without being awaited is answered beside its loop: that may stand, or be at work."""
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._note)
        self._thread: threading.Thread | None = None
        self._ending = False
        self._finishing = False
        self._on_end: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._given_up: set[Crossing[Any]] = set()
        self._beat_at: float | None = None
        """Since when a sign of life is awaited, by the monotonic clock."""
        self._told_at: float | None = None
        """Since when it stands still, where that was said."""

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """Have ``work`` done in the plugin's loop; return what it returns, raise what it raises.

        Raises:
            TemporaryFailure: too much is left there that was told to end.
            PluginFailed: it tried to end the process.
            Unavailable: the loop has ended.
        """
        if len(self._given_up) >= MOST_GIVEN_UP:
            raise TemporaryFailure(f"{self.plugin} has not ended {MOST_GIVEN_UP} calls that nobody waits for any more")
        self._begin()
        crossing = _Call(self, work)
        try:
            return await crossing.outcome()
        except asyncio.CancelledError:
            self._give_up(crossing)
            raise

    def make(self, side: Callable[[], T]) -> T:
        """Have ``side``, which awaits nothing, done within the plugin's loop; the caller stands still meanwhile.

        Raises:
            PluginFailed: it took too long, or tried to end the process. Else what it raises.
        """
        self._begin()
        made: concurrent.futures.Future[T] = concurrent.futures.Future()

        def work() -> None:
            try:
                made.set_result(side())
            except Exception as error:
                made.set_exception(error)
            except BaseException as error:
                made.set_exception(self.failure(error))

        self._loop.call_soon_threadsafe(work)
        done, _ = concurrent.futures.wait([made], ASKED_SECONDS)
        if not done:
            raise PluginFailed(f"{self.plugin} did not answer within {ASKED_SECONDS:g} s")
        return made.result()

    def failure(self, error: BaseException) -> Exception:
        """Return what is said of an error of the plugin's that must not pass through the service."""
        if isinstance(error, SystemExit | KeyboardInterrupt):
            failed = PluginFailed(f"{self.plugin} tried to end the process")
        else:
            failed = PluginFailed(f"{self.plugin} ended with {type(error).__name__}")
        failed.__cause__ = error
        return failed

    @property
    def standing_seconds(self) -> float:
        """For how long its code has stood still; 0 where that is no longer than it may."""
        beat_at = self._beat_at
        stood = 0.0 if beat_at is None else time.monotonic() - beat_at
        return max(stood if stood >= STANDING_SECONDS else 0.0, self.questions.standing_seconds)

    def look(self) -> None:
        """Look whether the loop turns; say it once when it does not, and when it does again. Called every second."""
        now = time.monotonic()
        beat_at = self._beat_at
        if self._told_at is not None and beat_at != self._told_at:
            _log.warning("a plugin goes on", plugin=self.plugin, stood_seconds=round(now - self._told_at, 1))
            self._told_at = None
        if self._thread is None or self._ending:
            return
        if beat_at is None:
            self._beat_at = now
            self._loop.call_soon_threadsafe(self._beat)
        elif now - beat_at >= STANDING_SECONDS and self._told_at is None:
            self._told_at = beat_at
            stood = round(now - beat_at, 1)
            _log.error("a plugin stands still", plugin=self.plugin, stood_seconds=stood, at=stack_of(self._thread))

    async def end(self, within_seconds: float) -> bool:
        """End the loop; say whether it ended in time. One that stands still is left to the process's end."""
        self._ending = True
        self.questions.end()
        if self._thread is None:
            self._loop.close()
            return True
        over = asyncio.Event()
        self._on_end = partial(post, asyncio.get_running_loop(), over.set)
        try:
            post(self._loop, self._stop)
            async with asyncio.timeout(within_seconds):
                await over.wait()
        except TimeoutError:
            _log.error("a plugin does not end", plugin=self.plugin, at=stack_of(self._thread))
            return False
        except Unavailable:
            pass  # it is closed already
        return True

    def ended(self, crossing: Crossing[Any]) -> None:
        """Forget a call, of which nothing is left in the loop."""
        with self._lock:
            self._given_up.discard(crossing)

    def _give_up(self, crossing: "_Call[Any]") -> None:
        with self._lock:
            if not crossing.is_over:
                self._given_up.add(crossing)

    def _begin(self) -> None:
        if self._ending:
            raise Unavailable(f"{self.plugin} has ended")
        if self._thread is None:
            self._thread = threading.Thread(target=self._turn, name=f"plugin {self.plugin}", daemon=True)
            self._thread.start()

    def _beat(self) -> None:
        self._beat_at = None

    def _note(self, _: asyncio.AbstractEventLoop, said: dict[str, Any]) -> None:
        """Say what went wrong in the loop and nobody asks for: a task that failed, a callback that raised."""
        _log.error(str(said["message"]), plugin=self.plugin, exc_info=said.get("exception"))

    def _stop(self) -> None:
        if not self._finishing:
            self._loop.stop()

    def _turn(self) -> None:
        """Run the loop until it is ended: what passes out of it was meant to end the process, and ends nothing."""
        asyncio.set_event_loop(self._loop)
        while not self._ending and not self._loop.is_closed():
            self._guarded(self._loop.run_forever)
        self._finishing = True
        if not self._loop.is_closed():
            self._guarded(lambda: self._loop.run_until_complete(self._cancel_what_is_left()))
        self._loop.close()
        with suppress(Unavailable):
            self._on_end()

    def _guarded(self, run: Callable[[], None]) -> None:
        try:
            run()
        except BaseException:
            _log.exception("a plugin tried to end the process", plugin=self.plugin)

    async def _cancel_what_is_left(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=_LAST_SECONDS)


class _Call(Crossing[T]):
    """A call of a plugin's code."""

    is_over = False
    """Whether nothing of it is left in the plugin's loop."""

    def __init__(self, runner: Runner, work: Callable[[], Awaitable[T]]) -> None:
        super().__init__(runner._loop, work)
        self._runner = runner

    def ended(self) -> None:
        self.is_over = True
        self._runner.ended(self)

    def failed(self, error: BaseException) -> Exception:
        return self._runner.failure(error)
