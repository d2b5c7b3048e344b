"""The first migration's table of subscriptions. Released with it: never change what this does."""

from sqlalchemy import Column, Text, text
from sqlalchemy import UniqueConstraint as Unique

from helpdesk.store.migrations.operations import create, of_tenant, tenant_column
from helpdesk.store.types import Count, Id, Instant, Json


def create_subscriptions() -> None:
    """Create the targets that the company's events are taken to."""
    create(
        "subscriptions",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("notifier", Text, nullable=False),
        Column("target", Text, nullable=False),
        Column("events", Json, nullable=False),
        Column("title", Text, nullable=False),
        Column("position", Count, nullable=False),
        Column("generation", Count, nullable=False, server_default=text("1")),
        Column("rotated_at", Instant),
        Column("reached_at", Instant),
        Column("disabled_at", Instant),
        Column("disabled_why", Text, nullable=False, server_default=text("''")),
        Column("version", Count, nullable=False, server_default=text("1")),
        Column("created_at", Instant, nullable=False),
        of_tenant(),
        Unique("tenant_id", "notifier", "target"),
    )
