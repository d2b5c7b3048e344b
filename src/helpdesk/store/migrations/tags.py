"""The first migration's table of tags. Released with it: never change what this does."""

from sqlalchemy import Column, Index, Text

from helpdesk.store.migrations.operations import create, of_ticket, tenant_column
from helpdesk.store.types import Id


def create_tags() -> None:
    """Create the tickets' tags."""
    create(
        "ticket_tags",
        tenant_column(),
        Column("ticket_id", Id, primary_key=True),
        Column("tag", Text, primary_key=True),
        of_ticket(),
        Index("ix_ticket_tags_tag", "tenant_id", "tag", "ticket_id"),
        clustered=True,
    )
