"""Killed with force at any moment, its broker's store wiped each time: nothing owed is lost, nothing noted twice."""

import asyncio
import contextlib
import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from tests.integration.workers.owing import SERVICE, owe_events, owe_letters, ticket
from tests.integration.workers.rig import QUICK, chance
from tests.support.things import add_tenant

from helpdesk.store import schema
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[3]
KILLS = 6


class LineSink:
    """Takes lines, keeps them, answers; drops the connection after the final dot in 5 of 100."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.dropped = 0
        self.arrived = asyncio.Event()
        self._drop = chance(3, 0.05)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = (await reader.readline()).decode().strip()
        if name:
            self.taken.append(name)
            self.arrived.set()
            await asyncio.sleep(0.005)
            if self._drop():
                self.dropped += 1
            else:
                with contextlib.suppress(ConnectionError):
                    writer.write(f"250 {name}\n".encode())
                    await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def instance(url: str, folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.workers.instance", url, str(folder), str(port)),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def settled(session: Session) -> bool:
    column = schema.outbox.c.state
    return set(session.connection.execute(select(column).distinct()).scalars()) == {"done"}


async def test_killed_and_wiped(sqlite: Database, tmp_path: Path) -> None:
    """Every letter arrives, in order per ticket; its effect is noted once; repeats are those that had to be."""
    tenant = add_tenant(sqlite, "acme")
    tickets = [ticket(sqlite, tenant, n) for n in range(10)]
    sink = LineSink()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url, folder = f"sqlite:///{tmp_path}/only.db", tmp_path / "nats"
    pauses = random.Random(5)
    names: set[str] = set()

    def owe(seq: int) -> None:
        for number, ticket_id in enumerate(tickets):
            owe_events(sqlite, tenant, ticket_id, range(seq, seq + 1))
            owe_letters(sqlite, tenant, ticket_id, range(seq, seq + 1), tag=f"t{number}")
            names.add(f"t{number}-{seq}")

    for kill in range(KILLS):
        async with instance(url, folder, port) as process:
            sink.arrived.clear()
            await asyncio.to_thread(owe, kill + 1)
            await asyncio.wait_for(sink.arrived.wait(), 30)
            await asyncio.sleep(pauses.uniform(0, 0.3))
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)
    async with instance(url, folder, port), asyncio.timeout(60):
        while not await sqlite.read(SERVICE, settled):
            sink.arrived.clear()
            await asyncio.wait({asyncio.ensure_future(sink.arrived.wait())}, timeout=0.2)
    server.close()

    assert set(sink.taken) == names
    repeats = len(sink.taken) - len(names)
    assert sink.dropped <= repeats <= sink.dropped + KILLS * QUICK.slots
    noted = sqlite.read_now(
        SERVICE,
        lambda s: Counter(
            {
                row[0]: row[1]
                for row in s.connection.execute(
                    select(schema.audit.c.object, func.count())
                    .where(schema.audit.c.act == "delivered")
                    .group_by(schema.audit.c.object)
                )
            }
        ),
    )
    assert noted == dict.fromkeys(names, 1)
    for number in range(len(tickets)):
        first_arrivals = list(dict.fromkeys(n for n in sink.taken if n.startswith(f"t{number}-")))
        assert first_arrivals == [f"t{number}-{seq}" for seq in range(1, KILLS + 1)]
