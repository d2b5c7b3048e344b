"""The desk's tests run on both databases, under the sample regulation, with a time source that they move."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct
from sqlalchemy import select
from tests.integration.desk.companies import Five, take_on_all
from tests.integration.desk.lives import Life
from tests.support.due import due_before
from tests.support.fixtures import (
    anyio_backend,
    database,
    database_urls,
    postgres,
    postgres_template,
    sqlite_template,
)

from helpdesk.contracts.clocks import ClockView
from helpdesk.contracts.log import Entry, Happened
from helpdesk.contracts.messages import Inbound
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.companies.onboarding import prepare, take_on
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.domain.commands import Taken
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.principal import Principal, Role, system
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.instance import TimeSource
from helpdesk.store.schema import outbox
from helpdesk.store.tickets import Tickets
from helpdesk.store.timers import Clocks
from helpdesk.store.upcoming import DueTimer

__all__ = ["anyio_backend", "database", "database_urls", "postgres", "postgres_template", "sqlite_template"]

SAMPLE = Path(__file__).parents[2] / "data" / "regulations" / "sample"
SECRET = b"0" * 32


class World(Struct):
    """One tenant's desk and what a test does around it."""

    database: Database
    desk: Desk
    tenant_id: UUID

    @property
    def channel(self) -> Principal:
        return system("channel:email", self.tenant_id)

    @property
    def agent(self) -> Principal:
        return Principal(Role.AGENT, "key:agent", self.tenant_id)

    async def mail(self, key: str = "m1", **fields: Any) -> Taken:
        """Deliver a mail."""
        given = {"sender": "client@client.example", "subject": "Не работает", "text": "Совсем", **fields}
        message = Inbound(
            channel_kind="email", address="help@sample.example", source_key=key, received_at=None, **given
        )
        return await self.desk.receive(self.channel, Arrival(message))

    async def pass_seconds(self, seconds: float) -> None:
        """Move the service's time forward."""
        moved = round(seconds * 1_000_000)

        def work(session) -> None:  # type: ignore[no-untyped-def]
            source = TimeSource(session)
            source.move_to_offset(source.offset_us() + moved)

        await self.database.write(system("test"), work)

    async def fire_due(self) -> int:
        """Fire what is due as the timekeeper does; return how many took effect."""
        due: list[DueTimer] = await self.database.read(system("test"), lambda s: due_before(s, s.now, 100))
        fired = 0
        for timer in due:
            fired += await self.desk.fire(system("test", timer.tenant_id), [timer])
        return fired

    async def ticket(self, number: int = 1) -> Ticket:
        return await self.database.read(self.agent, lambda session: Tickets(session).by_number(number))

    async def log(self, number: int = 1) -> tuple[Entry, ...]:
        ticket = await self.ticket(number)
        return await self.database.read(self.agent, lambda session: Tickets(session).log(ticket.id))

    async def happened(self, number: int = 1) -> list[Happened]:
        return [entry.what for entry in await self.log(number)]

    async def clock(self, name: str, number: int = 1, seq: int = 0) -> ClockView:
        ticket = await self.ticket(number)
        found = await self.database.read(self.agent, lambda session: Clocks(session).of(ticket.id))
        return next(clock for clock in found if (clock.name, clock.seq) == (name, seq))

    async def owed(self, purpose: str) -> list[dict[str, object]]:
        """Return the letters of one purpose in the outbox, oldest first."""
        return await self.database.read(self.agent, lambda session: _letters(session, purpose))


def _letters(session, purpose: str) -> list[dict[str, object]]:  # type: ignore[no-untyped-def]

    rows = session.connection.execute(
        select(outbox.c.payload).where(outbox.c.kind == "delivery").order_by(outbox.c.created_at, outbox.c.id)
    ).scalars()
    return [row for row in rows if row["purpose"] == purpose]


@pytest.fixture(scope="session")
def five_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Five]:
    """A SQLite database with the five companies, to be copied."""
    path = tmp_path_factory.mktemp("five") / "five.db"
    shutil.copy(sqlite_template, path)
    opened = open_database(f"sqlite:///{path}")
    found = take_on_all(opened)
    opened.close()
    return path, found


@pytest.fixture
def lives(five_template: tuple[Path, Five], tmp_path: Path) -> Iterator[Callable[[str], Life]]:
    """Return what begins a ticket's life at one of the five companies, on a SQLite database of the test's own."""
    template, found = five_template
    path = tmp_path / "lives.db"
    shutil.copy(template, path)
    opened = open_database(f"sqlite:///{path}")
    five = Five(opened, Desk(opened, found.resources), found.resources, found.tenants)
    yield lambda company: Life(five, company)
    opened.close()


@pytest.fixture
def world(database: Database) -> World:
    company = prepare(load_package(SAMPLE), {}, alert_address="head@sample.example")
    tenant = database.write_now(system("test"), lambda session: take_on(session, company))
    resources = Resources(Directory(), SECRET)
    return World(database, Desk(database, resources), tenant.id)
