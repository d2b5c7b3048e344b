"""What migrations are written with. Migrations that were released use these: never change what they do."""

import secrets
import time

from alembic import op
from sqlalchemy import Column, ForeignKeyConstraint, Integer, column, table
from sqlalchemy.schema import SchemaItem

from helpdesk.kernel.ids import new_id
from helpdesk.store.types import Bytes, Count, Id, Instant

_SERVICE = "current_setting('app.scope', true) = 'service'"
# An unset setting reads as '' once it was set in the session before.
_TENANT = "NULLIF(current_setting('app.tenant', true), '')::uuid"
_KEY_HASH = "decode(NULLIF(current_setting('app.key_hash', true), ''), 'hex')"


def create(name: str, *items: SchemaItem, clustered: bool = False, tenant: str | None = "tenant_id") -> None:
    """Create a table: STRICT on SQLite, on PostgreSQL behind the tenant wall, which goes by the column ``tenant``."""
    op.create_table(name, *items, sqlite_strict=True, sqlite_with_rowid=not clustered)
    if tenant is not None:
        wall(name, tenant)


def wall(name: str, column: str) -> None:
    """Show and accept only rows of the transaction's tenant, except for the service itself. Holds the owner too."""
    if op.get_context().dialect.name != "postgresql":
        return
    condition = f"{_SERVICE} OR {column} = {_TENANT}"
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_wall ON {name} USING ({condition}) WITH CHECK ({condition})")


def key_holder(name: str, condition: str) -> None:
    """Show the rows that belong to the presented key; ``{hash}`` in ``condition`` is the hash of its secret."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"CREATE POLICY key_holder ON {name} FOR SELECT USING ({condition.format(hash=_KEY_HASH)})")


def tenant_column() -> Column[object]:
    """Return the column that leads the primary key."""
    return Column("tenant_id", Id, primary_key=True)


def of_tenant() -> ForeignKeyConstraint:
    """Return the foreign key to the tenant itself."""
    return ForeignKeyConstraint(["tenant_id"], ["tenants.id"])


def of_ticket() -> ForeignKeyConstraint:
    """Return the foreign key to a ticket of the same tenant."""
    return ForeignKeyConstraint(["tenant_id", "ticket_id"], ["tickets.tenant_id", "tickets.id"])


def first_rows() -> None:
    """Insert the service's own two rows."""
    time_source = table("time_source", column("id", Integer), column("offset_us", Count))
    op.bulk_insert(time_source, [{"id": 1, "offset_us": 0}])
    instance = table(
        "instance",
        column("id", Integer),
        column("instance_id", Id),
        column("secret", Bytes),
        column("created_at", Instant),
    )
    secret, now = secrets.token_bytes(32), time.time_ns() // 1000
    op.bulk_insert(instance, [{"id": 1, "instance_id": new_id(), "secret": secret, "created_at": now}])
