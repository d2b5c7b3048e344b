"""Registering a request: from what arrived, and who may ask, to a ticket with its log, clocks and acknowledgement."""

import hashlib
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.messages import Inbound
from helpdesk.contracts.transports import EMAIL
from helpdesk.desk.changing.commit import Committer
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.changing.rights import Asker, Decided, decide_rights
from helpdesk.desk.tickets.repeating import repeated
from helpdesk.domain import clarifying
from helpdesk.domain.acceptance import accepted_at_once
from helpdesk.domain.clarifying import clarify, letter_of_registration
from helpdesk.domain.known import Known, demand
from helpdesk.domain.languages import letter_on, other_language
from helpdesk.domain.opening import OTHER_LANGUAGE, Beginning, Way, admit, first_entries, flags_of_way, state_of
from helpdesk.domain.participants import CLIENT, COPIED
from helpdesk.domain.rating import Rated, Said, rate
from helpdesk.domain.rights import Flag
from helpdesk.domain.stating import demand_listed
from helpdesk.domain.ticket import Change, Letter, Note, Ticket
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant
from helpdesk.kernel.principal import Role
from helpdesk.regulation.judging.categories import category_of, first_line, level_of
from helpdesk.regulation.judging.decisions import check_fields
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.waits import lacking
from helpdesk.regulation.vocabulary.doors import FieldRule
from helpdesk.store.engine.session import Session
from helpdesk.store.flags import Flags
from helpdesk.store.participants import Participants
from helpdesk.store.tenants import Counters
from helpdesk.store.tickets import Tickets

SUBJECT_LIMIT = 300
"""Characters of a subject that are kept."""
WORDS_LIMIT = 80
"""Characters of a message's first words that stand for a subject."""
_PLACES = {"description": "text", "contact": "requester_name", "email": "contact", "organisation": "organisation"}
"""Where a field is given, if it has a place of its own."""


class Arrival(Struct, frozen=True):
    """A received message, with what the person who took it in adds."""

    message: Inbound
    contact: str = ""
    """A mail address where letters to the client go; empty: wherever letters reach the sender."""
    criterion: str = ""
    organisation: str = ""
    consulted: bool = False
    """A call answered on the spot: counted, no ticket."""
    facts: tuple[str, ...] = ()
    """What is recorded as true of the request, where the regulation demands it for the level."""
    affected: int | None = None
    """How many users are affected."""
    repeats: int | None = None
    """The ticket that the client asks about once more."""
    missing: tuple[str, ...] = ()
    """What whoever took it in says it lacks."""


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
    addresses = ((message.channel_kind, message.sender), (EMAIL, arrival.contact or message.contact))
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
    category, rated = _rated(session, evaluator, arrival)
    wished = rated.level
    level = evaluator.initial_level(wished)
    number = Counters(session).next("ticket")
    contact = arrival.contact or resources.ways.contact(
        message.channel_kind, message.sender, message.address, message.contact or decided.mail
    )
    line = first_line(evaluator.edition, message.channel_kind)
    stranger = other_language(evaluator.edition, message.subject, message.new_text or message.text)
    told = stated(arrival)
    check = check_fields(evaluator.edition, entrance.channel, told)
    asked = session.principal.role is Role.INTEGRATOR or message.waits
    if asked and entrance.follows is None:
        _demand_fields(check.hard)
    missing = (*lacking(evaluator.edition, entrance.channel, told), *(each.strip() for each in arrival.missing))
    flags, waits = clarify(evaluator.edition, (*decided.rights.flags, *entrance.flags), missing)
    flags += (
        *flags_of_way(evaluator.edition, message.channel_kind, contact),
        *((Flag(OTHER_LANGUAGE, stranger.clause),) if stranger is not None else ()),
    )
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
            criterion=rated.criterion,
            facts=arrival.facts,
            affected=arrival.affected,
            flags=flags,
            missing=missing,
            waits=waits,
            delayed=entrance.delayed,
            category=category,
            by_category=rated.by_category,
            line=line if evaluator.lines and line != evaluator.lines[0] else "",
        )
    )
    ticket = Ticket(
        id=new_id(),
        number=number,
        subject=subject_of(message),
        channel=entrance.channel,
        channel_kind=message.channel_kind,
        address=message.address,
        state=state_of(entries),
        level=level,
        line=line,
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
        category=category,
        accepted_at=accepted_at_once(evaluator, entrance.channel, entries[1].at),
    )
    soft = [rule.name for rule in check.soft]
    registered = letter_of_registration(evaluator.edition, evaluator.language, contact, waits, soft)
    letters: tuple[Letter, ...] = (registered,) if contact else ()
    if contact and stranger is not None:
        letters += (letter_on(stranger, contact),)
    note = incoming(session, _with_fields(evaluator, message), "request", entrance.raw_hash)
    composer = resources.composer(session, evaluator)
    Committer(session, evaluator, composer, resources.waiting).register(Change(ticket, entries, (note,), letters))
    Flags(session).put_up(ticket.id, flags)
    people = Participants(session)
    people.add(ticket.id, message.channel_kind, message.sender, CLIENT)
    there = resources.ways.answering.reaches(message.channel_kind, message.sender)
    if "@" in contact and not (there and contact == message.sender):
        people.add(ticket.id, EMAIL, contact, CLIENT)
    if message.copied and message.contact not in {"", contact}:
        people.add(ticket.id, EMAIL, message.contact, COPIED)
    return ticket


