"""The first migration's table of attachments. Released with it: never change what this does."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text, text

from helpdesk.store.migrations.operations import create, of_tenant, of_ticket, tenant_column
from helpdesk.store.types import Count, Id, Instant


def create_attachments() -> None:
    """Create the metadata of attachments."""
    create(
        "attachments",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("ticket_id", Id),
        Column("message_id", Id),
        Column("name", Text, nullable=False),
        Column("content_type", Text, nullable=False),
        Column("size", Count, nullable=False),
        Column("sha256", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("clause", Text, nullable=False, server_default=text("''")),
        Column("reason", Text, nullable=False, server_default=text("''")),
        Column("added_by", Text, nullable=False),
        Column("added_at", Instant, nullable=False),
        of_tenant(),
        of_ticket(),
        ForeignKeyConstraint(["tenant_id", "message_id"], ["messages.tenant_id", "messages.id"]),
        Index("ix_attachments_ticket", "tenant_id", "ticket_id", "id"),
        Index("ix_attachments_message", "tenant_id", "message_id"),
        Index("ix_attachments_sha256", "tenant_id", "sha256"),
    )
