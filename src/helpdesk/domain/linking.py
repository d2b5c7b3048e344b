"""Tickets that belong together: linked by kind, split into one question each, merged into one. Pure.

Whatever binds two tickets is an entry in both logs. A *relation* is a link as one of the two sees it.

Split: each further question becomes a ticket with the request's own receipt, registration, rating and waits, so that
its clocks count from where the request's do. An answer to the first question is none to the others: it is left behind.

Merge: the merged ticket says where its work goes on, then closes; its clocks are cancelled by that, never met, and what
was breached stays so. Its people and their later letters go to the other one.
"""

from collections.abc import Sequence, Set
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.acceptance import accepted_at_once
from helpdesk.domain.clients import name_key
from helpdesk.domain.correspondence import hear
from helpdesk.domain.known import Known, begin
from helpdesk.domain.states import State, taken_up
from helpdesk.domain.ticket import Change, Letter, Note, Progress, Ticket, waiting_reasons
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.compiling.codes import counts_from
from helpdesk.regulation.vocabulary.model import Edition

MERGED = "merged"
"""The outcome of a ticket whose work goes on in another one; regulations name none for it."""
ONE_QUESTION = "one_question"
"""The duty by which a regulation wants one question in a request."""


class LinkKind(StrEnum):
    """How one ticket is bound to another, as the first of the two says it."""

    RELATED = "related"
    DUPLICATE_OF = "duplicate_of"
    CAUSED_BY = "caused_by"
    SPLIT_FROM = "split_from"
    MERGED_INTO = "merged_into"
    FOLLOWS = "follows"


BY_HAND = (LinkKind.RELATED, LinkKind.DUPLICATE_OF, LinkKind.CAUSED_BY)
"""What people may say; the others come of a split, a merge, a late letter."""

_SEEN_FROM_THE_OTHER = {
    LinkKind.RELATED: "related",
    LinkKind.DUPLICATE_OF: "has_duplicate",
    LinkKind.CAUSED_BY: "causes",
    LinkKind.SPLIT_FROM: "split_into",
    LinkKind.MERGED_INTO: "absorbed",
    LinkKind.FOLLOWS: "followed_by",
}


def relation(kind: LinkKind, *, first: bool) -> str:
    """Return what the link is to its first ticket, or to the other one."""
    return kind.value if first else _SEEN_FROM_THE_OTHER[kind]


class SplitPart(Struct, frozen=True):
    """One question that becomes a ticket of its own."""

    subject: str
    text: str
    message_id: UUID | None = None
    """The message of the first ticket that holds it."""


def linked(known: Known, what: Happened, seen_as: str, other: int) -> Change:
    """Return the change of one of two tickets when a link is made (``LINKED``) or taken back (``UNLINKED``)."""
    progress = Progress(known.ticket, known.now, known.actor)
    progress.happened(what, relation=seen_as, number=other)
    return progress.change()


def split_off(known: Known, numbers: Sequence[int], clause: str) -> Change:
    """Return the change of the ticket whose further questions become the tickets ``numbers``.

    Raises:
        Conflict: the ticket is closed.
    """
    progress = Progress(known.ticket, known.now, known.actor)
    for number in numbers:
        progress.happened(Happened.SPLIT, number=number, clause=clause)
    return progress.change()


def one_question(edition: Edition) -> tuple[str, bool]:
    """Return the clause that wants one question in a request (empty: none does), and whether the receipt is kept."""
    duty = next((known for known in edition.duties if known.name == ONE_QUESTION), None)
    return (duty.clause, duty.value in {"", "received_at"}) if duty is not None else ("", True)


_SAID = frozenset({Happened.ANSWER_SENT, Happened.QUESTION_SENT})
_OF_THE_WHOLE = frozenset(
    {
        Happened.RECEIVED,
        Happened.REGISTERED,
        Happened.ACKNOWLEDGED,
        Happened.LEVEL_SET,
        Happened.CATEGORY_SET,
        Happened.IDENTIFIED,
        Happened.SUPPLIED,
        Happened.QUESTION_SENT,
        Happened.NOTICE_SENT,
        Happened.PAUSED,
        Happened.RESUMED,
    }
)
"""What happened to the request as a whole, and so to each of its questions."""


def offspring(known: Known, part: SplitPart, number: int) -> Change:
    """Return the new ticket of one question, with the log that it shares with the request up to now.

    Each entry that was carried over says so with its ``seq`` in the other log.
    """
    parent = known.ticket
    clause, keeps_receipt = one_question(known.evaluator.edition)
    entries = _carried(known, number, keeps_receipt=keeps_receipt)
    bound: dict[str, Any] = {"relation": LinkKind.SPLIT_FROM.value, "number": parent.number, "clause": clause}
    if part.message_id is not None:
        bound["message_id"] = str(part.message_id)
    entries.append(Entry(len(entries) + 1, known.now, Happened.LINKED, known.actor, bound))
    ticket = replace(
        parent,
        id=new_id(),
        number=number,
        subject=part.subject,
        state=_state_after(entries),
        line=known.evaluator.lines[0] if known.evaluator.lines else "",
        level=_level(known, entries),
        assignee=None,
        registered_at=entries[1].at,
        expedited=False,
        follows=None,
        version=1,
        last_seq=len(entries),
        accepted_at=accepted_at_once(known.evaluator, parent.channel, entries[1].at),
        planned_release="",
        planned_day="",
    )
    note = Note(
        new_id(), "in", "request", parent.requester, parent.address, part.subject, part.text, part.text,
        author=parent.requester_name or parent.requester,
    )  # fmt: skip
    letters = (Letter("acknowledgement", parent.contact, ""),) if parent.contact else ()
    return Change(ticket, tuple(entries), (note,), letters)


