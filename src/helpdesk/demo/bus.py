"""A subscriber on NATS, as any integrator would write it: a plain subscription to the published events."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

EVERYTHING = "hd.v1.>"

Event = dict[str, Any]


class Bus:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Event]] = []
        """Subject and payload, in the order of arrival."""
        self._client: Client | None = None
        self._arrived = asyncio.Event()

    async def start(self, url: str) -> None:
        """Connect and subscribe; return once the server has the subscription."""
        self._client = await nats.connect(url, name="helpdesk demo", max_reconnect_attempts=3)
        await self._client.subscribe(EVERYTHING, cb=self._keep)
        await self._client.flush()

    async def stop(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.close()

    async def expect(self, wanted: Callable[[str, Event], bool], timeout_seconds: float) -> Event:
        """Return the first event that is ``wanted``, waiting for it.

        Raises:
            TimeoutError: none came in time.
        """
        async with asyncio.timeout(timeout_seconds):
            while True:
                self._arrived.clear()
                for subject, event in self.events:
                    if wanted(subject, event):
                        return event
                await self._arrived.wait()

    async def _keep(self, message: Msg) -> None:
        self.events.append((message.subject, msgspec.json.decode(message.data, type=Event)))
        self._arrived.set()
