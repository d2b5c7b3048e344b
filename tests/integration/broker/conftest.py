"""A real nats-server and a connection to it, for every test anew."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from helpdesk.broker.connection import Connection
from helpdesk.broker.server import EmbeddedServer


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedServer]:
    server = EmbeddedServer(tmp_path / "nats")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def connection(server: EmbeddedServer) -> AsyncIterator[Connection]:
    connection = Connection(server)
    await connection.start()
    yield connection
    await connection.stop()
