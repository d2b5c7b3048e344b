"""From one event loop into another and back: a call is worked on there, and its outcome awaited here."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from typing import Generic, TypeVar

from helpdesk.kernel.errors import Unavailable

T = TypeVar("T")


class Crossing(Generic[T]):
    """One call from the running loop into the loop ``there``.

    Whoever waits for it and is cancelled is free at once, whatever the other side does: what was not begun there by
    then never begins, what was is cancelled. Nothing of the caller's context goes along.
    """

    def __init__(self, there: asyncio.AbstractEventLoop, work: Callable[[], Awaitable[T]]) -> None:
        self._there = there
        self._here = asyncio.get_running_loop()
        self._outcome: asyncio.Future[T] = self._here.create_future()
        self._work: Callable[[], Awaitable[T]] | None = work
        self._task: asyncio.Task[None] | None = None

    async def outcome(self) -> T:
        """Return what the call returns; raises what it raises.

        Raises:
            Unavailable: the other loop is closed.
        """
        post(self._there, self._begin)
        try:
            return await self._outcome
        except asyncio.CancelledError:
            self._work = None
            with suppress(Unavailable):
                post(self._there, self._cancel)
            raise

    def ended(self) -> None:
        """Note, on the other side, that nothing of the call is left there."""

    def failed(self, error: BaseException) -> Exception:
        """Return, on the other side, what the caller is told of an error that is no ``Exception``."""
        return RuntimeError(f"it ended with {type(error).__name__}")

    def _begin(self) -> None:
        work = self._work
        if work is None:
            self.ended()
        else:
            self._task = self._there.create_task(self._run(work), context=Context())
            self._task.add_done_callback(lambda _: self.ended())

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self, work: Callable[[], Awaitable[T]]) -> None:
        try:
            result = await work()
        except Exception as error:
            self._tell(self._outcome.set_exception, error)
        except BaseException as error:
            self._tell(self._outcome.set_exception, self.failed(error))
        else:
            self._tell(self._outcome.set_result, result)

    def _tell(self, settle: Callable[[T], None] | Callable[[Exception], None], what: T | Exception) -> None:
        def told() -> None:
            if not self._outcome.done():
                settle(what)  # type: ignore[arg-type]  # each with its own

        with suppress(Unavailable):  # nobody is left who waits
            post(self._here, told)


async def cross(there: asyncio.AbstractEventLoop, work: Callable[[], Awaitable[T]]) -> T:
    """Have ``work`` done in the loop ``there``; return what it returns, raise what it raises.

    Raises:
        Unavailable: that loop is closed.
    """
    return await Crossing(there, work).outcome()


def post(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    """Have ``callback`` run in ``loop``, soon, in no context of ours.

    Raises:
        Unavailable: the loop is closed.
    """
    try:
        loop.call_soon_threadsafe(callback, context=Context())
    except RuntimeError:
        raise Unavailable("it has ended") from None
