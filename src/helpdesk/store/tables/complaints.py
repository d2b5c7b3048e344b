"""Complaints about staff."""

from sqlalchemy import Column, Text, UniqueConstraint, text

from helpdesk.store.tables.base import of_tenant, table, tenant_column
from helpdesk.store.types import Count, Flag, Id, Instant

complaints = table(
    "complaints",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("number", Count, nullable=False),
    Column("ticket", Count),  # a ticket's number
    Column("about", Text, nullable=False),  # the agent, as tickets are assigned to them
    Column("complainant", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("handler", Text),
    Column("upheld", Flag),
    Column("decision", Text, nullable=False, server_default=text("''")),
    Column("clause", Text, nullable=False),
    Column("told", Text, nullable=False),  # the contact that was written to
    Column("received_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("version", Count, nullable=False, server_default=text("1")),
    of_tenant(),
    UniqueConstraint("tenant_id", "number"),
)
"""Kept apart from tickets, so that the agent concerned never meets them."""
