"""The delivery guarantee, on a real nats-server: promise, order, failure (docs/reference/delivery.md)."""

import asyncio
import os
import random
import shutil
import signal
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import update
from tests.integration.workers.owing import SERVICE, owe_events, owe_letters, ticket
from tests.integration.workers.rig import PATIENCE, QUICK, SWIFT, Rig, Sink, chance
from tests.support.things import add_tenant

from helpdesk.broker.server import EmbeddedServer
from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.contracts.messages import Outbound
from helpdesk.kernel.instants import SECOND
from helpdesk.store import schema
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import OutboxRow

pytestmark = pytest.mark.anyio


@pytest.fixture
def tenant(sqlite: Database) -> UUID:
    return add_tenant(sqlite, "acme")


def owe(database: Database, tenant: UUID, tickets: list[UUID], count: int, first: int = 1) -> set[str]:
    """Owe ``count`` events and letters on every ticket; return the letters' names."""
    names = set()
    for number, ticket_id in enumerate(tickets):
        seqs = range(first, first + count)
        owe_events(database, tenant, ticket_id, seqs)
        owe_letters(database, tenant, ticket_id, seqs, tag=f"t{number}")
        names |= {f"t{number}-{seq}" for seq in seqs}
    return names


async def test_each_once_in_calm(sqlite: Database, server: EmbeddedServer, tenant: UUID) -> None:
    """With nothing broken every letter leaves once, every event is stored once, every effect is noted once."""
    tickets = [ticket(sqlite, tenant, n) for n in range(5)]
    names = owe(sqlite, tenant, tickets, 6)
    sink = Sink()
    async with Rig(sqlite, server, {"email": sink}) as rig:
        await rig.until_settled()
        assert sorted(sink.taken) == sorted(names)
        assert rig.delivered == dict.fromkeys(names, 1)
        events = await rig.stored_events()
    assert len({event["id"] for event in events}) == len(events) == 30
    for ticket_id in tickets:
        assert [e["seq"] for e in events if e["subject"] == str(ticket_id)] == [1, 2, 3, 4, 5, 6]


async def test_nothing_is_lost_when_the_store_is_wiped(sqlite: Database, server: EmbeddedServer, tenant: UUID) -> None:
    """Wiped while running, killed, killed and wiped, all under load: every effect is recorded, repeats are few."""
    tickets = [ticket(sqlite, tenant, n) for n in range(20)]
    sink = Sink(lambda _: asyncio.sleep(0.002))
    names: set[str] = set()
    async with Rig(sqlite, server, {"email": sink}) as rig:

        async def owe_more(first: int) -> None:
            names.update(await asyncio.to_thread(owe, sqlite, tenant, tickets, 3, first))
            rig.relay.wake()

        def wipe_and_kill() -> None:
            rig.wipe()
            rig.kill_broker()

        def enough() -> bool:
            return len(rig.delivered) > already + 20

        blows = [rig.wipe, rig.kill_broker, wipe_and_kill]
        for turn in range(6):
            already = len(rig.delivered)
            await owe_more(1 + 6 * turn)
            await rig.until(enough)
            blows[turn % 3]()
            await owe_more(4 + 6 * turn)
        await rig.until_settled()
        assert set(sink.taken) == names
        assert rig.delivered == dict.fromkeys(names, 1)
        assert sink.repeats == 0  # no send was interrupted: only the bus was
        # The last life of the stream began before the last half round: it has all events all the same.
        link = await rig.connection.link()
        rig.wipe()
        await asyncio.wait_for(link.lost.wait(), PATIENCE)
        events = await rig.until_stored(len(names))
    assert {(e["subject"], e["seq"]) for e in events} == {(str(t), s) for t in tickets for s in range(1, 37)}


async def test_failing_after_the_final_dot(sqlite: Database, server: EmbeddedServer, tenant: UUID) -> None:
    """A remote side that takes a message and then fails gets it again under the same id, and only then."""
    failing = chance(1, 0.05)
    failures: list[str] = []

    async def behave(message: Outbound) -> None:
        if failing():
            failures.append(message.id)
            raise TemporaryFailure("connection lost after the final dot")

    sink = Sink(behave)
    names = owe(sqlite, tenant, [ticket(sqlite, tenant, n) for n in range(40)], 5)
    async with Rig(sqlite, server, {"email": sink}) as rig:
        await rig.until_settled()
        assert failures
        assert set(sink.taken) == names
        assert sink.repeats == len(failures)
        assert rig.delivered == dict.fromkeys(names, 1)
        assert not rig.failed


