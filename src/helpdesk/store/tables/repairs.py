"""Repairs of clients' equipment."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text, UniqueConstraint, false, text

from helpdesk.store.tables.base import of_tenant, of_ticket, table, tenant_column
from helpdesk.store.types import Count, Flag, Id, Instant

repairs = table(
    "repairs",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("number", Count, nullable=False),
    Column("ticket_id", Id, nullable=False),
    Column("equipment_id", Id, nullable=False),
    Column("fault", Text, nullable=False),
    Column("told_on", Text, nullable=False),  # 2026-03-04, in the company's zone
    Column("state", Text, nullable=False),
    Column("diagnosis", Text, nullable=False, server_default=text("''")),
    Column("cover", Text),
    Column("exception", Text, nullable=False, server_default=text("''")),
    Column("approved_by", Text, nullable=False, server_default=text("''")),
    Column("payer", Text),
    Column("transport_payer", Text),
    Column("agreed", Flag, nullable=False, server_default=false()),
    Column("replacement_id", Id),
    Column("clause", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("version", Count, nullable=False, server_default=text("1")),
    of_tenant(),
    of_ticket(),
    ForeignKeyConstraint(["tenant_id", "equipment_id"], ["equipment.tenant_id", "equipment.id"]),
    ForeignKeyConstraint(
        ["tenant_id", "replacement_id"], ["equipment.tenant_id", "equipment.id"], name="fk_repairs_replacement"
    ),
    UniqueConstraint("tenant_id", "number"),
    Index("ix_repairs_ticket", "tenant_id", "ticket_id"),
)
"""From the request to the return, beside the ticket."""
