"""The schema's history: one, for both databases, run by ``upgrade`` without any file of settings on disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from helpdesk.kernel.errors import Unavailable
from helpdesk.store.engine.sqlite import make_engine
from helpdesk.store.grants import grant_application
from helpdesk.store.migrations.expectations import expect_growth
from helpdesk.store.schema import metadata

_LOCK = 0x68656C70  # any number that nobody else locks


def upgrade(url: str, *, application_role: str | None = None) -> None:
    """Bring the database at ``url`` to the newest schema, in one transaction; doing it again changes nothing.

    An SQLite file is created where there is none, readable by its owner only. On PostgreSQL ``url`` is the owner's, and
    ``application_role``, where given, is a role that exists and owns nothing: it gets what the service needs and no
    more. Several instances may upgrade at once: one does it, the others wait.

    Raises:
        Unavailable: the database does not answer, or a newer version of the service made its schema.
        sqlalchemy.exc.DBAPIError: a migration or a grant failed; nothing is changed.
    """
    path = make_url(url).database
    if url.startswith("sqlite") and path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with _transaction(url) as connection:
        config = _config()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:  # none of our revisions leads there
            raise Unavailable(f"the database's schema is of a newer version of the service: {error}") from error
        if connection.dialect.name == "sqlite":
            expect_growth(connection)
        if application_role is not None:
            grant_application(connection, application_role)


def is_current(url: str) -> bool:
    """Say whether the database at ``url`` has the newest schema.

    Raises:
        Unavailable: the database does not answer.
    """
    path = make_url(url).database
    if url.startswith("sqlite") and not (path and Path(path).exists()):
        return False
    with _transaction(url) as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
    return set(heads) == set(ScriptDirectory.from_config(_config()).get_heads())


def differences(url: str) -> list[object]:
    """Return how the database at ``url`` differs from the tables in code, as Alembic sees it; empty if not at all."""
    with _transaction(url) as connection:
        opts = {"compare_type": True, "target_metadata": metadata, "include_name": _is_ours}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, metadata))


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the search index, which is not made of the same tables on both databases."""
    return kind != "table" or not (name or "").startswith("search_index")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _transaction(url: str) -> Iterator[Connection]:
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    engine = make_engine(parsed) if sqlite else create_engine(parsed, poolclass=NullPool)
    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise Unavailable(f"the database is not available: {error.orig}") from error
    with connection, connection.begin():
        if sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            # Migrations see every tenant's rows: even the owner is held by row-level security.
            connection.execute(text("SELECT set_config('app.scope', 'service', true)"))
        yield connection
