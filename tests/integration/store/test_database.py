"""Works, transactions and threads: what `Database` promises, on both databases."""

import asyncio
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError
from tests.support.fixtures import DatabaseUrls
from tests.support.things import SERVICE, add_tenant, agent_of

from helpdesk.kernel.errors import Invalid, NotAllowed, Unavailable
from helpdesk.kernel.instants import DAY, HOUR
from helpdesk.store import schema
from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.engine.session import Session
from helpdesk.store.instance import TimeSource, installation
from helpdesk.store.tenants import Counters, Tenants

pytestmark = pytest.mark.anyio


def slugs(session: Session) -> set[str]:
    return {tenant.slug for tenant in Tenants(session).all()}


async def test_result_comes_after_commit(database: Database) -> None:
    """When write returns, another transaction sees what was written."""
    added = await database.write(SERVICE, lambda s: Tenants(s).add("acme", "Acme"))
    assert await database.read(SERVICE, lambda s: Tenants(s).by_slug("acme")) == added


async def test_failed_work_is_undone_alone(database: Database) -> None:
    """Of works committed together, one that raises leaves nothing and harms no other."""

    async def one(number: int) -> int:
        def work(session: Session) -> int:
            Tenants(session).add(f"t{number}", "T")
            if number % 3 == 0:
                raise ValueError(number)
            return number

        return await database.write(SERVICE, work)

    outcomes = await asyncio.gather(*(one(n) for n in range(60)), return_exceptions=True)
    expected = [("ValueError", n) if n % 3 == 0 else n for n in range(60)]
    found = [("ValueError", o.args[0]) if isinstance(o, ValueError) else o for o in outcomes]
    assert found == expected
    assert await database.read(SERVICE, slugs) == {f"t{n}" for n in range(60) if n % 3}


async def test_statement_that_fails_inside_a_work_undoes_the_work(database: Database) -> None:
    """A violated constraint reaches the caller as itself; what the work did before is gone."""

    def work(session: Session) -> None:
        added = Tenants(session).add("once", "Once")
        values = {"id": added.id, "slug": "twice", "name": "Twice", "created_at": 0}
        session.connection.execute(insert(schema.tenants), values)

    with pytest.raises(IntegrityError):
        await database.write(SERVICE, work)
    assert await database.read(SERVICE, slugs) == set()


async def test_callbacks_follow_the_commit_and_only_the_commit(database: Database) -> None:
    """A committed work's callback sees its rows from elsewhere; a failed work's is not called."""
    seen: list[object] = []

    def good(session: Session) -> None:
        Tenants(session).add("good", "Good")
        session.after_commit(broken)
        session.after_commit(lambda: seen.append(database.read_now(SERVICE, slugs)))

    def broken() -> None:
        raise RuntimeError

    def bad(session: Session) -> None:
        session.after_commit(lambda: seen.append("never"))
        raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        await database.write(SERVICE, bad)
    await database.write(SERVICE, good)
    assert seen == [{"good"}]


async def test_exit_raised_by_a_work_ends_no_thread(database: Database) -> None:
    """Even SystemExit belongs to its caller; the next work is done."""

    def leave(_: Session) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        database.write_now(SERVICE, leave)
    with pytest.raises(SystemExit):
        database.read_now(SERVICE, leave)
    assert await database.write(SERVICE, lambda _: "alive") == "alive"
    assert await database.read(SERVICE, lambda _: "alive") == "alive"


async def test_random_cancellations_leave_nothing_half_done(database: Database) -> None:
    """400 callers cancelled at random moments: every work happened wholly or not at all, and no lock is left behind."""
    tenant_id = add_tenant(database, "acme")
    agent = agent_of(tenant_id)

    def work(session: Session) -> int:
        for name in ("a", "b", "c"):
            Counters(session).next(name)
            time.sleep(0.0002)
        return Counters(session).next("d")

    tasks = [asyncio.ensure_future(database.write(agent, work)) for _ in range(400)]
    finished = 0
    for number, task in enumerate(tasks):
        if number % 7 == 0:
            await asyncio.sleep(0.0008 * (number % 3))
        if number % 5:
            task.cancel()
    for task in tasks:
        try:
            await task
            finished += 1
        except (asyncio.CancelledError, Unavailable):  # a busy machine refuses some: those did not happen either
            pass
    values = await database.write(agent, lambda s: {n: Counters(s).next(n) for n in ("a", "b", "c", "d")})
    assert len(set(values.values())) == 1
    assert 20 <= finished < values["a"] <= 401


async def test_cancelled_before_its_turn_is_not_begun(database: Database) -> None:
    """A work whose caller has gone before it was begun is dropped."""
    gate, begun = threading.Event(), []
    blockers = [asyncio.ensure_future(database.write(SERVICE, lambda _: gate.wait(5))) for _ in range(8)]
    await asyncio.sleep(0.05)
    task = asyncio.ensure_future(database.write(SERVICE, lambda _: begun.append(1)))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*blockers)
    await database.write(SERVICE, lambda _: None)
    assert begun == []


