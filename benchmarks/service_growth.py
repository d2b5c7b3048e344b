"""What the desk costs with few tickets and with many, and what firing a due timer does: CPU of this process.

    python -m benchmarks.service_growth sqlite|postgresql [tickets]

On PostgreSQL the server's own CPU is told beside it. Creates come 16 at a time; lists, views and ``next`` one by one.
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.service_database import databases
from benchmarks.service_stage import POLICY, cpu_of, letters, machine_load
from sqlalchemy import update
from tests.support.backlog import add_backlog
from tests.support.postgres import PostgresServer

from helpdesk.contracts.messages import Inbound, Standing
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.companies.onboarding import prepare, take_on
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.desk.tickets.handing import TakeNext
from helpdesk.domain.commands import Idempotency
from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import DAY
from helpdesk.kernel.principal import Principal, Role, system
from helpdesk.queries.tickets import listing as tickets
from helpdesk.queries.tickets.filter import Wanted
from helpdesk.queries.tickets.search import Wish, search_tickets
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.engine.database import Session, open_database
from helpdesk.store.indexing import index_waiting
from helpdesk.store.instance import TimeSource
from helpdesk.store.schema import tenant_counters
from helpdesk.store.tickets import Tickets
from helpdesk.store.upcoming import upcoming

Costs = tuple[float, float, float]
"""Microseconds of CPU here, of CPU in PostgreSQL, and by the wall."""
FEW = 1_000
CREATES = 400
READS = 60
FIRED = 1_000
TOGETHER = 64


class Ground:
    """A desk over a database, and what is measured of it."""

    def __init__(self, url: str, server: PostgresServer | None) -> None:
        self.database = open_database(url)
        self.server = server
        self.desk = Desk(self.database, Resources(Directory(), b"0" * 32))
        self.texts = letters(120, 1)
        self.agent = Principal(Role.AGENT, "key:agent")

    async def begin(self) -> None:
        company = prepare(load_package(POLICY), {})
        tenant = await self.database.write(system("bench"), lambda session: take_on(session, company))
        self.agent = Principal(Role.AGENT, "key:agent", tenant.id)

    async def create(self) -> object:
        text = next(self.texts)
        message = Inbound("chat", "", f"http:{new_id()}", f"c{new_id()}", None, text[:60], text)
        arrival = Arrival(_standing(message))
        key = Idempotency(str(new_id()), b"h" * 32)
        while True:
            with contextlib.suppress(Unavailable):  # a machine that is too busy: again, and the CPU is counted
                return await self.desk.receive(self.agent, arrival, idempotency=key)

    async def creates(self, count: int) -> None:
        left = iter(range(count))

        async def caller() -> None:
            for _ in left:
                await self.create()

        await asyncio.gather(*(caller() for _ in range(16)))

    async def fill(self, count: int) -> None:
        ticket = await self.database.read(self.agent, lambda session: Tickets(session).by_number(1))
        directory = self.desk.resources.directory
        evaluator = await self.database.read(self.agent, lambda s: directory.of(s, ticket.snapshot_hash))
        await self.database.write(self.agent, lambda s: _fill(s, evaluator, count), within_seconds=3_600)

    async def spent(self, work: Callable[[], Awaitable[Any]], count: int) -> Costs:
        """Return microseconds of CPU here, of CPU in PostgreSQL, and by the wall, for each of ``count``."""
        pid = self.server.pid if self.server else 0
        there, here, began = cpu_of(pid) if pid else 0.0, time.process_time(), time.perf_counter()
        await work()
        took = (time.process_time() - here, (cpu_of(pid) if pid else 0.0) - there, time.perf_counter() - began)
        return took[0] / count * 1e6, took[1] / count * 1e6, took[2] / count * 1e6

    async def each(self, work: Callable[[Session], Any]) -> None:
        for _ in range(READS):
            await self.database.read(self.agent, work)

    async def measure(self) -> dict[str, Costs]:
        find = self.desk.resources.directory.of

        async def nexts() -> None:
            for number in range(READS):
                await self.desk.next(self.agent, TakeNext(f"агент {number}"))

        await self.desk.next(self.agent, TakeNext("первый"))  # fills the window
        found = {}
        turns = [await self.spent(lambda: self.creates(CREATES), CREATES) for _ in range(3)]
        found["create"] = sorted(turns)[1]
        found["list of 25"] = await self.spent(
            lambda: self.each(lambda s: tickets.list_tickets(s, Wanted(), find, limit=25)), READS
        )
        found["ticket"] = await self.spent(lambda: self.each(lambda s: tickets.get_ticket(s, 1, find)), READS)
        found["next"] = await self.spent(nexts, READS)
        while await self.database.write(self.agent, index_waiting):
            pass
        wish = Wish("программа ошибка")
        found["search"] = await self.spent(
            lambda: self.each(lambda s: search_tickets(s, find=find, wish=wish, limit=25)), READS
        )
        return found

    async def fire(self) -> Costs:
        """Fire timers that are due, all at once; return what each cost."""
        await self.database.write(system("bench"), lambda session: TimeSource(session).move_to_offset(DAY))
        due = await self.database.read(
            system("timekeeper"), lambda session: upcoming(session, session.now, FIRED).timers, within_seconds=60
        )
        principal = system("timekeeper", self.agent.tenant_id)

        async def fire() -> None:
            left = iter([due[start : start + TOGETHER] for start in range(0, len(due), TOGETHER)])

            async def firing() -> None:
                for timers in left:
                    await self.desk.fire(principal, timers)

            await asyncio.gather(*(firing() for _ in range(2)))

        return await self.spent(fire, len(due))


def _standing(message: Inbound) -> Inbound:
    return Inbound(
        message.channel_kind,
        message.address,
        message.source_key,
        message.sender,
        None,
        message.subject,
        message.text,
        standing=Standing.AUTHENTICATED,
        chat_kind="private",
    )


def _fill(session: Session, evaluator: Any, count: int) -> None:
    add_backlog(session, evaluator, count)
    at = update(tenant_counters).where(tenant_counters.c.tenant_id == session.tenant_id)
    session.connection.execute(at.where(tenant_counters.c.name == "ticket").values(value=count))


async def measure(url: str, server: PostgresServer | None, count: int, *, fire: bool) -> dict[str, Costs]:
    """Return the costs in a new database that is given ``count`` tickets first."""
    ground = Ground(url, server)
    await ground.begin()
    await ground.create()
    await ground.fill(count)
    await ground.creates(100)
    if server is not None:  # as autovacuum does
        with server.connect(url.split("/")[3].split("?", maxsplit=1)[0], "postgres") as connection:
            connection.execute("ANALYZE")
    found = await ground.measure()
    if fire:
        found["firing"] = await ground.fire()
    ground.database.close()
    return found


def main() -> None:
    """Measure on the kind of database that is named."""
    kind, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with databases(kind) as made:
        found = [asyncio.run(measure(made.new(), made.server, size, fire=size == count)) for size in (FEW, count)]
    few, many = found
    for name, costs in many.items():
        before = few.get(name)
        pairs = zip(before or costs, costs, strict=True)
        told = ", ".join(f"{a:.0f} -> {b:.0f}" if before else f"{b:.0f}" for a, b in pairs)
        ratio = f"; ratio of CPU {sum(costs[:2]) / sum(before[:2]):.2f}" if before else ""
        print(f"{kind}, {FEW} -> {count} tickets, {name:10}: us of CPU here, there, by the wall: {told}{ratio}")
    print(machine_load())


if __name__ == "__main__":
    main()
