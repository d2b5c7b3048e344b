"""What a request is about, what its line did, with which release it is to be solved. Pure."""

from datetime import date
from typing import Any

from helpdesk.contracts.log import Happened
from helpdesk.domain import commands
from helpdesk.domain.acceptance import accept
from helpdesk.domain.known import Known, begin, demand
from helpdesk.domain.rating import Said, back_in_turn, rate
from helpdesk.domain.ticket import Change, Progress
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.regulation.judging.categories import category_of, may_work, work_known
from helpdesk.regulation.vocabulary.model import Edition


def set_category(command: commands.SetCategory, known: Known) -> Change:
    """Say what the request is about; where its category has a level, that is its level from now on."""
    if command.category == known.ticket.category:
        raise Conflict(f"the category is {command.category} already")
    said = Said(category=command.category, facts=command.facts, affected=command.affected)
    rated = rate(known.evaluator, said)
    demand(rated.verdict, "facts")
    progress = begin(known)
    turn = back_in_turn(known, rated.level or known.ticket.level, command.category)
    categorise(progress, known, command.category, command.reason, **turn)
    progress.set(**turn)
    if rated.level is not None and rated.level != known.ticket.level:
        rule = category_of(known.evaluator.edition, command.category)
        data: dict[str, Any] = {
            "level": rated.level,
            "criterion": rated.criterion,
            "clause": rule.clause if rule is not None else "",
            "before": known.ticket.level,
            "facts": [*command.facts],
            "category": command.category,
        }
        if command.affected is not None:
            data["affected"] = command.affected
        progress.happened(Happened.LEVEL_SET, **data)
        progress.set(level=rated.level)
    return progress.change()


def categorise(progress: Progress, known: Known, category: str, reason: str = "", **more: bool) -> None:
    """Enter a category that the regulation knows, unless the ticket has it."""
    rule = category_of(known.evaluator.edition, category)
    if rule is None or progress.ticket.category == category:
        return
    progress.happened(
        Happened.CATEGORY_SET,
        category=category,
        clause=rule.clause,
        served=rule.served,
        before=progress.ticket.category,
        reason=reason.strip(),
        **more,
    )
    progress.set(category=category)


def record_work(command: commands.RecordWork, known: Known) -> Change:
    """Write down work that the ticket's line did, if it is work of that line.

    Raises:
        Invalid: no line does such work.
        Conflict: other lines do; says which, and the clause.
    """
    edition, line = known.evaluator.edition, known.ticket.line
    kinds = work_known(edition)
    if kinds and command.work not in kinds:
        raise Invalid(f"no line does {command.work!r}", fields={"work": f"one of {', '.join(kinds)}"})
    verdict = may_work(edition, line, command.work)
    if not verdict.allowed:
        others = ", ".join(verdict.needs)
        hint = f"Hand it over: {command.work} is the work of {others}." if others else None
        raise Conflict(f"{command.work} is no work of {line}", clause=verdict.clause, hint=hint)
    progress = begin(known)
    progress.happened(
        Happened.WORK_RECORDED, work=command.work, line=line, clause=verdict.clause, text=command.text.strip()
    )
    return progress.change()


def plan_release(command: commands.PlanRelease, known: Known) -> Change:
    """Say with which release it is to be solved: information that no deadline follows from."""
    release, day = command.release.strip(), command.day
    try:
        day = date.fromisoformat(day).isoformat() if day else ""
    except ValueError:
        raise Invalid("no such day", fields={"day": "is no date"}) from None
    if not release and day:
        raise Invalid("which release?", fields={"release": "is needed with a day"})
    progress = begin(known)
    progress.happened(Happened.RELEASE_PLANNED, release=release, day=day)
    progress.set(planned_release=release, planned_day=day)
    return progress.change()


def tell_number(command: commands.TellNumber, known: Known) -> Change:
    """Say that the client heard the number by another channel: whoever has it is accepted.

    Raises:
        Invalid: that channel is no official one, and none that the regulation falls back on.
    """
    ways = ways_to_tell(known.evaluator.edition)
    if command.channel not in ways:
        raise Invalid(f"no channel {command.channel!r}", fields={"channel": f"one of {', '.join(ways)}"})
    progress = begin(known)
    progress.happened(Happened.NUMBER_TOLD, channel=command.channel)
    accept(progress, known.now)
    return progress.change()


def ways_to_tell(edition: Edition) -> tuple[str, ...]:
    """Return by which channels a client may be told the number: those to fall back on first, then the official ones."""
    fallback = edition.acceptance.fallback_channels if edition.acceptance is not None else ()
    return tuple(dict.fromkeys((*fallback, *(channel.name for channel in edition.channels))))
