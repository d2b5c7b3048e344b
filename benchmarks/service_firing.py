"""What firing timers costs, how late it is among many open clocks, and what a flood of one company does to another.

    python -m benchmarks.service_firing sqlite|postgresql [--tickets 50000] [--rate 500] [--seconds 10] [--flood 10000]

Each ticket has two open clocks and four timers to come. The timekeeper runs in this process, on a database with
``fsync`` on; CPU is this process's, and PostgreSQL's beside it. The baseline of the same run is firing one timer in a
work of its own, as many callers as the timekeeper's turns hold at once.
"""

import argparse
import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

from benchmarks.service_database import databases
from benchmarks.service_stage import ROOT, cpu_of, machine_load
from sqlalchemy import text
from tests.support.postgres import PostgresServer

from helpdesk.contracts.messages import Inbound
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.companies.onboarding import prepare, take_on
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import MINUTE, SECOND, Instant
from helpdesk.kernel.principal import system
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.engine.database import Session, open_database
from helpdesk.store.instance import TimeSource
from helpdesk.store.schema import clocks, events, tickets, timers
from helpdesk.store.tickets import Tickets
from helpdesk.store.upcoming import DueTimer, upcoming
from helpdesk.workers.timekeeper import Timekeeper, TimekeeperSettings

SAMPLE = ROOT / "tests" / "data" / "regulations" / "sample"
WARNS_AFTER = 5 * MINUTE
"""The sample's first timer, counted from the registration."""
FIRST = 10_000_000
"""The number of the first copy: creates count from below."""
MOST_SECONDS = 120.0
QUIET_SECONDS = 3.0
"""A flood is over when no more timers fire for so long: there were fewer than asked for."""
"""How long a flood is waited for."""
ALONE = 500
"""Timers of the baseline."""
_LATER = {
    "tickets": ("received_at", "registered_at"),
    "events": ("at",),
    "clocks": ("started_at", "goal", "due"),
    "timers": ("due_at",),
}
"""What moves when a ticket is copied to a later moment."""


class Ground:
    """A desk over a database with two companies: one has all the tickets, the other few."""

    def __init__(self, url: str, server: PostgresServer | None) -> None:
        self.database = open_database(url)
        self.server = server
        self.desk = Desk(self.database, Resources(Directory(), b"0" * 32))
        self.big, self.small = (self._company(slug) for slug in ("big", "small"))
        self.begun: Instant = 0
        self.late: dict[UUID, list[float]] = {self.big: [], self.small: []}
        self.moved_to: Instant = 0
        """How long after their moments timers' effects were committed, in seconds."""
        self.offset: Instant = 0

    def _company(self, slug: str) -> UUID:
        with tempfile.TemporaryDirectory() as folder:
            package = Path(shutil.copytree(SAMPLE, folder, dirs_exist_ok=True))
            for path in (package / "regulation.toml", *(package / "editions").iterdir()):
                told = path.read_text().replace("sample", slug).replace("+7495000004", f"+749500000{len(slug)}")
                path.write_text(told)
            company = prepare(load_package(package), {})
        return self.database.write_now(system("bench"), lambda session: take_on(session, company)).id

    async def create(self, tenant: UUID) -> None:
        text = "Не работает принтер в кабинете"
        slug = "big" if tenant == self.big else "small"
        message = Inbound(
            "email", f"help@{slug}.example", str(new_id()), f"{new_id()}@client.example", None, text, text
        )
        await self.desk.receive(system("channel:email", tenant), Arrival(message))

    async def fill(self, tenant: UUID, count: int, rate: float) -> None:
        """Make ``count`` copies of the tenant's first ticket, so many a second coming due."""
        await self.create(tenant)
        self.begun = (
            await self.database.read(system("bench", tenant), lambda s: Tickets(s).by_number(1))
        ).registered_at
        step = 5_000
        for first in range(0, count, step):
            part = range(first, min(first + step, count))
            copy = partial(_copy, part=part, rate=rate)
            await self.database.write(system("bench", tenant), copy, within_seconds=600)

    async def move_to(self, instant: Instant) -> None:
        """Set the service's clock."""
        self.offset, self.moved_to = instant - time.time_ns() // 1000, instant
        await self.database.write(system("bench"), lambda session: TimeSource(session).move_to_offset(self.offset))

    async def fire(self, tenant: UUID, together: Sequence[DueTimer]) -> None:
        await self.desk.fire(system("timekeeper", tenant), together)
        now = time.time_ns() // 1000 + self.offset
        # What the clock was moved past was due at the earliest when it was moved.
        self.late[tenant] += [(now - max(timer.due_at, self.moved_to)) / SECOND for timer in together]

    async def due(self, limit: int) -> list[DueTimer]:
        found = await self.database.read(system("bench"), lambda s: upcoming(s, s.now, limit), within_seconds=60)
        return [timer for timer in found.timers if timer.tenant_id == self.big]

    def cpu(self) -> tuple[float, float]:
        return time.process_time(), cpu_of(self.server.pid) if self.server else 0.0


