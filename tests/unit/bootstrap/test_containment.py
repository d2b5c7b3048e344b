"""A plugin's exit is its own."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from helpdesk.bootstrap.containment import ExitRefused, contain, contained


async def _leave() -> None:
    raise SystemExit(3)


async def _in_a_task() -> None:
    await asyncio.create_task(_leave())


async def _in_a_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_leave())


@pytest.mark.parametrize("begin", [_leave, _in_a_task])
def test_an_exit_is_an_error(begin: Callable[[], Awaitable[None]]) -> None:
    """Whether it comes at once or from a task begun within, the loop goes on."""

    async def service() -> str:
        contain(asyncio.get_running_loop())
        with pytest.raises(ExitRefused, match="folder"), contained("folder"):
            await begin()
        return "goes on"

    assert asyncio.run(service()) == "goes on"


def test_a_task_that_lives_on_is_held_back_too() -> None:
    """What a listener began goes on after its start; a group of its own fails as with any other error."""

    async def service() -> BaseException | None:
        contain(asyncio.get_running_loop())
        with contained("folder"):
            task = asyncio.create_task(_in_a_group())
        await asyncio.wait([task])
        return task.exception()

    failed = asyncio.run(service())
    assert isinstance(failed, ExceptionGroup)
    assert isinstance(failed.exceptions[0], ExitRefused)


def test_what_is_ours_may_end_the_process() -> None:
    """Outside of it nothing is changed: an exit is an exit."""

    async def service() -> None:
        contain(asyncio.get_running_loop())
        await _in_a_task()

    with pytest.raises(SystemExit):
        asyncio.run(service())