def _with_fields(evaluator: Evaluator, message: Inbound) -> Inbound:
    """Return the message with what it states in fields at the end of its text, by the names that people know."""
    if not message.fields:
        return message
    names = {rule.name: rule.name_ru for rule in evaluator.edition.fields}
    listed = "\n".join(f"{names.get(name, name)}: {value}" for name, value in message.fields.items())
    text = f"{message.text}\n\n{listed}".strip()
    return replace(message, text=text, new_text=f"{message.new_text}\n\n{listed}".strip() if message.new_text else "")


def subject_of(message: Inbound) -> str:
    """Return the subject that is kept: the message's own, or its first words where it has none, for lists to show."""
    if message.subject.strip():
        return message.subject[:SUBJECT_LIMIT]
    first = next((line.strip() for line in message.text.splitlines() if line.strip()), "")
    return first if len(first) <= WORDS_LIMIT else first[: WORDS_LIMIT - 1].rsplit(" ", 1)[0] + "…"


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


def came_by(known: Known, message: Inbound) -> str:
    """Return by which of the regulation's channels a further message came; by the ticket's, if by no official one."""
    way = Way(message.channel_kind, message.address, message.chat_kind)
    admission = admit(known.evaluator, way, known.now, no_holiday=True)
    return admission.channel if admission.accepted else known.ticket.channel


def keep_original(session: Session, message: Inbound) -> bytes | None:
    """Keep the original as it came; return its hash, None where the channel gave none."""
    if not message.raw:
        return None
    content_hash = hashlib.sha256(message.raw).digest()
    Tickets(session).keep_original(content_hash, message.raw)
    return content_hash


def _demand_fields(absent: Sequence[FieldRule]) -> None:
    """Demand of whoever can still ask for a field that nothing is handed in without those that must be there.

    Raises:
        Invalid: some are lacking; names each, and the clause.
    """
    if not absent:
        return
    clause = absent[0].clause
    fields = {_PLACES.get(rule.name, f"fields.{rule.name}"): f"is needed: {rule.name_en}" for rule in absent}
    names = ", ".join(rule.name for rule in absent)
    raise Invalid(f"clause {clause} demands more: {names}", fields=fields, clause=clause)


def stated(arrival: Arrival) -> dict[str, str]:
    """Return what a request states, by the names that regulations give to fields."""
    message = arrival.message
    return clarifying.stated(
        message.fields,
        channel_kind=message.channel_kind,
        sender=message.sender,
        name=message.sender_name,
        contact=arrival.contact or message.contact,
        organisation=arrival.organisation,
        text=message.text,
    )


def _rated(session: Session, evaluator: Evaluator, arrival: Arrival) -> tuple[str, Rated]:
    """Return the category and the level that the request begins with.

    A person is told what the regulation demands; a channel's wish that lacks it is left to the agents, for nothing that
    came by a channel may be lost.
    """
    message = arrival.message
    again = repeated(session, arrival.repeats)
    said = Said(message.level, message.category, arrival.criterion, arrival.facts, arrival.affected, again)
    if session.principal.role is not Role.SYSTEM:
        demand_listed(evaluator.edition, message.fields)
        rated = rate(evaluator, said)
        demand(rated.verdict, "facts")
        return said.category, rated
    category = said.category if category_of(evaluator.edition, said.category) is not None else ""
    level = None if level_of(evaluator.edition, category) else said.level
    rated = rate(evaluator, replace(said, category=category, level=level))
    return category, rated if rated.verdict.allowed else replace(rated, level=None)
