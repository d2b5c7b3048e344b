"""Opening the database that the settings name."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from sqlalchemy import make_url

from helpdesk.kernel.errors import Unavailable
from helpdesk.settings import Settings
from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.revision import NEWEST, stored_revision

_MIGRATIONS = "helpdesk.store.migrations"
"""Loaded by its name and only for an upgrade: with Alembic it takes about as long to import as SQLAlchemy itself."""


def open_store(settings: Settings) -> Database:
    """Return the database, its schema the newest.

    An SQLite file is made and upgraded as needed. PostgreSQL is upgraded by its owner only (`helpdesk db upgrade`).

    Raises:
        Unavailable: the database does not answer, or PostgreSQL's schema is not the newest.
    """
    url = settings.database_url.reveal()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if stored_revision(url) != NEWEST:
        if not url.startswith("sqlite"):
            raise Unavailable("the database's schema is not the newest: run `helpdesk db upgrade` as its owner")
        import_module(_MIGRATIONS).upgrade(url)
    return open_database(url)


def watch_file(settings: Settings) -> Callable[[], bool]:
    """Return what says whether the SQLite file that is open still stands at its place; always so for PostgreSQL.

    A file that was deleted or replaced under the service goes on taking everything in, and all of it is lost with it.
    """
    url = make_url(settings.database_url.reveal())
    if url.get_backend_name() != "sqlite" or not url.database:
        return lambda: True
    file = Path(url.database)
    opened = file.stat().st_ino

    def still_there() -> bool:
        try:
            return file.stat().st_ino == opened
        except OSError:
            return False

    return still_there
