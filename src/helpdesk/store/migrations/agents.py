"""The first migration's tables of agents. Released with it: never change what this does."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Text, false, text
from sqlalchemy import UniqueConstraint as Unique

from helpdesk.store.migrations.operations import create, key_holder, of_tenant, tenant_column
from helpdesk.store.types import Count, Flag, Id, Instant, Json


def create_agents() -> None:
    """Create the agents and whose keys are whose."""
    create(
        "agents",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("name", Text, nullable=False),
        Column("name_key", Text, nullable=False),
        Column("display_name", Text, nullable=False),
        Column("email", Text, nullable=False, server_default=text("''")),
        Column("lines", Json, nullable=False),
        Column("state", Text, nullable=False),
        Column("shared", Flag, nullable=False, server_default=false()),
        Column("version", Count, nullable=False, server_default=text("1")),
        Column("created_at", Instant, nullable=False),
        Column("left_at", Instant),
        of_tenant(),
        Unique("tenant_id", "name_key"),
    )
    create(
        "agent_keys",
        tenant_column(),
        Column("credential_id", Id, ForeignKey("credentials.id"), primary_key=True, index=True),
        Column("agent_id", Id, nullable=False),
        ForeignKeyConstraint(["tenant_id", "agent_id"], ["agents.tenant_id", "agents.id"]),
        Index("ix_agent_keys_agent", "tenant_id", "agent_id"),
        clustered=True,
    )
    # Whoever presents a key is shown whose it is.
    key_holder("agent_keys", "EXISTS (SELECT FROM credentials c WHERE c.id = credential_id AND c.secret_hash = {hash})")
    key_holder(
        "agents",
        "EXISTS (SELECT FROM agent_keys k JOIN credentials c ON c.id = k.credential_id"
        " WHERE k.tenant_id = agents.tenant_id AND k.agent_id = agents.id AND c.secret_hash = {hash})",
    )
