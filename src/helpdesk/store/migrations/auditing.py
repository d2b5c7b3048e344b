"""The first migration's heads of the audit. Released with it: never change what this does."""

from sqlalchemy import Column

from helpdesk.store.migrations.operations import create, tenant_column
from helpdesk.store.types import Bytes, Count, Instant


def create_audit_heads() -> None:
    """Create the table of how far each tenant's audit is sealed."""
    create(
        "audit_heads",
        tenant_column(),
        Column("seq", Count, nullable=False),
        Column("seal", Bytes, nullable=False),
        Column("sealed_at", Instant, nullable=False),
    )
