"""Handing out work: the next waiting ticket of the queue goes to exactly one agent."""

from msgspec import Struct

from helpdesk.desk.change import settle
from helpdesk.desk.resources import Resources
from helpdesk.domain.commands import Assign, TicketChanged
from helpdesk.domain.decisions import decide
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.errors import Unavailable
from helpdesk.store.audit import Audit
from helpdesk.store.session import Session
from helpdesk.store.tickets import Tickets
from helpdesk.store.waiting import claim_waiting

_MOST_PROPOSALS = 64
_STALE = 16
"""So many passed over in a row mean that others empty the queue: it is read anew."""


class TakeNext(Struct, frozen=True):
    """An agent asks for work."""

    agent: str
    line: str | None = None
    """Only of this line; None: of any."""
    inform_client: bool = False
    """Send the notice that names the engineer."""


class Handed(Struct, frozen=True):
    """What an agent was given."""

    ticket: TicketChanged | None = None
    """None: nothing waits."""


def hand_next(session: Session, resources: Resources, wish: TakeNext) -> Handed:
    """Assign the first waiting ticket to the agent who asks.

    A proposal that waits no more, or that another transaction is changing at this moment, is passed over: the next one
    is tried.

    Raises:
        Unavailable: others are faster all the time; try again later.
    """
    for tried in range(_MOST_PROPOSALS):
        if tried and tried % _STALE == 0:
            resources.waiting.give_back(session.tenant_id)
        ticket_id = resources.waiting.propose(session, wish.line)
        if ticket_id is None:
            return Handed()
        if not claim_waiting(session, ticket_id):
            continue
        found = Tickets(session).by_id(ticket_id, held=True)
        ticket = settle(session, resources, found)
        waits = ticket.version == found.version or claim_waiting(session, ticket_id)
        if waits and wish.line in {None, ticket.line}:
            return Handed(_assign(session, resources, ticket, wish))
    raise Unavailable("the queue is being worked on by others all the time")


def _assign(session: Session, resources: Resources, ticket: Ticket, wish: TakeNext) -> TicketChanged:
    opened = resources.open(session, ticket, session.principal.actor)
    change = decide(Assign(ticket.number, wish.agent, wish.inform_client), opened.known)
    changed = opened.committer.change(ticket, opened.log, change)
    about = {"agent": wish.agent, "line": ticket.line}
    Audit(session).record("queue.next", f"ticket:{ticket.number}", about)
    message_id = next((note.id for note in change.notes), None)
    return TicketChanged(changed.number, changed.version, changed.state.value, message_id)
