"""Channels that are as bad as can be without harm to the machine; ``over`` lets go of whatever they hold."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from helpdesk.contracts.channels import Gateway
from helpdesk.contracts.hookspecs import hookimpl


class Bad:
    """A channel and both its sides; ``kind`` says how it is bad once it has begun."""

    answers = True

    def __init__(self, kind: str, over: threading.Event) -> None:
        self.kind = kind
        self.begun = threading.Event()
        self._over = over
        self._tasks: list[asyncio.Task[None]] = []

    def settings(self) -> Mapping[str, str]:
        return {}

    def normalise(self, address: str) -> str:
        return address.lower()

    def listener(self, settings: Mapping[str, Any]) -> "Bad":
        return self

    def sender(self, settings: Mapping[str, Any]) -> None:
        return None

    async def start(self, gateway: Gateway) -> None:
        if self.kind == "early_leaver":
            raise SystemExit(3)
        behave: Callable[[], Any] = getattr(self, f"_{self.kind}")
        self._tasks.append(asyncio.create_task(self._behave(behave)))

    async def stop(self) -> None:
        while not self._over.is_set():  # it listens to nobody who wants it to end
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)

    async def _behave(self, behave: Callable[[], Any]) -> None:
        await asyncio.sleep(0)  # its start is over by now
        self.begun.set()
        behave()

    def _sleeper(self) -> None:
        self._over.wait()

    def _spinner(self) -> None:
        while not self._over.is_set():
            pass

    def _raiser(self) -> None:
        raise RuntimeError("a bug")

    def _leaver(self) -> None:
        raise SystemExit(3)

    def _stayer(self) -> None:
        """Do nothing, and do not stop either."""


KINDS = ("sleeper", "spinner", "raiser", "leaver", "early_leaver", "stayer")


def plugin(channel: Bad) -> object:
    """Return what an entry point would lead to."""
    return SimpleNamespace(register_channel=hookimpl(lambda: channel))
