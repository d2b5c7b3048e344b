"""The running service: its parts started in the order in which they need each other, stopped in the reverse one."""

import asyncio
import contextlib
import gc
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import structlog

from helpdesk.bootstrap import logs
from helpdesk.bootstrap.claim import claimed
from helpdesk.bootstrap.containment import contain, contained
from helpdesk.bootstrap.parts import Parts
from helpdesk.contracts.channels import Gateway, Listener
from helpdesk.settings import Settings

_log = structlog.get_logger("helpdesk.service")

SERVICE_FILE = "service.json"
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(settings: Settings) -> int:
    """Run until told to stop; return the exit status.

    Raises:
        SettingsError: a plugin's setting is not valid.
        Unavailable: the database cannot be used, or another service runs over the same data folder.
        OSError: a port cannot be bound.
    """
    logs.configure(settings.log_level, settings.log_format)
    begun = time.monotonic()
    with claimed(settings.data_dir):
        return asyncio.run(_serve(Parts(settings), begun))


async def _serve(parts: Parts, begun: float) -> int:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    contain(loop)
    for number in _SIGNALS:
        loop.add_signal_handler(number, told.set)
    async with contextlib.AsyncExitStack() as running:
        running.push_async_callback(parts.close)
        await _start(parts, running)
        url = "" if parts.api is None else f"http://{parts.settings.http_host}:{parts.api.port}"
        _tidy()
        _log.info("ready", http=url, pid=os.getpid(), seconds=round(time.monotonic() - begun, 2))
        await _until(told, parts)
        _log.info("stopping")
    _log.info("stopped")
    return 0


def _tidy() -> None:
    """Have the garbage collector leave alone what was made at the start, and come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


async def _start(parts: Parts, running: contextlib.AsyncExitStack) -> None:
    """Start everything; what is started is stopped by ``running``, the last first.

    The ways in come last and go first: nothing is taken in that the rest cannot work on.
    """
    if parts.embedded is not None:
        await parts.embedded.start()
        running.push_async_callback(parts.embedded.stop)
    await _begin(running, parts.connection.start, parts.connection.stop)
    await _begin(running, parts.supervisor.start, parts.supervisor.stop)
    if parts.api is not None:
        await _begin(running, parts.api.start, parts.api.stop)
    for kind, listener in parts.listeners.items():
        await _listen(running, kind, listener, parts.intake)
    file = parts.settings.data_dir / SERVICE_FILE
    await _describe(parts, file)
    running.callback(file.unlink, missing_ok=True)


async def _begin(
    running: contextlib.AsyncExitStack, start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]]
) -> None:
    await start()
    running.push_async_callback(stop)


async def _listen(running: contextlib.AsyncExitStack, kind: str, listener: Listener, gateway: Gateway) -> None:
    """Start a channel's way in; one that fails by a fault of its own is left out, as a plugin that cannot be loaded is.

    Raises:
        OSError: its port cannot be bound: that is the operator's to mend, so the service does not start.
    """
    try:
        with contained(kind):
            await listener.start(gateway)
    except OSError:
        raise
    except Exception:
        _log.exception("channel takes nothing in", channel=kind)
        return
    running.push_async_callback(listener.stop)


async def _describe(parts: Parts, file: Path) -> None:
    """Write where the service is reached, readable by its owner only: the broker's address carries its token."""
    said: dict[str, object] = {"pid": os.getpid()}
    if parts.api is not None:
        said["http"] = f"http://{parts.settings.http_host}:{parts.api.port}"
    if parts.embedded is not None:
        endpoint = await parts.embedded.endpoint()
        said["nats"] = endpoint.servers[0].replace("nats://", f"nats://{endpoint.token}@")
    temporary = file.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(msgspec.json.encode(said))
    temporary.replace(file)


async def _until(told: asyncio.Event, parts: Parts) -> None:
    """Wait to be told to stop, or for the HTTP server to end by itself, which raises what ended it."""
    waiting: list[asyncio.Task[object]] = [asyncio.create_task(told.wait())]
    if parts.api is not None:
        waiting.append(asyncio.create_task(parts.api.wait()))
    try:
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task
    finally:
        for task in waiting:
            task.cancel()
