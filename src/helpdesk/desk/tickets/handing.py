"""Handing out work: the next waiting ticket of the queue goes to exactly one agent."""

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.desk.changing.firing import settle
from helpdesk.desk.changing.resources import Resources
from helpdesk.domain.agents import Roster
from helpdesk.domain.commands import Assign, TicketChanged
from helpdesk.domain.decisions import decide
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.errors import Unavailable
from helpdesk.store.agents import Agents
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.tickets import Tickets
from helpdesk.store.waiting import claim_waiting

_MOST_PROPOSALS = 64
_STALE = 16
"""So many passed over in a row mean that others empty the queue: it is read anew."""


class TakeNext(Struct, frozen=True):
    """An agent asks for work."""

    agent: str
    line: str | None = None
    """Only of this line; None: of those that the agent works on."""
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
        Invalid: none of the company's agents asks, or one who is away, has left, or does not work on the line.
        Unavailable: others are faster all the time; try again later.
    """
    roster = Agents(session).roster(wish.agent)
    agent = roster.find(roster.taker(wish.agent, wish.line))
    lines = frozenset([wish.line] if wish.line is not None else agent.lines if agent is not None else ()) or None
    for tried in range(_MOST_PROPOSALS):
        if tried and tried % _STALE == 0:
            resources.waiting.give_back(session.tenant_id)
        ticket_id = resources.waiting.propose(session, lines)
        if ticket_id is None:
            return Handed()
        if not claim_waiting(session, ticket_id):
            continue
        found = Tickets(session).by_id(ticket_id, held=True)
        ticket = settle(session, resources, found)
        waits = ticket.version == found.version or claim_waiting(session, ticket_id)
        if waits and (lines is None or ticket.line in lines):
            return Handed(_assign(session, resources, ticket, wish, roster))
    raise Unavailable("the queue is being worked on by others all the time")


def _assign(session: Session, resources: Resources, ticket: Ticket, wish: TakeNext, roster: Roster) -> TicketChanged:
    opened = resources.open(session, ticket, session.principal.actor)
    known = replace(opened.known, roster=roster)
    change = decide(Assign(ticket.number, wish.agent, wish.inform_client), known)
    changed = opened.committer.change(ticket, opened.log, change)
    about = {"agent": changed.assignee, "line": ticket.line}
    Audit(session).record("queue.next", f"ticket:{ticket.number}", about)
    message_id = next((note.id for note in change.notes), None)
    return TicketChanged(changed.number, changed.version, changed.state.value, message_id)
