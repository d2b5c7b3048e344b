"""How far each company's audit is sealed."""

from sqlalchemy import Column

from helpdesk.store.tables.base import table, tenant_column
from helpdesk.store.types import Bytes, Count, Instant

audit_heads = table(
    "audit_heads",
    tenant_column(),  # all zeros for acts that concern no tenant
    Column("seq", Count, nullable=False),
    Column("seal", Bytes, nullable=False),
    Column("sealed_at", Instant, nullable=False),
)
"""The last line of each tenant's audit that is sealed."""
