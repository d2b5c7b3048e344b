"""One ticket under a draft edition, exactly: the domain's own decisions and timers, in memory, without a database."""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.clarifying import identified
from helpdesk.domain.correspondence import client_wrote
from helpdesk.domain.decisions import decide
from helpdesk.domain.firing import fire
from helpdesk.domain.known import Known
from helpdesk.domain.states import State, after
from helpdesk.domain.ticket import Change, Note, Ticket
from helpdesk.domain.timers import DUE, END, StoredTimer, TimerKey, TimerState
from helpdesk.domain.timers import changes as timer_changes
from helpdesk.domain.waiting import planned_ends
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant
from helpdesk.kernel.principal import system
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.sim.acts import Act, ClientWrote, Noted

_TIMEKEEPER = system("timekeeper").actor


class Enacted(Struct, frozen=True):
    """What became of a ticket."""

    log: tuple[Entry, ...]
    impossible: int
    """Acts that the draft or the ticket's state would have forbidden."""
    apart: int
    """The client's words that came after the ticket was closed: tickets of their own."""


def enact(
    evaluator: Evaluator,
    ticket: Ticket,
    first: tuple[Entry, ...],
    acts: tuple[Act, ...],
    now: Instant,
    *,
    every_timer: bool = True,
) -> Enacted:
    """Let ``acts`` happen to a ticket that begins with the entries ``first``; timers fire at their very moments.

    Without ``every_timer`` only those do that something may follow from: the ends of terms and of waits. That is enough
    where no clock listens to warnings and breaches.
    """
    running = _Running(evaluator, ticket, first, every_timer=every_timer)
    impossible = apart = 0
    for act in acts:
        running.advance(act.at)
        if isinstance(act.did, ClientWrote) and running.ticket.state is State.CLOSED:
            apart += 1
            continue
        try:
            running.do(act)
        except (Conflict, Invalid):
            impossible += 1
    running.advance(now)
    return Enacted(running.log, impossible, apart)


class _Running:
    def __init__(self, evaluator: Evaluator, ticket: Ticket, first: tuple[Entry, ...], *, every_timer: bool) -> None:
        self._evaluator = evaluator
        self._every = every_timer
        self._terms = {term.name for term in evaluator.edition.terms}
        self._timers: dict[TimerKey, StoredTimer] = {}
        self.ticket = ticket
        self.log: tuple[Entry, ...] = ()
        self._apply(Change(ticket, first))

    def advance(self, until: Instant) -> None:
        """Fire what is due by ``until``, in the order of the moments."""
        while True:
            due = [t for t in self._timers.values() if t.state is TimerState.PENDING and t.due_at <= until]
            if not due:
                return
            timer = min(due, key=lambda found: (found.due_at, found.key))
            self._timers[timer.key] = replace(timer, state=TimerState.FIRED)
            at = max(timer.due_at, self.log[-1].at)
            clocks = self._evaluator.clocks(self.log, at)
            change = fire(timer, self._known(_TIMEKEEPER, at), clocks, "")
            if change is not None:
                self._apply(change)

    def do(self, act: Act) -> None:
        """Carry out one act.

        Raises:
            Conflict, Invalid: it is not possible; nothing changed.
        """
        known = self._known(act.actor, act.at)
        match act.did:
            case ClientWrote(channel, since):
                note = Note(new_id(), "in", "follow_up", self.ticket.requester, self.ticket.address, "", "")
                self._apply(client_wrote(known, note, channel, since))
            case Noted(Happened.IDENTIFIED, data):
                contact = data.get("contact")
                who = UUID(str(contact)) if contact else None
                self._apply(identified(known, who, "", str(data.get("organisation", ""))))
            case Noted(what, data):
                state = after(self.ticket.state, what)
                seq = self.ticket.last_seq + 1
                ticket = replace(self.ticket, state=state, last_seq=seq)
                self._apply(Change(ticket, (Entry(seq, act.at, what, act.actor, dict(data)),)))
            case command:
                self._apply(decide(command, known))

    def _known(self, actor: str, at: Instant) -> Known:
        return Known(self.ticket, self.log, self._evaluator, actor, at)

    def _apply(self, change: Change) -> None:
        self.ticket = change.ticket
        self.log = (*self.log, *change.entries)
        clocks = self._evaluator.clocks(self.log, max(entry.at for entry in self.log))
        for moved in timer_changes(self._timers, clocks, planned_ends(self.log)):
            if self._every or moved.key.point == END or (moved.key.point == DUE and moved.key.clock in self._terms):
                self._timers[moved.key] = StoredTimer(moved.key, moved.due_at, moved.epoch, moved.state)
