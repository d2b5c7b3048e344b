"""A company's clients: organisations, their people, and what gives them a right to support."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text, UniqueConstraint, false, text

from helpdesk.store.tables.base import of_tenant, of_ticket, table, tenant_column
from helpdesk.store.types import Count, Flag, Id, Instant

_REGISTERED = text("number IS NOT NULL")


def _of_organisation() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "organisation_id"], ["organisations.tenant_id", "organisations.id"])


organisations = table(
    "organisations",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # as it is compared and searched: case folded, blanks single
    Column("suspended_at", Instant),
    Column("suspended_why", Text, nullable=False, server_default=text("''")),
    Column("version", Count, nullable=False, server_default=text("1")),
    Column("created_at", Instant, nullable=False),
    of_tenant(),
    UniqueConstraint("tenant_id", "name_key"),
)
"""The company's clients."""

organisation_aliases = table(
    "organisation_aliases",
    tenant_column(),
    Column("kind", Text, primary_key=True),  # domain, former_name, written
    Column("alias", Text, primary_key=True),  # lower case; as name_key; as tickets have it
    Column("organisation_id", Id, nullable=False),
    _of_organisation(),
    Index("ix_organisation_aliases_organisation", "tenant_id", "organisation_id"),
    clustered=True,
)
"""What else an organisation is known by: the domains of its people's mail, and the names it had."""

contacts = table(
    "contacts",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("authorised", Flag, nullable=False, server_default=false()),  # notices to the organisation go to these
    Column("version", Count, nullable=False, server_default=text("1")),
    Column("created_at", Instant, nullable=False),
    of_tenant(),
    _of_organisation(),
    Index("ix_contacts_organisation", "tenant_id", "organisation_id"),
    Index("ix_contacts_name", "tenant_id", "name_key", "id"),
)
"""Persons who ask."""

contact_addresses = table(
    "contact_addresses",
    tenant_column(),
    Column("channel_kind", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("contact_id", Id, nullable=False),
    Column("verified_at", Instant),  # empty: nobody has made sure that it is theirs, so it proves nothing
    ForeignKeyConstraint(["tenant_id", "contact_id"], ["contacts.tenant_id", "contacts.id"]),
    Index("ix_contact_addresses_contact", "tenant_id", "contact_id"),
    clustered=True,
)
"""Where persons are reached, in their channel's canonical form; an address belongs to one person of a company."""

contracts = table(
    "contracts",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, nullable=False),
    Column("kind", Text, nullable=False),  # a basis, as the regulation names it
    Column("number", Text, nullable=False, server_default=text("''")),
    Column("first_day", Text, nullable=False),  # 2026-03-04, in the company's zone
    Column("last_day", Text),  # empty: no end
    Column("created_at", Instant, nullable=False),
    _of_organisation(),
    Index("ix_contracts_organisation", "tenant_id", "organisation_id"),
)
"""Contracts and licences: on what basis, and when."""

equipment = table(
    "equipment",
    tenant_column(),
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("serial", Text, nullable=False, server_default=text("''")),
    Column("act_number", Text, nullable=False, server_default=text("''")),
    Column("accepted_on", Text),  # the date of the signed act of acceptance
    Column("warranty_until", Text),  # the last day of the warranty
    Column("created_at", Instant, nullable=False),
    _of_organisation(),
    Index("ix_equipment_organisation", "tenant_id", "organisation_id"),
)
"""What was delivered to an organisation."""

product_versions = table(
    "product_versions",
    tenant_column(),
    Column("organisation_id", Id, primary_key=True),
    Column("product", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("noted_at", Instant, nullable=False),
    _of_organisation(),
    clustered=True,
)
"""Which version of a product an organisation runs, as far as it is known."""

ticket_flags = table(
    "ticket_flags",
    tenant_column(),
    Column("ticket_id", Id, primary_key=True),
    Column("flag", Text, primary_key=True),
    Column("clause", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),  # the regulation's code of a reason
    Column("raised_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    of_ticket(),
    clustered=True,
)
"""What an agent must look at before anything else: who asks, an old version."""

calls = table(
    "calls",
    tenant_column(),
    Column("call_id", Text, primary_key=True),  # the telephone system's
    Column("dialled", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("agent", Text, nullable=False, server_default=text("''")),  # who answered, in the telephone system's words
    Column("started_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("agent_since", Instant),  # when that agent answered: a later one counts
    Column("ended_at", Instant),
    Column("outcome", Text, nullable=False, server_default=text("''")),  # of the ledger; empty: nobody registered it
    Column("number", Count),  # the ticket's
    of_tenant(),
    Index("ix_calls_started_at", "tenant_id", "started_at"),
    Index("ix_calls_number", "tenant_id", "number", sqlite_where=_REGISTERED, postgresql_where=_REGISTERED),
    clustered=True,
)
"""Calls as the telephone system tells of them, whether anybody registered them or not."""