async def test_readers_cannot_write(database: Database) -> None:
    """A read transaction refuses changes."""
    with pytest.raises(Exception, match=r"readonly|read-only"):
        await database.read(SERVICE, lambda s: Tenants(s).add("acme", "Acme"))


async def test_read_is_one_consistent_view(database: Database) -> None:
    """Within one read, later statements do not see what others committed meanwhile."""

    def work(session: Session) -> tuple[set[str], set[str]]:
        before = slugs(session)
        database.write_now(SERVICE, lambda s: Tenants(s).add("acme", "Acme"))
        return before, slugs(session)

    assert database.read_now(SERVICE, work) == (set(), set())
    assert database.read_now(SERVICE, slugs) == {"acme"}


async def test_now_is_the_databases_clock_and_offset(database: Database) -> None:
    """The session's instant is the present, the same throughout, never running back; moving the offset moves it."""
    before = time.time_ns() // 1000
    instants = [database.write_now(SERVICE, lambda s: (s.now, s.now)) for _ in range(50)]
    after = time.time_ns() // 1000
    assert all(a == b for a, b in instants)
    assert [a for a, _ in instants] == sorted(a for a, _ in instants)
    assert before - 1000 <= instants[0][0] <= instants[-1][0] <= after + 1000
    database.write_now(SERVICE, lambda s: TimeSource(s).move_to_offset(DAY))
    moved = await database.read(SERVICE, lambda s: (s.now, TimeSource(s).offset_us()))
    assert moved[1] == DAY
    assert DAY <= moved[0] - after <= DAY + HOUR


def test_clock_set_back_does_not_take_instants_back(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite, whose clock is the machine's, a machine's clock set back by a minute moves no instant back."""
    path = tmp_path / "clock.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = open_database(f"sqlite:///{path}")
    first = database.write_now(SERVICE, lambda s: s.now)
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - 60 * 10**9)
    second = database.write_now(SERVICE, lambda s: s.now)
    third = database.read_now(SERVICE, lambda s: s.now)
    database.close()
    assert first <= second <= third


async def test_unbound_session_has_no_tenant(database: Database) -> None:
    """What needs a tenant refuses a principal that is bound to none."""
    with pytest.raises(NotAllowed):
        await database.write(SERVICE, lambda s: Counters(s).next("ticket"))


async def test_many_loops_and_threads_share_a_database(database: Database) -> None:
    """Several event loops and blocking threads at once: every work once, numbers without gaps."""
    agent = agent_of(add_tenant(database, "acme"))

    async def some() -> list[int]:
        return list(await asyncio.gather(*(database.write(agent, lambda s: Counters(s).next("n")) for _ in range(25))))

    numbers: list[int] = []
    threads = [threading.Thread(target=lambda: numbers.extend(asyncio.run(some()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert sorted(numbers) == list(range(1, 101))


async def test_work_that_finds_no_thread_gives_up_in_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """While every writer is busy, a work waits for its turn as long as said, then Unavailable, and is never done."""
    monkeypatch.setattr(database, "_patience_seconds", 0.2)
    gate, begun = threading.Event(), []
    blockers = [asyncio.ensure_future(database.write(SERVICE, lambda _: gate.wait(5))) for _ in range(4)]
    await asyncio.sleep(0.05)
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await database.write(SERVICE, lambda _: begun.append(1))
    with pytest.raises(Unavailable):
        await asyncio.to_thread(database.write_now, SERVICE, lambda _: begun.append(2))
    assert 0.4 <= time.monotonic() - started < 2
    gate.set()
    await asyncio.gather(*blockers, return_exceptions=True)
    await database.write(SERVICE, lambda _: None)
    assert begun == []


async def test_closed_database_finishes_its_works_and_takes_no_more(database_urls: DatabaseUrls) -> None:
    """close() does what waits, then refuses with Unavailable; closing again is nothing."""
    database = open_database(database_urls.application)
    waiting = [asyncio.ensure_future(database.write(SERVICE, lambda _: time.sleep(0.001))) for _ in range(50)]
    await asyncio.sleep(0)
    await asyncio.to_thread(database.close)
    assert await asyncio.gather(*waiting) == [None] * 50
    with pytest.raises(Unavailable):
        await database.write(SERVICE, lambda _: None)
    database.close()


async def test_the_installation_is_one(database: Database) -> None:
    """The first migration made the installation's id and its secret of 32 bytes, which its text does not show."""
    found = await database.read(SERVICE, installation)
    assert len(found.secret) == 32
    assert found.secret.hex() not in repr(found)
    assert str(found.secret) not in repr(found)


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_other_databases_are_refused(url: str) -> None:
    """What is not an SQLite file or PostgreSQL is Invalid."""
    with pytest.raises(Invalid):
        open_database(url)


async def test_counting_within_a_read(database: Database) -> None:
    """Plain SQL works too: the session's connection is SQLAlchemy's."""
    count = select(func.count()).select_from(schema.tenants)
    assert await database.read(SERVICE, lambda s: s.connection.execute(count).scalar_one()) == 0
    assert await database.read(SERVICE, lambda s: s.connection.execute(text("SELECT 1")).scalar_one()) == 1