async def test_order_per_ticket_and_channel(sqlite: Database, server: EmbeddedServer, tenant: UUID) -> None:
    """However tries fail, a ticket's letters arrive in order, and a killed broker changes nothing about it."""
    failing = chance(2, 0.2)
    arrived: dict[str, list[int]] = {}

    async def behave(message: Outbound) -> None:
        await asyncio.sleep(random.uniform(0, 0.01))
        if failing():
            raise TemporaryFailure("not now")
        name, _, seq = message.id.partition("-")
        arrived.setdefault(name, []).append(int(seq))

    owe(sqlite, tenant, [ticket(sqlite, tenant, n) for n in range(10)], 8)
    async with Rig(sqlite, server, {"email": Sink(behave)}) as rig:
        await rig.until(lambda: len(rig.delivered) > 30)
        rig.kill_broker()
        await rig.until_settled()
    assert arrived == {f"t{n}": list(range(1, 9)) for n in range(10)}


async def test_poison_blocks_nobody(sqlite: Database, server: EmbeddedServer, tenant: UUID) -> None:
    """Rows without a message, senders that raise, exit or refuse for good: dead with their cause, the rest leaves."""

    async def behave(message: Outbound) -> None:
        if message.id.startswith("exit"):
            raise SystemExit(1)
        if message.id.startswith("bug"):
            raise LookupError("a bug in the plugin")
        if message.id.startswith("refused"):
            raise PermanentFailure("550 no such user")

    poison = [owe_letters(sqlite, tenant, None, range(5), tag=tag) for tag in ("exit", "bug", "refused", "unreadable")]
    sqlite.write_now(
        SERVICE,
        lambda s: s.connection.execute(
            update(schema.outbox).where(schema.outbox.c.id.in_(poison[3])).values(payload={"id": 5})
        ),
    )
    names = owe(sqlite, tenant, [ticket(sqlite, tenant, n) for n in range(10)], 3)
    policy = msgspec.structs.replace(QUICK, max_crashes=3)
    async with Rig(sqlite, server, {"email": Sink(behave)}, policy=policy) as rig:
        await rig.until(lambda: set(rig.delivered) == names)
        await rig.until_settled()
        assert set(rig.failed) == {str(row_id) for ids in poison for row_id in ids}
        assert rig.supervisor.ready
    for tag, expected in zip(poison, ("SystemExit: 1", "LookupError", "550 no such user", "no message"), strict=True):
        assert all(expected in rig.failed[str(row_id)] for row_id in tag)


async def test_a_hanging_channel_stays_alone(sqlite: Database, server: EmbeddedServer, tenant: UUID) -> None:
    """A remote side that never answers holds its own slots, until the deadline; the other channel does not notice."""
    hanging, healthy = Sink(lambda _: asyncio.Event().wait()), Sink()  # type: ignore[arg-type,return-value]
    owe_letters(sqlite, tenant, None, range(300), channel="sms", tag="sms")
    policy = msgspec.structs.replace(QUICK, max_attempts=1)  # all 300 of them hang for over a minute
    async with Rig(sqlite, server, {"sms": hanging, "email": healthy}, policy=policy) as rig:
        await rig.until(lambda: len(hanging.taken) >= policy.slots)
        names = await asyncio.to_thread(owe_letters, sqlite, tenant, None, range(50), "email", "e")
        rig.relay.wake()
        await rig.until(lambda: len(rig.delivered) == len(names))
        await rig.until(lambda: len(rig.failed) >= policy.slots)
    assert all("no outcome within 2 s" in cause for cause in rig.failed.values())


async def test_a_killed_worker_s_letter_leaves_again(sqlite: Database, server: EmbeddedServer, tenant: UUID) -> None:
    """A send cut off by the process's death is repeated with the same id once its claim has run out."""
    reached = asyncio.Event()

    async def behave(_: Outbound) -> None:
        reached.set()
        await asyncio.Event().wait()

    owe_letters(sqlite, tenant, None, range(1), tag="cut")
    cut, sink = Sink(behave), Sink()
    policy = msgspec.structs.replace(QUICK, deadline_seconds=30.0, lease_us=SECOND)
    rig = Rig(sqlite, server, {"email": cut}, policy=policy)
    await rig.connection.start()
    await rig.supervisor.start()
    await asyncio.wait_for(reached.wait(), PATIENCE)
    for _, task in rig.supervisor._tasks:  # as dead as one process can make another
        task.cancel()
    await rig.connection.stop()
    async with Rig(sqlite, server, {"email": sink}, policy=policy) as second:
        await second.until_settled()
    assert cut.taken == sink.taken == ["cut-0"]


