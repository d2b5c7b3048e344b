"""Letters that wait for who comes for them: to people of channels that collect."""

from sqlalchemy import Column, ForeignKeyConstraint, Text, UniqueConstraint, text

from helpdesk.store.tables.base import of_tenant, of_ticket, table, tenant_column
from helpdesk.store.types import Count, Id, Instant, Json

boxes = table(
    "boxes",
    tenant_column(),
    Column("channel_kind", Text, primary_key=True),
    Column("address", Text, primary_key=True),  # ours
    Column("person", Text, primary_key=True),
    Column("last", Count, nullable=False, server_default=text("0")),  # position of the latest letter
    of_tenant(),
    clustered=True,
)
"""One row per person and address of ours; locked by whoever puts a letter in, so that positions have no gaps."""

box_letters = table(
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
    UniqueConstraint("tenant_id", "letter_id"),
)
"""The letters, numbered from 1 in each box."""
