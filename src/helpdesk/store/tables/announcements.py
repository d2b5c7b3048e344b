"""What companies announce."""

from sqlalchemy import Column, ForeignKeyConstraint, Text

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
    of_tenant(),
    ForeignKeyConstraint(["tenant_id", "snapshot_hash"], ["snapshots.tenant_id", "snapshots.hash"]),
)
"""Announcements with their calendar overrides; rows are only ever added."""
