"""Who works on a ticket, on which line, how urgently, and whether out of turn. Pure."""

from typing import Any

from helpdesk.contracts.log import Happened
from helpdesk.domain import commands
from helpdesk.domain.attention import NOBODY_RESPONSIBLE, WITHHELD
from helpdesk.domain.commands import ReplyKind
from helpdesk.domain.correspondence import outgoing, write_to_client
from helpdesk.domain.known import Known, begin, demand
from helpdesk.domain.rating import back_in_turn
from helpdesk.domain.ticket import Change, Letter, Progress
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.regulation.judging.categories import may_hand_over
from helpdesk.regulation.judging.decisions import accepted_by_notice, may_expedite, may_set_level


def assign(command: commands.Assign, known: Known) -> Change:
    """Give the ticket to an agent, and tell the client who it is where that is asked for."""
    agent = known.roster.taker(command.agent, known.ticket.line)
    progress = begin(known)
    assign_to(progress, agent)
    if command.inform_client:
        name_engineer(progress, known, agent)
    return progress.change()


def accept(command: commands.Accept, known: Known) -> Change:
    """Take the ticket into work; where the regulation measures that by the notice naming the engineer, send it."""
    if known.ticket.assignee is not None:
        raise Conflict(f"{known.ticket.assignee} works on it already")
    agent = known.roster.taker(command.agent, known.ticket.line)
    progress = begin(known)
    assign_to(progress, agent)
    informs = command.inform_client
    if informs is None:
        informs = accepted_by_notice(known.evaluator.edition)
    if informs:
        name_engineer(progress, known, agent)
    return progress.change()


def assign_to(progress: Progress, agent: str) -> None:
    """Make ``agent`` responsible.

    Raises:
        Invalid: nobody is named.
    """
    if not agent.strip():
        raise Invalid("nobody to assign to", fields={"agent": "must not be empty"})
    progress.happened(Happened.ASSIGNED, agent=agent)
    progress.lower_flag(NOBODY_RESPONSIBLE)
    progress.set(assignee=agent)


def unassign(command: commands.Unassign, known: Known) -> Change:
    """Give the ticket back to the queue: nobody has it."""
    if known.ticket.assignee is None:
        raise Conflict("nobody has the ticket")
    progress = begin(known)
    progress.happened(Happened.UNASSIGNED, agent=known.ticket.assignee, reason=command.reason)
    progress.set(assignee=None)
    return progress.change()


def name_engineer(progress: Progress, known: Known, agent: str) -> None:
    """Send the notice that names who works on the request, as clients are told of them."""
    message_id = new_id()
    progress.happened(Happened.NOTICE_SENT, message_id=str(message_id), names_engineer=True)
    progress.lower_flag(WITHHELD)
    progress.store(outgoing(known, message_id, ReplyKind.NOTICE, ""))
    arguments = {"engineer": known.roster.display_name(agent)}
    write_to_client(
        progress, Letter("notice", known.ticket.contact, "notice-engineer", "", arguments, False, message_id)
    )


def set_level(command: commands.SetLevel, known: Known) -> Change:
    """Change the level, by the regulation's criterion and with the facts it demands."""
    level = known.evaluator.initial_level(command.level)
    if not command.criterion.strip():
        raise Invalid("a level is set by a criterion", fields={"criterion": "must not be empty"})
    if level == known.ticket.level:
        raise Conflict(f"the level is {level} already")
    edition, category = known.evaluator.edition, known.ticket.category
    verdict = may_set_level(edition, command.level, command.facts, command.criterion, command.affected, category)
    demand(verdict, "facts")
    progress = begin(known)
    data: dict[str, Any] = {
        "level": level,
        "criterion": command.criterion,
        "clause": edition.levels[command.level].clause,
        "before": known.ticket.level,
        "facts": [*command.facts],
    }
    if command.affected is not None:
        data["affected"] = command.affected
    turn = back_in_turn(known, level, category)
    progress.happened(Happened.LEVEL_SET, **data, **turn)
    progress.set(level=level, **turn)
    return progress.change()


def set_line(command: commands.SetLine, known: Known) -> Change:
    """Hand the ticket over to another line: for its work and with a reason, where the text says who does what."""
    lines = known.evaluator.lines
    if command.line not in lines:
        names = ", ".join(lines)
        raise Invalid(f"no line {command.line!r} in this regulation", fields={"line": f"one of {names}"})
    if command.line == known.ticket.line:
        raise Conflict(f"the ticket is on the line {command.line} already")
    edition = known.evaluator.edition
    verdict = may_hand_over(edition, command.line, command.work, command.reason)
    if verdict.act == "refuse":
        others = f"{command.work} is the work of {', '.join(verdict.needs)}" if verdict.needs else "no line does it"
        message = f"{command.line} does not do {command.work}"
        raise Invalid(message, fields={"work": others}, clause=verdict.clause)
    demand(verdict, "line")
    progress = begin(known)
    handed = {"work": command.work} if command.work else {}
    progress.happened(Happened.LINE_SET, line=command.line, reason=command.reason, before=known.ticket.line, **handed)
    progress.set(line=command.line)
    assignee = known.ticket.assignee
    if assignee is not None and not known.roster.may_keep(assignee, command.line):
        progress.happened(Happened.UNASSIGNED, agent=assignee, reason=f"does not work on the line {command.line}")
        progress.set(assignee=None)
    return progress.change()


def expedite(command: commands.Expedite, known: Known) -> Change:
    """Take the ticket out of turn, where the regulation allows it."""
    if not command.cause.strip():
        raise Invalid("nothing is taken out of turn without a cause", fields={"cause": "must not be empty"})
    if known.ticket.expedited:
        raise Conflict("the ticket is taken out of turn already")
    demand(may_expedite(known.evaluator.edition, known.ticket.level, command.facts, known.ticket.category), "facts")
    progress = begin(known)
    progress.happened(Happened.EXPEDITED, cause=command.cause, facts=[*command.facts])
    progress.set(expedited=True)
    return progress.change()
