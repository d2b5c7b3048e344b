"""What a plugin is asked without being awaited: how an address is written, whom it reaches, what fits.

Its code answers in a thread of its own, and who asked waits a moment and no longer. A plugin that does not answer in
that time is asked nothing more for a while, the longer the oftener it happens: what stands still with a question, be it
the service's loop or a transaction, stands still for few moments.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Any, TypeVar

import structlog

from helpdesk.kernel.errors import Unavailable
from helpdesk.plugins.stacks import stack_of

T = TypeVar("T")

_log = structlog.get_logger("helpdesk.plugins")

ANSWER_SECONDS = 1.0
"""How long who asks waits."""
FIRST_REST_SECONDS = 10.0
LAST_REST_SECONDS = 600.0
"""How long a plugin is asked nothing after it was late: twice as long as the last time, unless that is longer ago."""


class Questions:
    """Asks one plugin, from any thread. Its thread begins with the first question."""

    def __init__(self, plugin: str, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._plugin = plugin
        self._answer_seconds = answer_seconds
        self._asked: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._late: Future[Any] | None = None
        """The question that was not answered in time."""
        self._late_since = 0.0
        self._rests_until = float("-inf")
        self._rest_seconds = 0.0

    def ask(self, question: Callable[[], T]) -> T:
        """Return the plugin's answer, or raise what it raises.

        Raises:
            Unavailable: it did not answer in time, now or a while ago, or it tried to end the process.
        """
        if self._late is not None and (not self._late.done() or time.monotonic() < self._rests_until):
            raise Unavailable(f"the plugin {self._plugin} does not answer")
        answer: Future[T] = Future()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name=f"asked {self._plugin}", daemon=True)
                self._thread.start()
        begun = time.monotonic()
        self._asked.put((question, answer))
        done, _ = wait([answer], self._answer_seconds)
        if not done:
            answer.cancel()  # what it has not begun with it need not answer
            self._was_late(answer, begun)
            raise Unavailable(f"the plugin {self._plugin} does not answer")
        self._was_in_time()
        return answer.result()

    @property
    def standing_seconds(self) -> float:
        """For how long a late answer has been awaited; 0 where none is."""
        late = self._late
        return 0.0 if late is None or late.done() else time.monotonic() - self._late_since

    def end(self) -> None:
        """Ask nothing more."""
        self._asked.put(None)

    def _was_late(self, answer: Future[Any], begun: float) -> None:
        with self._lock:
            if self._late is not None and not self._late.done():
                return
            long_ago = begun - self._rests_until > LAST_REST_SECONDS
            self._rest_seconds = FIRST_REST_SECONDS if long_ago else min(2 * self._rest_seconds, LAST_REST_SECONDS)
            self._rests_until = time.monotonic() + self._rest_seconds
            self._late, self._late_since = answer, begun
            stood = stack_of(self._thread)
        _log.error("a plugin does not answer a question", plugin=self._plugin, at=stood)

    def _was_in_time(self) -> None:
        with self._lock:
            if self._late is None or not self._late.done():
                return
            self._late = None
        _log.warning("a plugin answers again", plugin=self._plugin)

    def _serve(self) -> None:
        while (asked := self._asked.get()) is not None:
            question, answer = asked
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(question())
            except Exception as error:
                answer.set_exception(error)
            except BaseException as error:
                ended = Unavailable(f"the plugin {self._plugin} ended with {type(error).__name__}")
                ended.__cause__ = error
                answer.set_exception(ended)
            del asked, question, answer  # an answer that nobody awaits any more is kept by nobody
