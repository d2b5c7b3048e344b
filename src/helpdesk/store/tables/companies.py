"""Tenants and what belongs to them before any ticket: keys, addresses, regulations; and the service's own rows."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    false,
    text,
)

from helpdesk.store.tables.base import of_tenant, table, tenant_column
from helpdesk.store.types import Bytes, Count, Flag, Id, Instant, Json

_UNSEALED = text("seq IS NULL")

tenants = table(
    "tenants",
    Column("id", Id, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("alert_address", Text, nullable=False, server_default=text("''")),  # where warnings and breaches are mailed
    Column("created_at", Instant, nullable=False),
    Column("confidential", Flag, nullable=False, server_default=false()),  # each reading by staff is audited
    Column("shadow_since", Instant),  # set: it runs beside an old system and sends nothing outward
    Column("version", Count, nullable=False, server_default=text("1")),
)
"""The companies whose support we run."""

credentials = table(
    "credentials",
    Column("id", Id, primary_key=True),
    # Empty for operators and for keys that serve several tenants (those are in credential_tenants).
    Column("tenant_id", Id, ForeignKey("tenants.id"), index=True),
    Column("secret_hash", Bytes, nullable=False, unique=True),  # SHA-256 of 256 random bits: nobody guesses one
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    CheckConstraint("role <> 'operator' OR tenant_id IS NULL", name="operators_have_no_tenant"),
)
"""API keys, known by the hash of their secret only."""

credential_tenants = table(
    "credential_tenants",
    tenant_column(),
    Column("credential_id", Id, ForeignKey("credentials.id"), primary_key=True, index=True),
    of_tenant(),
    clustered=True,
)
"""Which tenants a key serves that serves several (a phone agent's)."""

tenant_counters = table(
    "tenant_counters",
    tenant_column(),
    Column("name", Text, primary_key=True),
    Column("value", Count, nullable=False),
    of_tenant(),
    clustered=True,
)
"""The last value given out per tenant and name (``ticket``, ``feed``). Gapless: rolled back with its use."""

addresses = table(
    "addresses",
    tenant_column(),
    Column("channel_kind", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("official", Flag, nullable=False, server_default=false()),
    of_tenant(),
    Index("ix_addresses_lookup", "channel_kind", "address"),
)
"""Our addresses by transport: which tenant is reached where, and by which of its regulation's channels."""

snapshots = table(
    "snapshots",
    tenant_column(),
    Column("hash", Text, primary_key=True),
    Column("body", Bytes, nullable=False),
    Column("created_at", Instant, nullable=False),
    of_tenant(),
)
"""Immutable regulation snapshots, by the SHA-256 of their canonical bytes."""

editions = table(
    "editions",
    tenant_column(),
    Column("edition_id", Text, primary_key=True),
    Column("snapshot_hash", Text, primary_key=True),
    Column("in_force_from", Instant, primary_key=True),  # the same snapshot may come back into force
    Column("published_at", Instant, nullable=False),
    Column("base_hash", Text, nullable=False),  # the same without what was announced
    Column("base_since", Instant, nullable=False),  # from when that was to be in force: what is announced since counts
    ForeignKeyConstraint(
        ["tenant_id", "base_hash"], ["snapshots.tenant_id", "snapshots.hash"], name="fk_editions_snapshots_base"
    ),
    ForeignKeyConstraint(["tenant_id", "snapshot_hash"], ["snapshots.tenant_id", "snapshots.hash"]),
    Index("ix_editions_in_force", "tenant_id", "in_force_from", "published_at"),
)
"""Published editions: of those in force at an instant the latest counts, of its snapshots the last published."""

audit = table(
    "audit",
    tenant_column(),  # all zeros for acts that concern no tenant
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("by", Text, nullable=False, server_default=text("''")),  # as people knew the actor then
    Column("act", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("data", Json, nullable=False),
    Column("mark", Bytes),  # a MAC over the line, made by who wrote it
    # Given afterwards by the sealer, so that acts of one tenant need not wait for each other.
    Column("seq", Count),
    Column("seal", Bytes),
    UniqueConstraint("tenant_id", "seq"),
    Index("ix_audit_unsealed", "id", sqlite_where=_UNSEALED, postgresql_where=_UNSEALED),
    Index("ix_audit_object", "tenant_id", "object"),
)
"""Who did what, besides the tickets' own logs."""

mail_counters = table(
    "mail_counters",
    tenant_column(),
    Column("address", Text, primary_key=True),
    Column("sent", Json, nullable=False),
    Column("last_at", Instant, nullable=False, index=True),
    of_tenant(),
)
"""When automatic mail last left for an address: the instants of the last 24 hours, oldest first."""

time_source = table(
    "time_source",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("offset_us", Count, nullable=False, server_default=text("0")),
)
"""One row: what is added to the database's clock."""

instance = table(
    "instance",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("instance_id", Id, nullable=False),
    Column("epoch", Count, nullable=False, server_default=text("1")),
    Column("secret", Bytes, nullable=False),  # keys the threading tokens
    Column("created_at", Instant, nullable=False),
)
"""One row: which installation this database belongs to."""
