"""A real service behind a real HTTP server: database, desk, three companies, keys of every role."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from msgspec import Struct
from tests.support.fixtures import (
    anyio_backend,
    database,
    database_urls,
    postgres,
    postgres_template,
    sqlite_template,
)

from helpdesk.api.app import Application, create_app
from helpdesk.api.guards import Limits
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.companies.onboarding import Company, OtherAddress, prepare, take_on
from helpdesk.desk.desk import Desk
from helpdesk.httpserver.server import HttpServer
from helpdesk.kernel.principal import Role, system
from helpdesk.plugins.registry import Registry, build_registry
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.credentials import Credentials
from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.engine.session import Session
from helpdesk.store.instance import installation

__all__ = ["anyio_backend", "database", "database_urls", "postgres", "postgres_template", "sqlite_template"]

POLICIES = Path(__file__).parents[3] / "policies"
PHONE_OF_PASS24 = "+74953242442"
PHONE_OF_TELEMEDHELP = "+74951234567"
"""Not in its regulation, which knows no calls."""


class Service(Struct):
    """A running service and the secrets of its keys."""

    url: str
    app: Application
    database: Database
    server: HttpServer
    registry: Registry
    keys: dict[str, str]
    """Secrets by name: operator; <company>-admin, -agent, -integrator; phone (an agent of two companies)."""

    def client(self, key: str | None = None) -> httpx2.AsyncClient:
        """Return a client that shows the key of this name."""
        headers = {} if key is None else {"Authorization": f"Bearer {self.keys[key]}"}
        return httpx2.AsyncClient(base_url=self.url, headers=headers, timeout=20.0, verify=False)


@pytest.fixture(scope="session")
def registry() -> Registry:
    return build_registry([POLICIES])


@pytest.fixture(scope="session")
def companies(registry: Registry) -> list[Company]:
    """Two companies with a web form, one of them with a phone, and one that takes mail and chat only."""
    found = []
    for name in ("intervale", "pass24", "telemedhelp"):
        others = [OtherAddress("phone", PHONE_OF_TELEMEDHELP)] if name == "telemedhelp" else []
        package = load_package(registry.regulations[name].root)
        found.append(prepare(package, registry.channels, others=others))
    return found


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database."""
    path = tmp_path / "alone.db"
    shutil.copy(sqlite_template, path)
    opened = open_database(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def module_sqlite_database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A fresh SQLite database for a whole module."""
    path = tmp_path_factory.mktemp("module") / "alone.db"
    shutil.copy(sqlite_template, path)
    opened = open_database(f"sqlite:///{path}")
    yield opened
    opened.close()


def settle_in(session: Session, companies: list[Company]) -> dict[str, str]:
    """Take on the companies and make a key of every kind; return the keys' secrets by name."""
    tenants = {company.slug: take_on(session, company) for company in companies}
    keys = Credentials(session)
    secrets = {"operator": keys.create(Role.OPERATOR, "operator").secret}
    for slug, tenant in tenants.items():
        for role in (Role.ADMIN, Role.AGENT, Role.INTEGRATOR):
            secrets[f"{slug}-{role}"] = keys.create(role, f"{slug} {role}", [tenant.id]).secret
    both = [tenants["pass24"].id, tenants["telemedhelp"].id]
    secrets["phone"] = keys.create(Role.AGENT, "phone agent", both).secret
    return secrets


async def start(database: Database, registry: Registry, keys: dict[str, str], limits: Limits | None = None) -> Service:
    """Start a service over ``database``, on a free port."""
    secret = database.read_now(system("test"), installation).secret
    directory = Directory()

    async def fine() -> None:
        return None

    app = create_app(
        desk=Desk(database, Resources(directory, secret)),
        directory=directory,
        database=database,
        registry=registry,
        checks={"database": fine},
        version="0.0.1",
        limits=limits,
    )
    server = HttpServer(app, "127.0.0.1", 0, drain_seconds=2)
    await server.start()
    return Service(f"http://127.0.0.1:{server.port}", app, database, server, registry, keys)


@pytest.fixture
async def service(
    anyio_backend: str, database: Database, registry: Registry, companies: list[Company]
) -> AsyncIterator[Service]:
    """A service on each kind of database."""
    keys = await asyncio.to_thread(
        database.write_now, system("test"), lambda session: settle_in(session, companies), within_seconds=60
    )
    running = await start(database, registry, keys)
    yield running
    await running.server.stop()


@pytest.fixture
async def sqlite_service(
    anyio_backend: str, sqlite_database: Database, registry: Registry, companies: list[Company]
) -> AsyncIterator[Service]:
    """A service on SQLite, for what does not depend on the kind of database."""
    keys = await asyncio.to_thread(
        sqlite_database.write_now, system("test"), lambda session: settle_in(session, companies)
    )
    running = await start(sqlite_database, registry, keys)
    yield running
    await running.server.stop()
