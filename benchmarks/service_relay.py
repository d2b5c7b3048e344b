"""How fast the relay takes owed events to JetStream, beside plain publishing, and how long one event takes.

    python -m benchmarks.service_relay sqlite|postgresql [--events 5000] [--rounds 3] [--rate 150] [--seconds 10]

Database, relay, publisher and consumer are in this process, beside a nats-server of its own; the baseline publishes as
many notes like them with as many in flight, without a database.
"""

import argparse
import asyncio
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import msgspec
from benchmarks.service_database import databases
from benchmarks.service_firing import percentile
from benchmarks.service_stage import cpu_of, machine_load
from nats.js.api import ConsumerConfig, DeliverPolicy
from tests.integration.workers.owing import event, ticket
from tests.support.postgres import PostgresServer
from tests.support.things import add_tenant

from helpdesk.broker.connection import Connection
from helpdesk.broker.publisher import Note, publish
from helpdesk.broker.server import EmbeddedServer
from helpdesk.broker.streams import EVENTS
from helpdesk.contracts.events import EVENTS_SUBJECTS, bus_subject
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.principal import system
from helpdesk.store.engine.database import Database, Session, open_database
from helpdesk.store.outbox import Outbox
from helpdesk.workers.relay import Relay

PER_TICKET = 5
"""Events of one ticket in a row, as registering, rating and assigning make them."""


class Bench:
    """A relay between a database and a broker."""

    def __init__(self, database: Database, connection: Connection, server: PostgresServer | None) -> None:
        self.database = database
        self.connection = connection
        self.server = server
        self.relay = Relay(database, connection)
        self.tenant = add_tenant(database, "acme")
        self.seq = 0

    def owe(self, count: int) -> None:
        """Owe events of tickets of their own."""
        for _ in range(count // PER_TICKET):
            self.seq += 1
            ticket_id = ticket(self.database, self.tenant, self.seq)
            self.database.write_now(system("bench", self.tenant), partial(_owe, ticket_id=ticket_id))

    async def plain(self, count: int) -> float:
        """Publish notes like the events' without a database; return how many a second."""
        told = await self.database.read(system("bench", self.tenant), lambda s: event(s, new_id(), 1))
        payload, subject = msgspec.json.encode(told), bus_subject(told)
        lines = [[Note(0, subject, payload, str(new_id())) for _ in range(PER_TICKET)] for _ in range(count // 5)]
        began = time.perf_counter()
        result = await publish(await self.connection.link(), EVENTS, lines)
        assert len(result.stored) == count
        return count / (time.perf_counter() - began)

    async def relayed(self, count: int) -> float:
        """Have the relay take so many events that are owed; return how many a second."""
        before, began = self.relay.published, time.perf_counter()
        running = asyncio.create_task(self.relay.run(lambda: None))
        while self.relay.published - before < count:  # noqa: ASYNC110 the relay tells nobody
            await asyncio.sleep(0.001)
        took = time.perf_counter() - began
        self.relay.stop()
        await running
        return count / took

    def cpu(self) -> float:
        return time.process_time() + (cpu_of(self.server.pid) if self.server else 0.0)

    async def latency(self, rate: float, seconds: float, *, plain: bool) -> list[float]:
        """Return seconds from commits to events at a consumer, at so many a second; ``plain``: from publishing."""
        begun: dict[str, float] = {}
        arrived: dict[str, float] = {}

        async def take(message: Any) -> None:
            arrived[message.headers["Nats-Msg-Id"]] = time.perf_counter()

        link = await self.connection.link()
        config = ConsumerConfig(deliver_policy=DeliverPolicy.NEW)
        taking = await link.js.subscribe(EVENTS_SUBJECTS, cb=take, config=config, ordered_consumer=True)
        running = asyncio.create_task(self.relay.run(lambda: None))
        self.seq += 1
        ticket_id = await asyncio.to_thread(ticket, self.database, self.tenant, self.seq)

        def work(session: Session, seq: int) -> None:
            told = event(session, ticket_id, seq)
            Outbox(session).add_events([told])

            def done() -> None:
                begun[str(told.id)] = time.perf_counter()
                self.relay.wake()

            session.after_commit(done)

        told = await self.database.read(system("bench", self.tenant), lambda s: event(s, ticket_id, 1))
        began, count = time.perf_counter(), int(rate * seconds)
        for place in range(count):
            await asyncio.sleep(max(0.0, began + place / rate - time.perf_counter()))
            if plain:
                note = Note(0, bus_subject(told), msgspec.json.encode(told), str(new_id()))
                begun[note.message_id] = time.perf_counter()
                await publish(link, EVENTS, [[note]])
            else:
                await self.database.write(system("bench", self.tenant), partial(work, seq=place + 1))
        while not begun.keys() <= arrived.keys():  # noqa: ASYNC110 counted, not told
            await asyncio.sleep(0.01)
        self.relay.stop()
        await running
        await taking.unsubscribe()
        return [arrived[key] - at for key, at in begun.items()]


def _owe(session: Session, ticket_id: UUID) -> None:
    Outbox(session).add_events(event(session, ticket_id, seq) for seq in range(1, PER_TICKET + 1))


async def measure(url: str, server: PostgresServer | None, folder: str, given: argparse.Namespace) -> None:
    """Measure in a new database."""
    broker, database = EmbeddedServer(Path(folder) / "nats"), open_database(url)
    await broker.start()
    connection = Connection(broker)
    await connection.start()
    await connection.link()
    bench = Bench(database, connection, server)
    ratios, rates, costs = list[float](), list[float](), list[float]()
    for turn in range(-1, given.rounds):  # the first warms up
        before = bench.cpu()
        bare = await bench.plain(given.events)
        between = bench.cpu()
        await asyncio.to_thread(bench.owe, given.events)
        begun = bench.cpu()
        relayed = await bench.relayed(given.events)
        cost, plain = ((b - a) / given.events * 1e6 for a, b in ((begun, bench.cpu()), (before, between)))
        if turn < 0 and server is not None:  # as autovacuum does
            with server.connect(url.split("/")[3].split("?", maxsplit=1)[0], "postgres") as own:
                own.execute("ANALYZE")
        if turn >= 0:
            ratios.append(relayed / bare)
            rates.append(relayed)
            costs.append(plain / cost)
            told = f"{given.kind}: relayed {relayed:.0f}/s, published {bare:.0f}/s, ratio {ratios[-1]:.2f}; "
            print(f"{told}us of CPU an event {cost:.0f} and {plain:.0f}, ratio {costs[-1]:.2f}", flush=True)
    print(f"{given.kind}: {median(rates):.0f} events a second, {median(ratios):.2f} of publishing; {machine_load()}")
    for name, plain in (("publishing to consumer", True), ("commit to consumer", False)):
        waits = await bench.latency(given.rate, given.seconds, plain=plain)
        p50, p99 = (percentile(waits, share) * 1e3 for share in (0.5, 0.99))
        print(f"{given.kind}: {name} at {given.rate:.0f}/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms; {machine_load()}")
    await connection.stop()
    await broker.stop()
    database.close()


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service_relay")
    parser.add_argument("kind", choices=("sqlite", "postgresql"))
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=150)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    with databases(given.kind) as made:
        asyncio.run(measure(made.new(), made.server, str(made.folder), given))


if __name__ == "__main__":
    main()
