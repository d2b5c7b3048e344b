"""What a reader of the five regulations lets be done with a ticket, command by command."""

from collections.abc import Collection
from datetime import date

from tests.support.chart import CLOSED, NEW, OPEN, RESOLVED, WAITING
from tests.support.expected import Shadow
from tests.support.readings import Company

from helpdesk.domain import commands
from helpdesk.domain.commands import TicketCommand

LIVE = {NEW, OPEN, WAITING}


def may(shadow: Shadow, command: TicketCommand) -> bool:
    """Say whether the regulation and common sense allow ``command`` now."""
    rules, closed = shadow.rules, shadow.state == CLOSED
    match command:
        case commands.AddNote(text=text):
            return bool(text.strip())
        case commands.TellNumber(channel=channel):
            return channel in rules.channels
        case commands.EndRemoteSession(session=session):
            return session in shadow.sessions
        case _ if closed:
            return False
        case commands.Reply():
            return _reply(shadow, command)
        case commands.BeginRemoteSession(object=where, consent=consent):
            return bool(where.strip()) and bool(consent.strip())
        case commands.Assign(agent=agent):
            return bool(agent.strip())
        case commands.Unassign():
            return bool(shadow.assignee)
        case commands.Accept(agent=agent):
            return bool(agent.strip()) and not shadow.assignee
        case commands.SetLevel(level=level, criterion=criterion, facts=facts, affected=affected):
            known = level in rules.levels and level != shadow.level and bool(criterion.strip())
            return known and _rated(rules, level, shadow.category, facts, affected)
        case commands.SetCategory(category=category, facts=facts, affected=affected):
            if category == shadow.category or category not in {**rules.served, **rules.unserved}:
                return False
            level = rules.served.get(category, ("", ()))[0]
            return not level or _rated(rules, level, category, facts, affected)
        case commands.SetLine(line=line, work=work, reason=reason):
            done = rules.works.get(line)
            fits = done is None or (work in done and bool(reason.strip()))
            return line in rules.lines and line != shadow.line and fits
        case commands.RecordWork(work=work):
            return not rules.works or work in rules.works[shadow.line]
        case commands.PlanRelease(release=release, day=day):
            return (bool(release.strip()) or not day) and _is_day(day)
        case commands.Supply(details=details):
            said = {name for name, text in details.items() if text.strip()}
            return bool(said) and said <= {*rules.fields}
        case commands.Hold(reason=reason):
            needs = rules.pauses.get(reason)
            fits = shadow.level in rules.pause_levels.get(reason, (shadow.level,))
            asked = needs is not None and (not needs or needs in shadow.sent)
            return asked and fits and reason not in shadow.waits and shadow.state in LIVE
        case commands.Release(reason=reason):
            return reason in shadow.waits
        case commands.Resolve(text=text):
            return shadow.state in LIVE or (bool(text.strip()) and shadow.awaited)
        case commands.Confirm(outcome=outcome):
            ends = outcome or rules.confirmed
            return rules.outcomes.get(ends) == () and ends not in rules.declines and shadow.answerable
        case commands.Disagree(text=text):
            return shadow.state == RESOLVED and (bool(text.strip()) or shadow.heard or not rules.reasons)
        case commands.Reopen(reason=reason):
            return shadow.state == RESOLVED and bool(reason.strip())
        case commands.Close(outcome=outcome, facts=facts):
            return _close(shadow, outcome, {name: text for name, text in facts.items() if text.strip()})
        case commands.Expedite(cause=cause, facts=facts):
            fits = not rules.expedite_levels or shadow.level in rules.expedite_levels
            fits = fits and (not rules.expedite_categories or shadow.category in rules.expedite_categories)
            allowed = rules.expedites and fits and set(rules.expedite_facts) <= {*facts}
            return allowed and bool(cause.strip()) and not shadow.expedited and shadow.state in LIVE
    raise AssertionError(command)


def _reply(shadow: Shadow, command: commands.Reply) -> bool:
    answers, resolves = command.kind == "answer", command.resolves
    again = resolves and shadow.state == RESOLVED and not shadow.rules.answer_closes and not shadow.awaited
    sensible = answers or not resolves
    to_whom = command.kind == "notice" or not command.to_authorised
    return bool(command.text.strip()) and not again and sensible and to_whom


def _rated(rules: Company, level: str, category: str, facts: Collection[str], affected: int | None) -> bool:
    """A level wants its facts, or those for which the request's category gives it; and perhaps users counted."""
    given, its_own = rules.served.get(category, ("", ()))
    wanted = its_own if given == level and its_own else rules.facts.get(level, ())
    return {*wanted} <= {*facts} and (affected is not None or not rules.counts_users)


def _close(shadow: Shadow, outcome: str, said: dict[str, str]) -> bool:
    rules = shadow.rules
    needs = rules.outcomes.get(outcome)
    if needs is None or not {*needs} <= said.keys():
        return False
    category = said.get("category") or rules.declines.get(outcome, "") or shadow.category
    if category and category not in {**rules.served, **rules.unserved}:
        return False
    if outcome not in rules.declines:
        return True
    if not category:
        return not rules.unserved
    return category in rules.unserved and not {*rules.unserved[category]} & said.keys()


def _is_day(day: str) -> bool:
    try:
        return not day or bool(date.fromisoformat(day))
    except ValueError:
        return False
