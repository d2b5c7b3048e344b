"""What the desk notes when a letter left, or could not."""

from uuid import UUID

from msgspec.structs import replace

from helpdesk.contracts.log import Entry, Happened
from helpdesk.desk.change import settle
from helpdesk.desk.resources import Resources
from helpdesk.domain.ticket import Change
from helpdesk.store.session import Session
from helpdesk.store.tickets import Tickets

ACKNOWLEDGEMENT = "acknowledgement"


def letter_left(session: Session, resources: Resources, ticket_id: UUID, purpose: str, recipient: str) -> None:
    """Note in the ticket's log that its acknowledgement left, in the transaction that records the sending's effect."""
    if purpose == ACKNOWLEDGEMENT:
        _note(session, resources, ticket_id, Happened.ACKNOWLEDGED, {"recipient": recipient})


def letter_failed(
    session: Session, resources: Resources, ticket_id: UUID, purpose: str, recipient: str, cause: str
) -> None:
    """Note in the ticket's log that a letter can never be sent."""
    data = {"recipient": recipient, "purpose": purpose, "cause": cause}
    _note(session, resources, ticket_id, Happened.BOUNCED, data)


def _note(session: Session, resources: Resources, ticket_id: UUID, what: Happened, data: dict[str, str]) -> None:
    ticket = settle(session, resources, Tickets(session).by_id(ticket_id, held=True))
    opened = resources.open(session, ticket, session.principal.actor)
    seq = ticket.last_seq + 1
    entry = Entry(seq, opened.known.now, what, session.principal.actor, dict(data))
    opened.committer.change(ticket, opened.log, Change(replace(ticket, last_seq=seq), (entry,)))
