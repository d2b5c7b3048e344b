"""Which schema a database has, read without the machinery that changes it: a start needs no more."""

from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from helpdesk.kernel.errors import Unavailable

NEWEST = "0001"
"""The last revision under ``migrations/versions``; a test compares the two."""

_STORED = text("SELECT version_num FROM alembic_version")


def stored_revision(url: str) -> str | None:
    """Return the revision of the database at ``url``; None where it has no schema of ours.

    Raises:
        Unavailable: the database does not answer.
    """
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite and not (parsed.database and Path(parsed.database).exists()):
        return None
    engine = create_engine(parsed, poolclass=NullPool)
    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise Unavailable(f"the database is not available: {error.orig}") from error
    with connection:
        try:
            found = connection.execute(_STORED).scalars().all()
        except (ProgrammingError, OperationalError):  # there is no such table
            return None
    return found[0] if len(found) == 1 else None