def _copy(session: Session, part: range, rate: float) -> None:
    """Copy ticket 1 by SQL; its numbers and moments follow from the copy's place."""
    raw = session.connection
    sqlite = session.dialect == "sqlite"
    kind = "BLOB" if sqlite else "UUID"
    raw.execute(text(f"CREATE TEMPORARY TABLE IF NOT EXISTS copies (id {kind}, number BIGINT, shift BIGINT)"))
    raw.execute(text("DELETE FROM copies"))
    rows = [
        {"id": new_id().bytes if sqlite else new_id(), "number": FIRST + place, "shift": int(place / rate * SECOND)}
        for place in part
    ]
    raw.execute(text("INSERT INTO copies VALUES (:id, :number, :shift)"), rows)
    warned = f"'[' || ({WARNS_AFTER} + old.started_at + copies.shift) || ']'"
    if not sqlite:
        warned = f"({warned})::jsonb"
    model = raw.execute(text("SELECT id FROM tickets WHERE number = 1 AND tenant_id = :t"), {"t": _id(session)})
    values = {"t": _id(session), "model": model.scalar_one()}
    for table in (tickets, events, clocks, timers):
        new = {"id": "copies.id", "number": "copies.number"} if table is tickets else {"ticket_id": "copies.id"}
        if table is clocks:
            new["warn_at"] = f"CASE old.name WHEN 'reaction' THEN {warned} ELSE old.warn_at END"
        new |= {name: f"old.{name} + copies.shift" for name in _LATER[table.name]}
        names = [column.name for column in table.columns]
        taken = ", ".join(new.get(name, f'old."{name}"') for name in names)
        own = "id" if table is tickets else "ticket_id"
        columns = ", ".join(f'"{name}"' for name in names)
        raw.execute(
            text(
                f"INSERT INTO {table.name} ({columns}) SELECT {taken} FROM copies JOIN {table.name} old "
                f"ON old.tenant_id = :t AND old.{own} = :model"
            ),
            values,
        )


def _id(session: Session) -> object:
    return session.tenant_id.bytes if session.dialect == "sqlite" else session.tenant_id


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of ``values`` lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def told(seconds: Sequence[float]) -> str:
    """Return how long things took, in words."""
    p50, p99, most = (percentile(seconds, share) * 1e3 for share in (0.5, 0.99, 1.0))
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, at most {most:.0f} ms (of {len(seconds)})"


async def alone(ground: Ground) -> tuple[float, float, float]:
    """Fire each timer in a work of its own; return seconds of CPU here, in PostgreSQL, and by the wall, of each."""
    due = await ground.due(4 * ALONE)
    left = iter(due[:ALONE])

    async def caller() -> None:
        for timer in left:
            with contextlib.suppress(Unavailable):  # a machine that is too busy: it is left, and its CPU counted
                await ground.fire(ground.big, [timer])

    before, began = ground.cpu(), time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(16)))
    after = ground.cpu()
    return (after[0] - before[0]) / ALONE, (after[1] - before[1]) / ALONE, (time.perf_counter() - began) / ALONE


