"""Commits a change: the ticket by compare-and-set, its log, clocks, timers, messages and what is owed outside.

Everything here happens inside the caller's transaction; either all of it is committed or nothing.
"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.clocks import Clocked, ClockKind, ClockState, ClockView
from helpdesk.contracts.event_data import plain, told
from helpdesk.contracts.events import Published, event_type
from helpdesk.contracts.log import Entry, Happened
from helpdesk.contracts.messages import Outbound
from helpdesk.contracts.transports import EMAIL
from helpdesk.desk.changing.enclosing import Enclosures
from helpdesk.desk.changing.letters import Composer, Route
from helpdesk.desk.changing.records import Record, write_records
from helpdesk.desk.changing.waiting import WaitingQueues
from helpdesk.domain.attention import ACKNOWLEDGEMENT, need_of, withheld_flag
from helpdesk.domain.ticket import Change, Letter, Ticket, waiting_reasons
from helpdesk.domain.timers import Armed, TimerKey
from helpdesk.domain.timers import changes as timer_changes
from helpdesk.domain.waiting import planned_ends
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant, to_datetime
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.contacts import Contacts
from helpdesk.store.engine.session import Session
from helpdesk.store.flags import Flags
from helpdesk.store.mail_counters import MailCounters
from helpdesk.store.outbox import STAFF_PURPOSES, Outbox
from helpdesk.store.participants import Participants
from helpdesk.store.tickets import Cached, Tickets
from helpdesk.store.timers import Clocks, Timers
from helpdesk.store.types import encode_names, encode_rank

MAILS_PER_HOUR = 3
"""Automatic mails to the address that wrote to us or is verified as a contact's, in any hour."""
STRANGER_MAILS_PER_HOUR = 1
"""The same for an address that somebody else gave: nobody has shown that it is theirs."""
MAILS_PER_DAY = 20
_COPIED_PURPOSES = frozenset({"answer", "question", "notice"})
"""Letters that a person wrote to the client: what is automatic is never copied to anybody."""


def counted(channel_kind: str, address: str) -> str:
    """Return by what name automatic letters to an address are counted."""
    return address if channel_kind == EMAIL else f"{channel_kind}:{address}"


class Folded(Struct, frozen=True):
    """What the log folds to, and what the row caches of it."""

    clocked: tuple[Clocked, ...]
    cached: Cached
    ends: dict[TimerKey, Instant]
    """When the waits in force end by themselves."""

    @property
    def clocks(self) -> tuple[ClockView, ...]:
        """The clocks without their circumstances."""
        return tuple(clocked.view for clocked in self.clocked)


def fold(evaluator: Evaluator, ticket: Ticket, log: tuple[Entry, ...]) -> Folded:
    """Fold the whole log as of its last entry, so that folding it again gives the same bytes."""
    clocked = evaluator.clocked(log, max(entry.at for entry in log))
    views = [each.view for each in clocked]
    targets = [
        clock.due
        for clock in views
        if clock.kind is ClockKind.LIMIT and clock.due is not None and clock.state is ClockState.RUNNING
    ]
    next_due = min(targets, default=None)
    order = evaluator.order_key(
        level=ticket.level, expedited=ticket.expedited, received_at=ticket.received_at, due=next_due
    )
    need = need_of(ticket, log, views, evaluator)
    waits = encode_names(waiting_reasons(log))
    return Folded(clocked, Cached(encode_rank(order), next_due, need.value, waits), planned_ends(log))


