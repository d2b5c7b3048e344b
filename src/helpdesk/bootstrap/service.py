"""The running service: its parts started in the order in which they need each other, stopped in the reverse one."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec
import structlog

from helpdesk.bootstrap import logs
from helpdesk.bootstrap.claim import claimed
from helpdesk.bootstrap.parts import Parts
from helpdesk.contracts.channels import Gateway, Listener
from helpdesk.settings import Settings

_log = structlog.get_logger("helpdesk.service")

SERVICE_FILE = "service.json"
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_HANG_UP_SECONDS = 2.0
"""How long plugins may take to close what they hold open, once nothing is awaited of them."""


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
        status = asyncio.run(_serve(Parts(settings), begun))
    left = _left_behind()
    if left:
        _log.warning("ending without what plugins left at work", threads=left)
        logging.shutdown()
        os._exit(status)
    return status


def _left_behind() -> list[str]:
    """Return the names of threads that have not ended: ours have by now, and the interpreter would wait for some.

    A daemon is waited for as well, where it is one of an executor's.
    """
    others = [each for each in threading.enumerate() if each is not threading.current_thread()]
    ends = time.monotonic() + _HANG_UP_SECONDS
    for thread in others:
        thread.join(max(0.0, ends - time.monotonic()))
    return [each.name for each in others if each.is_alive()]


async def _serve(parts: Parts, begun: float) -> int:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
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
    running.push_async_callback(parts.plugins.end, _HANG_UP_SECONDS)
    await _begin(running, parts.supervisor.start, parts.supervisor.stop)
    if parts.api is not None:
        await _begin(running, parts.api.start, parts.api.stop)
    await _listen(running, parts.listeners, parts.intake, parts.settings.drain_seconds + _HANG_UP_SECONDS)
    file = parts.settings.data_dir / SERVICE_FILE
    await _describe(parts, file)
    running.callback(file.unlink, missing_ok=True)
    parts.has_started = True


async def _begin(
    running: contextlib.AsyncExitStack, start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]]
) -> None:
    await start()
    running.push_async_callback(stop)


async def _listen(
    running: contextlib.AsyncExitStack, listeners: Mapping[str, Listener], gateway: Gateway, grace_seconds: float
) -> None:
    """Start the channels' ways in, together; they are stopped together, within the grace.

    One that fails by a fault of its own is left out, as a plugin that cannot be loaded is.

    Raises:
        OSError: a port cannot be bound: that is the operator's to mend, so the service does not start.
    """
    begun: dict[str, Listener] = {}
    running.push_async_callback(_hang_up, begun, grace_seconds)
    outcomes = await asyncio.gather(
        *(_start_one(kind, listener, gateway, begun) for kind, listener in listeners.items()), return_exceptions=True
    )
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


async def _start_one(kind: str, listener: Listener, gateway: Gateway, begun: dict[str, Listener]) -> None:
    try:
        await listener.start(gateway)
    except OSError:
        raise
    except Exception:
        _log.exception("channel takes nothing in", channel=kind)
        return
    begun[kind] = listener


async def _hang_up(begun: Mapping[str, Listener], grace_seconds: float) -> None:
    await asyncio.gather(*(_stop_one(kind, listener, grace_seconds) for kind, listener in begun.items()))


async def _stop_one(kind: str, listener: Listener, grace_seconds: float) -> None:
    try:
        async with asyncio.timeout(grace_seconds):
            await listener.stop()
    except TimeoutError:
        _log.error("channel did not stop in time", channel=kind, seconds=grace_seconds)
    except Exception:
        _log.exception("channel did not stop as it should", channel=kind)


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
