"""Taking in: from one received message to exactly one line of the ledger, and to what follows from it."""

import hashlib
from uuid import UUID

import msgspec
from msgspec.structs import replace

from helpdesk.contracts.messages import Inbound, Nature, Outbound, Outcome
from helpdesk.desk.changing.commit import MAILS_PER_DAY, MAILS_PER_HOUR, counted
from helpdesk.desk.changing.firing import settle
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.receiving.registering import (
    Arrival,
    Entrance,
    came_by,
    incoming,
    keep_original,
    register,
    rights_of,
)
from helpdesk.desk.tickets.links import where_it_goes_on
from helpdesk.desk.tickets.repeating import bind_repeated
from helpdesk.domain.attachments import judge
from helpdesk.domain.clients import day_of
from helpdesk.domain.commands import Taken
from helpdesk.domain.correspondence import client_wrote, noted
from helpdesk.domain.opening import Way, admit_or_flag
from helpdesk.domain.states import State
from helpdesk.domain.threading import PRIVATE, Candidate, Decision, Threaded, decide_thread, in_private, mentions
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import DAY, MINUTE, Instant
from helpdesk.kernel.principal import Role
from helpdesk.regulation.judging.decisions import read_first
from helpdesk.store.attachments import Attachments
from helpdesk.store.chats import Chats
from helpdesk.store.engine.session import Session
from helpdesk.store.inbox import Inbox
from helpdesk.store.ledger import Ledger, LedgerEntry
from helpdesk.store.mail_counters import MailCounters
from helpdesk.store.outbox import Outbox
from helpdesk.store.participants import Participants
from helpdesk.store.tenants import Tenants
from helpdesk.store.tickets import Tickets

__all__ = ["Arrival", "quarantine", "receive"]