async def caught_up(ground: Ground) -> None:
    """Wait until what came due before the timekeeper began has fired."""
    ends = time.perf_counter() + MOST_SECONDS
    await asyncio.sleep(2)
    while time.perf_counter() < ends and not ground.late[ground.big][-1:] < [1.0]:  # noqa: ASYNC110 nobody tells
        await asyncio.sleep(0.2)


async def steady(ground: Ground, keeper: Timekeeper, seconds: float) -> None:
    """Let timers come due at their rate; tell how late they were."""
    for late in ground.late.values():
        late.clear()
    before, fired = ground.cpu(), keeper.fired
    await asyncio.sleep(seconds)
    after = ground.cpu()
    share = sum(after) - sum(before)
    print(f"  lateness at {(keeper.fired - fired) / seconds:.0f} a second: {told(ground.late[ground.big])}")
    print(f"  of one core: {share / seconds:.2f}")


async def flood(ground: Ground, keeper: Timekeeper, count: int, rate: float) -> None:
    """Have ``count`` timers come due at once, while the other company creates tickets and has timers too."""
    for late in ground.late.values():
        late.clear()
    before, fired, began = ground.cpu(), keeper.fired, time.perf_counter()
    await ground.move_to(time.time_ns() // 1000 + ground.offset + int(count / rate * SECOND))
    waits: list[float] = []
    ended, after = began, before
    while keeper.fired - fired < count and time.perf_counter() - ended < QUIET_SECONDS:
        asked, known = time.perf_counter(), keeper.fired
        await ground.create(ground.small)
        waits.append(time.perf_counter() - asked)
        await asyncio.sleep(0.02)
        if keeper.fired > known:
            ended, after = time.perf_counter(), ground.cpu()
    took = ended - began
    done = keeper.fired - fired
    here, there = (1e6 * (b - a) / done for a, b in zip(before, after, strict=True))
    print(f"  flood of {done}: {done / took:.0f} a second, {here:.0f} us of CPU here and {there:.0f} there, each")
    print(f"  meanwhile a create of the other company: {told(waits)}")
    if ground.late[ground.small]:
        print(f"  and its timers: {told(ground.late[ground.small])}")


async def calm(ground: Ground) -> None:
    waits = []
    for _ in range(100):
        asked = time.perf_counter()
        await ground.create(ground.small)
        waits.append(time.perf_counter() - asked)
        await asyncio.sleep(0.02)
    print(f"  a create in calm: {told(waits)}")


async def measure(url: str, server: PostgresServer | None, given: argparse.Namespace) -> None:
    """Measure in a new database."""
    ground = Ground(url, server)
    began = time.perf_counter()
    await ground.fill(ground.small, 20 * int(given.seconds), 10)
    await ground.fill(ground.big, given.tickets, given.rate)
    if server is not None:  # as autovacuum does
        with server.connect(url.split("/")[3].split("?", maxsplit=1)[0], "postgres") as connection:
            connection.execute("ANALYZE")
    print(f"{given.kind}: {2 * given.tickets} open clocks in {time.perf_counter() - began:.0f} s; {machine_load()}")
    await ground.move_to(ground.begun + WARNS_AFTER + int(2 * ALONE / given.rate * SECOND))
    here, there, wall = await alone(ground)
    print(f"  one a work: {1 / wall:.0f} a second, {here * 1e6:.0f} us of CPU here and {there * 1e6:.0f} there, each")
    keeper = Timekeeper(ground.database, ground.fire, settings=TimekeeperSettings(together=given.together))
    running = asyncio.create_task(keeper.run(lambda: None))
    await caught_up(ground)
    await steady(ground, keeper, given.seconds)
    await calm(ground)
    await flood(ground, keeper, given.flood, given.rate)
    keeper.stop()
    await running
    ground.database.close()
    print(f"  {machine_load()}")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service_firing")
    parser.add_argument("kind", choices=("sqlite", "postgresql"))
    parser.add_argument("--tickets", type=int, default=50_000)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--flood", type=int, default=10_000)
    parser.add_argument("--together", type=int, default=TimekeeperSettings().together)
    given = parser.parse_args()
    with databases(given.kind) as made:
        asyncio.run(measure(made.new(), made.server, given))


if __name__ == "__main__":
    main()
