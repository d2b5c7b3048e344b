"""Opening the database that the settings name."""

from helpdesk.kernel.errors import Unavailable
from helpdesk.settings import Settings
from helpdesk.store.database import Database, open_database
from helpdesk.store.migrations import is_current, upgrade


def open_store(settings: Settings) -> Database:
    """Return the database, its schema the newest.

    An SQLite file is made and upgraded as needed. PostgreSQL is upgraded by its owner only (`helpdesk db upgrade`).

    Raises:
        Unavailable: the database does not answer, or PostgreSQL's schema is not the newest.
    """
    url = settings.database_url.reveal()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not is_current(url):
        if not url.startswith("sqlite"):
            raise Unavailable("the database's schema is not the newest: run `helpdesk db upgrade` as its owner")
        upgrade(url)
    return open_database(url)
