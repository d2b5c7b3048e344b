"""Opening the database that the settings name."""

from importlib import import_module

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
