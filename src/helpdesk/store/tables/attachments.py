"""Files that came with messages or were put to tickets; their bytes are in the files' store."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text, text

from helpdesk.store.tables.base import of_tenant, of_ticket, table, tenant_column
from helpdesk.store.types import Count, Id, Instant

attachments = table(
    "attachments",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id),  # empty while what it came with is held for an agent's look
    Column("message_id", Id),  # empty until a letter takes it along
    Column("name", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", Count, nullable=False),
    Column("sha256", Text, nullable=False),  # empty where the bytes are not kept
    Column("state", Text, nullable=False),  # kept, quarantined, refused
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
"""Metadata of attachments. A row is never deleted: the evidence names what there was."""
