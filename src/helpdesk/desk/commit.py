"""Commits a change: the ticket by compare-and-set, its log, clocks, timers, messages and what is owed outside.

Everything here happens inside the caller's transaction; either all of it is committed or nothing.
"""

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.clocks import ClockKind, ClockState, ClockView
from helpdesk.contracts.log import Entry
from helpdesk.contracts.messages import Outbound
from helpdesk.desk.letters import Composer
from helpdesk.domain.ticket import Change, Ticket
from helpdesk.domain.timers import changes as timer_changes
from helpdesk.kernel.errors import HelpdeskError
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.evaluator import Evaluator
from helpdesk.store.outbox import Outbox
from helpdesk.store.session import Session
from helpdesk.store.tickets import Tickets
from helpdesk.store.timers import Clocks, Timers
from helpdesk.store.types import encode_rank


class RacedError(HelpdeskError):
    """Another writer changed the ticket between reading and writing; decide again."""

    code = "raced"


class Folded(Struct, frozen=True):
    """What the log folds to, and what the row caches of it."""

    clocks: tuple[ClockView, ...]
    next_due: Instant | None
    rank: bytes


def fold(evaluator: Evaluator, ticket: Ticket, log: tuple[Entry, ...]) -> Folded:
    """Fold the whole log as of its last entry, so that folding it again gives the same bytes."""
    clocks = evaluator.clocks(log, max(entry.at for entry in log))
    targets = [
        clock.due
        for clock in clocks
        if clock.kind is ClockKind.LIMIT and clock.due is not None and clock.state is ClockState.RUNNING
    ]
    next_due = min(targets, default=None)
    order = evaluator.order_key(
        level=ticket.level, expedited=ticket.expedited, received_at=ticket.received_at, due=next_due
    )
    return Folded(clocks, next_due, encode_rank(order))


class Committer:
    """Writes changes of one tenant's tickets within one session."""

    def __init__(self, session: Session, evaluator: Evaluator, composer: Composer) -> None:
        self._session = session
        self._evaluator = evaluator
        self._composer = composer
        self._tickets = Tickets(session)

    def register(self, change: Change) -> Ticket:
        """Insert a new ticket with everything that belongs to it."""
        ticket = change.ticket
        folded = fold(self._evaluator, ticket, change.entries)
        self._tickets.insert(ticket, folded.rank, folded.next_due)
        self._tickets.append(ticket.id, change.entries)
        Clocks(self._session).replace(ticket.id, (), folded.clocks)
        Timers(self._session).apply(ticket.id, timer_changes({}, folded.clocks))
        self._store_and_send(ticket, change)
        return ticket

    def change(self, before: Ticket, log: tuple[Entry, ...], change: Change) -> Ticket:
        """Write what a decision did to an existing ticket.

        Raises:
            RacedError: the row's version is not ``before``'s any more.
        """
        ticket = replace(change.ticket, version=before.version + 1)
        folded = fold(self._evaluator, ticket, (*log, *change.entries))
        if not self._tickets.update(ticket, before.version, folded.rank, folded.next_due):
            raise RacedError
        self._tickets.append(ticket.id, change.entries)
        clocks, timers = Clocks(self._session), Timers(self._session)
        clocks.replace(ticket.id, clocks.of(ticket.id), folded.clocks)
        timers.apply(ticket.id, timer_changes(timers.of(ticket.id), folded.clocks))
        self._store_and_send(ticket, change)
        return ticket

    def _store_and_send(self, ticket: Ticket, change: Change) -> None:
        self._tickets.add_messages(ticket, change.notes, _seqs_of(change))
        outbox = Outbox(self._session)
        outbox.add_events(ticket.id, ticket.number, change.entries)
        for letter in change.letters:
            outbound: Outbound | None = self._composer.compose(letter, ticket, self._session.now)
            if outbound is not None:
                outbox.add_delivery(ticket.id, change.ticket.last_seq, outbound)


def _seqs_of(change: Change) -> list[int]:
    """Return, for each message, the log entry that tells of it: the one naming its id, else the first one added."""
    by_message = {entry.data.get("message_id"): entry.seq for entry in change.entries}
    return [by_message.get(str(note.id), change.entries[0].seq) for note in change.notes]
