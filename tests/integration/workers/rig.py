"""Relay, deliveries and supervisor on a real nats-server, with a sink that misbehaves as told."""

import asyncio
import json
import os
import random
import shutil
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import func, select
from tests.integration.workers.owing import SERVICE

from helpdesk.broker.connection import Connection
from helpdesk.broker.server import EmbeddedServer
from helpdesk.broker.streams import EVENTS
from helpdesk.contracts.channels import Sender
from helpdesk.contracts.messages import Outbound
from helpdesk.kernel.instants import SECOND
from helpdesk.store import schema
from helpdesk.store.engine.database import Database, Session
from helpdesk.store.outbox import OutboxRow
from helpdesk.workers.deliveries import Deliveries, DeliveryPolicy
from helpdesk.workers.relay import Relay, RelaySettings
from helpdesk.workers.supervisor import Supervisor

PATIENCE = 60.0
QUICK = DeliveryPolicy(
    slots=8, deadline_seconds=2.0, lease_us=2 * SECOND, first_backoff_us=SECOND // 20, last_backoff_us=SECOND // 5
)
SWIFT = RelaySettings(poll_seconds=0.2, claim_us=2 * SECOND, republish_after_us=3 * SECOND, rest_seconds=0.1)


class Sink:
    """A channel's remote side: keeps what it took, in order. ``behave`` runs after a message was taken."""

    def __init__(self, behave: Callable[[Outbound], Awaitable[None]] | None = None) -> None:
        self.taken: list[str] = []
        self._behave = behave

    async def send(self, message: Outbound) -> str:
        self.taken.append(message.id)
        if self._behave is not None:
            await self._behave(message)
        return f"250 {message.id}"

    @property
    def repeats(self) -> int:
        """How many messages arrived once more than once."""
        return len(self.taken) - len(set(self.taken))


class Rig:
    """One instance of the service's outward side."""

    def __init__(
        self,
        database: Database,
        server: EmbeddedServer,
        sinks: Mapping[str, Sender],
        *,
        policy: DeliveryPolicy = QUICK,
        relay: RelaySettings = SWIFT,
    ) -> None:
        self.database = database
        self.server = server
        self.connection = Connection(server)
        self.relay = Relay(database, self.connection, relay)
        self.delivered: Counter[str] = Counter()
        self.failed: dict[str, str] = {}
        self.changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.supervisor = Supervisor(
            [
                self.relay,
                *(
                    Deliveries(
                        database,
                        self.connection,
                        kind,
                        sink,
                        on_delivered=self.on_delivered,
                        on_failed=self.on_failed,
                        on_settled=self._settled,
                        policy=policy,
                    )
                    for kind, sink in sinks.items()
                ),
            ]
        )

    def on_delivered(self, session: Session, row: OutboxRow, remote_id: str) -> None:
        name = row.payload["id"]
        assert remote_id == f"250 {name}"
        session.after_commit(lambda: self.delivered.update([name]))

    def on_failed(self, session: Session, row: OutboxRow, cause: str) -> None:
        session.after_commit(lambda: self.failed.update({str(row.id): cause}))

    def _settled(self) -> None:
        self.relay.wake()
        self._loop.call_soon_threadsafe(self.changed.set)

    async def __aenter__(self) -> "Rig":
        await self.connection.start()
        await self.supervisor.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.supervisor.stop()
        await self.connection.stop()

    def states(self) -> Counter[str]:
        """Return how many rows stand where."""

        def work(session: Session) -> Counter[str]:
            column = schema.outbox.c.state
            rows = session.connection.execute(select(column, func.count()).group_by(column))
            return Counter({row[0]: row[1] for row in rows})

        return self.database.read_now(SERVICE, work)

    def causes(self) -> set[str]:
        """Return why rows did not leave the last time."""
        work = select(schema.outbox.c.error)
        found = self.database.read_now(SERVICE, lambda session: session.connection.execute(work).scalars().all())
        return {cause for cause in found if cause}

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until ``condition`` holds, looking after every settled row and now and then."""
        async with asyncio.timeout(PATIENCE):
            while not await asyncio.to_thread(condition):
                self.changed.clear()
                await asyncio.wait({asyncio.ensure_future(self.changed.wait())}, timeout=0.1)

    async def until_settled(self) -> None:
        """Wait until nothing is owed."""
        await self.until(lambda: not set(self.states()) - {"done", "dead"})
        await self.database.write(SERVICE, lambda _: None)  # behind it, the callbacks of earlier commits have run

    async def stored_events(self) -> list[dict[str, Any]]:
        """Return all events in the stream, in its order."""
        link = await self.connection.link()
        state = (await link.js.stream_info(EVENTS)).state
        return [
            json.loads((await link.js.get_msg(EVENTS, seq)).data or b"")
            for seq in range(max(state.first_seq, 1), state.last_seq + 1)
        ]

    async def until_stored(self, count: int) -> list[dict[str, Any]]:
        """Wait until the stream has ``count`` events; return them, in its order."""
        link = await self.connection.link()
        subscription = await link.js.subscribe("hd.v1.>", ordered_consumer=True)
        found = [json.loads((await subscription.next_msg(timeout=PATIENCE)).data) for _ in range(count)]
        await subscription.unsubscribe()
        return found

    def wipe(self) -> None:
        """Delete all files of the broker."""
        shutil.rmtree(self.server.store.parent, ignore_errors=True)

    def kill_broker(self) -> None:
        """Kill the broker by force, if it lives."""
        if self.server.running and self.server.pid is not None:
            os.kill(self.server.pid, signal.SIGKILL)


def chance(seed: int, share: float) -> Callable[[], bool]:
    """Return a coin that falls true in ``share`` of the throws, the same for every run."""
    generator = random.Random(seed)
    return lambda: generator.random() < share