async def test_a_desk_that_fails_repeats_no_letter(sqlite: Database, server: EmbeddedServer, tenant: UUID) -> None:
    """What left is recorded even when the desk cannot note it; a passing failure of the desk only delays the note."""
    calls: dict[str, int] = {}

    class Failing(Rig):
        def on_delivered(self, session: Session, row: OutboxRow, remote_id: str) -> None:
            name = row.payload["id"]
            calls[name] = calls.get(name, 0) + 1
            if name.startswith("always") or calls[name] < 3:
                raise RuntimeError("the desk is confused")
            super().on_delivered(session, row, remote_id)

    owe_letters(sqlite, tenant, None, range(3), tag="always")
    owe_letters(sqlite, tenant, None, range(3), tag="twice")
    sink = Sink()
    async with Failing(sqlite, server, {"email": sink}) as rig:
        await rig.until_settled()
        assert sink.repeats == 0
        assert len(sink.taken) == 6
        assert rig.delivered == {f"twice-{n}": 1 for n in range(3)}


async def test_two_instances_share_the_work(database: Database, server: EmbeddedServer) -> None:
    """Two relays and two workers on one database and one bus: still each once, still in order, on both databases."""
    tenant = await asyncio.to_thread(add_tenant, database, "acme")
    tickets = [ticket(database, tenant, n) for n in range(20)]
    names = owe(database, tenant, tickets, 5)
    one, two = Sink(lambda _: asyncio.sleep(0.003)), Sink(lambda _: asyncio.sleep(0.003))
    async with Rig(database, server, {"email": one}) as first, Rig(database, server, {"email": two}):
        await first.until_settled()
        events = await first.stored_events()
    assert sorted(one.taken + two.taken) == sorted(names)
    assert one.taken
    assert two.taken
    for ticket_id in tickets:
        assert [e["seq"] for e in events if e["subject"] == str(ticket_id)] == [1, 2, 3, 4, 5]


async def test_an_older_copy_put_back(sqlite: Database, server: EmbeddedServer, tenant: UUID) -> None:
    """What the copy does not have is published again under its own id; letters that had left leave no second time."""
    tickets = [ticket(sqlite, tenant, n) for n in range(10)]
    sink = Sink()
    async with Rig(sqlite, server, {"email": sink}) as rig:
        names = await asyncio.to_thread(owe, sqlite, tenant, tickets, 3)
        await rig.until_settled()
        await server.stop()
        copy = server.store.with_name("copy")
        shutil.copytree(server.store, copy)
        await server.start()
        names |= await asyncio.to_thread(owe, sqlite, tenant, tickets, 3, 4)
        await rig.until_settled()
        await server.stop()
        shutil.rmtree(server.store)
        copy.rename(server.store)
        await server.start()
        events = await rig.until_stored(60)
    assert {(e["subject"], e["seq"]) for e in events} == {(str(t), s) for t in tickets for s in range(1, 7)}
    assert sorted(sink.taken) == sorted(names)


async def test_a_frozen_broker(sqlite: Database, server: EmbeddedServer, tenant: UUID) -> None:
    """A broker that stops answering is given up and taken up again; what was owed meanwhile leaves once."""
    tickets = [ticket(sqlite, tenant, n) for n in range(5)]
    sink = Sink()
    async with Rig(sqlite, server, {"email": sink}) as rig:
        link = await rig.connection.link()
        assert server.pid is not None
        os.kill(server.pid, signal.SIGSTOP)
        names = await asyncio.to_thread(owe, sqlite, tenant, tickets, 3)
        rig.relay.wake()
        await asyncio.wait_for(link.lost.wait(), PATIENCE)
        os.kill(server.pid, signal.SIGCONT)
        await rig.until_settled()
        assert sorted(sink.taken) == sorted(names)
        events = await rig.stored_events()
    assert len({e["id"] for e in events}) == len(events) == 15


async def test_a_full_stream_holds_events_not_letters(sqlite: Database, server: EmbeddedServer, tenant: UUID) -> None:
    """Events that the bus has no room for wait in the database; letters leave, the feed goes on."""
    names = owe(sqlite, tenant, [ticket(sqlite, tenant, n) for n in range(10)], 5)
    rig = Rig(sqlite, server, {"email": Sink()}, relay=msgspec.structs.replace(SWIFT, batch=10))
    rig.connection._events.max_bytes = 4_000
    async with rig:
        await rig.until(lambda: set(rig.delivered) == names)
        stored = await rig.stored_events()
        assert 0 < len(stored) < 50
        states = rig.states()
        assert states["open"] > 0
        assert states["dead"] == 0
        rig.connection._events.max_bytes = 1 << 20
        rig.connection.renew(await rig.connection.link())
        await rig.until_settled()
        assert len(await rig.stored_events()) == 50
