"""The first migration's table of canned answers. Released with it: never change what this does."""

from sqlalchemy import Column, Text, text
from sqlalchemy import UniqueConstraint as Unique

from helpdesk.store.migrations.operations import create, of_tenant, tenant_column
from helpdesk.store.types import Count, Id, Instant


def create_canned_answers() -> None:
    """Create the texts that agents send again and again."""
    create(
        "canned_answers",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("name", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("version", Count, nullable=False, server_default=text("1")),
        Column("changed_at", Instant, nullable=False),
        of_tenant(),
        Unique("tenant_id", "name", "language"),
    )