_NOTHING = Inbound("", "", "", "", None)
_EARLIEST = 7 * DAY
_CLOCK_SKEW = 5 * MINUTE


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
        inbox.complete(source, message.source_key, taken, taken.ledger_id)
        return taken

    def _repeated(self, earlier: object) -> Taken:
        first = msgspec.convert(earlier, Taken)
        self._enter(Outcome.DUPLICATE, ticket_id=first.ticket_id, duplicate_of=first.ledger_id)
        return replace(first, outcome=Outcome.DUPLICATE, first=first.outcome)

    def _decide(self) -> Taken:
        if self._unreadable:
            keep_original(self._session, self._message)
            return self._enter(Outcome.QUARANTINED, reason=self._unreadable)
        if self._session.principal.role is Role.SYSTEM:
            decision = self._thread()
            if decision.act is Threaded.NOTE:
                return self._note(decision)
            if decision.act is Threaded.JOIN and decision.ticket_id is not None:
                return self._join(Tickets(self._session).by_id(decision.ticket_id, held=True))
            if decision.act is Threaded.HOLD:
                return self._hold(decision)
        way = Way(self._message.channel_kind, self._message.address, self._message.chat_kind)
        admission, flags = admit_or_flag(self._evaluator, way, self._received_at)
        if self._arrival.consulted:  # it has happened, whatever the regulation says of asking there and then
            return self._enter(Outcome.CONSULTED, clause=admission.clause)
        if not admission.accepted:
            return self._refuse(admission.clause, admission.reason, admission.hint_ru)
        return self._let_in(Entrance(admission.channel, self._received_at, admission.counts_from, flags=flags))

    def _thread(self) -> Decision:
        tickets = Tickets(self._session)
        found = mentions(self._message, self._resources.secret, self._session.tenant_id)
        if in_private(self._message):
            chats = Chats(self._session)
            found = replace(found, by_reference=chats.referred(self._message), only_open=chats.only_open(self._message))
        by_id = {ticket.id: self._candidate(ticket) for ticket in map(tickets.find, found.all_ids) if ticket}
        numbered = map(tickets.find_number, found.numbers)
        by_number = {ticket.number: self._candidate(ticket) for ticket in numbered if ticket}
        return decide_thread(self._message, found, by_id, by_number)

    def _candidate(self, ticket: Ticket) -> Candidate:
        # A merged ticket's people are those of the ticket that goes on: who may no longer write there, may not here.
        goes_on = where_it_goes_on(self._session, ticket)
        people = Participants(self._session).addresses(goes_on.id, self._message.channel_kind)
        return Candidate(ticket.id, ticket.number, people)

    def _let_in(self, entrance: Entrance, organisation: str = "") -> Taken:
        """Register a new request, unless who asks has no right to support."""
        decided = rights_of(self._session, self._evaluator, self._arrival, self._received_at, organisation)
        rights = decided.rights
        if rights.refused:
            return self._refuse(rights.clause, rights.reason_ru, rights.hint_ru)
        ticket = register(self._session, self._resources, self._evaluator, self._arrival, decided, entrance)
        bind_repeated(self._session, self._resources, self._evaluator, ticket, self._arrival.repeats)
        return self._enter(Outcome.TICKET, ticket=ticket)

    def _join(self, ticket: Ticket) -> Taken:
        ticket = settle(self._session, self._resources, where_it_goes_on(self._session, ticket))
        if ticket.state is State.CLOSED:
            entrance = Entrance(ticket.channel, self._received_at, follows=ticket.number)
            return self._let_in(entrance, ticket.organisation)
        opened = self._resources.open(self._session, ticket, f"client:{self._message.channel_kind}")
        note = incoming(self._session, self._message, "follow_up")
        change = client_wrote(opened.known, note, came_by(opened.known, self._message), self._received_at)
        return self._enter(Outcome.FOLLOW_UP, ticket=opened.committer.change(ticket, opened.log, change))

    def _hold(self, decision: Decision) -> Taken:
        taken = self._enter(Outcome.HELD, reason=decision.cause)
        raw_hash = keep_original(self._session, self._message)
        kept = replace(self._message, raw=b"")
        Attachments(self._session).add(judge(self._evaluator.edition, kept.attachments), None, None)
        Ledger(self._session).hold(taken.ledger_id, decision.cause, kept, decision.ticket_id, raw_hash)
        return taken

    def _note(self, decision: Decision) -> Taken:
        if decision.ticket_id is None:
            return self._enter(Outcome.NOTED, reason=decision.cause)
        ticket = settle(self._session, self._resources, Tickets(self._session).by_id(decision.ticket_id, held=True))
        opened = self._resources.open(self._session, ticket, f"client:{self._message.channel_kind}")
        note = incoming(self._session, self._message, str(self._message.nature))
        bounce, alert = self._message.nature is Nature.BOUNCE, opened.composer.alert_address
        change = noted(opened.known, note, bounce=bounce, alert_address=alert)
        changed = opened.committer.change(ticket, opened.log, change)
        return self._enter(Outcome.NOTED, ticket=changed, reason=decision.cause)

    def _refuse(self, clause: str, reason: str, hint: str) -> Taken:
        if self._session.principal.role is Role.SYSTEM:  # who asks over HTTP is told in the answer
            composer = self._resources.composer(self._session, self._evaluator)
            letter = composer.compose_refusal(self._message, clause, reason, hint)
            if letter is not None and self._may_refuse(letter):
                Outbox(self._session).add_delivery(letter, ticket_id=None, seq=0)
        return self._enter(Outcome.REFUSED, clause=clause, reason=reason, hint=hint)

    def _may_refuse(self, letter: Outbound) -> bool:
        """Say whether a refusal is within the caps: a group is told once a day, whoever writes in it."""
        to_a_person = self._message.chat_kind in {"", PRIVATE}
        per_hour, per_day = (MAILS_PER_HOUR, MAILS_PER_DAY) if to_a_person else (1, 1)
        counters = MailCounters(self._session)
        return counters.take(counted(letter.channel_kind, letter.recipient), per_hour=per_hour, per_day=per_day)

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
            read_first=read_first(self._evaluator.edition) if outcome is Outcome.TICKET else (),
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
        message.category,
        message.message_id,
        replace(arrival, message=_NOTHING),
    )
    return hashlib.sha256(msgspec.json.encode(said)).digest()
