"""What only PostgreSQL can get wrong: lost connections, deadlocks, a server that does not answer."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text
from tests.support.postgres import SUPERUSER, PostgresServer
from tests.support.things import SERVICE, add_tenant, agent_of

from helpdesk.kernel.errors import Invalid, Unavailable
from helpdesk.store.engine.database import Database, Session, open_database
from helpdesk.store.tenants import Counters, Tenants

pytestmark = pytest.mark.anyio


@pytest.fixture
def name(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    created = postgres.create(postgres_template)
    yield created
    postgres.drop(created)


@pytest.fixture
def database(postgres: PostgresServer, name: str) -> Iterator[Database]:
    opened = open_database(postgres.url(name))
    yield opened
    opened.close()


def kill_connections(postgres: PostgresServer, name: str) -> None:
    with postgres.connect("postgres", SUPERUSER) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            (name,),
        )


async def test_dead_connections_are_replaced_unnoticed(postgres: PostgresServer, name: str, database: Database) -> None:
    """Works after a restart of the server succeed: a connection lost before COMMIT took nothing with it."""
    agent = agent_of(add_tenant(database, "acme"))
    for _ in range(3):
        await asyncio.gather(*(database.write(agent, lambda s: Counters(s).next("n")) for _ in range(16)))
        kill_connections(postgres, name)
    assert await database.write(agent, lambda s: Counters(s).next("n")) == 49
    assert await database.read(agent, lambda s: Tenants(s).own().slug) == "acme"


async def test_connection_lost_within_a_work_runs_it_again_once_over(
    postgres: PostgresServer, name: str, database: Database
) -> None:
    """The work starts anew on another connection; its effect is there once."""
    agent = agent_of(add_tenant(database, "acme"))
    runs = []

    def work(session: Session) -> int:
        runs.append(1)
        number = Counters(session).next("n")
        if len(runs) == 1:
            kill_connections(postgres, name)
        session.connection.execute(text("SELECT 1"))
        return number

    assert await database.write(agent, work) == 1
    assert len(runs) == 2
    assert await database.write(agent, lambda s: Counters(s).next("n")) == 2


async def test_deadlocked_works_are_run_again(database: Database) -> None:
    """Two works that lock two rows in opposite order both succeed."""
    agent = agent_of(add_tenant(database, "acme"))
    barrier = threading.Barrier(2)
    runs = []

    def work(first: str, second: str) -> Callable[[Session], int]:
        def inner(session: Session) -> int:
            runs.append(first)
            number = Counters(session).next(first)
            if len(runs) <= 2:
                barrier.wait(5)
            return number + Counters(session).next(second)

        return inner

    def ready(session: Session) -> None:
        session.connection.execute(text("SELECT 1"))

    await asyncio.gather(*(database.write(agent, ready) for _ in range(8)))
    await asyncio.gather(
        database.write(agent, work("a", "b"), within_seconds=20),
        database.write(agent, work("b", "a"), within_seconds=20),
    )
    assert len(runs) >= 3
    assert await database.write(agent, lambda s: (Counters(s).next("a"), Counters(s).next("b"))) == (3, 3)


async def test_server_that_does_not_answer_is_unavailable_in_time(postgres: PostgresServer, database: Database) -> None:
    """Frozen, the server costs each caller 2 s at most, however many come; thawed, it serves again within 10 s."""
    agent = agent_of(add_tenant(database, "acme"))
    await asyncio.gather(*(database.write(agent, lambda s: Counters(s).next("n")) for _ in range(16)))
    lateness: list[float] = []

    async def one(write: bool) -> None:
        started = time.monotonic()
        run = database.write if write else database.read
        with pytest.raises(Unavailable):
            await run(agent, lambda s: s.connection.execute(text("SELECT 1")))
        lateness.append(time.monotonic() - started)

    postgres.pause()
    try:
        for _ in range(3):
            await asyncio.gather(*(one(n % 2 == 0) for n in range(20)))
    finally:
        postgres.resume()
    assert max(lateness) < 2.5
    back = time.monotonic()
    while True:
        try:
            await database.write(agent, lambda s: Counters(s).next("n"))
            break
        except Unavailable:
            assert time.monotonic() - back < 10
            await asyncio.sleep(0.05)


async def test_server_that_is_gone_is_unavailable(postgres: PostgresServer) -> None:
    """A database that is not there: Unavailable, and its text names no host."""
    database = open_database(postgres.url("not_there"))
    with pytest.raises(Unavailable) as caught:
        await database.write(SERVICE, lambda _: None)
    database.close()
    assert "not_there" not in caught.value.detail


async def test_text_with_nul_is_invalid(database: Database) -> None:
    """PostgreSQL has no NUL in texts: what a stranger sent is his error, not ours."""
    with pytest.raises(Invalid):
        await database.write(SERVICE, lambda s: Tenants(s).add("acme", "Ac\0me"))


async def test_long_work_is_cut_and_its_thread_free_again(database: Database) -> None:
    """A statement past the deadline ends with Unavailable; with more time it is let run."""
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await database.read(SERVICE, lambda s: s.connection.execute(text("SELECT pg_sleep(5)")), within_seconds=0.3)
    assert time.monotonic() - started < 1
    await database.read(SERVICE, lambda s: s.connection.execute(text("SELECT pg_sleep(2.2)")), within_seconds=10)
