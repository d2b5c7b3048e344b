"""Letting others take part in a ticket: each change in one transaction, told of in the ticket's log."""

from helpdesk.desk.changing.change import opened_at
from helpdesk.desk.changing.resources import Resources
from helpdesk.domain import participants
from helpdesk.domain.commands import TicketChanged
from helpdesk.domain.participants import Participant
from helpdesk.store.engine.session import Session
from helpdesk.store.participants import Participants


def add_participant(
    session: Session, resources: Resources, number: int, wanted: Participant, expected_version: int | None
) -> TicketChanged:
    """Let somebody else write into the ticket; one who takes part in this role already changes nothing.

    Raises:
        NotFound: this tenant has no such ticket.
        VersionConflict: it is not at ``expected_version``.
        Conflict: it is closed or has too many participants; or it is whoever asked.
        Invalid: nobody is named, or copies could not reach them.
    """
    with opened_at(session, resources, number, expected_version) as opened:
        ticket = opened.ticket
        people = Participants(session)
        change = participants.add(opened.known, wanted, people.of(ticket.id))
        if change.entries:
            people.put(ticket.id, wanted)
            ticket = opened.committer.change(ticket, opened.log, change)
        return TicketChanged(ticket.number, ticket.version, ticket.state.value)


def remove_participant(
    session: Session, resources: Resources, number: int, channel_kind: str, address: str, expected_version: int | None
) -> TicketChanged:
    """Have somebody take part no longer.

    Raises:
        NotFound, VersionConflict: as for ``add_participant``.
        Conflict: they do not take part; or it is whoever asked.
    """
    with opened_at(session, resources, number, expected_version) as opened:
        ticket = opened.ticket
        people = Participants(session)
        change = participants.remove(opened.known, channel_kind, address, people.of(ticket.id))
        people.remove(ticket.id, channel_kind, address)
        ticket = opened.committer.change(ticket, opened.log, change)
        return TicketChanged(ticket.number, ticket.version, ticket.state.value)
