"""Agents, and the keys they hold."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, false, text

from helpdesk.store.tables.base import of_tenant, table, tenant_column
from helpdesk.store.types import Count, Flag, Id, Instant, Json

agents = table(
    "agents",
    tenant_column(),
    Column("id", Id, primary_key=True),  # the operator's agents have the same one in each company they serve
    Column("name", Text, nullable=False),  # as tickets are assigned to them; never changes
    Column("name_key", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("email", Text, nullable=False, server_default=text("''")),
    Column("lines", Json, nullable=False),  # names of lines; none: all
    Column("state", Text, nullable=False),
    Column("shared", Flag, nullable=False, server_default=false()),  # the operator's
    Column("version", Count, nullable=False, server_default=text("1")),
    Column("created_at", Instant, nullable=False),
    Column("left_at", Instant),
    of_tenant(),
    UniqueConstraint("tenant_id", "name_key"),
)
"""Who works on a company's tickets."""

agent_keys = table(
    "agent_keys",
    tenant_column(),
    Column("credential_id", Id, ForeignKey("credentials.id"), primary_key=True, index=True),
    Column("agent_id", Id, nullable=False),
    ForeignKeyConstraint(["tenant_id", "agent_id"], ["agents.tenant_id", "agents.id"]),
    Index("ix_agent_keys_agent", "tenant_id", "agent_id"),
    clustered=True,
)
"""Whose key it is: within a company a key belongs to one agent at most."""
