"""What is kept for a time only goes when the time is over, in batches, and not before."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from tests.support.things import SERVICE, agent_of

from helpdesk.kernel.instants import HOUR
from helpdesk.store import schema
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.inbox import Inbox
from helpdesk.store.mail_counters import MailCounters
from helpdesk.workers.forgetting import COUNTS_KEPT, INPUTS_KEPT, Forgetting

pytestmark = pytest.mark.anyio

BATCH = 3


def kept(session: Session) -> tuple[int, int]:
    """Return how many inputs and counts there are."""
    inputs, counts = (select(func.count()).select_from(each) for each in (schema.inbox, schema.mail_counters))
    return session.connection.execute(inputs).scalar_one(), session.connection.execute(counts).scalar_one()


async def forget(database: Database, passed: int) -> tuple[int, int]:
    """Let time pass, let the worker look once, and return what is kept then."""

    def move(session: Session) -> None:
        session.connection.execute(update(schema.time_source).values(offset_us=passed))

    await database.write(SERVICE, move)
    await Forgetting(database, batch=BATCH).work()
    return await database.read(SERVICE, kept)


async def test_what_is_kept_for_a_time_goes_after_it(database: Database, tenant: UUID) -> None:
    """An hour before its time is over everything is there; an hour after nothing is, however many batches it takes."""
    everything = 2 * BATCH + 1

    def claim_and_count(session: Session) -> None:
        for key in map(str, range(everything)):
            Inbox(session).claim("http", key, b"h")
            MailCounters(session).take(key, per_hour=1, per_day=1)

    await database.write(agent_of(tenant), claim_and_count)
    assert await forget(database, COUNTS_KEPT - HOUR) == (everything, everything)
    assert await forget(database, COUNTS_KEPT + HOUR) == (everything, 0)
    assert await forget(database, INPUTS_KEPT - HOUR) == (everything, 0)
    assert await forget(database, INPUTS_KEPT + HOUR) == (0, 0)


async def test_a_database_that_is_away_is_waited_for(sqlite: Database) -> None:
    """The worker goes on once it answers again, and stops when it is told to."""
    began = asyncio.Event()
    worker = Forgetting(sqlite, every_seconds=0.01)
    sqlite.close()
    running = asyncio.create_task(worker.run(began.set))
    await began.wait()
    await asyncio.sleep(0.05)
    assert not running.done()
    worker.stop()
    await running
