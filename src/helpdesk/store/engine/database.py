"""The way in: ``open_database`` by URL, and the ``Database`` it returns."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from helpdesk.kernel.errors import Invalid
from helpdesk.store.engine.postgresql import PostgresqlDatabase
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.sqlite import SqliteDatabase
from helpdesk.store.engine.threads import Database

__all__ = ["Database", "Session", "open_database"]


def open_database(url: str) -> Database:
    """Open the database at ``url``: ``sqlite:///path`` or ``postgresql+psycopg://…``.

    The schema must be there already (``store.migrations.upgrade``). Close it after use.

    Raises:
        Invalid: the URL names no database of a kind we work on.
        Unavailable: the SQLite file cannot be opened. PostgreSQL is first reached by the first work.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Invalid("the database's URL cannot be read") from error
    match parsed.get_backend_name():
        case "sqlite":
            return SqliteDatabase(parsed)
        case "postgresql":
            return PostgresqlDatabase(parsed)
        case other:
            raise Invalid(f"{other} is not a database we work on: use sqlite or postgresql")
