"""One connection to the broker, made again for as long as it is wanted.

Each link is a fresh client on which the streams have been ensured, because the broker may come back on another port,
with another secret, and with an empty store. Holders of an old link notice by its errors and take the present one.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from msgspec import Struct
from nats.aio.client import Client
from nats.errors import Error
from nats.js import JetStreamContext, api

from helpdesk.broker.endpoint import Broker
from helpdesk.broker.streams import Incarnation, ensure_stream, events_config, work_config

_log = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
REQUEST_SECONDS = 2.0
"""How long the broker may take to answer a request of ours."""
FIRST_BACKOFF_SECONDS = 0.05
LAST_BACKOFF_SECONDS = 2.0


class Link(Struct, frozen=True, eq=False):
    """One life of the connection, with both streams ensured on it."""

    number: int
    """Counts from 1."""
    client: Client
    js: JetStreamContext
    events: Incarnation
    work: Incarnation
    lost: asyncio.Event
    """Set once it is given up; then take the next one."""

    @property
    def alive(self) -> bool:
        """Whether it is connected and not given up."""
        return self.client.is_connected and not self.lost.is_set()


class Connection:
    """Keeps a link to the broker. ``name`` is shown in the broker's monitoring."""

    def __init__(
        self,
        broker: Broker,
        *,
        name: str = "helpdesk",
        events: api.StreamConfig | None = None,
        work: api.StreamConfig | None = None,
    ) -> None:
        self._broker = broker
        self._name = name
        self._events = events or events_config()
        self._work = work or work_config()
        self._link: Link | None = None
        self._linked = asyncio.Event()
        self._lost = asyncio.Event()
        self._count = 0
        self._task: asyncio.Task[None] | None = None
        self._on_link: list[Callable[[], None]] = []

    @property
    def connected(self) -> bool:
        """Whether there is a link now."""
        return self._link is not None and self._link.alive

    @property
    def present(self) -> Link | None:
        """The present link, if there is one."""
        return self._link if self._link is not None and self._link.alive else None

    def on_link(self, callback: Callable[[], None]) -> None:
        """Have ``callback`` called in the loop whenever a link is made; it must be quick and not raise."""
        self._on_link.append(callback)

    async def link(self) -> Link:
        """Return the present link; waits while there is none."""
        while True:
            link = self._link
            if link is not None and link.alive:
                return link
            if link is not None:
                self.renew(link)
            await self._linked.wait()

    def renew(self, link: Link) -> None:
        """Give up ``link`` because something is wrong on it (no stream, no answer). A newer one stays."""
        if self._link is link:
            self._link = None
            self._linked.clear()
            self._lost.set()

    async def start(self) -> None:
        """Begin to connect; returns at once."""
        assert self._task is None, "started twice"
        self._task = asyncio.create_task(self._keep(), name="nats-connection")

    async def stop(self) -> None:
        """Close the link and connect no more."""
        if self._task is not None:
            while not self._task.done():  # the client swallows a cancellation that meets it connecting
                self._task.cancel()
                await asyncio.wait({self._task}, timeout=0.1)
            self._task = None

    async def _keep(self) -> None:
        backoff = FIRST_BACKOFF_SECONDS
        while True:
            client = Client()
            self._lost = lost = asyncio.Event()  # each client its own: an old one's last word must not end a new link
            try:
                self._link = await self._connect(client, lost)
            except (Error, OSError, TimeoutError) as problem:
                _log.debug("no link to the broker: %r", problem)
                await _close(client)
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, LAST_BACKOFF_SECONDS)
                continue
            except asyncio.CancelledError:
                await _close(client)
                raise
            backoff = FIRST_BACKOFF_SECONDS
            _log.info("linked to the broker (%d)", self._count)
            self._linked.set()
            for callback in self._on_link:
                callback()
            try:
                await lost.wait()
            finally:
                self._link = None
                self._linked.clear()
                await _close(client)

    async def _connect(self, client: Client, lost: asyncio.Event) -> Link:
        async def closed() -> None:
            lost.set()

        endpoint = await self._broker.endpoint()
        await client.connect(
            servers=list(endpoint.servers),
            token=endpoint.token,
            name=self._name,
            allow_reconnect=False,
            max_reconnect_attempts=1,  # else its first connect tries a dead port for ever
            reconnect_time_wait=0,
            connect_timeout=int(CONNECT_SECONDS),
            ping_interval=5,
            max_outstanding_pings=2,
            error_cb=_log_error,
            closed_cb=closed,
        )
        js = client.jetstream(timeout=REQUEST_SECONDS)
        events = await ensure_stream(js, self._events)
        work = await ensure_stream(js, self._work)
        self._count += 1
        return Link(self._count, client, js, events, work, lost)


async def _log_error(problem: Exception) -> None:
    _log.debug("broker: %r", problem)


async def _close(client: Client) -> None:
    # A client that never came to connecting asserts that it did.
    with contextlib.suppress(Error, OSError, TimeoutError, AssertionError, asyncio.CancelledError):
        await asyncio.wait_for(client.close(), CONNECT_SECONDS)
