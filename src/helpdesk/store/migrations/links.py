"""The first migration's tables of what binds tickets. Released with it: never change what this does."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text

from helpdesk.store.migrations.operations import create, of_ticket, tenant_column
from helpdesk.store.types import Id, Instant


def create_links() -> None:
    """Create the links between tickets."""
    create(
        "ticket_links",
        tenant_column(),
        Column("ticket_id", Id, primary_key=True),
        Column("other_id", Id, primary_key=True),
        Column("kind", Text, primary_key=True),
        Column("actor", Text, nullable=False),
        Column("created_at", Instant, nullable=False),
        of_ticket(),
        ForeignKeyConstraint(
            ["tenant_id", "other_id"], ["tickets.tenant_id", "tickets.id"], name="fk_ticket_links_other_ticket"
        ),
        Index("ix_ticket_links_other", "tenant_id", "other_id"),
        clustered=True,
    )
