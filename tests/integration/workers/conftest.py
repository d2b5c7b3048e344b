"""Databases of both kinds, a tenant with tickets, and a real nats-server."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from tests.support.fixtures import (
    anyio_backend,
    database,
    database_urls,
    postgres,
    postgres_template,
    sqlite_template,
)
from tests.support.things import add_tenant

from helpdesk.broker.connection import Connection
from helpdesk.broker.server import EmbeddedServer
from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.migrations import upgrade

__all__ = ["anyio_backend", "database", "database_urls", "postgres", "postgres_template", "sqlite_template"]


@pytest.fixture
def tenant(database: Database) -> UUID:
    return add_tenant(database, "acme")


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database, for what does not depend on the kind."""
    url = f"sqlite:///{tmp_path}/only.db"
    upgrade(url)
    opened = open_database(url)
    yield opened
    opened.close()


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
