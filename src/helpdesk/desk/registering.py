"""Registering a request: from what arrived, and who may ask, to a ticket with its log, clocks and acknowledgement."""

import hashlib

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.messages import Inbound
from helpdesk.desk.commit import Committer
from helpdesk.desk.letters import EMAIL
from helpdesk.desk.resources import Resources
from helpdesk.desk.rights import Asker, Decided, decide_rights
from helpdesk.domain.known import demand
from helpdesk.domain.opening import Beginning, first_entries
from helpdesk.domain.rights import Flag
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Change, Letter, Note, Ticket
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant
from helpdesk.kernel.principal import Role
from helpdesk.regulation.decisions import check_fields, may_set_level
from helpdesk.regulation.evaluator import Evaluator
from helpdesk.store.flags import Flags
from helpdesk.store.session import Session
from helpdesk.store.tenants import Counters
from helpdesk.store.tickets import Tickets

SUBJECT_LIMIT = 300
"""Characters of a subject that are kept."""
INCOMPLETE = "incomplete"
"""The flag on a request that lacks what the regulation demands on its channel."""
_PLACES = {"description": "text", "contact": "requester_name", "email": "contact", "organisation": "organisation"}
"""Where a field is given, if it has a place of its own."""
CLIENT = "client"
"""The role of the person who asked."""


class Arrival(Struct, frozen=True):
    """A received message, with what the person who took it in adds."""

    message: Inbound
    contact: str = ""
    """Where letters to the client go; empty: the sender's own address where that is mail."""
    criterion: str = ""
    organisation: str = ""
    consulted: bool = False
    """A call answered on the spot: counted, no ticket."""
    facts: tuple[str, ...] = ()
    """What is recorded as true of the request, where the regulation demands it for the level."""
    affected: int | None = None
    """How many users are affected."""


class Entrance(Struct, frozen=True):
    """How a request gets in."""

    channel: str
    """The regulation's name of the channel."""
    received_at: Instant
    counts_from: Instant | None = None
    """From when it counts, where the channel defers."""
    delayed: bool = False
    """It waited with us for its registration, and counts from its receipt all the same."""
    follows: int | None = None
    """The closed ticket that it continues."""
    flags: tuple[Flag, ...] = ()
    """What an agent must look at, besides what follows from who asks."""
    raw_hash: bytes | None = None
    """The original, where it is kept already."""


def rights_of(
    session: Session, evaluator: Evaluator, arrival: Arrival, received_at: Instant, organisation: str = ""
) -> Decided:
    """Return whether who asks has a right to support; ``organisation`` stands where the arrival names none."""
    message, fields = arrival.message, arrival.message.fields
    addresses = ((message.channel_kind, message.sender), (EMAIL, arrival.contact))
    asker = Asker(addresses, arrival.organisation or organisation)
    product, version = fields.get("product", ""), fields.get("version", "")
    return decide_rights(session, evaluator, asker, received_at, product=product, version=version)


def register(
    session: Session, resources: Resources, evaluator: Evaluator, arrival: Arrival, decided: Decided, entrance: Entrance
) -> Ticket:
    """Make a ticket of a request that is let in.

    Raises:
        Invalid: the level is none of the regulation's, or lacks what the regulation demands for it.
    """
    message, actor = arrival.message, session.principal.actor
    wished = _level_of(session, evaluator, arrival)
    level = evaluator.initial_level(wished)
    number = Counters(session).next("ticket")
    contact = arrival.contact or (message.sender if message.channel_kind == EMAIL else decided.mail)
    flags = (*decided.rights.flags, *entrance.flags, *_lacking(session, evaluator, arrival, entrance))
    entries = first_entries(
        Beginning(
            channel=entrance.channel,
            sender=message.sender,
            number=number,
            actor=actor,
            received_at=entrance.received_at,
            registered_at=session.now,
            counts_from=entrance.counts_from,
            level=level if wished is not None else None,
            criterion=arrival.criterion,
            facts=arrival.facts,
            affected=arrival.affected,
            flags=flags,
            delayed=entrance.delayed,
        )
    )
    ticket = Ticket(
        id=new_id(),
        number=number,
        subject=message.subject[:SUBJECT_LIMIT],
        channel=entrance.channel,
        channel_kind=message.channel_kind,
        address=message.address,
        state=State.NEW,
        level=level,
        line=evaluator.lines[0] if evaluator.lines else "",
        assignee=None,
        requester=message.sender,
        requester_name=message.sender_name or decided.name,
        contact=contact,
        organisation=decided.organisation or arrival.organisation,
        received_at=entrance.received_at,
        registered_at=entries[1].at,
        closed_at=None,
        outcome=None,
        expedited=False,
        follows=entrance.follows,
        language=evaluator.language,
        snapshot_hash=evaluator.snapshot.hash,
        version=1,
        last_seq=len(entries),
    )
    letters = (Letter("acknowledgement", contact, ""),) if contact else ()
    note = incoming(session, _with_fields(evaluator, message), "request", entrance.raw_hash)
    composer = resources.composer(session, evaluator)
    Committer(session, evaluator, composer, resources.waiting).register(Change(ticket, entries, (note,), letters))
    Flags(session).put_up(ticket.id, flags)
    tickets = Tickets(session)
    tickets.add_participant(ticket.id, message.channel_kind, message.sender, CLIENT)
    if contact and (EMAIL, contact) != (message.channel_kind, message.sender):
        tickets.add_participant(ticket.id, EMAIL, contact, CLIENT)
    return ticket


