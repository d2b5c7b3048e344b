"""Things that are owed, for tests."""

from uuid import UUID

from tests.support.things import add_ticket

from helpdesk.contracts.events import Published, event_type
from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Outbound
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import to_datetime
from helpdesk.kernel.principal import system
from helpdesk.store.engine.database import Database, Session
from helpdesk.store.outbox import Outbox

SERVICE = system("test")


def letter(name: str, channel: str = "email", recipient: str = "client@example.org") -> Outbound:
    """Return a message whose id is ``name``."""
    return Outbound(name, channel, "help@example.org", recipient, name, "Здравствуйте")


def event(session: Session, ticket_id: UUID, seq: int, number: int = 1) -> Published:
    """Return an event of a ticket."""
    return Published(
        id=new_id(),
        tenant_id=session.tenant_id,
        type=event_type(Happened.REGISTERED),
        subject=str(ticket_id),
        occurred_at=to_datetime(session.now),
        number=number,
        seq=seq,
        data={"seq": seq},
    )


def ticket(database: Database, tenant: UUID, number: int) -> UUID:
    """Add a ticket."""
    return database.write_now(system("test", tenant), lambda s: add_ticket(s, number))


def owe_events(database: Database, tenant: UUID, ticket_id: UUID, seqs: range) -> list[UUID]:
    """Owe one event for each of ``seqs``; return their ids."""

    def work(session: Session) -> list[UUID]:
        events = [event(session, ticket_id, seq) for seq in seqs]
        Outbox(session).add_events(events)
        return [each.id for each in events]

    return database.write_now(system("test", tenant), work)


def owe_letters(
    database: Database,
    tenant: UUID,
    ticket_id: UUID | None,
    seqs: range,
    channel: str = "email",
    tag: str = "",
    recipient: str = "client@example.org",
) -> list[UUID]:
    """Owe one letter for each of ``seqs``, named ``<tag>-<seq>``; return the rows' ids."""

    def work(session: Session) -> list[UUID]:
        outbox = Outbox(session)
        return [
            outbox.add_delivery(letter(f"{tag}-{seq}", channel, recipient), ticket_id=ticket_id, seq=seq)
            for seq in seqs
        ]

    return database.write_now(system("test", tenant), work)
