"""The first migration's tables of letters that wait to be come for. Released with it: never change what this does."""

from sqlalchemy import Column, ForeignKeyConstraint, Text, text
from sqlalchemy import UniqueConstraint as Unique

from helpdesk.store.migrations.operations import create, of_tenant, of_ticket, tenant_column
from helpdesk.store.types import Count, Id, Instant, Json


def create_boxes() -> None:
    """Create the boxes and what is in them."""
    create(
        "boxes",
        tenant_column(),
        Column("channel_kind", Text, primary_key=True),
        Column("address", Text, primary_key=True),
        Column("person", Text, primary_key=True),
        Column("last", Count, nullable=False, server_default=text("0")),
        of_tenant(),
        clustered=True,
    )
    create(
        "box_letters",
        tenant_column(),
        Column("channel_kind", Text, primary_key=True),
        Column("address", Text, primary_key=True),
        Column("person", Text, primary_key=True),
        Column("position", Count, primary_key=True),
        Column("letter_id", Text, nullable=False),
        Column("ticket_id", Id),
        Column("at", Instant, nullable=False),
        Column("payload", Json, nullable=False),
        of_ticket(),
        ForeignKeyConstraint(
            ["tenant_id", "channel_kind", "address", "person"],
            ["boxes.tenant_id", "boxes.channel_kind", "boxes.address", "boxes.person"],
        ),
        Unique("tenant_id", "letter_id"),
    )
