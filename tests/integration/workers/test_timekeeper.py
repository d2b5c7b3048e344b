"""The timekeeper: prompt, never early by the database's clock, fair, not stopped by a poison timer."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import and_, insert, select, update
from tests.integration.workers.owing import SERVICE
from tests.support.things import add_tenant, add_ticket

from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.instants import DAY, HOUR, MINUTE, SECOND, Instant
from helpdesk.kernel.principal import system
from helpdesk.store import schema
from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.engine.session import Session
from helpdesk.store.upcoming import DueTimer
from helpdesk.workers.timekeeper import Timekeeper, TimekeeperSettings

pytestmark = pytest.mark.anyio
PATIENCE = 20.0


def arm(database: Database, tenant: UUID, ticket_id: UUID, dues: dict[str, Instant], after: Instant) -> Instant:
    """Arm a timer for each clock's name, due so long after now and ``after``; return now."""

    def work(session: Session) -> Instant:
        base = session.now + after
        session.connection.execute(
            insert(schema.timers),
            [
                {
                    "tenant_id": tenant,
                    "ticket_id": ticket_id,
                    "clock": name,
                    "clock_seq": 0,
                    "point": "due",
                    "due_at": base + due,
                    "epoch": 1,
                    "state": "pending",
                }
                for name, due in dues.items()
            ],
        )
        return session.now

    return database.write_now(system("test", tenant), work)


class Desk:
    """Fires as the desk does: in one transaction, epoch and clock looked at again."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.fired: list[tuple[str, Instant, Instant]] = []
        """Clock's name, due, when it took effect; in this order."""
        self.early = 0
        self.calls = 0
        """Timers that were given to be fired."""
        self.turns: list[tuple[UUID, int]] = []
        """Whose, and how many at once."""
        self.changed = asyncio.Event()
        self.trouble: Callable[[DueTimer], Awaitable[None]] | None = None

    async def fire(self, tenant: UUID, timers: Sequence[DueTimer]) -> None:
        self.calls += len(timers)
        self.turns.append((tenant, len(timers)))
        if self.trouble is not None:
            for timer in timers:
                await self.trouble(timer)

        def work(session: Session) -> list[Instant | None]:
            return [self._commit(session, timer) for timer in timers]

        for timer, effect in zip(timers, await self.database.write(system("test", tenant), work), strict=True):
            if effect is not None:
                self.fired.append((timer.key.clock, timer.due_at, effect))
        self.changed.set()

    def _commit(self, session: Session, timer: DueTimer) -> Instant | None:
        table = schema.timers.c
        this = and_(
            table.tenant_id == timer.tenant_id,
            table.ticket_id == timer.ticket_id,
            table.clock == timer.key.clock,
            table.point == timer.key.point,
            table.epoch == timer.epoch,
            table.state == "pending",
        )
        fired = update(schema.timers).where(this, table.due_at <= session.now)
        fired = fired.values(state="fired", fired_at=session.now)
        if session.connection.execute(fired.returning(table.epoch)).one_or_none() is not None:
            return session.now
        due = session.connection.execute(select(table.due_at).where(this)).scalar_one_or_none()
        self.early += due is not None
        return None

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.fired) < count:
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def running(*keepers: Timekeeper) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(keeper.run(lambda: None)) for keeper in keepers]
    yield
    for keeper in keepers:
        keeper.stop()
    await asyncio.gather(*tasks)


@pytest.fixture
def tenant(database: Database) -> UUID:
    return add_tenant(database, "acme")


@pytest.fixture
def ticket_id(database: Database, tenant: UUID) -> UUID:
    return database.write_now(system("test", tenant), lambda s: add_ticket(s, 1))


