"""Problems and the tickets that they are behind."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text, UniqueConstraint, text

from helpdesk.store.tables.base import of_tenant, of_ticket, table, tenant_column
from helpdesk.store.types import Count, Id, Instant

problems = table(
    "problems",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("number", Count, nullable=False),
    Column("title", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("workaround", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("resolution", Text, nullable=False, server_default=text("''")),
    Column("created_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("version", Count, nullable=False, server_default=text("1")),
    of_tenant(),
    UniqueConstraint("tenant_id", "number"),
)
"""One cause behind several tickets."""

problem_tickets = table(
    "problem_tickets",
    tenant_column(),
    Column("problem_id", Id, primary_key=True),
    Column("ticket_id", Id, primary_key=True),
    Column("added_at", Instant, nullable=False),
    Column("answered_at", Instant),  # with the problem's resolution; written in the transaction of that answer
    ForeignKeyConstraint(["tenant_id", "problem_id"], ["problems.tenant_id", "problems.id"]),
    of_ticket(),
    Index("ix_problem_tickets_ticket", "tenant_id", "ticket_id"),
    clustered=True,
)
"""Which tickets a problem is behind."""
