"""What a plugin's way in begins in our loop cannot end the process.

asyncio lets ``SystemExit`` pass out of any task, through the loop, and the service would be gone with it. Tasks that a
listener begins are told by the context that they inherit; in them it is an error like any other.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Generator, Iterator
from contextvars import Context, ContextVar
from typing import Any, TypeVar

import structlog

T = TypeVar("T")

_log = structlog.get_logger("helpdesk.plugins")

_WHOSE: ContextVar[str] = ContextVar("whose", default="")


class ExitRefused(RuntimeError):
    """A plugin tried to end the process."""


@contextlib.contextmanager
def contained(plugin: str) -> Iterator[None]:
    """Mark what is begun within as ``plugin``'s.

    Raises:
        ExitRefused: what ran within tried to end the process.
    """
    token = _WHOSE.set(plugin)
    try:
        yield
    except SystemExit as end:
        raise ExitRefused(f"{plugin} tried to end the process") from end
    finally:
        _WHOSE.reset(token)


def contain(loop: asyncio.AbstractEventLoop) -> None:
    """Have ``loop`` hold back the exits of whatever was begun within ``contained``."""
    loop.set_task_factory(_task)


def _task(
    loop: asyncio.AbstractEventLoop,
    coro: Coroutine[Any, Any, T] | Generator[Any, None, T],
    *,
    context: Context | None = None,
    **others: Any,
) -> asyncio.Task[T]:
    plugin = _WHOSE.get() if context is None else context.get(_WHOSE, "")
    begun = _holding_back(coro, plugin) if plugin and isinstance(coro, Coroutine) else coro
    return asyncio.Task(begun, loop=loop, context=context, **others)


async def _holding_back(coro: Coroutine[Any, Any, T], plugin: str) -> T:
    try:
        with contained(plugin):
            return await coro
    except ExitRefused:
        _log.exception("what a channel began is over", channel=plugin)  # whoever holds the task may never ask for it
        raise
