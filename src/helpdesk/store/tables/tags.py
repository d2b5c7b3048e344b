"""Words of a company's own by which its tickets are found."""

from sqlalchemy import Column, Index, Text

from helpdesk.store.tables.base import of_ticket, table, tenant_column
from helpdesk.store.types import Id

ticket_tags = table(
    "ticket_tags",
    tenant_column(),
    Column("ticket_id", Id, primary_key=True),
    Column("tag", Text, primary_key=True),
    of_ticket(),
    Index("ix_ticket_tags_tag", "tenant_id", "tag", "ticket_id"),
    clustered=True,
)
"""One row for each tag of each ticket."""
