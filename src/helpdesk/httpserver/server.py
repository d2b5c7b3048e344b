"""The HTTP server, inside the running event loop: it takes no signals, binds before it says it runs, drains."""

import asyncio
import contextlib
import math
import socket
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import uvicorn

from helpdesk.httpserver.newcomers import turn_newcomers_away

_LAME_DUCK_SECONDS = 0.3
"""How long a stopping server still takes connections, telling each client to close its own after the answer."""
_HANDSHAKE_SECONDS = 0.05
"""How long connections that are being made may take until they are accepted."""
_LINGER_SECONDS = 0.5
"""How long it then waits for clients to close what they have used."""
_FRESH_SECONDS = 5.0
"""How long for those who connected and have not asked yet, at most: browsers connect and then never ask."""
_BACKLOG = 1024

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class HttpServer:
    """Serves one ASGI application on one address.

    ``drain_seconds``: how long what was asked may take once the server stops. ``most_connections``: more are answered
    503 at once; None: as many as come.
    """

    def __init__(
        self, app: Any, host: str, port: int, *, drain_seconds: float = 5.0, most_connections: int | None = None
    ) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._drain_seconds = drain_seconds
        self._draining = False
        self._bound: socket.socket | None = None
        config = uvicorn.Config(
            self._serve_one,
            interface="asgi3",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,  # who is asking is said by the key, never by a header that anybody can write
            server_header=False,
            limit_concurrency=most_connections,
            timeout_graceful_shutdown=max(1, math.ceil(drain_seconds)),
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port it listens on, known once it has started."""
        return self._port

    @property
    def draining(self) -> bool:
        """Whether it is stopping; `/ready` says so."""
        return self._draining

    async def start(self) -> None:
        """Bind the port and begin to answer; return once both are done.

        Raises:
            OSError: the address cannot be bound.
        """
        bound = self._bound = _bind(self._host, self._port)
        self._port = bound.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve(sockets=[bound]), name="http")
        while not self._server.started:
            if self._task.done():
                await self._task
                raise RuntimeError("the HTTP server ended before it began")
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Answer what was asked, then end; calling it again waits for the same end."""
        if self._task is None:
            return
        if not self._draining:
            self._draining = True
            if self._server.server_state.connections:
                await asyncio.sleep(_LAME_DUCK_SECONDS)
            if self._bound is not None and turn_newcomers_away(self._bound):
                await asyncio.sleep(_HANDSHAKE_SECONDS)
            for listening in self._server.servers:
                listening.close()
            await self._linger()
            self._server.should_exit = True
        await asyncio.shield(self._task)

    async def _linger(self) -> None:
        """Wait until clients have closed; for those that have not asked anything yet longer than for the others."""
        begun = asyncio.get_running_loop().time()
        while connections := self._server.server_state.connections:
            waited = asyncio.get_running_loop().time() - begun
            fresh = any(getattr(each, "cycle", None) is None for each in connections)
            if waited >= (min(self._drain_seconds, _FRESH_SECONDS) if fresh else _LINGER_SECONDS):
                return
            await asyncio.sleep(0.01)

    async def wait(self) -> None:
        """Wait until the server ends; whatever ended it is raised."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def _serve_one(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and self._draining:
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive, closing)


class _Server(uvicorn.Server):
    """uvicorn without its hands on the process's signals: it would raise SIGTERM again once it has ended."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen(_BACKLOG)
            bound.setblocking(False)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        settings = "HELPDESK_HTTP_HOST, HELPDESK_HTTP_PORT"
        raise OSError(f"{settings}: {host}:{port} cannot be listened on: {error.strerror}") from error
    return bound
