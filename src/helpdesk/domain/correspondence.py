"""What is written on a ticket: letters to the client, the client's own words, internal notes. Pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from helpdesk.contracts.log import Happened
from helpdesk.domain import acceptance, commands, languages
from helpdesk.domain.answer_links import demand_links
from helpdesk.domain.attention import NOBODY_RESPONSIBLE, RESPONSIBLE, WITHHELD, has_number, verdict_awaited
from helpdesk.domain.commands import ReplyKind
from helpdesk.domain.known import Known, begin
from helpdesk.domain.rights import Flag
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Change, Letter, Note, Progress
from helpdesk.domain.waiting import WAITING_CLIENT, end_on, resolve_now
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.judging.decisions import bounce_takes_back, duty_clause, reason_to_postpone

ASK_AGAIN = "ask_again"
"""The flag of a term that ran out: the client is to be asked once more. A question, or the client, takes it down."""
VERDICT = "verdict_awaited"
"""The flag on what is done and of which the client said something: do they agree?"""


def reply(command: commands.Reply, known: Known) -> Change:
    """Write to the client: an answer, a question or a notice, with the files that it takes along."""
    change = _written(command, known)
    letter, *others = change.notes
    return replace(change, notes=(replace(letter, takes=command.attachments), *others))


def _written(command: commands.Reply, known: Known) -> Change:
    text = command.text.strip()
    _sensible(command)
    progress = begin(known)
    reason = _postponed(command, known)
    if command.kind is ReplyKind.ANSWER:
        answer(progress, known, text, reason)
        answered_before = known.evaluator.answer_resolves and known.ticket.state is State.RESOLVED
        if (command.resolves or known.evaluator.answer_resolves) and not answered_before:
            again = verdict_awaited(known.log)
            resolve_now(progress, known.evaluator.edition, again=again)
            for flag in (VERDICT, ASK_AGAIN):
                progress.lower_flag(flag)
        return progress.change()
    if command.missing:
        text = "\n".join([*(f"- {each}" for each in command.missing), *(["", text] if text else [])])
    message_id = new_id()
    progress.store(outgoing(known, message_id, command.kind, text))
    sent: dict[str, Any] = {"message_id": str(message_id), **reason}
    letter = Letter(command.kind.value, known.ticket.contact, "", text, {}, False, message_id)
    progress.lower_flag(WITHHELD)
    if command.kind is ReplyKind.QUESTION:
        if command.missing:
            sent["missing"] = [*command.missing]
            letter = replace(letter, text_key="incomplete-body", arguments={"missing": text})
        for flag in (VERDICT, ASK_AGAIN):
            progress.lower_flag(flag)
        progress.happened(Happened.QUESTION_SENT, **sent)
        if known.ticket.state is not State.RESOLVED and WAITING_CLIENT not in progress.waiting:
            progress.happened(Happened.PAUSED, reason=WAITING_CLIENT)
    else:
        others = [each for each in known.authorised if each != known.ticket.contact]
        if command.to_authorised:
            sent["authorised"] = len(known.authorised)
        progress.happened(Happened.NOTICE_SENT, **sent, names_engineer=command.names_engineer)
        for recipient in others:
            write_to_client(progress, replace(letter, recipient=recipient, message_id=None))
    write_to_client(progress, letter)
    return progress.change()


def _sensible(command: commands.Reply) -> None:
    """Refuse what makes no sense whatever the regulation.

    Raises:
        Invalid: says where.
    """
    asks = command.kind is ReplyKind.QUESTION
    if not command.text.strip() and not (asks and command.missing):
        raise Invalid("the reply is empty", fields={"text": "must not be empty"})
    if command.resolves and command.kind is not ReplyKind.ANSWER:
        raise Invalid("only an answer resolves", fields={"resolves": "needs kind answer"})
    if command.missing and not asks:
        raise Invalid("only a question asks for something", fields={"missing": "needs kind question"})
    if command.postpones and asks:
        raise Invalid("a question postpones nothing", fields={"postpones": "needs kind answer or notice"})
    if command.to_authorised and command.kind is not ReplyKind.NOTICE:
        raise Invalid("authorised persons get notices", fields={"to_authorised": "needs kind notice"})


def _postponed(command: commands.Reply, known: Known) -> dict[str, str]:
    """Return what the log says of a reason to postpone.

    Raises:
        Invalid: the regulation names no such reason.
    """
    if not command.postpones:
        return {}
    edition = known.evaluator.edition
    verdict = reason_to_postpone(edition, command.postpones)
    if not verdict.allowed:
        names = ", ".join(rule.code for rule in edition.reasons) or "the regulation names none"
        raise Invalid(f"no reason {command.postpones!r} to postpone", fields={"postpones": names})
    return {"postponed": command.postpones, "clause": verdict.clause}


def answer(progress: Progress, known: Known, text: str, reason: Mapping[str, str] | None = None) -> None:
    """Send an answer; its links lead where the regulation lets them.

    Where the regulation wants somebody responsible before the answer, whoever answers is, if nobody else was.
    """
    edition = known.evaluator.edition
    demand_links(edition, text)
    if known.ticket.assignee is None and duty_clause(edition, RESPONSIBLE):
        agent = known.agent or known.actor
        progress.happened(Happened.ASSIGNED, agent=agent)
        progress.lower_flag(NOBODY_RESPONSIBLE)
        progress.set(assignee=agent)
    message_id = new_id()
    progress.store(outgoing(known, message_id, ReplyKind.ANSWER, text))
    progress.happened(Happened.ANSWER_SENT, message_id=str(message_id), **(reason or {}))
    progress.lower_flag(WITHHELD)
    write_to_client(progress, Letter("answer", known.ticket.contact, "", text, {}, False, message_id))


def add_note(command: commands.AddNote, known: Known) -> Change:
    """Write an internal note."""
    text = command.text.strip()
    if not text:
        raise Invalid("the note is empty", fields={"text": "must not be empty"})
    progress = begin(known)
    message_id = new_id()
    progress.happened(Happened.NOTE_ADDED, message_id=str(message_id))
    progress.store(Note(message_id, "note", "note", known.actor, "", "", text, author=known.actor))
    return progress.change()


def client_wrote(known: Known, note: Note, channel: str, since: Instant | None = None) -> Change:
    """Return the change that a further message of the client makes to an unclosed ticket.

    ``channel``: by which it came, as the regulation names it; ``since``: when it was received, where that was earlier.
    """
    progress = begin(known)
    hear(progress, known, note, channel, since, **languages.noticed(known, note.new_text))
    languages.ask_otherwise(progress, known)
    acceptance.accept(progress, known.now)
    return progress.change()


def hear(progress: Progress, known: Known, note: Note, channel: str, since: Instant | None, **more: Any) -> None:
    """Enter a word of the client: waits for it end, and of what is done it asks for more work, or for a verdict.

    What is owed for it counts from its receipt, however late it came to the ticket.
    """
    late = {} if since is None or since >= progress.now else {"counts_from": since}
    progress.store(note)
    progress.happened(Happened.CLIENT_MESSAGE, message_id=str(note.id), channel=channel, **late, **more)
    end_on(progress, known.evaluator.edition, "client_message")
    closing = known.evaluator.edition.closing
    if progress.ticket.state is State.RESOLVED and known.evaluator.reply_reopens:
        progress.happened(Happened.REOPENED, by="client")
    elif progress.ticket.state is State.RESOLVED:
        progress.raise_flag(Flag(VERDICT, closing.clause if closing is not None else ""))
    progress.lower_flag(ASK_AGAIN)


def noted(known: Known, note: Note, *, bounce: bool, alert_address: str = "") -> Change:
    """Return the change that automatic mail, or a bounce, makes to a ticket: it answers nothing and moves no clock.

    Where acceptance rests on the letter of registration, a bounce soon after it takes that back, unless the client is
    known to have it: they are to be reached another way, and whoever has the ``alert_address`` is told.
    """
    progress = begin(known)
    progress.store(note)
    if not bounce:
        progress.happened(Happened.NOTE_ADDED, message_id=str(note.id))
        return progress.change()
    left = None if has_number(known.log) else acceptance.left_at(known.log)
    since = None if left is None else known.now - left
    verdict = None if since is None else bounce_takes_back(known.evaluator.edition, since, known.ticket.channel)
    taken_back = verdict is not None and verdict.allowed
    progress.happened(Happened.BOUNCED, message_id=str(note.id), **({"not_accepted": True} if taken_back else {}))
    if verdict is not None and taken_back:
        acceptance.letter_came_back(progress, verdict, alert_address, note.subject)
    return progress.change()


def told(progress: Progress, known: Known, text: str) -> UUID:
    """Keep the client's words as somebody of ours heard them; return the message's id."""
    ticket = known.ticket
    note = Note(
        new_id(), "in", "told", ticket.requester, ticket.address, ticket.subject, text, new_text=text,
        author=ticket.requester_name or ticket.requester,
    )  # fmt: skip
    progress.store(note)
    progress.happened(Happened.CLIENT_MESSAGE, message_id=str(note.id), channel=ticket.channel)
    acceptance.accept(progress, known.now)
    return note.id


def outgoing(known: Known, message_id: UUID, kind: ReplyKind, text: str) -> Note:
    """Return the stored message of a letter to the client."""
    ticket = known.ticket
    return Note(message_id, "out", kind.value, ticket.address, ticket.contact, ticket.subject, text, author=known.actor)


def write_to_client(progress: Progress, letter: Letter) -> None:
    """Send ``letter``, if there is an address to send it to."""
    if letter.recipient:
        progress.send(letter)
