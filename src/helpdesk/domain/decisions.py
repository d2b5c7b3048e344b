"""What each command does to a ticket: pure functions from what is known to a change."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain import commands
from helpdesk.domain.commands import ReplyKind
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Change, Letter, Note, Progress, Ticket, waiting_reasons
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.decisions import Verdict, may_close, may_expedite, may_pause, may_set_level
from helpdesk.regulation.evaluator import Evaluator

WAITING_CLIENT = "waiting_client"


class Known(Struct, frozen=True):
    """What a decision may look at: the ticket, its log, its regulation, the actor and the present instant."""

    ticket: Ticket
    log: tuple[Entry, ...]
    evaluator: Evaluator
    actor: str
    now: Instant


def decide(command: commands.TicketCommand, known: Known) -> Change:
    """Return the change that ``command`` makes.

    Raises:
        Conflict: the ticket's state forbids it.
        Invalid: the regulation knows no such level, reason, line or outcome.
    """
    return _DECISIONS[type(command)](command, known)


def _begin(known: Known) -> Progress:
    return Progress(known.ticket, known.now, known.actor)


def _reply(command: commands.Reply, known: Known) -> Change:
    text = command.text.strip()
    if not text:
        raise Invalid("the reply is empty", fields={"text": "must not be empty"})
    if command.resolves and command.kind is not ReplyKind.ANSWER:
        raise Invalid("only an answer resolves", fields={"resolves": "needs kind answer"})
    progress = _begin(known)
    message_id = new_id()
    progress.store(_outgoing(known, message_id, command.kind, text))
    sent: dict[str, Any] = {"message_id": str(message_id)}
    if command.kind is ReplyKind.ANSWER:
        progress.happened(Happened.ANSWER_SENT, **sent)
        if command.resolves or known.evaluator.answer_resolves:
            _resolve_now(progress, known)
    elif command.kind is ReplyKind.QUESTION:
        progress.happened(Happened.QUESTION_SENT, **sent)
        if known.ticket.state is not State.RESOLVED and WAITING_CLIENT not in waiting_reasons(known.log):
            progress.happened(Happened.PAUSED, reason=WAITING_CLIENT)
    else:
        progress.happened(Happened.NOTICE_SENT, **sent, names_engineer=command.names_engineer)
    _write_to_client(progress, Letter(command.kind.value, known.ticket.contact, "", text, {}, False, message_id))
    return progress.change()


def _assign(command: commands.Assign, known: Known) -> Change:
    if not command.agent.strip():
        raise Invalid("nobody to assign to", fields={"agent": "must not be empty"})
    progress = _begin(known)
    progress.happened(Happened.ASSIGNED, agent=command.agent)
    progress.set(assignee=command.agent)
    if command.inform_client:
        message_id = new_id()
        progress.happened(Happened.NOTICE_SENT, message_id=str(message_id), names_engineer=True)
        progress.store(_outgoing(known, message_id, ReplyKind.NOTICE, ""))
        arguments = {"engineer": command.agent}
        letter = Letter("notice", known.ticket.contact, "notice-engineer", "", arguments, False, message_id)
        _write_to_client(progress, letter)
    return progress.change()


def _set_level(command: commands.SetLevel, known: Known) -> Change:
    level = known.evaluator.initial_level(command.level)
    if not command.criterion.strip():
        raise Invalid("a level is set by a criterion", fields={"criterion": "must not be empty"})
    if level == known.ticket.level:
        raise Conflict(f"the level is {level} already")
    _demand(may_set_level(known.evaluator.edition, command.level, command.facts, command.criterion), "facts")
    progress = _begin(known)
    data = {"level": level, "criterion": command.criterion, "before": known.ticket.level, "facts": [*command.facts]}
    progress.happened(Happened.LEVEL_SET, **data)
    progress.set(level=level)
    return progress.change()


def _set_line(command: commands.SetLine, known: Known) -> Change:
    lines = known.evaluator.lines
    if command.line not in lines:
        names = ", ".join(lines)
        raise Invalid(f"no line {command.line!r} in this regulation", fields={"line": f"one of {names}"})
    progress = _begin(known)
    progress.happened(Happened.LINE_SET, line=command.line, reason=command.reason, before=known.ticket.line)
    progress.set(line=command.line)
    return progress.change()


def _hold(command: commands.Hold, known: Known) -> Change:
    reasons = known.evaluator.pause_reasons
    if command.reason not in reasons:
        names = ", ".join(reasons)
        raise Invalid(f"no reason {command.reason!r} to wait", fields={"reason": f"one of {names}"})
    if command.reason in waiting_reasons(known.log):
        raise Conflict(f"the ticket waits for {command.reason} already")
    _demand(may_pause(known.evaluator.edition, command.reason, known.ticket.level, _sent(known)), "reason")
    progress = _begin(known)
    progress.happened(Happened.PAUSED, reason=command.reason, note=command.note)
    return progress.change()


def _release(command: commands.Release, known: Known) -> Change:
    if command.reason not in waiting_reasons(known.log):
        raise Conflict(f"the ticket does not wait for {command.reason}")
    progress = _begin(known)
    _resume(progress, known, command.reason)
    return progress.change()


def _resolve(command: commands.Resolve, known: Known) -> Change:
    progress = _begin(known)
    text = command.text.strip()
    if text:
        message_id = new_id()
        progress.store(_outgoing(known, message_id, ReplyKind.ANSWER, text))
        progress.happened(Happened.ANSWER_SENT, message_id=str(message_id))
        _write_to_client(progress, Letter("answer", known.ticket.contact, "", text, {}, False, message_id))
    _resolve_now(progress, known)
    return progress.change()


def _close(command: commands.Close, known: Known) -> Change:
    outcomes = known.evaluator.outcomes
    if command.outcome not in outcomes:
        names = ", ".join(outcomes)
        raise Invalid(f"no outcome {command.outcome!r} in this regulation", fields={"outcome": f"one of {names}"})
    said = {name: text for name, text in command.facts.items() if text.strip()}
    _demand(may_close(known.evaluator.edition, command.outcome, said), "facts")
    progress = _begin(known)
    close(progress, command.outcome, said)
    return progress.change()


def _expedite(command: commands.Expedite, known: Known) -> Change:
    if not command.cause.strip():
        raise Invalid("nothing is taken out of turn without a cause", fields={"cause": "must not be empty"})
    if known.ticket.expedited:
        raise Conflict("the ticket is taken out of turn already")
    _demand(may_expedite(known.evaluator.edition, known.ticket.level, command.facts), "facts")
    progress = _begin(known)
    progress.happened(Happened.EXPEDITED, cause=command.cause, facts=[*command.facts])
    progress.set(expedited=True)
    return progress.change()


def _add_note(command: commands.AddNote, known: Known) -> Change:
    text = command.text.strip()
    if not text:
        raise Invalid("the note is empty", fields={"text": "must not be empty"})
    progress = _begin(known)
    message_id = new_id()
    progress.happened(Happened.NOTE_ADDED, message_id=str(message_id))
    progress.store(Note(message_id, "note", "note", known.actor, "", "", text, author=known.actor))
    return progress.change()


def client_wrote(known: Known, note: Note, channel: str) -> Change:
    """Return the change that a further message of the client makes to an unclosed ticket."""
    progress = _begin(known)
    progress.store(note)
    progress.happened(Happened.CLIENT_MESSAGE, message_id=str(note.id), channel=channel)
    if WAITING_CLIENT in waiting_reasons(known.log):
        _resume(progress, known, WAITING_CLIENT)
    if known.ticket.state is State.RESOLVED and known.evaluator.reply_reopens:
        progress.happened(Happened.REOPENED, by="client")
    return progress.change()


def close(progress: Progress, outcome: str, facts: Mapping[str, str] | None = None) -> None:
    """Close the ticket in ``progress`` with ``outcome`` and tell the client."""
    progress.happened(Happened.CLOSED, outcome=outcome, **({"facts": dict(facts)} if facts else {}))
    progress.set(closed_at=progress.now, outcome=outcome)
    _write_to_client(progress, Letter("closed", progress.ticket.contact, "closed-body", "", {"outcome": outcome}))


def _demand(verdict: Verdict, field: str) -> None:
    """Hold a command against what the regulation demands for it.

    Raises:
        Invalid: it names what is missing, and the clause.
    """
    if not verdict.allowed:
        missing = ", ".join(verdict.needs) or "is not allowed here"
        raise Invalid(f"clause {verdict.clause} demands more: {missing}", fields={field: f"needs {missing}"})


_LETTERS = {Happened.QUESTION_SENT: "question", Happened.NOTICE_SENT: "notice"}


def _sent(known: Known) -> set[str]:
    """Return what was written to the client since the last wait ended."""
    sent: set[str] = set()
    for entry in known.log:
        if entry.what is Happened.RESUMED:
            sent.clear()
        elif entry.what in _LETTERS:
            sent.add(_LETTERS[entry.what])
    return sent


def _resolve_now(progress: Progress, known: Known) -> None:
    if progress.ticket.state is State.RESOLVED:
        raise Conflict("the ticket is resolved already")
    for reason in sorted(waiting_reasons(known.log)):
        _resume(progress, known, reason)
    progress.happened(Happened.RESOLVED)


def _resume(progress: Progress, known: Known, reason: str) -> None:
    """End the wait for ``reason``; the ticket goes on waiting while another reason is in force."""
    if progress.ticket.state is State.WAITING:
        progress.happened(Happened.RESUMED, reason=reason)
        if waiting_reasons((*known.log, *progress.change().entries)):
            progress.set(state=State.WAITING)


def _outgoing(known: Known, message_id: UUID, kind: ReplyKind, text: str) -> Note:
    ticket = known.ticket
    return Note(message_id, "out", kind.value, ticket.address, ticket.contact, ticket.subject, text, author=known.actor)


def _write_to_client(progress: Progress, letter: Letter) -> None:
    if letter.recipient:
        progress.send(letter)


_DECISIONS: dict[type, Callable[[Any, Known], Change]] = {
    commands.Reply: _reply,
    commands.Assign: _assign,
    commands.SetLevel: _set_level,
    commands.SetLine: _set_line,
    commands.Hold: _hold,
    commands.Release: _release,
    commands.Resolve: _resolve,
    commands.Close: _close,
    commands.Expedite: _expedite,
    commands.AddNote: _add_note,
}
