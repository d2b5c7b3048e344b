"""Hashes of what a database holds, to see whether anything has changed."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import text

from helpdesk.kernel.principal import system
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session


def names(database: Database) -> list[str]:
    """Return the names of a SQLite database's tables."""

    def work(session: Session) -> list[str]:
        wanted = text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return [name for (name,) in session.connection.execute(wanted) if not name.startswith("sqlite")]

    return database.read_now(system("test"), work)


def digest(database: Database, tables: Iterable[str]) -> str:
    """Return a hash of the tables' rows."""

    def work(session: Session) -> str:
        found = hashlib.sha256()
        for name in tables:
            found.update(repr(session.connection.execute(text(f'SELECT * FROM "{name}"')).all()).encode())
        return found.hexdigest()

    return database.read_now(system("test"), work)
