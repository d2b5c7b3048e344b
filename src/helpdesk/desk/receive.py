"""Taking in: from one received message to exactly one line of the ledger, and to what follows from it."""

import hashlib
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.log import Entry, Happened
from helpdesk.contracts.messages import Inbound, Nature, Outcome
from helpdesk.desk.change import settle
from helpdesk.desk.commit import Committer
from helpdesk.desk.letters import EMAIL
from helpdesk.desk.links import where_it_goes_on
from helpdesk.desk.resources import Resources
from helpdesk.desk.rights import Asker, Decided, decide_rights
from helpdesk.domain.clients import day_of
from helpdesk.domain.commands import Taken
from helpdesk.domain.correspondence import client_wrote
from helpdesk.domain.opening import Beginning, Way, admit, first_entries
from helpdesk.domain.states import State
from helpdesk.domain.threading import Candidate, Decision, Threaded, decide_thread, mentions
from helpdesk.domain.ticket import Change, Letter, Note, Ticket
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import DAY, MINUTE, Instant
from helpdesk.kernel.principal import Role
from helpdesk.regulation.evaluator import Admission
from helpdesk.store.flags import Flags
from helpdesk.store.inbox import Inbox
from helpdesk.store.ledger import Ledger, LedgerEntry
from helpdesk.store.outbox import Outbox
from helpdesk.store.session import Session
from helpdesk.store.tenants import Counters, Tenants
from helpdesk.store.tickets import Tickets

SUBJECT_LIMIT = 300
"""Characters of a subject that are kept."""
CLIENT = "client"
"""The role of the person who asked."""
_NOTHING = Inbound("", "", "", "", None)
_EARLIEST = 7 * DAY
_CLOCK_SKEW = 5 * MINUTE


class Arrival(Struct, frozen=True):
    """A received message, with what the person who took it in adds."""

    message: Inbound
    contact: str = ""
    """Where letters to the client go; empty: the sender's own address where that is mail."""
    criterion: str = ""
    organisation: str = ""
    consulted: bool = False
    """A call answered on the spot: counted, no ticket."""


def receive(session: Session, resources: Resources, arrival: Arrival) -> Taken:
    """Take in one message for the session's tenant; the same ``source_key`` again is a duplicate.

    Raises:
        Invalid: the level is none of the regulation's, or the given instant lies out of bounds.
        Conflict: the tenant has no edition in force.
    """
    return _Reception(session, resources, arrival).take()


def quarantine(session: Session, resources: Resources, message: Inbound, cause: str) -> Taken:
    """Keep what could not be read: only its original, our address and its key are known of ``message``.

    Raises:
        Conflict: the tenant has no edition in force.
    """
    return _Reception(session, resources, Arrival(message), cause).take()