def _with_fields(evaluator: Evaluator, message: Inbound) -> Inbound:
    """Return the message with what it states in fields at the end of its text, by the names that people know."""
    if not message.fields:
        return message
    names = {rule.name: rule.name_ru for rule in evaluator.edition.fields}
    listed = "\n".join(f"{names.get(name, name)}: {value}" for name, value in message.fields.items())
    text = f"{message.text}\n\n{listed}".strip()
    return replace(message, text=text, new_text=f"{message.new_text}\n\n{listed}".strip() if message.new_text else "")


def incoming(session: Session, message: Inbound, kind: str, raw_hash: bytes | None = None) -> Note:
    """Return the stored message of what came in; its original is kept with it."""
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
        raw_hash=raw_hash or keep_original(session, message),
        attachments=message.attachments,
    )


def keep_original(session: Session, message: Inbound) -> bytes | None:
    """Keep the original as it came; return its hash, None where the channel gave none."""
    if not message.raw:
        return None
    content_hash = hashlib.sha256(message.raw).digest()
    Tickets(session).keep_original(content_hash, message.raw)
    return content_hash


def _lacking(session: Session, evaluator: Evaluator, arrival: Arrival, entrance: Entrance) -> tuple[Flag, ...]:
    """Return the flag on a request that lacks a field which the regulation demands on its channel.

    Raises:
        Invalid: a program handed it in, which can ask for the field; names each, and the clause.
    """
    lacking = check_fields(evaluator.edition, entrance.channel, stated(arrival)).hard
    if not lacking:
        return ()
    clause = lacking[0].clause
    if session.principal.role is Role.INTEGRATOR and entrance.follows is None:
        fields = {_PLACES.get(rule.name, f"fields.{rule.name}"): f"is needed: {rule.name_en}" for rule in lacking}
        names = ", ".join(rule.name for rule in lacking)
        raise Invalid(f"clause {clause} demands more: {names}", fields=fields, clause=clause)
    return (Flag(INCOMPLETE, clause, ", ".join(rule.name for rule in lacking)),)


def stated(arrival: Arrival) -> dict[str, str]:
    """Return what a request states, by the names that regulations give to fields."""
    message = arrival.message
    mail = arrival.contact or (message.sender if "@" in message.sender else "")
    own = {
        "description": message.text,
        "contact": message.sender_name or mail or message.sender,
        "contact_name": message.sender_name,
        "email": mail,
        "phone": message.sender if message.channel_kind == "phone" else "",
        "organisation": arrival.organisation,
    }
    return {**own, **message.fields}


def _level_of(session: Session, evaluator: Evaluator, arrival: Arrival) -> str | None:
    """Return the level that the request begins with, None where nobody asked for one.

    A person is told what the regulation demands for a level; a channel's wish that lacks it is left to the agents, for
    nothing that came by a channel may be lost.
    """
    wished = arrival.message.level
    if wished is None:
        return None
    evaluator.initial_level(wished)  # must be one of the regulation's
    verdict = may_set_level(evaluator.edition, wished, arrival.facts, arrival.criterion, arrival.affected)
    if session.principal.role is Role.SYSTEM and not verdict.allowed:
        return None
    demand(verdict, "facts")
    return wished
