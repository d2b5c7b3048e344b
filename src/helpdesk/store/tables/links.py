"""How tickets belong together."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text

from helpdesk.store.tables.base import of_ticket, table, tenant_column
from helpdesk.store.types import Id, Instant

ticket_links = table(
    "ticket_links",
    tenant_column(),
    Column("ticket_id", Id, primary_key=True),
    Column("other_id", Id, primary_key=True),
    Column("kind", Text, primary_key=True),  # what the first is to the other
    Column("actor", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    of_ticket(),
    ForeignKeyConstraint(
        ["tenant_id", "other_id"], ["tickets.tenant_id", "tickets.id"], name="fk_ticket_links_other_ticket"
    ),
    Index("ix_ticket_links_other", "tenant_id", "other_id"),
    clustered=True,
)
"""Links between two tickets, one row each; late letters' ``follows`` stands in ``tickets``."""
