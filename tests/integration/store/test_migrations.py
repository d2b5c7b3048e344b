"""The schema's history."""

from pathlib import Path

import pytest
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint, select
from tests.support.fixtures import DatabaseUrls
from tests.support.postgres import OWNER, SUPERUSER, PostgresServer

from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.principal import system
from helpdesk.store import schema
from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.migrations import differences, is_current, upgrade


def test_migrated_schema_is_the_one_in_code(database_urls: DatabaseUrls) -> None:
    """Alembic finds no difference between what the migrations made and the tables in code."""
    assert differences(database_urls.owner) == []


def test_upgrade_twice_changes_nothing(database_urls: DatabaseUrls) -> None:
    """A migrated database is current; upgrading it again is no error and keeps its rows."""
    with_id = system("test")
    database = open_database(database_urls.application)
    before = database.read_now(with_id, lambda s: s.connection.execute(select(schema.instance.c.instance_id)).all())
    upgrade(database_urls.owner)
    after = database.read_now(with_id, lambda s: s.connection.execute(select(schema.instance.c.instance_id)).all())
    database.close()
    assert is_current(database_urls.owner)
    assert before == after


def test_new_sqlite_file_is_the_owners_only(tmp_path: Path) -> None:
    """The file is created, folders included, and nobody else may read it."""
    path = tmp_path / "var" / "helpdesk.db"
    assert not is_current(f"sqlite:///{path}")
    upgrade(f"sqlite:///{path}")
    assert path.stat().st_mode & 0o777 == 0o600


def test_every_sqlite_table_is_strict(sqlite_template: Path) -> None:
    """No table takes a text for a number."""
    database = open_database(f"sqlite:///{sqlite_template}")
    rows = database.read_now(
        system("test"), lambda s: s.connection.exec_driver_sql("SELECT name, strict FROM pragma_table_list").all()
    )
    database.close()
    strict = {name for name, strict in rows if strict}
    assert set(schema.metadata.tables) - strict == set()


def test_every_tenants_table_is_behind_a_forced_wall(postgres: PostgresServer, postgres_template: str) -> None:
    """Every table but the service's own two has row-level security, enabled and forced, with a policy."""
    with postgres.connect(postgres_template, OWNER) as connection:
        walled = {
            row[0]
            for row in connection.execute(
                "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid"
                " WHERE relrowsecurity AND relforcerowsecurity AND polname = 'tenant_wall'"
            )
        }
        owners = {row[0] for row in connection.execute("SELECT tableowner FROM pg_tables WHERE schemaname = 'public'")}
    assert set(schema.metadata.tables) - walled == {"time_source", "instance"}
    assert owners == {OWNER}


def test_role_that_bypasses_walls_gets_nothing(postgres: PostgresServer, postgres_template: str) -> None:
    """A superuser as the application's role is refused, and so is a role that does not exist."""
    url = postgres.url(postgres_template, OWNER)
    with pytest.raises(Invalid, match="superuser"):
        upgrade(url, application_role=SUPERUSER)
    with pytest.raises(Invalid, match="no role"):
        upgrade(url, application_role="nobody_here")


def test_every_key_is_led_by_the_tenant() -> None:
    """Every primary key, unique and foreign key starts with tenant_id, but for what concerns all tenants."""
    above_tenants = {"tenants", "credentials", "time_source", "instance"}
    for table in schema.metadata.tables.values():
        if table.name in above_tenants:
            continue
        keys = PrimaryKeyConstraint | UniqueConstraint | ForeignKeyConstraint
        for key in (c for c in table.constraints if isinstance(c, keys)):
            columns = [column.name for column in key.columns]
            assert columns[0] == "tenant_id" or columns == ["credential_id"], (table.name, columns)


def test_sqlite_settings_are_granted(sqlite_template: Path) -> None:
    """Write-ahead log, fsync at every commit, foreign keys enforced."""
    database: Database = open_database(f"sqlite:///{sqlite_template}")
    names = ("journal_mode", "synchronous", "foreign_keys")
    granted = [
        database.write_now(system("test"), lambda s, n=name: s.connection.exec_driver_sql(f"PRAGMA {n}").scalar_one())  # type: ignore[misc]
        for name in names
    ]
    database.close()
    assert granted == ["wal", 2, 1]
