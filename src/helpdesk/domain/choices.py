"""What may be done with a ticket now: every command tried on what is known, and what each would still need. Pure.

The tries go through the very decisions that carry commands out, so what is offered cannot differ from what is granted.
"""

from collections.abc import Iterator

from msgspec import Struct

from helpdesk.domain import commands
from helpdesk.domain.attention import client_untold
from helpdesk.domain.clarifying import still_missing
from helpdesk.domain.classifying import ways_to_tell
from helpdesk.domain.commands import ReplyKind, TicketCommand
from helpdesk.domain.decisions import decide
from helpdesk.domain.known import Known
from helpdesk.domain.ticket import waiting_reasons
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.regulation.judging.categories import work_known

_TEXT = "\N{HORIZONTAL ELLIPSIS}"
"""Stands for a text that somebody would write."""


class Choice(Struct, frozen=True):
    """One thing that an agent might do with a ticket."""

    act: str
    """Which: ``accept``, ``set_level``, ``wait``, ``close``, …"""
    given: dict[str, str]
    """What the choice is between, e.g. ``{"level": "high"}``; empty where there is one only."""
    possible: bool
    """Whether it may be done now, perhaps after what it ``needs``."""
    needs: dict[str, str] = {}
    """What must be said or done with it, or before it, by the field's path."""
    why: str = ""
    """Why it is not possible, or what is needed."""
    clause: str = ""
    """The regulation's clause behind that."""


def choices(known: Known) -> tuple[Choice, ...]:
    """Return every choice, the impossible ones with the reason."""
    return tuple(_tried(act, given, command, known) for act, given, command in _tries(known))


def _tried(act: str, given: dict[str, str], command: TicketCommand, known: Known) -> Choice:
    try:
        decide(command, known)
    except Conflict as error:
        return Choice(act, given, possible=False, why=error.detail, clause=error.clause or "")
    except Invalid as error:
        return Choice(act, given, True, error.fields, error.detail, error.clause or "")
    return Choice(act, given, possible=True)


def _tries(known: Known) -> Iterator[tuple[str, dict[str, str], TicketCommand]]:
    number, evaluator = known.ticket.number, known.evaluator
    yield "accept", {}, commands.Accept(number, known.actor)
    yield "assign", {}, commands.Assign(number, known.actor)
    yield "unassign", {}, commands.Unassign(number)
    for kind in ReplyKind:
        yield "reply", {"kind": kind.value}, commands.Reply(number, kind, _TEXT)
    for level in evaluator.edition.levels:
        yield "set_level", {"level": level}, commands.SetLevel(number, level, _TEXT)
    for line in evaluator.lines:
        yield "set_line", {"line": line}, commands.SetLine(number, line, _TEXT)
    for rule in evaluator.edition.scope:
        yield "set_category", {"category": rule.category}, commands.SetCategory(number, rule.category)
    for work in work_known(evaluator.edition):
        yield "record_work", {"work": work}, commands.RecordWork(number, work)
    for reason in evaluator.pause_reasons:
        yield "wait", {"reason": reason}, commands.Hold(number, reason)
    for reason in sorted(waiting_reasons(known.log)):
        yield "end_wait", {"reason": reason}, commands.Release(number, reason)
    for detail in still_missing(known.log):
        yield "supply", {"detail": detail}, commands.Supply(number, {detail: _TEXT})
    for way in ways_to_tell(evaluator.edition) if client_untold(known.log) else ():
        yield "tell_number", {"channel": way}, commands.TellNumber(number, way)
    yield "expedite", {}, commands.Expedite(number, _TEXT)
    yield "resolve", {}, commands.Resolve(number)
    yield "confirm", {}, commands.Confirm(number)
    yield "disagree", {}, commands.Disagree(number)
    yield "reopen", {}, commands.Reopen(number, _TEXT)
    for outcome in evaluator.outcomes:
        yield "close", {"outcome": outcome}, commands.Close(number, outcome)
