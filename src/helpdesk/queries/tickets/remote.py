"""A ticket's remote sessions, as its log tells of them."""

from helpdesk.domain.remote import sessions
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.tickets.agents import names_of
from helpdesk.queries.views.base import Moment, View, moment
from helpdesk.store.engine.session import Session
from helpdesk.store.tickets import Tickets


class RemoteSessionView(View, frozen=True):
    """One time that somebody of ours was let into the client's object from afar."""

    seq: int
    """The log's entry that began it: its name within the ticket."""
    agent: str
    object: str
    consent: str
    """Who of the client's allowed it, and how."""
    since: Moment
    until: Moment | None
    """Null: it goes on."""
    entered_by: str
    """As people know who entered it."""


class RemoteSessionList(View, frozen=True):
    """A ticket's remote sessions, in the order they were entered."""

    items: tuple[RemoteSessionView, ...]


def list_sessions(session: Session, number: int) -> RemoteSessionList:
    """Return the ticket's remote sessions.

    Raises:
        NotFound: the tenant has no such ticket.
    """
    tickets = Tickets(session)
    found = sessions(tickets.log(tickets.by_number(number).id))
    names = names_of(session, {each.entered_by for each in found})
    return RemoteSessionList(
        tuple(
            RemoteSessionView(
                seq=each.seq,
                agent=each.agent,
                object=each.object,
                consent=each.consent,
                since=to_datetime(each.since),
                until=moment(each.until),
                entered_by=names.get(each.entered_by) or each.entered_by,
            )
            for each in found
        )
    )
