"""The first migration's table of complaints. Released with it: never change what this does."""

from sqlalchemy import Column, Text, text
from sqlalchemy import UniqueConstraint as Unique

from helpdesk.store.migrations.operations import create, of_tenant, tenant_column
from helpdesk.store.types import Count, Flag, Id, Instant


def create_complaints() -> None:
    """Create the complaints about staff."""
    create(
        "complaints",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("number", Count, nullable=False),
        Column("ticket", Count),
        Column("about", Text, nullable=False),
        Column("complainant", Text, nullable=False),
        Column("contact", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("handler", Text),
        Column("upheld", Flag),
        Column("decision", Text, nullable=False, server_default=text("''")),
        Column("clause", Text, nullable=False),
        Column("told", Text, nullable=False),
        Column("received_at", Instant, nullable=False),
        Column("decided_at", Instant),
        Column("version", Count, nullable=False, server_default=text("1")),
        of_tenant(),
        Unique("tenant_id", "number"),
    )