class Committer:
    """Writes changes of one tenant's tickets within one session."""

    def __init__(self, session: Session, evaluator: Evaluator, composer: Composer, waiting: WaitingQueues) -> None:
        self._session = session
        self._evaluator = evaluator
        self._composer = composer
        self._waiting = waiting
        self._tickets = Tickets(session)

    def register(self, change: Change, *, capped: bool = True) -> Ticket:
        """Insert a new ticket with everything that belongs to it; ``capped``: within the caps on automatic letters."""
        files = Enclosures(self._session, self._evaluator, change)
        change = files.tell(change)
        change = self._within_caps(change) if capped else change
        ticket = change.ticket
        folded = fold(self._evaluator, ticket, change.entries)
        self._tickets.insert(ticket, folded.cached)
        self._note_place(ticket, folded)
        self._tickets.append(ticket.id, change.entries)
        Clocks(self._session).add([(ticket.id, folded.clocked)])
        armed = Armed({}).changed(timer_changes({}, folded.clocks, folded.ends))
        Timers(self._session).replace([(ticket.id, {}, armed)])
        self._store_and_send(ticket, change, folded.clocks, files)
        Flags(self._session).put_up(ticket.id, change.raised)
        return ticket

    def change(self, before: Ticket, log: tuple[Entry, ...], change: Change) -> Ticket:
        """Write what a decision did to an existing ticket.

        Raises:
            RacedError: the row's version is not ``before``'s any more.
        """
        clocks, timers = Clocks(self._session), Timers(self._session)
        old = Record(before, log, clocks.clocked(before.id), Armed(timers.of(before.id)))
        new = self.enter(old, change)
        write_records(self._session, [(old, new)])
        return new.ticket

    def enter(self, record: Record, change: Change) -> Record:
        """Add what a decision did: entries, messages, what is owed; return what is left for ``write_records``."""
        files = Enclosures(self._session, self._evaluator, change)
        change = self._within_caps(files.tell(change))
        ticket = replace(change.ticket, version=record.ticket.version + 1)
        log = (*record.log, *change.entries)
        folded = fold(self._evaluator, ticket, log)
        self._note_place(ticket, folded)
        self._tickets.append(ticket.id, change.entries)
        self._store_and_send(ticket, change, folded.clocks, files)
        flags = Flags(self._session)
        flags.put_up(ticket.id, change.raised)
        for flag in change.lowered:
            flags.take_down(ticket.id, flag)
        armed = record.armed.changed(timer_changes(record.armed.timers, folded.clocks, folded.ends))
        return Record(ticket, log, folded.clocked, armed, folded.cached)

    def _note_place(self, ticket: Ticket, folded: Folded) -> None:
        """Have the queues in memory follow, once this is committed."""
        noted = partial(self._waiting.note, self._session.tenant_id, ticket, folded.cached)
        self._session.after_commit(noted)

    def _within_caps(self, change: Change) -> Change:
        """Withhold automatic letters to addresses that got too many, and say so: in the log, and by a flag."""
        entries, letters, raised, ticket = list(change.entries), [], list(change.raised), change.ticket
        for letter in change.letters:
            capped = letter.automatic and letter.purpose not in STAFF_PURPOSES
            route = self._composer.route(letter, ticket) if capped else None
            if route is None or self._may_write(ticket, letter, route):
                letters.append(letter)
                continue
            seq = ticket.last_seq + 1
            data = {"recipient": letter.recipient, "purpose": letter.purpose}
            at = max(self._session.now, *(entry.at for entry in entries))
            entries.append(Entry(seq, at, Happened.WITHHELD, self._session.principal.actor, data))
            ticket = replace(ticket, last_seq=seq)
            if letter.purpose == ACKNOWLEDGEMENT:
                raised.append(withheld_flag(entries))
        return replace(change, ticket=ticket, entries=tuple(entries), letters=tuple(letters), raised=tuple(raised))

    def _may_write(self, ticket: Ticket, letter: Letter, route: Route) -> bool:
        wrote, kind = route.there, EMAIL if route.carrier is None else route.carrier.follows
        address = counted(ticket.channel_kind if wrote else kind, letter.recipient)
        take = partial(MailCounters(self._session).take, address, per_day=MAILS_PER_DAY)
        if not wrote and take(per_hour=STRANGER_MAILS_PER_HOUR):
            return True  # whose address it is makes no difference
        own = wrote or Contacts(self._session).is_verified(kind, letter.recipient)
        return own and take(per_hour=MAILS_PER_HOUR)

    def _store_and_send(self, ticket: Ticket, change: Change, clocks: Sequence[ClockView], files: Enclosures) -> None:
        outbox = Outbox(self._session)
        outbox.add_events(self._published(ticket, entry) for entry in change.entries)
        answered = self._answered(ticket, change) if change.letters else ""
        written: dict[UUID, str] = {}
        for letter in change.letters:
            route = self._composer.route(letter, ticket)
            if route is None:
                continue
            outbound = self._composer.compose(letter, ticket, route, clocks, self._session.now)
            if answered and outbound.channel_kind == ticket.channel_kind and letter.purpose not in STAFF_PURPOSES:
                outbound = replace(outbound, in_reply_to=answered, references=(answered,))
            outbound = outbound if route.carrier else files.enclose(outbound, letter)
            outbox.add_delivery(outbound, ticket_id=ticket.id, seq=ticket.last_seq)
            if letter.message_id is not None:
                written[letter.message_id] = outbound.text
            if letter.purpose in _COPIED_PURPOSES and letter.recipient == ticket.contact:
                for address in Participants(self._session).copied(ticket.id):
                    copy = (
                        self._whole(letter, address, ticket, clocks, files)
                        if route.carrier
                        else self._composer.copy(outbound, address)
                    )
                    if copy is not None:
                        outbox.add_delivery(copy, ticket_id=ticket.id, seq=ticket.last_seq)
        # A letter made from a text of ours is stored as it was written.
        notes = [note if note.text else replace(note, text=written.get(note.id, "")) for note in change.notes]
        self._tickets.add_messages(ticket, notes, _seqs_of(change))
        files.store(ticket.id)

    def _whole(
        self, letter: Letter, address: str, ticket: Ticket, clocks: Sequence[ClockView], files: Enclosures
    ) -> Outbound | None:
        """Return the whole of a letter whose short form is carried, as a copy of it goes to a mail address."""
        own = replace(letter, recipient=address, message_id=None)
        route = self._composer.route(own, ticket)
        if route is None:
            return None
        return files.enclose(self._composer.compose(own, ticket, route, clocks, self._session.now), letter)

    def _answered(self, ticket: Ticket, change: Change) -> str:
        """Return the id of the client's latest message, which a letter answers; empty where there is none."""
        if not self._composer.answering.reaches(ticket.channel_kind, ticket.requester):
            return ""
        incoming = [note.message_id for note in change.notes if note.direction == "in" and note.message_id]
        return incoming[-1] if incoming else self._tickets.latest_message_id(ticket.id)

    def _published(self, ticket: Ticket, entry: Entry) -> Published:
        return Published(
            id=new_id(),
            tenant_id=self._session.tenant_id,
            type=event_type(entry.what),
            subject=str(ticket.id),
            occurred_at=to_datetime(entry.at),
            number=ticket.number,
            seq=entry.seq,
            data=told(plain(entry.what, entry.data) if self._composer.confidential else entry.data),
        )


def _seqs_of(change: Change) -> list[int]:
    """Return, for each message, the log entry that tells of it: the one naming its id, else the first one added."""
    by_message = {entry.data.get("message_id"): entry.seq for entry in change.entries}
    return [by_message.get(str(note.id), change.entries[0].seq) for note in change.notes]
