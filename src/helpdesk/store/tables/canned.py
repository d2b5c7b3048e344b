"""Texts that agents send again and again."""

from sqlalchemy import Column, Text, UniqueConstraint, text

from helpdesk.store.tables.base import of_tenant, table, tenant_column
from helpdesk.store.types import Count, Id, Instant

canned_answers = table(
    "canned_answers",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),  # with its places, see helpdesk.texts.canned
    Column("version", Count, nullable=False, server_default=text("1")),
    Column("changed_at", Instant, nullable=False),
    of_tenant(),
    UniqueConstraint("tenant_id", "name", "language"),
)
"""Canned answers; one of a name in each language."""
