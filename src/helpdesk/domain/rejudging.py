"""Re-rating: another snapshot of the regulation judges a ticket, by an explicit act with before and after. Pure."""

from typing import Any

from msgspec import Struct

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.known import Known
from helpdesk.domain.ticket import Change, Progress
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.judging.categories import category_of, first_line
from helpdesk.regulation.judging.evaluator import Evaluator


class Rejudge(Struct, frozen=True):
    """Judge the ticket by another snapshot of its company's regulation."""

    number: int
    cause: str
    """Why, for the log and the audit."""
    snapshot: str = ""
    """The snapshot's hash; empty: the one in force now."""
    level: str | None = None
    """The level under the other snapshot, where that does not know the ticket's own."""
    line: str | None = None
    """The line, likewise."""


def rejudge(command: Rejudge, known: Known, after: Evaluator) -> Change:
    """Return the change: the ticket under ``after``, its deadlines before and after in the log.

    Raises:
        Conflict: the ticket is closed, or judged by that snapshot already.
        Invalid: no cause, or a level or line that the other snapshot does not know.
    """
    if not command.cause.strip():
        raise Invalid("a ticket is judged anew for a cause", fields={"cause": "must not be empty"})
    ticket, before = known.ticket, known.evaluator
    if after.snapshot.hash == ticket.snapshot_hash:
        raise Conflict("the ticket is judged by that snapshot already")
    progress = Progress(ticket, known.now, known.actor)
    level, line = _level(command, known, after), _line(command, known, after)
    moves = _moves(known, level=level, line=line)
    first = ticket.last_seq + 2  # after the entry that tells of the act itself
    log = (*known.log, *(Entry(n, known.now, what, known.actor, data) for n, (what, data) in enumerate(moves, first)))
    progress.happened(
        Happened.REJUDGED,
        cause=command.cause,
        before=standing(before, known.log, known.now),
        after=standing(after, log, known.now),
    )
    for what, data in moves:
        progress.happened(what, **data)
    category = known.ticket.category if category_of(after.edition, known.ticket.category) is not None else ""
    progress.set(snapshot_hash=after.snapshot.hash, level=level, line=line, category=category)
    return progress.change()


def standing(evaluator: Evaluator, log: tuple[Entry, ...], now: Instant) -> dict[str, Any]:
    """Return what a snapshot says of a log at ``now``, as it is written down: instants in microseconds."""
    return {
        "snapshot": evaluator.snapshot.hash,
        "edition": evaluator.snapshot.edition_id,
        "deadlines": [
            {
                "name": clock.name,
                "seq": clock.seq,
                "kind": clock.kind.value,
                "state": clock.state.value,
                "goal": clock.goal,
                "due": clock.due,
                "clause": clock.clause,
            }
            for clock in evaluator.clocks(log, now)
        ],
    }


def _moves(known: Known, *, level: str | None, line: str) -> list[tuple[Happened, dict[str, Any]]]:
    """Return the entries that give the ticket the other level and line, where somebody had set the present ones."""
    ticket = known.ticket
    found: list[tuple[Happened, dict[str, Any]]] = []
    if level != ticket.level and level is not None and _was(known, Happened.LEVEL_SET):
        found.append((Happened.LEVEL_SET, {"level": level, "criterion": "rejudged", "before": ticket.level}))
    if line != ticket.line and _was(known, Happened.LINE_SET):
        found.append((Happened.LINE_SET, {"line": line, "reason": "rejudged", "before": ticket.line}))
    return found


def _level(command: Rejudge, known: Known, after: Evaluator) -> str | None:
    """Return the level under the other snapshot: as told, else the ticket's own, else that of a ticket nobody rated."""
    if command.level is not None:
        if not _was(known, Happened.LEVEL_SET):
            raise Invalid("nobody rated the ticket yet", fields={"level": "set it when the ticket is judged anew"})
        return after.initial_level(command.level)
    if not _was(known, Happened.LEVEL_SET):
        return after.initial_level(None)
    names = [level.id for level in after.levels()]
    if known.ticket.level is not None and known.ticket.level not in names:
        known_names = ", ".join(names) or "none: give no level"
        raise Invalid(
            f"that snapshot has no level {known.ticket.level!r}", fields={"level": f"must be given: {known_names}"}
        )
    return known.ticket.level


def _line(command: Rejudge, known: Known, after: Evaluator) -> str:
    first, names = first_line(after.edition, known.ticket.channel_kind), ", ".join(after.lines)
    if command.line is not None and command.line not in after.lines:
        raise Invalid(f"that snapshot has no line {command.line!r}", fields={"line": f"one of {names}"})
    if command.line is not None and _was(known, Happened.LINE_SET):
        return command.line
    if not _was(known, Happened.LINE_SET):
        return first
    if known.ticket.line not in after.lines:
        raise Invalid(
            f"that snapshot has no line {known.ticket.line!r}",
            fields={"line": f"must be given: {names}"},
        )
    return known.ticket.line


def _was(known: Known, what: Happened) -> bool:
    return any(entry.what is what for entry in known.log)
