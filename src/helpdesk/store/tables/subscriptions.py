"""Where the company's events go besides the bus: targets that it subscribed."""

from sqlalchemy import Column, Text, UniqueConstraint, text

from helpdesk.store.tables.base import of_tenant, table, tenant_column
from helpdesk.store.types import Count, Id, Instant, Json

subscriptions = table(
    "subscriptions",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("notifier", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("events", Json, nullable=False),  # types, as ticket.registered; none: all
    Column("title", Text, nullable=False),
    Column("position", Count, nullable=False),  # of the feed: events up to it are owed to the target already
    Column("generation", Count, nullable=False, server_default=text("1")),  # of its secret, which is kept nowhere
    Column("rotated_at", Instant),
    Column("reached_at", Instant),  # when it last took something
    Column("disabled_at", Instant),
    Column("disabled_why", Text, nullable=False, server_default=text("''")),
    Column("version", Count, nullable=False, server_default=text("1")),
    Column("created_at", Instant, nullable=False),
    of_tenant(),
    UniqueConstraint("tenant_id", "notifier", "target"),
)
"""Targets of notifiers, each with what it is sent and how far it has come."""