async def test_prompt_and_never_early(database: Database, tenant: UUID, ticket_id: UUID) -> None:
    """Timers written before and after the start take effect within 300 ms of their instant, and none before it."""
    desk = Desk(database)
    arm(database, tenant, ticket_id, {f"a{n}": n * SECOND // 20 for n in range(20)}, 0)
    keeper = Timekeeper(database, desk.fire)
    async with running(keeper):
        await desk.until(5)
        await asyncio.to_thread(
            arm, database, tenant, ticket_id, {f"b{n}": n * SECOND // 20 for n in range(20)}, SECOND // 10
        )
        keeper.wake()
        await desk.until(40)
    assert desk.early == 0
    lateness = [effect - due for _, due, effect in desk.fired]
    assert min(lateness) >= 0
    assert max(lateness) < 3 * SECOND // 10, lateness
    assert desk.calls == 40


async def test_the_offset_moves_the_present(database: Database, tenant: UUID, ticket_id: UUID) -> None:
    """What is due in hours by the wall is due at once when the offset is moved there, and not before."""
    desk = Desk(database)
    now = arm(database, tenant, ticket_id, {"near": HOUR, "far": DAY}, 0)

    def move(session: Session) -> None:
        session.connection.execute(update(schema.time_source).values(offset_us=2 * HOUR))

    async with running(Timekeeper(database, desk.fire)):
        await asyncio.sleep(0.2)
        assert desk.calls == 0
        await database.write(SERVICE, move)
        await desk.until(1)
    ((name, due, effect),) = desk.fired
    assert (name, due) == ("near", now + HOUR)
    assert effect - (now + 2 * HOUR) < 10 * SECOND


async def test_several_fire_each_once(database: Database, tenant: UUID, ticket_id: UUID) -> None:
    """Three timekeepers on one database: every timer takes effect exactly once."""
    desk = Desk(database)
    arm(database, tenant, ticket_id, {f"c{n}": n * SECOND // 500 for n in range(300)}, 0)
    async with running(*(Timekeeper(database, desk.fire) for _ in range(3))):
        await desk.until(300)
        await asyncio.sleep(0.2)
    assert sorted(name for name, _, _ in desk.fired) == sorted(f"c{n}" for n in range(300))
    assert desk.early == 0


async def test_a_flood_hurts_its_own_tenant(database: Database, tenant: UUID, ticket_id: UUID) -> None:
    """Thousands of overdue timers of one tenant do not make another's wait for them."""
    other = add_tenant(database, "other")
    other_ticket = database.write_now(system("test", other), lambda s: add_ticket(s, 1))
    arm(database, tenant, ticket_id, {f"flood{n}": -MINUTE for n in range(3_000)}, 0)
    arm(database, other, other_ticket, {f"other{n}": 0 for n in range(20)}, 0)
    desk = Desk(database)
    settings = TimekeeperSettings(read_limit=500, chunk=64)
    async with running(Timekeeper(database, desk.fire, settings=settings)):
        await desk.until(200)
    first = [name for name, _, _ in desk.fired[:100]]
    assert sum(name.startswith("other") for name in first) == 20


async def test_turns_are_bounded_and_go_round(database: Database, tenant: UUID, ticket_id: UUID) -> None:
    """A turn has so many timers of one tenant at most, and goes to the tenant whose last one is the longest ago."""
    owners = {tenant: 400}
    arm(database, tenant, ticket_id, {f"a{n}": -MINUTE for n in range(400)}, 0)
    for name, count in (("b", 50), ("c", 20)):
        other = add_tenant(database, name)
        its_ticket = database.write_now(system("test", other), lambda s: add_ticket(s, 1))
        arm(database, other, its_ticket, {f"{name}{n}": -SECOND for n in range(count)}, 0)
        owners[other] = count
    desk = Desk(database)
    settings = TimekeeperSettings(together=16, concurrency=1)
    async with running(Timekeeper(database, desk.fire, settings=settings)):
        await desk.until(470)
    assert max(count for _, count in desk.turns) == 16
    assert Counter(owner for owner, _ in desk.turns[:6]) == dict.fromkeys(owners, 2)
    assert Counter(owner for owner, _ in desk.turns[:10]) == dict(zip(owners, (4, 4, 2), strict=True))
    assert Counter(owner for owner, _ in desk.turns) == dict(zip(owners, (25, 4, 2), strict=True))


async def test_who_comes_into_a_flood_is_next(database: Database, tenant: UUID, ticket_id: UUID) -> None:
    """A timer of another tenant that is written while a flood fires has its turn right after the next look."""
    other = add_tenant(database, "other")
    its_ticket = database.write_now(system("test", other), lambda s: add_ticket(s, 1))
    arm(database, tenant, ticket_id, {f"flood{n}": -MINUTE for n in range(1_000)}, 0)
    desk = Desk(database)
    settings = TimekeeperSettings(together=10, concurrency=1, chunk=50, read_limit=100)
    keeper, armed = Timekeeper(database, desk.fire, settings=settings), list[Instant]()

    async def trouble(timer: DueTimer) -> None:
        if timer.tenant_id == tenant and len(desk.turns) == 3 and not armed:
            armed.append(await asyncio.to_thread(arm, database, other, its_ticket, {"new": -SECOND}, 0))

    desk.trouble = trouble
    async with running(keeper):
        await desk.until(1_001)
    assert [owner for owner, _ in desk.turns].index(other) <= 3 + 100 // 10


async def test_a_request_waits_for_no_flood(tmp_path: Path, sqlite_template: Path) -> None:
    """On the one writer of SQLite, another tenant's request comes behind the turns at work, not behind the flood."""
    shutil.copy(sqlite_template, tmp_path / "one.db")
    database = open_database(f"sqlite:///{tmp_path / 'one.db'}")
    flooded, other = add_tenant(database, "flooded"), add_tenant(database, "other")
    its_ticket = database.write_now(system("test", flooded), lambda s: add_ticket(s, 1))
    arm(database, flooded, its_ticket, {f"flood{n}": -MINUTE for n in range(600)}, 0)
    desk, waited, requests = Desk(database), list[int](), list[asyncio.Task[None]]()
    settings = TimekeeperSettings(together=10)

    async def request() -> None:
        asked = len(desk.turns)
        await database.write(system("test", other), lambda session: session.now)
        waited.append(len(desk.turns) - asked)

    async def trouble(timer: DueTimer) -> None:
        if timer.key.clock.endswith("7"):
            requests.append(asyncio.create_task(request()))

    desk.trouble = trouble
    async with running(Timekeeper(database, desk.fire, settings=settings)):
        await desk.until(600)
    await asyncio.gather(*requests)
    database.close()
    assert len(waited) == 60
    assert max(waited) <= 2 * settings.concurrency


async def test_one_at_fault_undoes_nobody(database: Database, tenant: UUID, ticket_id: UUID) -> None:
    """Where firing together fails, each of the timers fires alone, at once; only the one at fault is left."""

    async def trouble(timer: DueTimer) -> None:
        if timer.key.clock == "a7":
            raise LookupError("a clock of no regulation")

    desk = Desk(database)
    desk.trouble = trouble
    arm(database, tenant, ticket_id, {f"a{n}": -MINUTE for n in range(20)}, 0)
    async with running(Timekeeper(database, desk.fire)):
        await desk.until(19)
    assert "a7" not in {name for name, _, _ in desk.fired}
    assert [count for _, count in desk.turns[:21]] == [20, *(1,) * 20]


async def test_a_database_that_is_slow_is_given_less(database: Database, tenant: UUID, ticket_id: UUID) -> None:
    """Where so many together are too much for the database, half as many are tried, until it can; all fire."""

    class Slow(Desk):
        async def fire(self, tenant: UUID, timers: Sequence[DueTimer]) -> None:
            if len(timers) > 10:
                self.turns.append((tenant, len(timers)))
                raise Unavailable("the database did not answer in time")
            await super().fire(tenant, timers)

    desk = Slow(database)
    arm(database, tenant, ticket_id, {f"a{n}": -MINUTE for n in range(100)}, 0)
    settings = TimekeeperSettings(poll_seconds=0.05, calm_seconds=0.01, concurrency=1)
    async with running(Timekeeper(database, desk.fire, settings=settings)):
        await desk.until(100)
    assert [count for _, count in desk.turns[:3]] == [64, 32, 4]


async def test_poison_blocks_nobody(database: Database, tenant: UUID, ticket_id: UUID) -> None:
    """Timers whose firing fails are left alone for a while; the rest fires, even with room for few."""

    tried = 0

    async def trouble(timer: DueTimer) -> None:
        nonlocal tried
        if timer.key.clock.startswith("poison"):
            tried += 1
            raise LookupError("a clock of no regulation")

    desk = Desk(database)
    desk.trouble = trouble
    arm(database, tenant, ticket_id, {f"poison{n}": -HOUR for n in range(30)}, 0)
    arm(database, tenant, ticket_id, {f"good{n}": 0 for n in range(100)}, 0)
    settings = TimekeeperSettings(read_limit=20, poll_seconds=0.1, first_pause_seconds=60)
    async with running(Timekeeper(database, desk.fire, settings=settings)):
        await desk.until(100)
    assert tried <= 60


async def test_a_hanging_firing_is_given_up(database: Database, tenant: UUID, ticket_id: UUID) -> None:
    """A firing that does not come back is cancelled and tried again later; the others do not wait for it."""
    hung: list[str] = []

    async def trouble(timer: DueTimer) -> None:
        if timer.key.clock == "hangs" and not hung:
            hung.append(timer.key.clock)
            await asyncio.Event().wait()

    desk = Desk(database)
    desk.trouble = trouble
    arm(database, tenant, ticket_id, {"hangs": -1, "a": 0, "b": 0}, 0)
    settings = TimekeeperSettings(fire_seconds=0.2, first_pause_seconds=0.1, poll_seconds=0.1)
    async with running(Timekeeper(database, desk.fire, settings=settings)):
        await desk.until(3)
    assert sorted(name for name, _, _ in desk.fired) == ["a", "b", "hangs"]
