"""What a reader of the five regulations expects of a ticket: slow, plain, and ignorant of the service's tables.

It stands in for the reader of a regulation in the desk's property tests: of each command it says whether it may happen
and how the ticket stands afterwards, and of each silence whether it has closed the ticket meanwhile.
"""

import json
from pathlib import Path
from typing import Any

from tests.support.chart import CLOSED, NEW, OPEN, RESOLVED, WAITING
from tests.support.readings import CLIENT, COMPANIES

from helpdesk.domain import commands
from helpdesk.domain.commands import ReplyKind, TicketCommand
from helpdesk.kernel.instants import HOUR, Instant
from helpdesk.verify.calendar import Calendar
from helpdesk.verify.deadlines import recompute
from helpdesk.verify.specs import read_case_form

CALENDARS = Path(__file__).parents[1] / "data" / "calendar" / "companies"
AGENT = "key:agent"
"""Who carries out the commands."""


class Shadow:
    """One ticket as its company's regulation has it."""

    def __init__(
        self,
        company: str,
        number: int,
        requester: str,
        level: str | None,
        *,
        by: str = "email",
        received: Instant = 0,
    ) -> None:
        self.company, self.number, self.requester = company, number, requester
        self.by, self.received = by, received
        self.rules = COMPANIES[company]
        self.state, self.outcome = NEW, ""
        self.level = level if level is not None else self.rules.default_level
        self.line = self.rules.lines[0]
        self.category = ""
        self.assignee = ""
        self.expedited = False
        self.waits: dict[str, Instant | None] = {}
        """Reasons to wait, each with its planned end."""
        self.sent: set[str] = set()
        """What was written since the last wait ended."""
        self.answered: Instant | None = None
        """From when the client's time to say that the answer is not enough counts."""
        self.done: Instant | None = None
        """From when the client's time to object counts."""
        self.asked: list[Instant] = []
        """Questions that nobody answered."""
        self.answerable = False
        """There is something to confirm."""
        self.heard = False
        """The client said something since the work was done."""

    def __repr__(self) -> str:
        return f"{self.company} #{self.number} {self.state}"

    def pass_to(self, now: Instant) -> None:
        """Let silence close it, if it has lasted."""
        for reason, until in list(self.waits.items()):
            if until is not None and until <= now:
                self._stop_waiting(reason)
        if self.state == CLOSED:
            return
        silences = sorted(self._silences())
        if silences and silences[0][0] <= now:
            self._close(silences[0][1])

    def may(self, command: TicketCommand) -> bool:
        """Say whether the regulation and common sense allow ``command`` now."""
        rules, closed = self.rules, self.state == CLOSED
        match command:
            case commands.AddNote(text=text):
                return bool(text.strip())
            case commands.Reply(kind=kind, text=text, resolves=resolves):
                again = resolves and self.state == RESOLVED and not rules.answer_closes
                return bool(text.strip()) and not closed and not again and not (resolves and kind != "answer")
            case commands.Assign(agent=agent):
                return bool(agent.strip()) and not closed
            case commands.SetLevel(level=level, criterion=criterion, facts=facts, affected=affected):
                own = rules.category_levels.get(self.category) == level and rules.category_facts.get(self.category)
                known = level in rules.levels and level != self.level
                known = known and {*(own or rules.facts.get(level, ()))} <= {*facts}
                counted = affected is not None or not rules.counts_users
                return known and counted and bool(criterion.strip()) and not closed
            case commands.SetLine(line=line, reason=reason, work=work):
                does = not rules.work or (work in rules.work.get(line, ()) and bool(reason.strip()))
                return line in rules.lines and line != self.line and does and not closed
            case commands.SetCategory(category=category, facts=facts):
                known = category in {*rules.served, *rules.unserved} and category != self.category
                return known and {*rules.category_facts.get(category, ())} <= {*facts} and not closed
            case commands.RecordWork(work=work):
                return not closed and (not rules.work or work in rules.work[self.line])
            case commands.Hold(reason=reason):
                needs = rules.pauses.get(reason)
                fits = self.level in rules.pause_levels.get(reason, (self.level,))
                asked = needs is not None and (not needs or needs in self.sent)
                return asked and fits and reason not in self.waits and self.state in {NEW, OPEN, WAITING}
            case commands.Release(reason=reason):
                return reason in self.waits
            case commands.Resolve():
                return self.state in {NEW, OPEN, WAITING}
            case commands.Unassign():
                return bool(self.assignee) and not closed
            case commands.Accept(agent=agent):
                return bool(agent.strip()) and not self.assignee and not closed
            case commands.Confirm(outcome=outcome):
                ends = rules.outcomes.get(outcome or rules.confirmed) == () and outcome not in rules.declines
                return ends and self.answerable and not closed
            case commands.Disagree(text=text):
                return self.state == RESOLVED and (bool(text.strip()) or self.heard or not rules.reasons)
            case commands.Reopen(reason=reason):
                return self.state == RESOLVED and bool(reason.strip())
            case commands.Close(outcome=outcome, facts=facts):
                needs_said = rules.outcomes.get(outcome)
                said = {name for name, text in facts.items() if text.strip()}
                about = facts.get("category") or rules.declines.get(outcome) or self.category
                ends = outcome not in rules.declines or about in (rules.unserved or ("",))
                return needs_said is not None and set(needs_said) <= said and ends and not closed
            case commands.Expedite(cause=cause, facts=facts):
                fits = not rules.expedite_levels or self.level in rules.expedite_levels
                fits = fits and (not rules.expedite_categories or self.category in rules.expedite_categories)
                allowed = rules.expedites and fits and set(rules.expedite_facts) <= {*facts}
                return allowed and bool(cause.strip()) and not self.expedited and self.state in {NEW, OPEN, WAITING}
        raise AssertionError(command)

    def do(self, command: TicketCommand, now: Instant) -> None:
        """Carry out what may happen."""
        match command:
            case commands.Reply(kind=ReplyKind.ANSWER, resolves=resolves):
                self._answer(now)
                if resolves:
                    self._resolve(now)
            case commands.Reply(kind=ReplyKind.QUESTION):
                self._begin_work()
                self.asked.append(now)
                self.sent.add("question")
                if self.state != RESOLVED:
                    self.waits.setdefault(CLIENT, None)
                    self.state = WAITING
            case commands.Reply(kind=ReplyKind.NOTICE, to_authorised=wider):
                self.sent |= {"notice", "authorised_notice"} if wider else {"notice"}
            case commands.Assign(agent=agent, inform_client=informs):
                self._begin_work()
                self.assignee = agent
                self.sent |= {"notice"} if informs else set()
            case commands.Unassign():
                self.assignee = ""
            case commands.Accept(agent=agent, inform_client=informs):
                self._begin_work()
                self.assignee = agent
                self.sent |= {"notice"} if informs or (informs is None and self.rules.names_engineer) else set()
            case commands.SetLevel(level=level):
                self.level = level
            case commands.SetLine(line=line):
                self.line = line
            case commands.Hold(reason=reason, until=until):
                self.waits[reason] = until
                self.state = WAITING
            case commands.Release(reason=reason):
                self._stop_waiting(reason)
            case commands.Resolve(text=text):
                if text.strip():
                    self._answer(now)
                if self.state != RESOLVED:
                    self._resolve(now)
            case commands.Confirm(outcome=outcome):
                self._close(outcome or self.rules.confirmed)
            case commands.Disagree(text=text):
                self.asked = [] if text.strip() else self.asked
                self._go_on()
            case commands.Reopen():
                self._go_on()
            case commands.SetCategory(category=category):
                self.category = category
                self.level = self.rules.category_levels.get(category, self.level)
            case commands.Close(outcome=outcome, facts=facts):
                if outcome in self.rules.declines:
                    self.category = facts.get("category") or self.rules.declines[outcome] or self.category
                self._close(outcome)
            case commands.Expedite():
                self.expedited = True

    def client_writes(self) -> None:
        """Let the client say something."""
        self.answered = self.done = None
        self.asked.clear()
        self.heard = True
        if CLIENT in self.waits:
            self._stop_waiting(CLIENT)
        if self.state == RESOLVED and self.rules.word_reopens:
            self._go_on()

    def _begin_work(self) -> None:
        if self.state == NEW:
            self.state = OPEN

    def _go_on(self) -> None:
        self.state, self.done, self.answered = OPEN, None, None

    def _answer(self, now: Instant) -> None:
        self._begin_work()
        if self.rules.responsible and not self.assignee:
            self.assignee = AGENT
        self.answerable = True
        self.answered = now
        if self.rules.answer_closes and self.state != RESOLVED:
            self._resolve(now)

    def _resolve(self, now: Instant) -> None:
        if self.waits:
            self.sent.clear()
        self.waits.clear()
        self.asked.clear()
        self.answerable, self.heard = True, False
        self.state, self.done = RESOLVED, now

    def _stop_waiting(self, reason: str) -> None:
        del self.waits[reason]
        self.sent.clear()
        if not self.waits:
            self.state = OPEN

    def _close(self, outcome: str) -> None:
        self.state, self.outcome = CLOSED, outcome
        self.waits.clear()

    def _silences(self) -> list[tuple[Instant, str]]:
        """Return when which silence closes the ticket."""
        found = []
        if self.company == "intervale" and self.answered is not None:  # 5.10
            found.append((working_days("intervale", self.answered), "no_more_questions"))
        if self.company == "siroca" and self.done is not None:  # 3.7
            found.append((self.done + 24 * HOUR, "confirmed_by_silence"))
        if self.company == "siroca" and len(self.asked) > 1:  # 3.6
            found.append((working_days("siroca", self.asked[-1]), "no_answer"))
        return found


def working_days(company: str, since: Instant) -> Instant:
    """Return 24:00 of the third working day after ``since``."""
    amount = {"unit": "working_days", "value": 3, "day_end": "midnight"}
    due = recompute(_calendar(company), since, amount).due
    assert due is not None
    return due


_CALENDARS: dict[str, Calendar] = {}


def _calendar(company: str) -> Calendar:
    if company not in _CALENDARS:
        plain: dict[str, Any] = json.loads((CALENDARS / f"{company}.json").read_bytes())
        _CALENDARS[company] = Calendar(read_case_form(plain))
    return _CALENDARS[company]
