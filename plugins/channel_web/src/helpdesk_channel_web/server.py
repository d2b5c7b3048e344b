"""An HTTP server of the channel's own."""

import asyncio
import contextlib
import socket
from collections.abc import Generator
from typing import Any

import uvicorn

_GRACE_SECONDS = 30
_MOST_CONNECTIONS = 2_000


class WebServer:
    """Serves one application. ``start`` returns when its port is bound, ``stop`` when what was asked is answered."""

    def __init__(self) -> None:
        self.port = 0
        """Known once it has started."""
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, application: Any, host: str, port: int) -> None:
        """Bind the port and begin to answer.

        Raises:
            OSError: the address cannot be bound.
        """
        bound = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        bound.setblocking(False)
        self.port = int(bound.getsockname()[1])
        config = uvicorn.Config(
            application,
            interface="asgi3",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[bound]), name="web")
        while not self._server.started and not self._task.done():  # noqa: ASYNC110 - it tells nobody that it has begun
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Answer what was asked, then end."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task


class _Server(uvicorn.Server):
    """uvicorn without its hands on the process's signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield
