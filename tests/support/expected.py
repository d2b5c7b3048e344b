"""What a reader of the five regulations expects of a ticket: slow, plain, and ignorant of the service's tables.

It stands in for the reader of a regulation in the desk's property tests: of each command it says whether it may happen
and how the ticket stands afterwards, and of each silence whether it has closed the ticket meanwhile.
"""

import json
from collections.abc import Collection
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
        missing: Collection[str] = (),
    ) -> None:
        self.company, self.number, self.requester = company, number, requester
        self.by, self.received = by, received
        self.rules = COMPANIES[company]
        self.state, self.outcome = NEW, ""
        self.level = level if level is not None else self.rules.default_level
        self.line = self.rules.lines[0]
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
        self.lacking: Instant | None = None
        """From when the client's time to tell what the request lacks counts."""
        self.answerable = False
        """There is something to confirm."""
        self.heard = False
        """The client said something since the work was done."""
        self.awaited = False
        """The client said something of what is done, and nobody has taken it up."""
        self.touched = False
        """Somebody has taken it into work."""
        self.category = ""
        self.reacted = self.named = self.handed_over = self.ask_again = False
        """A person answered or asked; the engineer was named; development has it and said nothing; ask once more."""
        self.words = 0
        """The client's further messages that nobody reacted to."""
        self.sessions: set[int] = set()
        """Remote sessions that go on, by the log's entry that began each."""
        self.asked_for = False
        """The client was asked something."""
        self.missing = set(missing)
        """What it lacks, and waits for from the beginning."""
        self.withheld = self.lost = False
        """Its letter with the number was withheld; or it never arrives, and nothing shows that the client has it."""
        self.since: Instant = -1
        """Until when it was lived elsewhere: a silence that ran out by then did nothing, and does nothing now."""
        if missing:
            self.state, self.waits = WAITING, {self.rules.completeness: None}
            self._lacks(self.rules.completeness, received)

    def __repr__(self) -> str:
        return f"{self.company} #{self.number} {self.state}"

    def pass_to(self, now: Instant) -> None:
        """Let silence close it, if it has lasted, or have the client asked once more."""
        for reason, until in list(self.waits.items()):
            if until is not None and until <= now:
                self.stop_waiting(reason)
        if self.state == CLOSED:
            return
        if any(self.since < working_days(self.company, asked) <= now for asked in self._unanswered()):
            self.ask_again = True
        if self.lacking is not None and working_days(self.company, self.lacking) <= now:
            self.lacking = None  # asked for once more by a question, whose time counts then
        silences = sorted(each for each in self._silences() if each[0] > self.since)
        if silences and silences[0][0] <= now:
            self.close(silences[0][1])

    def do(self, command: TicketCommand, now: Instant) -> None:
        """Carry out what may happen."""
        match command:
            case commands.Reply(kind=ReplyKind.ANSWER, resolves=resolves):
                self._answer(now)
                if resolves and (self.awaited or self.state != RESOLVED):
                    self.resolve(now)
            case commands.Reply(kind=ReplyKind.QUESTION):
                self.ask(now)
                if self.state != RESOLVED:
                    self.waits.setdefault(CLIENT, None)
                    self.state = WAITING
            case commands.Reply(kind=ReplyKind.NOTICE, to_authorised=to_authorised, names_engineer=names):
                self.informs(names_engineer=names)
                self.sent |= {"notice", "authorised_notice"} if to_authorised else {"notice"}
            case commands.Assign(agent=agent, inform_client=informs):
                self.take_up()
                self.assignee = agent
                self.informs(names_engineer=True) if informs else None
                self.sent |= {"notice"} if informs else set()
            case commands.Unassign():
                self.assignee = ""
            case commands.Accept(agent=agent, inform_client=informs):
                self.take_up()
                self.assignee = agent
                if informs or (informs is None and self.rules.names_engineer):
                    self.informs(names_engineer=True)
                    self.sent.add("notice")
            case commands.SetLevel(level=level):
                self.level = level
                self._in_turn()
            case commands.EndRemoteSession(session=session):
                self.sessions.discard(session)
            case commands.SetCategory(category=category):
                self.category = category
                self.level = self.rules.served.get(category, ("", ()))[0] or self.level
                self._in_turn()
            case commands.SetLine(line=line):
                self.line = line
                self.handed_over |= line == "development"
            case commands.Supply(details=details):
                self.missing -= {name for name, text in details.items() if text.strip()}
                if not self.missing and self.rules.completeness in self.waits:
                    self.stop_waiting(self.rules.completeness)
            case commands.Hold(reason=reason, until=until):
                self._lacks(reason, now)
                self.waits[reason] = until
                self.state = WAITING
            case commands.Release(reason=reason):
                self.stop_waiting(reason)
            case commands.Resolve(text=text):
                if text.strip():
                    self._answer(now)
                if self.state != RESOLVED or self.awaited:
                    self.resolve(now)
            case commands.Confirm(outcome=outcome):
                self.close(outcome or self.rules.confirmed)
            case commands.Disagree(text=text):
                if text.strip():
                    self._hears()
                self.go_on()
            case commands.Reopen():
                self.go_on()
            case commands.Close(outcome=outcome, facts=facts):
                if outcome in self.rules.declines:
                    given = facts.get("category", "").strip() or self.rules.declines[outcome]
                    self.category = given or self.category
                self.close(outcome)
            case commands.Expedite():
                self.expedited = True
            case commands.TellNumber():
                self.withheld = self.lost = False

    def _in_turn(self) -> None:
        """Take it back into turn where its level, or what it is about, goes out of turn no longer."""
        levels, categories = self.rules.expedite_levels, self.rules.expedite_categories
        fits = (not levels or self.level in levels) and (not categories or self.category in categories)
        self.expedited = self.expedited and fits

    def split(self, number: int) -> "Shadow":
        """Return the ticket of one of its questions: what happened to the whole happened to it, answers did not."""
        found = Shadow(self.company, number, self.requester, self.level, by=self.by, received=self.received)
        found.waits, found.sent = dict(self.waits), set(self.sent)
        found.asked, found.lacking = list(self.asked), self.lacking
        found.missing, found.category = set(self.missing), self.category
        found.reacted, found.named = self.asked_for, self.named
        found.asked_for = found.touched = self.asked_for
        found.state = WAITING if self.waits else OPEN if self.asked_for else NEW
        return found

    def merge(self) -> None:
        """Let its work go on in another ticket."""
        self.close("merged")

    def client_writes(self, *, elsewhere: bool = False) -> None:
        """Let the client say something; ``elsewhere``: on a ticket that was merged, without this one's number."""
        untold = self.withheld, self.lost
        self.answered = self.done = None
        self._hears()
        if elsewhere:
            self.withheld, self.lost = untold
        self.heard = True
        for reason in (self.rules.completeness, CLIENT):
            if reason in self.waits:
                self.stop_waiting(reason)
        if self.state == RESOLVED:
            self.awaited = True
            if self.rules.word_reopens:
                self.go_on()

    def take_up(self) -> None:
        """Let somebody take it into work."""
        self.touched = True
        if self.state == NEW:
            self.state = OPEN

    def _lacks(self, reason: str, now: Instant) -> None:
        if self.company == "intervale" and reason == self.rules.completeness:  # 5.8: what it lacks is asked of the user
            self.lacking = now

    def _hears(self) -> None:
        self.withheld = self.lost = False
        self.words += 1
        self._awaits_nothing()

    def _awaits_nothing(self) -> None:
        self.asked.clear()
        self.lacking, self.ask_again = None, False

    def _reacts(self) -> None:
        self.reacted, self.words, self.handed_over, self.withheld = True, 0, False, False

    def informs(self, *, names_engineer: bool) -> None:
        """Let the client be informed of something."""
        self.named |= names_engineer
        self.handed_over = self.withheld = False

    def go_on(self) -> None:
        """Let the work go on."""
        self.state, self.done, self.answered, self.awaited = OPEN, None, None, False

    def ask(self, now: Instant) -> None:
        """Let the client be asked something."""
        self.take_up()
        self._reacts()
        self.ask_again = False
        self.asked.append(now)
        self.asked_for = True
        self.awaited = False
        self.sent.add("question")

    def _answer(self, now: Instant) -> None:
        if self.rules.responsible and not self.assignee:
            self.assignee = AGENT
        self.answer(now)

    def answer(self, now: Instant) -> None:
        """Let the client be answered, whoever is responsible."""
        self.take_up()
        self._reacts()
        self.answerable = True
        self.answered = now
        if self.rules.answer_closes and self.state != RESOLVED:
            self.resolve(now)

    def resolve(self, now: Instant) -> None:
        """Let the work be done."""
        if self.waits:
            self.sent.clear()
        self.waits.clear()
        self._awaits_nothing()
        self.answerable, self.touched, self.heard, self.awaited = True, True, False, False
        self.state, self.done = RESOLVED, now

    def stop_waiting(self, reason: str) -> None:
        """Let a wait end."""
        del self.waits[reason]
        self.sent.clear()
        if reason == CLIENT:
            self.asked.clear()  # whoever goes on with the work waits for no answer
        elif reason == self.rules.completeness:
            self.lacking = None
        if not self.waits:
            self.state = OPEN if self.touched else NEW

    def close(self, outcome: str) -> None:
        """Let it be closed."""
        self.state, self.outcome, self.awaited = CLOSED, outcome, False
        self.waits.clear()

    def _unanswered(self) -> list[Instant]:
        """Return from when each time counts after which the client is to be asked once more."""
        if self.company == "siroca":  # 3.6: one request is not enough
            return self.asked if len(self.asked) == 1 else []
        if self.company == "intervale":  # 5.8: each thing asked for by a date of its own
            return [*self.asked[-1:], *([] if self.lacking is None else [self.lacking])]
        return []

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
