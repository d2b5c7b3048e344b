"""Measures ``next``: fifty agents at once over queues of three lengths, on SQLite or on a PostgreSQL of its own.

    python -m benchmarks.queue_next [postgresql]

Beside it, in turn and in the same run, the baseline: assigning a ticket by its number, which knows no queue but writes
the same rows. Prints for each length the median and the 99th percentile in milliseconds, and what finding the ticket
takes of it. What finding costs more in a longer queue is a fault; what both cost more is the larger database's.
"""

import asyncio
import contextlib
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from tests.support.backlog import add_backlog
from tests.support.postgres import APPLICATION, OWNER, PostgresServer

from helpdesk.contracts.messages import Inbound
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.companies.onboarding import prepare, take_on
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.desk.tickets.handing import TakeNext
from helpdesk.domain.commands import Assign
from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.principal import Principal, Role, system
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.engine.database import open_database
from helpdesk.store.engine.session import Session
from helpdesk.store.migrations import upgrade
from helpdesk.store.tickets import Tickets

SAMPLE = Path(__file__).parents[1] / "tests" / "data" / "regulations" / "sample"
AGENTS = 50
CALLS = 600
LENGTHS = (2_000, 10_000, 100_000)


async def measure(url: str, length: int) -> None:
    """Fill a queue, hand out ``CALLS`` tickets to ``AGENTS`` agents, print what it took."""
    database = open_database(url)
    company = prepare(load_package(SAMPLE), {})
    tenant = await database.write(system("bench"), lambda session: take_on(session, company))
    desk = Desk(database, Resources(Directory(), b"0" * 32))
    agent = Principal(Role.AGENT, "key:agent", tenant.id)
    message = Inbound("email", "help@sample.example", "m1", "c@client.example", None, "Не работает")
    await desk.receive(system("channel:email", tenant.id), Arrival(message))
    ticket = await database.read(agent, lambda session: Tickets(session).by_number(1))
    evaluator = await database.read(agent, lambda session: desk.resources.directory.of(session, ticket.snapshot_hash))
    await database.write(agent, lambda session: add_backlog(session, evaluator, length), within_seconds=600)
    if database.dialect == "sqlite":  # what filling it left in the write-ahead log is not what is measured
        with sqlite3.connect(url.removeprefix("sqlite:///")) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    queues = desk.resources.waiting
    propose = queues.propose
    took: dict[str, list[float]] = {"finding": [], "next": [], "by number": [], f"next, {AGENTS} agents": []}

    def finding(session: Session, lines: frozenset[str] | None) -> UUID | None:
        began = time.perf_counter()
        found = propose(session, lines)
        took["finding"].append(time.perf_counter() - began)
        return found

    async def call(name: str, work: Callable[[], Awaitable[object]]) -> None:
        began = time.perf_counter()
        with contextlib.suppress(Unavailable):  # told to come back: counted all the same
            await work()
        took[name].append(time.perf_counter() - began)

    queues.propose = finding  # type: ignore[method-assign]
    for number in random.Random(1).sample(range(1, length), CALLS // 2):
        await call("next", lambda: desk.next(agent, TakeNext("один")))
        command = Assign(number, "другой")
        await call("by number", lambda command=command: desk.change(agent, command))  # type: ignore[misc]
    calls = iter(range(CALLS))

    async def ask(name: str) -> None:
        for _ in calls:
            await call(f"next, {AGENTS} agents", lambda: desk.next(agent, TakeNext(name)))

    await asyncio.gather(*(ask(f"агент {n}") for n in range(AGENTS)))
    for name, seconds in took.items():
        seconds.sort()
        median, last = (seconds[int(len(seconds) * share)] * 1000 for share in (0.5, 0.99))
        print(f"{database.dialect} {length:>7} waiting, {name:>15}: median {median:6.2f} ms, p99 {last:6.2f} ms")
    database.close()


def main() -> None:
    """Measure each length in a database of its own."""
    if sys.argv[1:] == ["postgresql"]:
        server = PostgresServer()
        for length in LENGTHS:
            name = server.create()
            upgrade(server.url(name, OWNER), application_role=APPLICATION)
            asyncio.run(measure(server.url(name), length))
        server.stop()
        return
    with tempfile.TemporaryDirectory() as folder:
        for length in LENGTHS:
            url = f"sqlite:///{folder}/{length}.db"
            upgrade(url)
            asyncio.run(measure(url, length))


if __name__ == "__main__":
    main()
