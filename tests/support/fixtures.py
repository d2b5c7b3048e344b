"""Databases for tests, on both kinds. A suite takes them in by importing the fixtures into its ``conftest.py``::

from tests.support.fixtures import *
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct
from tests.support.postgres import APPLICATION, OWNER, PostgresServer

from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.migrations import upgrade


class DatabaseUrls(Struct, frozen=True):
    """A migrated, empty database: as the service reaches it, and as its owner does (the same on SQLite)."""

    application: str
    owner: str

    @property
    def sqlite(self) -> bool:
        """Whether it is SQLite."""
        return self.application.startswith("sqlite")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    name = postgres.create()
    upgrade(postgres.url(name, OWNER), application_role=APPLICATION)
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseUrls]:
    """A fresh database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "helpdesk.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
        yield DatabaseUrls(url, url)
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        name = server.create(request.getfixturevalue("postgres_template"))
        yield DatabaseUrls(server.url(name), server.url(name, OWNER))
        server.drop(name)


@pytest.fixture
def database(database_urls: DatabaseUrls) -> Iterator[Database]:
    """A fresh database of each kind, opened as the service opens it."""
    opened = open_database(database_urls.application)
    yield opened
    opened.close()
