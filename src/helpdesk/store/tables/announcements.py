"""What companies announce."""

from sqlalchemy import Column, ForeignKeyConstraint, Text, text

from helpdesk.store.tables.base import of_tenant, table, tenant_column
from helpdesk.store.types import Flag, Id, Instant, Json

announcements = table(
    "announcements",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("published_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("texts", Json, nullable=False),  # by language
    Column("hours", Json, nullable=False),  # by date, local to the company
    Column("break_since", Instant),
    Column("break_until", Instant),
    Column("counts", Flag, nullable=False),  # whether it changed a calendar
    Column("until", Instant, nullable=False),  # the end of its last date; an edition published later takes it over
    Column("snapshot_hash", Text, nullable=False),  # in force after it
    Column("withdrawn_at", Instant),  # it changes nothing from then on; what came before it stays
    Column("withdrawn_why", Text, nullable=False, server_default=text("''")),
    of_tenant(),
    ForeignKeyConstraint(["tenant_id", "snapshot_hash"], ["snapshots.tenant_id", "snapshots.hash"]),
)
"""Announcements with their calendar overrides; a row changes once at most, when it is withdrawn."""
