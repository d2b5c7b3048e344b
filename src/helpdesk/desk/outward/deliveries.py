"""What the desk notes when a letter left, or could not."""

from uuid import UUID

from helpdesk.contracts.log import Happened
from helpdesk.desk.changing.firing import settle
from helpdesk.desk.changing.resources import Opened, Resources
from helpdesk.domain.acceptance import letter_came_back
from helpdesk.domain.acceptance import letter_left as accepted
from helpdesk.domain.attention import ACKNOWLEDGEMENT, LOST, has_number
from helpdesk.domain.known import begin
from helpdesk.domain.opening import flags_of_way
from helpdesk.domain.rights import Flag
from helpdesk.domain.ticket import Ticket
from helpdesk.regulation.judging.decisions import acceptance
from helpdesk.store.engine.session import Session
from helpdesk.store.tickets import Tickets


def letter_left(session: Session, resources: Resources, ticket_id: UUID, purpose: str, recipient: str) -> None:
    """Note in the ticket's log that its acknowledgement left, in the transaction that records the sending's effect.

    Where acceptance rests on that letter, the request counts as accepted from now on.
    """
    if purpose != ACKNOWLEDGEMENT:
        return
    ticket, opened = _opened(session, resources, ticket_id)
    progress = begin(opened.known)
    progress.happened(Happened.ACKNOWLEDGED, recipient=recipient)
    accepted(progress, opened.known)
    opened.committer.change(ticket, opened.log, progress.change())


def letter_failed(
    session: Session, resources: Resources, ticket_id: UUID, purpose: str, recipient: str, cause: str
) -> None:
    """Note in the ticket's log that a letter can never be sent.

    Without the letter of registration the ticket is flagged: reach the client another way. Where acceptance rests on
    that letter, the head of support is told. Whoever wrote with our number, or was told it, is reached already.
    """
    ticket, opened = _opened(session, resources, ticket_id)
    progress = begin(opened.known)
    progress.happened(Happened.BOUNCED, recipient=recipient, purpose=purpose, cause=cause)
    edition = opened.known.evaluator.edition
    verdict = acceptance(edition, letter_relayed=False, bounced=True, channel=ticket.channel)
    lost = purpose == ACKNOWLEDGEMENT and not has_number(opened.known.log)
    if lost and not verdict.allowed:
        letter_came_back(progress, verdict, opened.composer.alert_address, cause)
    elif lost:
        progress.raise_flag(Flag(LOST, ""))
        for flag in flags_of_way(edition, ticket.channel_kind, ""):
            progress.raise_flag(flag)
    opened.committer.change(ticket, opened.log, progress.change())


def _opened(session: Session, resources: Resources, ticket_id: UUID) -> tuple[Ticket, Opened]:
    ticket = settle(session, resources, Tickets(session).by_id(ticket_id, held=True))
    return ticket, resources.open(session, ticket, session.principal.actor)
