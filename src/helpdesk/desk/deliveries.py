"""What the desk notes when a letter left, or could not."""

from uuid import UUID

from helpdesk.contracts.log import Happened
from helpdesk.desk.change import settle
from helpdesk.desk.resources import Resources
from helpdesk.domain.correspondence import NOT_ACCEPTED
from helpdesk.domain.known import begin
from helpdesk.domain.rights import Flag
from helpdesk.regulation.decisions import acceptance
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
    """Note in the ticket's log that a letter can never be sent.

    Where acceptance rests on the letter of registration, the ticket is flagged: reach the client another way.
    """
    data = {"recipient": recipient, "purpose": purpose, "cause": cause}
    _note(session, resources, ticket_id, Happened.BOUNCED, data)


def _note(session: Session, resources: Resources, ticket_id: UUID, what: Happened, data: dict[str, str]) -> None:
    ticket = settle(session, resources, Tickets(session).by_id(ticket_id, held=True))
    opened = resources.open(session, ticket, session.principal.actor)
    progress = begin(opened.known)
    progress.happened(what, **data)
    verdict = acceptance(opened.known.evaluator.edition, letter_relayed=False, bounced=True)
    if what is Happened.BOUNCED and data["purpose"] == ACKNOWLEDGEMENT and not verdict.allowed:
        progress.raise_flag(Flag(NOT_ACCEPTED, verdict.clause, ", ".join(verdict.needs)))
    opened.committer.change(ticket, opened.log, progress.change())