class _Reception:
    """One message on its way in."""

    def __init__(self, session: Session, resources: Resources, arrival: Arrival, unreadable: str = "") -> None:
        self._unreadable = unreadable
        self._session = session
        self._resources = resources
        self._arrival = arrival
        self._message = arrival.message
        self._received_at = _bounded(arrival.message.received_at, session.now)
        self._evaluator = resources.directory.in_force(session, self._received_at)
        self._ledger_id = new_id()
        self._tenant = Tenants(session).own()

    def take(self) -> Taken:
        message = self._message
        inbox = Inbox(self._session)
        source = f"{message.channel_kind}:{message.address}"
        earlier = inbox.claim(source, message.source_key, _fingerprint(self._arrival))
        if earlier is not None:
            return self._repeated(earlier)
        taken = self._decide()
        inbox.complete(source, message.source_key, msgspec.to_builtins(taken), taken.ledger_id)
        return taken

    def _repeated(self, earlier: object) -> Taken:
        first = msgspec.convert(earlier, Taken)
        self._enter(Outcome.DUPLICATE, ticket_id=first.ticket_id, duplicate_of=first.ledger_id)
        return replace(first, outcome=Outcome.DUPLICATE, first=first.outcome)

    def _decide(self) -> Taken:
        if self._unreadable:
            self._keep_original()
            return self._enter(Outcome.QUARANTINED, reason=self._unreadable)
        if self._session.principal.role is Role.SYSTEM:
            decision = self._thread()
            if decision.act is Threaded.NOTE:
                return self._note(decision)
            if decision.act is Threaded.JOIN and decision.ticket_id is not None:
                return self._join(Tickets(self._session).by_id(decision.ticket_id))
            if decision.act is Threaded.HOLD:
                return self._hold(decision)
        admission = self._admit()
        if not admission.accepted:
            return self._refuse(admission.clause, admission.reason, admission.hint_ru)
        if self._arrival.consulted:
            return self._enter(Outcome.CONSULTED, clause=admission.clause)
        return self._let_in(admission.channel, counts_from=admission.counts_from)

    def _admit(self) -> Admission:
        message = self._message
        way = Way(message.channel_kind, message.address, message.chat_kind)
        return admit(self._evaluator, way, self._received_at)

    def _thread(self) -> Decision:
        tickets = Tickets(self._session)
        found = mentions(self._message, self._resources.secret, self._session.tenant_id)
        by_id = {ticket.id: self._candidate(ticket) for ticket in map(tickets.find, found.ticket_ids) if ticket}
        numbered = map(tickets.find_number, found.numbers)
        by_number = {ticket.number: self._candidate(ticket) for ticket in numbered if ticket}
        return decide_thread(self._message, found, by_id, by_number)

    def _candidate(self, ticket: Ticket) -> Candidate:
        people = Tickets(self._session).participants(ticket.id, self._message.channel_kind)
        return Candidate(ticket.id, ticket.number, people)

    def _let_in(
        self, channel: str, *, counts_from: Instant | None = None, follows: int | None = None, organisation: str = ""
    ) -> Taken:
        """Register a new request, unless who asks has no right to support."""
        message, fields = self._message, self._message.fields
        addresses = ((message.channel_kind, message.sender), (EMAIL, self._arrival.contact))
        asker = Asker(addresses, self._arrival.organisation or organisation)
        product, version = fields.get("product", ""), fields.get("version", "")
        decided = decide_rights(
            self._session, self._evaluator, asker, self._received_at, product=product, version=version
        )
        rights = decided.rights
        if rights.refused:
            return self._refuse(rights.clause, rights.reason_ru, rights.hint_ru)
        return self._register(channel, decided, counts_from=counts_from, follows=follows)

    def _register(self, channel: str, decided: Decided, *, counts_from: Instant | None, follows: int | None) -> Taken:
        message, now = self._message, self._session.now
        level = self._evaluator.initial_level(message.level)
        number = Counters(self._session).next("ticket")
        contact = self._arrival.contact or (message.sender if message.channel_kind == EMAIL else decided.mail)
        beginning = Beginning(
            channel=channel,
            sender=message.sender,
            number=number,
            actor=self._session.principal.actor,
            received_at=self._received_at,
            registered_at=now,
            counts_from=counts_from,
            level=level if message.level is not None else None,
            criterion=self._arrival.criterion,
            flags=decided.rights.flags,
        )
        entries = first_entries(beginning)
        ticket = Ticket(
            id=new_id(),
            number=number,
            subject=message.subject[:SUBJECT_LIMIT],
            channel=channel,
            channel_kind=message.channel_kind,
            address=message.address,
            state=State.NEW,
            level=level,
            line=self._evaluator.lines[0] if self._evaluator.lines else "",
            assignee=None,
            requester=message.sender,
            requester_name=message.sender_name or decided.name,
            contact=contact,
            organisation=decided.organisation or self._arrival.organisation,
            received_at=self._received_at,
            registered_at=entries[1].at,
            closed_at=None,
            outcome=None,
            expedited=False,
            follows=follows,
            language=self._evaluator.language,
            snapshot_hash=self._evaluator.snapshot.hash,
            version=1,
            last_seq=len(entries),
        )
        letters = (Letter("acknowledgement", contact, ""),) if contact else ()
        change = Change(ticket, entries, (self._incoming("request"),), letters)
        composer = self._resources.composer(self._session, self._evaluator)
        Committer(self._session, self._evaluator, composer, self._resources.waiting).register(change)
        Flags(self._session).put_up(ticket.id, decided.rights.flags)
        tickets = Tickets(self._session)
        tickets.add_participant(ticket.id, message.channel_kind, message.sender, CLIENT)
        if contact and (EMAIL, contact) != (message.channel_kind, message.sender):
            tickets.add_participant(ticket.id, EMAIL, contact, CLIENT)
        return self._enter(Outcome.TICKET, ticket=ticket)

    def _join(self, ticket: Ticket) -> Taken:
        ticket = settle(self._session, self._resources, where_it_goes_on(self._session, ticket))
        if ticket.state is State.CLOSED:
            return self._let_in(ticket.channel, follows=ticket.number, organisation=ticket.organisation)
        opened = self._resources.open(self._session, ticket, f"client:{self._message.channel_kind}")
        change = client_wrote(opened.known, self._incoming("follow_up"), ticket.channel)
        return self._enter(Outcome.FOLLOW_UP, ticket=opened.committer.change(ticket, opened.log, change))

    def _hold(self, decision: Decision) -> Taken:
        taken = self._enter(Outcome.HELD, reason=decision.cause)
        kept = replace(self._message, raw=b"", attachments=())
        Ledger(self._session).hold(taken.ledger_id, decision.cause, kept, decision.ticket_id)
        return taken

    def _note(self, decision: Decision) -> Taken:
        if decision.ticket_id is None:
            return self._enter(Outcome.NOTED, reason=decision.cause)
        ticket = settle(self._session, self._resources, Tickets(self._session).by_id(decision.ticket_id))
        opened = self._resources.open(self._session, ticket, f"client:{self._message.channel_kind}")
        seq = ticket.last_seq + 1
        note = self._incoming(str(self._message.nature))
        what = Happened.BOUNCED if self._message.nature is Nature.BOUNCE else Happened.NOTE_ADDED
        entry = Entry(seq, opened.known.now, what, opened.known.actor, {"message_id": str(note.id)})
        change = Change(replace(ticket, last_seq=seq), (entry,), (note,))
        changed = opened.committer.change(ticket, opened.log, change)
        return self._enter(Outcome.NOTED, ticket=changed, reason=decision.cause)

    def _refuse(self, clause: str, reason: str, hint: str) -> Taken:
        message = self._message
        if message.channel_kind == EMAIL:
            composer = self._resources.composer(self._session, self._evaluator)
            letter = composer.compose_refusal(message.address, message.sender, clause, reason, hint)
            if letter is not None:
                Outbox(self._session).add_delivery(letter, ticket_id=None, seq=0)
        return self._enter(Outcome.REFUSED, clause=clause, reason=reason, hint=hint)

    def _incoming(self, kind: str) -> Note:
        message = self._message
        return Note(
            id=new_id(),
            direction="in",
            kind=kind,
            sender=message.sender,
            recipient=message.address,
            subject=message.subject[:SUBJECT_LIMIT],
            text=message.text,
            new_text=message.new_text or message.text,
            message_id=message.message_id,
            author=message.sender_name or message.sender,
            raw_hash=self._keep_original(),
        )

    def _keep_original(self) -> bytes | None:
        raw = self._message.raw
        if not raw:
            return None
        content_hash = hashlib.sha256(raw).digest()
        Tickets(self._session).keep_original(content_hash, raw)
        return content_hash

    def _enter(
        self,
        outcome: Outcome,
        *,
        ticket: Ticket | None = None,
        ticket_id: UUID | None = None,
        duplicate_of: UUID | None = None,
        clause: str = "",
        reason: str = "",
        hint: str = "",
    ) -> Taken:
        """Write the ledger's line and return what is answered."""
        message = self._message
        line_id = self._ledger_id if duplicate_of is None else new_id()
        Ledger(self._session).enter(
            LedgerEntry(
                id=line_id,
                channel_kind=message.channel_kind,
                address=message.address,
                sender=message.sender,
                received_at=self._received_at,
                day=day_of(self._received_at, self._evaluator.zone),
                outcome=outcome,
                source_key=message.source_key,
                clause=clause,
                reason=reason,
                hint=hint,
                ticket_id=ticket.id if ticket else ticket_id,
                duplicate_of=duplicate_of,
            )
        )
        return Taken(
            ledger_id=line_id,
            outcome=outcome,
            tenant_id=self._tenant.id,
            tenant=self._tenant.slug,
            ticket_id=ticket.id if ticket else None,
            number=ticket.number if ticket else None,
            clause=clause,
            detail=reason,
            hint=hint,
        )


def _bounded(given: Instant | None, now: Instant) -> Instant:
    """Return when it was received: what the channel or the agent says, if it can be, else the present.

    Raises:
        Invalid: the given instant lies in the future, or too far back.
    """
    if given is None:
        return now
    if not now - _EARLIEST <= given <= now + _CLOCK_SKEW:
        raise Invalid(
            "the given instant of receipt is out of bounds",
            fields={"started_at": "must lie within the last 7 days and not in the future"},
        )
    return min(given, now)


def _fingerprint(arrival: Arrival) -> bytes:
    """Return a hash of what was said, and of what was added to it, so that another content under the key is noticed."""
    message = arrival.message
    said = (
        message.sender,
        message.subject,
        message.text,
        message.level,
        message.message_id,
        replace(arrival, message=_NOTHING),
    )
    return hashlib.sha256(msgspec.json.encode(said)).digest()
