"""What the application's role may do on PostgreSQL: no more than the service does."""

from sqlalchemy import Connection, text

from helpdesk.kernel.errors import Invalid
from helpdesk.store.schema import metadata

_CHANGED = "SELECT, INSERT, UPDATE, DELETE"
_APPENDED = "SELECT, INSERT"

GRANTS = {
    "tenants": "SELECT, INSERT, UPDATE",
    "credentials": "SELECT, INSERT, UPDATE",
    # Once written these never change: the truth for clocks, what tickets are judged by, the evidence.
    "events": _APPENDED,
    "snapshots": _APPENDED,
    "raw_messages": _APPENDED,
    "audit": "SELECT, INSERT, UPDATE (seq, seal)",
    "audit_heads": "SELECT, INSERT, UPDATE",
    "time_source": "SELECT, UPDATE",
    "instance": "SELECT, UPDATE (epoch)",
    "alembic_version": "SELECT",
    # Read through the view only, whose condition is the tenant wall.
    "search_index": "INSERT",
    "search_seen": "SELECT",
}
"""Tables with less than all four; nobody gets TRUNCATE (row-level security does not stop it) or REFERENCES."""


def grant_application(connection: Connection, role: str) -> None:
    """Give ``role`` what the service needs on every table, and take away the rest.

    Raises:
        Invalid: there is no such role, or it could walk through the tenant walls.
    """
    found = connection.execute(
        text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = :role"), {"role": role}
    ).one_or_none()
    if found is None:
        raise Invalid(f"the database has no role {role}")
    if found[0]:
        raise Invalid(f"the role {role} is a superuser or bypasses row-level security: no tenant wall would hold it")
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {quoted}"))
    for table in (*metadata.tables, "alembic_version", "search_index", "search_seen"):
        connection.execute(text(f"REVOKE ALL ON {table} FROM {quoted}"))
        connection.execute(text(f"GRANT {GRANTS.get(table, _CHANGED)} ON {table} TO {quoted}"))
