"""Changing one ticket: settle what is due on it, decide the command, commit both."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from msgspec.structs import replace

from helpdesk.desk.changing.commit import RacedError
from helpdesk.desk.changing.resources import Opened, Resources
from helpdesk.desk.changing.rights import authorised_mail
from helpdesk.desk.changing.versions import seen
from helpdesk.domain import commands
from helpdesk.domain.commands import TicketChanged
from helpdesk.domain.decisions import decide
from helpdesk.domain.firing import fire
from helpdesk.domain.ticket import Ticket
from helpdesk.domain.timers import StoredTimer, TimerKey, TimerState
from helpdesk.kernel.instants import Instant
from helpdesk.kernel.principal import system
from helpdesk.store.agents import Agents
from helpdesk.store.engine.session import Session
from helpdesk.store.tickets import Tickets
from helpdesk.store.timers import Timers

TIMEKEEPER = "timekeeper"
_MOST_FIRINGS = 64
"""Firing may arm a timer that is due already; a ticket has few clocks, so a longer chain would be a fault."""


def change_ticket(
    session: Session, resources: Resources, command: commands.TicketCommand, expected_version: int | None
) -> TicketChanged:
    """Carry out ``command`` on its ticket.

    Raises:
        NotFound: this tenant has no such ticket.
        VersionConflict: the ticket is not at ``expected_version``.
        Conflict, Invalid: the command is not possible; nothing is changed, and the timekeeper fires what was due.
    """
    with opened_at(session, resources, command.number, expected_version) as opened:
        known, ticket = opened.known, opened.ticket
        if isinstance(command, commands.Assign | commands.Accept | commands.SetLine | commands.BeginRemoteSession):
            asked = "" if isinstance(command, commands.SetLine) else command.agent
            known = replace(known, roster=Agents(session).roster(asked, ticket.assignee))
        if isinstance(command, commands.Reply) and command.to_authorised:
            known = replace(known, authorised=authorised_mail(session, ticket.organisation))
        change = decide(command, known)
        changed = opened.committer.change(ticket, opened.log, change)
        message_id = next((note.id for note in change.notes), None)
        return TicketChanged(changed.number, changed.version, changed.state.value, message_id)


@contextmanager
def opened_at(session: Session, resources: Resources, number: int, expected_version: int | None) -> Iterator[Opened]:
    """Give a ticket ready for a decision within this: held, at the version that was seen, with what was due fired.

    Raises:
        NotFound: this tenant has no such ticket.
        VersionConflict: it is not at ``expected_version``.
        Conflict: as the work within raised it, with the version stored.
    """
    ticket = Tickets(session).by_number(number, held=True)
    with seen(ticket.version, expected_version):
        yield resources.open(session, settle(session, resources, ticket), session.principal.actor)


def settle(session: Session, resources: Resources, ticket: Ticket) -> Ticket:
    """Fire the ticket's timers that are due, in the order of their moments, before anything else happens to it.

    So the log reads as if every timer had fired on time: a word that comes after a term ran out finds it expired.
    """
    for _ in range(_MOST_FIRINGS):
        due = _earliest_due(Timers(session).of(ticket.id).values(), session.now)
        if due is None:
            return ticket
        ticket = _fire_one(session, resources, ticket, due)
    return ticket


def fire_timer(session: Session, resources: Resources, ticket_id: UUID, key: TimerKey, epoch: int) -> bool:
    """Fire one timer if its epoch still holds and its moment has come; say whether it took effect.

    Timers of the ticket that were due earlier fire first.
    """
    timer = Timers(session).of(ticket_id).get(key)
    if timer is None or timer.epoch != epoch or timer.state is not TimerState.PENDING or timer.due_at > session.now:
        return False
    settle(session, resources, Tickets(session).by_id(ticket_id, held=True))
    return True


def _earliest_due(timers: Iterable[StoredTimer], now: Instant) -> StoredTimer | None:
    due = [timer for timer in timers if timer.state is TimerState.PENDING and timer.due_at <= now]
    return min(due, key=lambda timer: (timer.due_at, timer.key), default=None)


def _fire_one(session: Session, resources: Resources, ticket: Ticket, timer: StoredTimer) -> Ticket:
    if not Timers(session).mark_fired(ticket.id, timer):
        raise RacedError
    opened = resources.open(session, ticket, system(TIMEKEEPER).actor)
    known = opened.known
    clocks = known.evaluator.clocks(opened.log, known.now)
    if ticket.assignee is not None:
        known = replace(known, roster=Agents(session).roster(ticket.assignee))
    change = fire(timer, known, clocks, opened.composer.alert_address)
    if change is None:
        return ticket
    return opened.committer.change(ticket, opened.log, change)
