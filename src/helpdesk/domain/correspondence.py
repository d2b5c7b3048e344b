"""What is written on a ticket: letters to the client, the client's own words, internal notes. Pure."""

from typing import Any
from uuid import UUID

from msgspec.structs import replace

from helpdesk.contracts.log import Happened
from helpdesk.domain import commands
from helpdesk.domain.answer_links import demand_links
from helpdesk.domain.commands import ReplyKind
from helpdesk.domain.known import Known, begin
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Change, Letter, Note, Progress
from helpdesk.domain.waiting import WAITING_CLIENT, resolve_now, resume
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.ids import new_id


def reply(command: commands.Reply, known: Known) -> Change:
    """Write to the client: an answer, a question or a notice, with the files that it takes along."""
    change = _written(command, known)
    letter, *others = change.notes
    return replace(change, notes=(replace(letter, takes=command.attachments), *others))


def _written(command: commands.Reply, known: Known) -> Change:
    text = command.text.strip()
    if not text:
        raise Invalid("the reply is empty", fields={"text": "must not be empty"})
    if command.resolves and command.kind is not ReplyKind.ANSWER:
        raise Invalid("only an answer resolves", fields={"resolves": "needs kind answer"})
    progress = begin(known)
    if command.kind is ReplyKind.ANSWER:
        answer(progress, known, text)
        answered_before = known.evaluator.answer_resolves and known.ticket.state is State.RESOLVED
        if (command.resolves or known.evaluator.answer_resolves) and not answered_before:
            resolve_now(progress)
        return progress.change()
    message_id = new_id()
    progress.store(outgoing(known, message_id, command.kind, text))
    sent: dict[str, Any] = {"message_id": str(message_id)}
    if command.kind is ReplyKind.QUESTION:
        progress.happened(Happened.QUESTION_SENT, **sent)
        if known.ticket.state is not State.RESOLVED and WAITING_CLIENT not in progress.waiting:
            progress.happened(Happened.PAUSED, reason=WAITING_CLIENT)
    else:
        progress.happened(Happened.NOTICE_SENT, **sent, names_engineer=command.names_engineer)
    write_to_client(progress, Letter(command.kind.value, known.ticket.contact, "", text, {}, False, message_id))
    return progress.change()


def answer(progress: Progress, known: Known, text: str) -> None:
    """Send an answer; its links lead where the regulation lets them."""
    demand_links(known.evaluator.edition, text)
    message_id = new_id()
    progress.store(outgoing(known, message_id, ReplyKind.ANSWER, text))
    progress.happened(Happened.ANSWER_SENT, message_id=str(message_id))
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


def client_wrote(known: Known, note: Note, channel: str) -> Change:
    """Return the change that a further message of the client makes to an unclosed ticket."""
    progress = begin(known)
    progress.store(note)
    progress.happened(Happened.CLIENT_MESSAGE, message_id=str(note.id), channel=channel)
    resume(progress, WAITING_CLIENT)
    if known.ticket.state is State.RESOLVED and known.evaluator.reply_reopens:
        progress.happened(Happened.REOPENED, by="client")
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
    return note.id


def outgoing(known: Known, message_id: UUID, kind: ReplyKind, text: str) -> Note:
    """Return the stored message of a letter to the client."""
    ticket = known.ticket
    return Note(message_id, "out", kind.value, ticket.address, ticket.contact, ticket.subject, text, author=known.actor)


def write_to_client(progress: Progress, letter: Letter) -> None:
    """Send ``letter``, if there is an address to send it to."""
    if letter.recipient:
        progress.send(letter)
