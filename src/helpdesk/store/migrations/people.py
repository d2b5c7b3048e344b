"""The first migration's tables of a company's clients. Released with it: never change what this does."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text, false, text
from sqlalchemy import UniqueConstraint as Unique

from helpdesk.store.migrations.operations import create, of_tenant, of_ticket, tenant_column
from helpdesk.store.types import Count, Flag, Id, Instant

_REGISTERED = text("number IS NOT NULL")


def _of_organisation() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "organisation_id"], ["organisations.tenant_id", "organisations.id"])


def create_people() -> None:
    """Create organisations, contacts and what gives them a right to support."""
    create(
        "organisations",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("name", Text, nullable=False),
        Column("name_key", Text, nullable=False),
        Column("suspended_at", Instant),
        Column("suspended_why", Text, nullable=False, server_default=text("''")),
        Column("version", Count, nullable=False, server_default=text("1")),
        Column("created_at", Instant, nullable=False),
        of_tenant(),
        Unique("tenant_id", "name_key"),
    )
    create(
        "organisation_aliases",
        tenant_column(),
        Column("kind", Text, primary_key=True),
        Column("alias", Text, primary_key=True),
        Column("organisation_id", Id, nullable=False),
        _of_organisation(),
        Index("ix_organisation_aliases_organisation", "tenant_id", "organisation_id"),
        clustered=True,
    )
    create(
        "contacts",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("organisation_id", Id),
        Column("name", Text, nullable=False),
        Column("name_key", Text, nullable=False),
        Column("authorised", Flag, nullable=False, server_default=false()),
        Column("version", Count, nullable=False, server_default=text("1")),
        Column("created_at", Instant, nullable=False),
        of_tenant(),
        _of_organisation(),
        Index("ix_contacts_organisation", "tenant_id", "organisation_id"),
        Index("ix_contacts_name", "tenant_id", "name_key", "id"),
    )
    create(
        "contact_addresses",
        tenant_column(),
        Column("channel_kind", Text, primary_key=True),
        Column("address", Text, primary_key=True),
        Column("contact_id", Id, nullable=False),
        Column("verified_at", Instant),
        ForeignKeyConstraint(["tenant_id", "contact_id"], ["contacts.tenant_id", "contacts.id"]),
        Index("ix_contact_addresses_contact", "tenant_id", "contact_id"),
        clustered=True,
    )
    create(
        "contracts",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("organisation_id", Id, nullable=False),
        Column("kind", Text, nullable=False),
        Column("number", Text, nullable=False, server_default=text("''")),
        Column("first_day", Text, nullable=False),
        Column("last_day", Text),
        Column("created_at", Instant, nullable=False),
        _of_organisation(),
        Index("ix_contracts_organisation", "tenant_id", "organisation_id"),
    )
    create(
        "equipment",
        tenant_column(),
        Column("id", Id, primary_key=True),
        Column("organisation_id", Id, nullable=False),
        Column("name", Text, nullable=False),
        Column("serial", Text, nullable=False, server_default=text("''")),
        Column("act_number", Text, nullable=False, server_default=text("''")),
        Column("accepted_on", Text),
        Column("warranty_until", Text),
        Column("created_at", Instant, nullable=False),
        _of_organisation(),
        Index("ix_equipment_organisation", "tenant_id", "organisation_id"),
    )
    create(
        "product_versions",
        tenant_column(),
        Column("organisation_id", Id, primary_key=True),
        Column("product", Text, primary_key=True),
        Column("version", Text, nullable=False),
        Column("noted_at", Instant, nullable=False),
        _of_organisation(),
        clustered=True,
    )
    create(
        "ticket_flags",
        tenant_column(),
        Column("ticket_id", Id, primary_key=True),
        Column("flag", Text, primary_key=True),
        Column("clause", Text, nullable=False),
        Column("reason", Text, nullable=False, server_default=text("''")),
        Column("raised_at", Instant, nullable=False),
        Column("cleared_at", Instant),
        of_ticket(),
        clustered=True,
    )
    create(
        "calls",
        tenant_column(),
        Column("call_id", Text, primary_key=True),
        Column("dialled", Text, nullable=False),
        Column("caller", Text, nullable=False),
        Column("agent", Text, nullable=False, server_default=text("''")),
        Column("started_at", Instant, nullable=False),
        Column("answered_at", Instant),
        Column("agent_since", Instant),
        Column("ended_at", Instant),
        Column("outcome", Text, nullable=False, server_default=text("''")),
        Column("number", Count),
        of_tenant(),
        Index("ix_calls_started_at", "tenant_id", "started_at"),
        Index("ix_calls_number", "tenant_id", "number", sqlite_where=_REGISTERED, postgresql_where=_REGISTERED),
        clustered=True,
    )
