"""The first migration's tables of problems. Released with it: never change what this does."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text, text
from sqlalchemy import UniqueConstraint as Unique

from helpdesk.store.migrations.operations import create, of_tenant, of_ticket, tenant_column
from helpdesk.store.types import Count, Id, Instant


def create_problems() -> None:
    """Create problems and the tickets that they are behind."""
    create(
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
        Unique("tenant_id", "number"),
    )
    create(
        "problem_tickets",
        tenant_column(),
        Column("problem_id", Id, primary_key=True),
        Column("ticket_id", Id, primary_key=True),
        Column("added_at", Instant, nullable=False),
        Column("answered_at", Instant),
        ForeignKeyConstraint(["tenant_id", "problem_id"], ["problems.tenant_id", "problems.id"]),
        of_ticket(),
        Index("ix_problem_tickets_ticket", "tenant_id", "ticket_id"),
        clustered=True,
    )
