"""What a reader of the five regulations expects of a ticket: slow, plain, and ignorant of the service's tables.

It stands in for the reader of a regulation in the desk's property tests: of each command it says whether it may happen
and how the ticket stands afterwards, and of each silence whether it has closed the ticket meanwhile.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from helpdesk.domain import commands
from helpdesk.domain.commands import ReplyKind, TicketCommand
from helpdesk.kernel.instants import HOUR, Instant
from helpdesk.verify.calendar import Calendar
from helpdesk.verify.deadlines import recompute
from helpdesk.verify.specs import read_case_form

CALENDARS = Path(__file__).parents[1] / "data" / "calendar" / "companies"
NEW, OPEN, WAITING, RESOLVED, CLOSED = "new", "open", "waiting", "resolved", "closed"
CLIENT = "waiting_client"
AGENT = "key:agent"
"""Who carries out the commands."""


class Company(Struct, frozen=True):
    """What a regulation knows."""

    mail: str
    phone: str = ""
    forms: str = ""
    """Where a web form comes in; empty: there is none."""
    levels: tuple[str, ...] = ()
    default_level: str | None = None
    facts: Mapping[str, tuple[str, ...]] = {}
    """What must be recorded before a level may be set."""
    lines: tuple[str, ...] = ("support", "development")
    pauses: Mapping[str, str] = field(default_factory=lambda: {CLIENT: ""})
    """Reasons to wait, each with what must have been sent to the client before."""
    pause_levels: Mapping[str, tuple[str, ...]] = {}
    outcomes: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"solved": (), "out_of_scope": ()})
    """Each with what must be said with it."""
    expedites: bool = False
    expedite_facts: tuple[str, ...] = ()
    expedite_levels: tuple[str, ...] = ()
    answer_closes: bool = False
    """An answer closes preliminarily."""
    word_reopens: bool = True
    """A client's word on what is resolved sets work going again; else it waits for somebody's verdict."""
    names_engineer: bool = False
    """Whoever takes a request into work is named to the client."""
    confirmed: str = "solved"
    """How a request ends that the client confirms."""
    reasons: bool = False
    """Only a disagreement with reasons counts."""
    silences: tuple[str, ...] = ()
    """Outcomes that nobody gives but the client's silence."""
    responsible: bool = False
    """Nobody answers without being responsible."""
    counts_users: bool = False
    """A level is set with the number of users affected."""


AGENT = "key:agent"
"""Who carries out commands."""

COMPANIES = {
    "telemedhelp": Company(  # 2.1, 4.1
        mail="support@telemed.help",
        expedites=True,
        expedite_facts=("not_client_fault", "confirmed_by_staff", "no_workaround"),
    ),
    "specpromdesign": Company(
        mail="support@specpromdesign.example",
        phone="+74950000011",
        levels=("critical", "high", "medium", "low"),
        default_level="low",
        names_engineer=True,
        lines=("line_1", "line_2", "line_3"),
    ),
    "intervale": Company(  # 5.8, 5.10, 2.6
        mail="helpdesk@intervale.ru",
        phone="+74950000012",
        forms="helpdesk.intervale.ru",
        levels=("highest", "high", "medium", "low", "consultation"),
        lines=("support",),
        pauses={CLIENT: "question", "service_suspended": ""},
        outcomes={"confirmed": ()},
        silences=("no_more_questions",),
        responsible=True,
        answer_closes=True,
        confirmed="confirmed",
    ),
    "siroca": Company(  # 2.5, 2.7, 3.5, 3.6, 3.7
        mail="support@siroca.com",
        phone="+996755979805",
        forms="www.siroca.com",
        levels=("1", "2", "3", "4"),
        pauses={CLIENT: "question", "update": "notice"},
        pause_levels={"update": ("1", "2")},
        outcomes={
            **dict.fromkeys(("solved_info", "not_our_software", "future_update"), ()),
            "confirmed": (),
            "third_party": ("vendor",),
        },
        silences=("no_answer", "confirmed_by_silence"),
        counts_users=True,
        word_reopens=False,
        confirmed="confirmed",
        reasons=True,
    ),
    "pass24": Company(  # 1.2, 1.5.1
        mail="support@pass24online.ru",
        phone="+74953242442",
        forms="b24-6s4knr.bitrix24.site",
        levels=("high", "normal", "low"),
        default_level="normal",
        facts={"high": ("not_client_fault", "confirmed_by_staff")},
        expedites=True,
        expedite_levels=("high",),
    ),
}


class Shadow:
    """One ticket as its company's regulation has it."""

    def __init__(self, company: str, number: int, requester: str, level: str | None) -> None:
        self.company, self.number, self.requester = company, number, requester
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
                known = level in rules.levels and level != self.level and set(rules.facts.get(level, ())) <= {*facts}
                counted = affected is not None or not rules.counts_users
                return known and counted and bool(criterion.strip()) and not closed
            case commands.SetLine(line=line):
                return line in rules.lines and line != self.line and not closed
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
                ends = rules.outcomes.get(outcome or rules.confirmed) == ()
                return ends and self.answerable and not closed
            case commands.Disagree(text=text):
                return self.state == RESOLVED and (bool(text.strip()) or self.heard or not rules.reasons)
            case commands.Reopen(reason=reason):
                return self.state == RESOLVED and bool(reason.strip())
            case commands.Close(outcome=outcome, facts=facts):
                needs_said = rules.outcomes.get(outcome)
                said = {name for name, text in facts.items() if text.strip()}
                return needs_said is not None and set(needs_said) <= said and not closed
            case commands.Expedite(cause=cause, facts=facts):
                fits = not rules.expedite_levels or self.level in rules.expedite_levels
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
            case commands.Reply(kind=ReplyKind.NOTICE):
                self.sent.add("notice")
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
            case commands.Close(outcome=outcome):
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


# What may happen in which state, as docs/concepts tells it in words: a closed ticket hears notes, robots and the post,
# and what goes on beside it: links, files, repairs; only what waits goes on; only what is done is confirmed, objected
# to or taken up again; and so forth.
ANYWHERE = {"acknowledged", "bounced", "withheld", "note_added"}
ANYWHERE |= {"linked", "unlinked", "attached", "attachment_refused", "repair_moved"}
BEGINS = {"received", "registered"}


def leads_to(state: str, what: str) -> str | None:
    """Return the state after ``what`` happened to a ticket in ``state``, None where it cannot happen there."""
    if what in ANYWHERE:
        return state
    if state == CLOSED or what in BEGINS:
        return None
    match what:
        case "closed":
            return CLOSED
        case "resolved" if state != RESOLVED:
            return RESOLVED
        case "disagreed" | "reopened" if state == RESOLVED:
            return OPEN
        case "confirmed" if state == RESOLVED:
            return RESOLVED
        case "paused" if state != RESOLVED:
            return WAITING
        case "resumed" if state == WAITING:
            return OPEN
        case "expedited" if state != RESOLVED:
            return state
        case "assigned" | "answer_sent" | "question_sent":
            return OPEN if state == NEW else state
        case "resolved" | "disagreed" | "reopened" | "confirmed" | "paused" | "resumed" | "expedited":
            return None
    return state
