"""Small things that store tests are made of."""

from uuid import UUID

from sqlalchemy import insert

from helpdesk.kernel.ids import new_id
from helpdesk.kernel.principal import Principal, Role, system
from helpdesk.store import schema
from helpdesk.store.editions import Editions
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenants
from helpdesk.store.types import encode_rank

SERVICE = system("test")


def agent_of(tenant_id: UUID) -> Principal:
    """Return an agent of the tenant."""
    return Principal(Role.AGENT, "key:test", tenant_id)


def add_tenant(database: Database, slug: str) -> UUID:
    """Add a tenant with one published snapshot, ``s1``; return its id."""

    def work(session: Session) -> UUID:
        return Tenants(session).add(slug, slug.title()).id

    tenant_id = database.write_now(SERVICE, work)
    database.write_now(agent_of(tenant_id), lambda s: Editions(s).publish("2026-01-01", "s1", b"{}", 0))
    return tenant_id


def add_ticket(session: Session, number: int) -> UUID:
    """Insert a ticket's row; return its id."""
    ticket_id = new_id()
    session.connection.execute(
        insert(schema.tickets),
        {
            "tenant_id": session.tenant_id,
            "id": ticket_id,
            "number": number,
            "subject": "Не печатает",
            "channel": "email",
            "channel_kind": "email",
            "address": "help@example.org",
            "state": "new",
            "requester": "client@example.org",
            "received_at": session.now,
            "registered_at": session.now,
            "rank": encode_rank((0, number)),
            "snapshot_hash": "s1",
        },
    )
    return ticket_id