def merged(known: Known, into: Ticket) -> Change:
    """Return the change of the ticket whose work goes on in ``into``.

    Raises:
        Conflict: it is closed, is the same ticket, or another client's.
    """
    ticket = known.ticket
    if ticket.number == into.number:
        raise Conflict("a ticket cannot be merged into itself")
    if not same_client(ticket, into):
        raise Conflict(
            "the tickets are of different clients: merging would show one to the other; link them, or group them under "
            "a problem"
        )
    progress = Progress(known.ticket, known.now, known.actor)
    progress.happened(Happened.MERGED, number=into.number)
    progress.happened(Happened.CLOSED, outcome=MERGED, number=into.number)
    progress.set(closed_at=progress.now, outcome=MERGED)
    if ticket.contact:
        progress.send(Letter("merged", ticket.contact, "", "", {"other": str(into.number)}))
    return progress.change()


class Word(Struct, frozen=True):
    """Something that the client wrote on a ticket which is merged."""

    at: Instant
    """When it was received."""
    channel: str
    """By which channel."""
    note: Note
    """The message, as the other ticket keeps it."""


def words_of(log: Sequence[Entry], messages: Sequence[tuple[int, Note]]) -> tuple[Word, ...]:
    """Return what the client wrote on a ticket, oldest first; ``messages``: those that came in, each with its entry."""
    said = {entry.data.get("message_id"): entry for entry in log if entry.what is Happened.CLIENT_MESSAGE}
    found = []
    for seq, message in messages:
        told = log[0] if seq == log[0].seq else said.get(str(message.id))
        if told is not None:
            note = replace(message, id=new_id(), kind="follow_up")
            found.append(Word(counts_from(told), str(told.data.get("channel", "")), note))
    return tuple(found)


def absorbed(known: Known, source: Ticket, log: Sequence[Entry] = (), words: Sequence[Word] = ()) -> Change:
    """Return the change of the ticket that ``source``, with its ``log`` and the client's ``words``, was merged into.

    What the client wrote there after the last that we said here is a word of theirs on this ticket: they were not
    silent. Unless it was answered there, what is owed for it counts from its receipt.

    Raises:
        Conflict: it is closed.
    """
    progress = begin(known)
    progress.happened(Happened.ABSORBED, number=source.number, requester=source.requester, contact=source.contact)
    spoken, answered = _last(known.log, {Happened.RECEIVED, Happened.RESOLVED, *_SAID}), _last(log, _SAID)
    for word in words:
        if word.at > spoken:
            since = word.at if word.at > answered else None
            hear(progress, known, word.note, word.channel, since, absorbed=source.number)
    return progress.change()


def _last(log: Sequence[Entry], of: Set[Happened]) -> Instant:
    return max((entry.at for entry in log if entry.what in of), default=0)


def same_client(one: Ticket, other: Ticket) -> bool:
    """Say whether both tickets are one client's: the same person writes, or they are of one organisation."""
    organisations = name_key(one.organisation), name_key(other.organisation)
    return (
        (one.channel_kind, one.requester) == (other.channel_kind, other.requester)
        or bool(one.contact and one.contact == other.contact)
        or bool(organisations[0] and organisations[0] == organisations[1])
    )


def checked(parts: Sequence[SplitPart]) -> tuple[SplitPart, ...]:
    """Return the parts with their texts trimmed.

    Raises:
        Invalid: there is none, or one has no subject.
    """
    if not parts:
        raise Invalid("nothing to split off", fields={"parts": "must name at least one question"})
    empty = {f"parts[{place}].subject": "must not be empty" for place, part in enumerate(parts) if not _meant(part)}
    if empty:
        raise Invalid("a question has no subject", fields=empty)
    return tuple(replace(part, subject=part.subject.strip(), text=part.text.strip()) for part in parts)


def _meant(part: SplitPart) -> bool:
    return bool(part.subject.strip())


def _carried(known: Known, number: int, *, keeps_receipt: bool) -> list[Entry]:
    entries: list[Entry] = []

    def carry(entry: Entry, what: Happened, at: Instant, data: dict[str, Any]) -> None:
        carried = {**data, "carried_from": entry.seq}
        entries.append(Entry(len(entries) + 1, at, what, entry.actor, carried))

    for entry in known.log:
        if entry.what is Happened.REGISTERED:
            kept = {name: value for name, value in entry.data.items() if keeps_receipt or name != "counts_from"}
            carry(entry, entry.what, entry.at if keeps_receipt else known.now, {**kept, "number": number})
        elif entry.what is Happened.RECEIVED or (keeps_receipt and entry.what in _OF_THE_WHOLE):
            carry(entry, entry.what, entry.at, entry.data)
        elif keeps_receipt and entry.what is Happened.RESOLVED:
            for reason in sorted(waiting_reasons(tuple(entries))):  # an answer ended these waits too
                carry(entry, Happened.RESUMED, entry.at, {"reason": reason})
    return entries


def _state_after(entries: Sequence[Entry]) -> State:
    """Return where a ticket stands after what was carried over, by the edges of the chart."""
    if waiting_reasons(tuple(entries)):
        return State.WAITING
    return State.OPEN if any(taken_up(entry.what) for entry in entries) else State.NEW


def _level(known: Known, entries: Sequence[Entry]) -> str | None:
    rated = any(entry.what is Happened.LEVEL_SET for entry in entries)
    return known.ticket.level if rated else known.evaluator.initial_level(None)
