"""Every table, under one name: ``from helpdesk.store import schema``; ``schema.tickets``."""

from helpdesk.store.tables.agents import agent_keys, agents
from helpdesk.store.tables.announcements import announcements
from helpdesk.store.tables.attachments import attachments
from helpdesk.store.tables.auditing import audit_heads
from helpdesk.store.tables.base import metadata
from helpdesk.store.tables.boxes import box_letters, boxes
from helpdesk.store.tables.canned import canned_answers
from helpdesk.store.tables.companies import (
    addresses,
    audit,
    credential_tenants,
    credentials,
    editions,
    instance,
    mail_counters,
    snapshots,
    tenant_counters,
    tenants,
    time_source,
)
from helpdesk.store.tables.complaints import complaints
from helpdesk.store.tables.flow import holds, inbox, ledger, outbox
from helpdesk.store.tables.links import ticket_links
from helpdesk.store.tables.people import (
    calls,
    contact_addresses,
    contacts,
    contracts,
    equipment,
    organisation_aliases,
    organisations,
    product_versions,
    ticket_flags,
)
from helpdesk.store.tables.problems import problem_tickets, problems
from helpdesk.store.tables.repairs import repairs
from helpdesk.store.tables.search import unindexed
from helpdesk.store.tables.subscriptions import subscriptions
from helpdesk.store.tables.tags import ticket_tags
from helpdesk.store.tables.tickets import clocks, events, messages, participants, raw_messages, tickets, timers

__all__ = [
    "addresses",
    "agent_keys",
    "agents",
    "announcements",
    "attachments",
    "audit",
    "audit_heads",
    "box_letters",
    "boxes",
    "calls",
    "canned_answers",
    "clocks",
    "complaints",
    "contact_addresses",
    "contacts",
    "contracts",
    "credential_tenants",
    "credentials",
    "editions",
    "equipment",
    "events",
    "holds",
    "inbox",
    "instance",
    "ledger",
    "mail_counters",
    "messages",
    "metadata",
    "organisation_aliases",
    "organisations",
    "outbox",
    "participants",
    "problem_tickets",
    "problems",
    "product_versions",
    "raw_messages",
    "repairs",
    "snapshots",
    "subscriptions",
    "tenant_counters",
    "tenants",
    "ticket_flags",
    "ticket_links",
    "ticket_tags",
    "tickets",
    "time_source",
    "timers",
    "unindexed",
]
