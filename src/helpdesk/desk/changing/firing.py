"""Firing timers: of many tickets in one work, each ticket folded once for each of its timers that fires.

What is due on a ticket fires in the order of its moments before anything else happens to the ticket. So the log reads
as if every timer had fired on time: a word that comes after a term ran out finds it expired.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from helpdesk.desk.changing.records import Record, write_records
from helpdesk.desk.changing.resources import Resources
from helpdesk.domain.firing import fire
from helpdesk.domain.ticket import Ticket
from helpdesk.domain.timers import Armed, TimerState
from helpdesk.kernel.principal import system
from helpdesk.store.agents import Agents
from helpdesk.store.engine.session import Session
from helpdesk.store.tickets import Tickets
from helpdesk.store.timers import Clocks, Timers
from helpdesk.store.upcoming import DueTimer

TIMEKEEPER = "timekeeper"
_MOST_FIRINGS = 64
"""Firing may arm a timer that is due already; a ticket has few clocks, so a longer chain would be a fault."""


def fire_timers(session: Session, resources: Resources, due: Sequence[DueTimer]) -> int:
    """Fire those of ``due`` whose epochs still hold and whose moments have come; return how many took effect.

    Timers of their tickets that were due earlier fire first. A ticket that another transaction holds at this moment is
    passed over: whoever holds it fires what is due on it, or leaves it to the next look.
    """
    tickets = Tickets(session).held(sorted({timer.ticket_id for timer in due}))
    found = {before.ticket.id: before.armed.timers for before, _ in _settle(session, resources, tickets)}
    took = 0
    for timer in due:
        stored = found.get(timer.ticket_id, {}).get(timer.key)
        pending = stored is not None and stored.state is TimerState.PENDING and stored.epoch == timer.epoch
        took += pending and stored is not None and stored.due_at <= session.now
    return took


def settle(session: Session, resources: Resources, ticket: Ticket) -> Ticket:
    """Fire the timers that are due on a ticket that is held; return the ticket as it is then."""
    for _, after in _settle(session, resources, [ticket]):
        return after.ticket
    return ticket


def _settle(session: Session, resources: Resources, tickets: Sequence[Ticket]) -> list[tuple[Record, Record]]:
    """Fire what is due on tickets that are held; return those on which anything was, before and after."""
    timers = Timers(session).several([ticket.id for ticket in tickets])
    armed = {ticket_id: Armed(of) for ticket_id, of in timers.items()}
    late = [ticket for ticket in tickets if armed[ticket.id].due(session.now)]
    ids = [ticket.id for ticket in late]
    logs, clocked = Tickets(session).logs(ids), Clocks(session).several(ids)
    found = [Record(each, logs[each.id], clocked.get(each.id, ()), armed[each.id]) for each in late]
    changes = [(record, _fire_due(session, resources, record)) for record in found]
    write_records(session, changes)
    return changes


def _fire_due(session: Session, resources: Resources, record: Record) -> Record:
    opened = resources.opened(session, record.ticket, record.log, system(TIMEKEEPER).actor)
    known = opened.known
    for _ in range(_MOST_FIRINGS):
        timer = record.armed.due(session.now)
        if timer is None:
            break
        if record.ticket.assignee is not None:
            known = replace(known, roster=Agents(session).roster(record.ticket.assignee))
        # The clocks as kept: what their goals and due instants are, no passing of time changes.
        clocks = tuple(clocked.view for clocked in record.clocked)
        record = replace(record, armed=record.armed.firing(timer))
        change = fire(timer, known, clocks, opened.composer.alert_address)
        if change is not None:
            record = opened.committer.enter(record, change)
            known = replace(known, ticket=record.ticket, log=record.log, now=max(known.now, record.log[-1].at))
    return record
