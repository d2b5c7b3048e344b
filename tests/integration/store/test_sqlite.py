"""What only SQLite can get wrong: group commit, locks from outside, a transaction that is lost."""

import asyncio
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert
from tests.support.things import SERVICE

import helpdesk.store.engine.sqlite
from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.ids import new_id
from helpdesk.store import schema
from helpdesk.store.engine.database import Database, Session, open_database
from helpdesk.store.engine.sqlite import BATCH_SECONDS
from helpdesk.store.tenants import Tenants

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(sqlite_template: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "helpdesk.db"
    shutil.copy(sqlite_template, copied)
    return copied


@pytest.fixture
def database(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(helpdesk.store.engine.sqlite, "BUSY_SECONDS", 0.2)
    opened = open_database(f"sqlite:///{path}")
    yield opened
    opened.close()


Work = Callable[[Session], None]


def add(slug: str) -> Work:
    def work(session: Session) -> None:
        Tenants(session).add(slug, slug)

    return work


async def batch(database: Database, *works: Work) -> list[object]:
    """Put the works into one transaction, behind one that keeps the writer until all of them wait."""
    first = asyncio.ensure_future(database.write(SERVICE, lambda _: time.sleep(2 * BATCH_SECONDS)))
    waiting = [asyncio.ensure_future(database.write(SERVICE, work)) for work in works]
    await first
    return await asyncio.gather(*waiting, return_exceptions=True)


def slugs(database: Database) -> list[str]:
    return [t.slug for t in database.read_now(SERVICE, lambda s: Tenants(s).all())]


async def test_works_that_wait_share_a_transaction(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Works that came together are committed together, in their order."""
    monkeypatch.setattr(helpdesk.store.engine.sqlite, "BATCH_SECONDS", 60.0)  # however slow the machine
    changes: list[int] = []
    outside = sqlite3.connect(path, check_same_thread=False)

    def work(slug: str) -> Work:
        def inner(session: Session) -> None:
            Tenants(session).add(slug, slug)
            changes.append(outside.execute("SELECT count(*) FROM tenants").fetchone()[0])

        return inner

    assert await batch(database, *(work(f"t{n}") for n in range(10))) == [None] * 10
    assert changes == [0] * 10
    assert slugs(database) == [f"t{n}" for n in range(10)]
    outside.close()


async def test_failed_commit_fails_every_work_of_the_batch(database: Database) -> None:
    """If COMMIT fails, nothing of the batch is stored, all its callers hear Unavailable, no callback runs."""
    called: list[str] = []

    def orphan(session: Session) -> None:
        # A foreign key that is checked at COMMIT only, and violated.
        session.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        values = {"tenant_id": new_id(), "name": "n", "value": 1}
        session.connection.execute(insert(schema.tenant_counters), values)

    def good(session: Session) -> None:
        Tenants(session).add("good", "Good")
        session.after_commit(lambda: called.append("good"))

    def bad(session: Session) -> None:
        raise ValueError("its own")

    outcomes = await batch(database, good, bad, orphan)
    assert [type(outcome) for outcome in outcomes] == [Unavailable, ValueError, Unavailable]
    assert (called, slugs(database)) == ([], [])
    assert await batch(database, add("next")) == [None]
    assert slugs(database) == ["next"]


async def test_lost_transaction_fails_the_batch_but_not_the_next(database: Database) -> None:
    """A work that ends the transaction under the others' feet fails them all; the writer goes on."""

    def vandal(session: Session) -> None:
        session.connection.exec_driver_sql("ROLLBACK")

    outcomes = await batch(database, add("before"), vandal)
    assert isinstance(outcomes[0], Unavailable)
    assert isinstance(outcomes[1], Exception)
    assert slugs(database) == []
    assert await batch(database, add("after")) == [None]
    assert slugs(database) == ["after"]


async def test_lock_held_by_another_process_is_waited_for_and_then_unavailable(database: Database, path: Path) -> None:
    """While somebody else holds the write lock, works fail with Unavailable after a while; reads go on."""
    outside = sqlite3.connect(path, isolation_level=None)
    outside.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        await database.write(SERVICE, lambda s: Tenants(s).add("a", "A"))
    assert slugs(database) == []
    outside.execute("COMMIT")
    outside.close()
    await database.write(SERVICE, lambda s: Tenants(s).add("a", "A"))
    assert slugs(database) == ["a"]


async def test_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    """A folder in the file's place."""
    with pytest.raises(Unavailable):
        open_database(f"sqlite:///{tmp_path}")


def test_a_file_taken_away_takes_in_nothing_more(database: Database, path: Path) -> None:
    """Deleted, or replaced by a copy (a backup put in its place while the service runs): writes are Unavailable."""
    away = path.with_name("away")
    path.rename(away)
    assert not database.in_place()
    with pytest.raises(Unavailable):
        database.write_now(SERVICE, add("gone"))
    shutil.copy(away, path)
    assert not database.in_place()
    with pytest.raises(Unavailable):
        database.write_now(SERVICE, add("into-another"))
    path.unlink()
    away.rename(path)
    assert database.in_place()
    database.write_now(SERVICE, add("back"))
    assert slugs(database) == ["back"]


def test_what_went_into_a_file_as_it_was_taken_away_is_not_acknowledged(database: Database, path: Path) -> None:
    """Between the begin of a transaction and its commit: the caller hears that it may be lost."""

    def robbed(session: Session) -> None:
        Tenants(session).add("gone", "Gone")
        path.rename(path.with_name("away"))

    with pytest.raises(Unavailable):
        database.write_now(SERVICE, robbed)
