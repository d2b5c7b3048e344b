"""The first migration's table of announcements. Released with it: never change what this does."""

from sqlalchemy import Column, ForeignKeyConstraint, Text, text

from helpdesk.store.migrations.operations import create, of_tenant, tenant_column
from helpdesk.store.types import Flag, Id, Instant, Json


def create_announcements() -> None:
    """Create what companies announce."""
    create(
        "announcements",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("published_at", Instant, nullable=False),
        Column("actor", Text, nullable=False),
        Column("clause", Text, nullable=False),
        Column("texts", Json, nullable=False),
        Column("hours", Json, nullable=False),
        Column("break_since", Instant),
        Column("break_until", Instant),
        Column("counts", Flag, nullable=False),
        Column("until", Instant, nullable=False),
        Column("snapshot_hash", Text, nullable=False),
        Column("withdrawn_at", Instant),
        Column("withdrawn_why", Text, nullable=False, server_default=text("''")),
        of_tenant(),
        ForeignKeyConstraint(["tenant_id", "snapshot_hash"], ["snapshots.tenant_id", "snapshots.hash"]),
    )
