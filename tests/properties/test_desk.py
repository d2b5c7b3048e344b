"""Random lives of many tickets at the desk, under the five companies' regulations, held against slow models."""

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from msgspec.structs import replace
from sqlalchemy import text
from tests.integration.desk.companies import COMPANIES
from tests.support import deeds, laws
from tests.support.due import due_before
from tests.support.expected import CLOSED, Shadow, leads_to
from tests.support.expected import COMPANIES as RULES
from tests.support.still import (
    KNOWN,
    KNOWN_PHONE,
    SECRET,
    UNKNOWN_PHONE,
    Installation,
    move_to,
)

from helpdesk.contracts.log import Entry, Happened
from helpdesk.contracts.messages import Inbound, Nature, Outcome, Standing
from helpdesk.desk.desk import Desk
from helpdesk.desk.receive import Arrival
from helpdesk.domain import commands
from helpdesk.domain.commands import Idempotency, RegisterCall, Taken, TicketCommand
from helpdesk.domain.opening import Way
from helpdesk.domain.rejudging import Rejudge
from helpdesk.domain.states import TRANSITIONS, State
from helpdesk.domain.threading import make_token
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.errors import Conflict, Invalid, KeyReused, Refused, VersionConflict
from helpdesk.kernel.instants import Instant
from helpdesk.kernel.principal import Principal, system
from helpdesk.queries.deadlines import list_deadlines
from helpdesk.queries.promise import Question, ask
from helpdesk.queries.promise_views import PromiseView
from helpdesk.store.session import Session
from helpdesk.store.tickets import Tickets

T = TypeVar("T")

HISTORIES = int(os.environ.get("HELPDESK_TEST_HISTORIES", "70"))
"""How many; `HELPDESK_TEST_HISTORIES=2000 pytest tests/properties/test_desk.py` looks longer."""
STEPS = 24
"""Steps in each at most; a step is up to twelve commands."""


class Desks(RuleBasedStateMachine):
    """The desk and what is expected of it."""

    installation: Installation
    told: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.database = self.installation.copy()
        self.desk = Desk(self.database, self.installation.resources)
        self.loop = asyncio.new_event_loop()
        self.now: Instant = 0
        self.made: list[Shadow] = []
        self.taken: dict[str, Counter[str]] = {company: Counter() for company in COMPANIES}
        self.tickets: dict[tuple[str, int], Ticket] = {}
        self.logs: dict[tuple[str, int], tuple[Entry, ...]] = {}
        self.keys = 0
        self.again: Callable[[], Any] | None = None

    def teardown(self) -> None:
        """At the end: nothing acknowledged is lost, and every law holds of every ticket."""
        directory = self.installation.resources.directory
        for company, taken in self.taken.items():
            self._read(company, partial(laws.of_ledger, taken=taken))
        for shadow in self.made:
            ticket, log = self._look(shadow)
            judge = self._read(shadow.company, partial(directory.of, snapshot_hash=ticket.snapshot_hash))
            self.told["clocks"] += laws.of_clocks(judge, log, self.now)
        self.database.close()
        self.loop.close()

    @initialize(
        start=st.sampled_from(deeds.STARTS), companies=st.lists(st.sampled_from(COMPANIES), min_size=3, max_size=3)
    )
    def begin(self, start: Instant, companies: list[str]) -> None:
        """Some hour, and three letters in the box."""
        self._move_to(start)
        for company in companies:
            taken = self._arrive(company, "email", RULES[company].mail, KNOWN, KNOWN, None)
            self.taken[company][taken.outcome] += 1
            assert taken.number is not None
            self._registered(company, taken.number, KNOWN, None)

    @rule(data=st.data(), kind=st.sampled_from(deeds.KINDS))
    def step(self, data: st.DataObject, kind: str) -> None:
        """One thing happens. (One rule, not several: hypothesis leaves rules out of whole histories.)"""
        draw = data.draw
        match kind:
            case "work":
                for _ in range(draw(deeds.COUNT)):
                    self.work(data)
            case "register":
                by = draw(st.sampled_from(deeds.BY))
                self.register(draw(st.sampled_from(COMPANIES)), by, draw(st.sampled_from(deeds.WHO)), draw(deeds.RATED))
            case "mail":
                self.mail(self._pick(draw(deeds.WHICH)), draw(st.sampled_from(deeds.LETTERS)))
            case "rejudge":
                self.rejudge(self._pick(draw(deeds.WHICH)), draw(st.integers(0, 1)))
            case "time":
                self.time_passes(draw(st.sampled_from(deeds.SPANS)), awake=draw(st.booleans()))
            case "repeat" if self.again is not None:
                self.again()

    def register(self, company: str, by: str, who: str, rated: int) -> None:
        """What was promised is what comes of it, to the instant and to the word."""
        rules = RULES[company]
        level = rules.levels[rated % len(rules.levels)] if rated >= 0 and rules.levels else None
        address = {"email": rules.mail, "phone": rules.phone or "+74950000099", "web": rules.forms}[by]
        phone = KNOWN_PHONE if who == KNOWN else UNKNOWN_PHONE
        sender = {"email": who, "phone": phone, "web": f"user-{who}"}[by]
        question = Question(Way(by, address, "private"), level, sender, who)
        promised = self._read(company, lambda s: ask(s, question, None, self.installation.resources.directory.in_force))
        taken = self._arrive(company, by, address, sender, who, level)
        assert taken.outcome == promised.outcome, (taken, promised)
        self.taken[company][taken.outcome] += 1
        if taken.outcome is Outcome.REFUSED:
            assert taken.clause == promised.clause
            return
        assert taken.number is not None
        shadow = self._registered(company, taken.number, who, level)
        self._same_deadlines(shadow, promised)

    def work(self, data: st.DataObject) -> None:
        """An agent does something, sensible or not."""
        shadow = self._pick(data.draw(deeds.WHICH))
        self._move_to(self.now + data.draw(deeds.PAUSES))
        command = replace(data.draw(deeds.COMMANDS[shadow.company]), number=shadow.number)
        if isinstance(command, commands.Hold) and command.until is not None:
            command = replace(command, until=self.now + command.until)
        self._command(shadow, command, data.draw(deeds.STALE))

    def _pick(self, which: int) -> Shadow:
        """Return one of the latest tickets; mostly one that is not closed."""
        live = [shadow for shadow in self.made if shadow.state != CLOSED]
        among = live if which and live else self.made
        return among[-1 - which % min(len(among), deeds.MOST)]

    def _command(self, shadow: Shadow, command: TicketCommand, stale: int) -> None:
        """Allowed, and then it is as expected; or refused, and then nothing has changed."""
        agent = self.installation.agent(shadow.company)
        before = self._ticket(shadow)
        key = self._key()
        version = before.version + (stale == 0)
        shadow.pass_to(self.now)
        allowed = shadow.may(command) and stale != 0
        self.told["commands"] += 1
        self.told[type(command).__name__] += 1
        try:
            changed = self._run(self.desk.change(agent, command, expected_version=version, idempotency=key))
        except (Conflict, Invalid, VersionConflict) as caught:
            refusal: Exception | None = caught
        else:
            refusal = None
            self.again = lambda: self._repeat(agent, command, key, changed)
        assert allowed == (refusal is None), (command, shadow.state, shadow.waits, refusal)
        if refusal is None:
            shadow.do(command, self.now)
            assert changed.version > before.version
        else:
            self.told["refused"] += 1
            assert self._ticket(shadow) == before
            assert not isinstance(refusal, VersionConflict) or refusal.current == before.version
            self._fire()
        self._check(shadow)

    def mail(self, shadow: Shadow, kind: str) -> None:
        """The client's word joins; a stranger's is held; a robot's and the post's are noted and move nothing."""
        ticket = self.tickets[shadow.company, shadow.number]
        sender = "stranger@else.example" if kind == "stranger" else shadow.requester
        nature = {"robot": Nature.AUTOMATIC, "bounce": Nature.BOUNCE}.get(kind, Nature.REQUEST)
        token = make_token(SECRET, self.installation.tenants[shadow.company], ticket.id)
        message = Inbound(
            "email",
            RULES[shadow.company].mail,
            self._key().key,
            sender,
            None,
            "Re",
            "Ещё",
            nature=nature,
            tokens=(token,),
        )
        shadow.pass_to(self.now)
        channel = self.installation.channel(shadow.company)
        taken = self._run(self.desk.receive(channel, Arrival(message)))
        self.told["commands"] += 1
        self.taken[shadow.company][taken.outcome] += 1
        expected = {"stranger": Outcome.HELD, "robot": Outcome.NOTED, "bounce": Outcome.NOTED}.get(kind)
        if expected is not None:
            assert taken.outcome is expected
        elif shadow.state != CLOSED:
            assert (taken.outcome, taken.number) == (Outcome.FOLLOW_UP, shadow.number)
            shadow.client_writes()
        elif taken.outcome is Outcome.TICKET:
            assert taken.number is not None
            follower = self._registered(shadow.company, taken.number, shadow.requester, None)
            assert self.tickets[follower.company, follower.number].follows == shadow.number
        else:
            assert taken.outcome is Outcome.REFUSED
        self._fire()
        self.again = lambda: self._deliver_again(shadow.company, channel, message, taken)
        self._check(shadow)

    def rejudge(self, shadow: Shadow, version: int) -> None:
        """Another version judges it from here on: an act of its own, on what is not closed."""
        shadow.pass_to(self.now)
        snapshot = self.installation.snapshots[shadow.company][version]
        allowed = shadow.state != CLOSED and self._ticket(shadow).snapshot_hash != snapshot
        agent = self.installation.agent(shadow.company)
        self.told["commands"] += 1
        try:
            self._run(self.desk.rejudge(agent, Rejudge(shadow.number, "новая редакция", snapshot)))
        except Conflict:
            assert not allowed
            self._fire()
        else:
            assert allowed
            self.told["rejudged"] += 1
        self._check(shadow)

    @rule(span=st.sampled_from(deeds.SPANS), awake=st.sampled_from([True, True, False]))
    def time_passes(self, span: int, awake: bool) -> None:
        """The timekeeper fires what is due; or it is down, and whoever acts next finds it fired."""
        self._move_to(self.now + span)
        if awake:
            self._fire()
            for shadow in self.made:
                shadow.pass_to(self.now)
                self._check(shadow)

    def _repeat(self, agent: Principal, command: TicketCommand, key: Idempotency, answer: object) -> None:
        """The same again, under the same key: the same answer, and nothing has changed."""
        before = self._digest()
        assert self._run(self.desk.change(agent, command, idempotency=key)) == answer
        with pytest.raises(KeyReused):
            self._run(self.desk.change(agent, command, idempotency=Idempotency(key.key, b"other")))
        assert self._digest() == before

    def _deliver_again(self, company: str, channel: Principal, message: Inbound, first: Taken) -> None:
        before = self._digest(without="ledger")
        again = self._run(self.desk.receive(channel, Arrival(message)))
        assert (again.outcome, again.first, again.number) == (Outcome.DUPLICATE, first.outcome, first.number)
        self.taken[company][Outcome.DUPLICATE] += 1
        assert self._digest(without="ledger") == before

    def _arrive(self, company: str, by: str, address: str, sender: str, contact: str, level: str | None) -> Taken:
        key = self._key()
        agent = self.installation.agent(company)
        self.told["commands"] += 1
        if by == "phone":
            call = RegisterCall(
                key.key,
                address,
                sender,
                "Не работает",
                level=level,
                criterion="4",
                contact=contact,
                facts=deeds.EVERY_FACT,
                affected=3,
            )
            try:
                return self._run(self.desk.register_call(agent, call, idempotency=key))
            except Refused as refusal:
                tenant = self.installation.tenants[company]
                return Taken(refusal.ledger_id, Outcome.REFUSED, tenant, company, clause=refusal.clause)
        message = Inbound(
            by, address, key.key, sender, None, "Не работает", "Совсем", standing=Standing.AUTHENTICATED,
            chat_kind="private", level=level,
        )  # fmt: skip
        principal = self.installation.channel(company) if by == "email" else agent
        arrival = Arrival(message, contact if by == "web" else "", criterion="4", facts=deeds.EVERY_FACT, affected=3)
        return self._run(self.desk.receive(principal, arrival))

    def _registered(self, company: str, number: int, who: str, level: str | None) -> Shadow:
        assert number == 1 + sum(shadow.company == company for shadow in self.made)
        shadow = Shadow(company, number, who, level)
        self.made.append(shadow)
        self._check(shadow)
        return shadow

    def _same_deadlines(self, shadow: Shadow, promised: PromiseView) -> None:
        found = self._read(
            shadow.company, lambda s: list_deadlines(s, shadow.number, self.installation.resources.directory.of)
        )
        given = [(d.name, d.kind, d.clause, d.goal, d.due, d.note, d.explanation.text_ru) for d in found.items]
        assert given == [(d.name, d.kind, d.clause, d.goal, d.due, d.note, d.text_ru) for d in promised.deadlines]

    def _check(self, shadow: Shadow) -> None:
        ticket, _ = self._look(shadow)
        told = (ticket.state, ticket.level, ticket.line, ticket.assignee or "", ticket.expedited, ticket.outcome or "")
        assert told == (
            shadow.state, shadow.level, shadow.line, shadow.assignee, shadow.expedited, shadow.outcome,
        )  # fmt: skip

    def _look(self, shadow: Shadow) -> tuple[Ticket, tuple[Entry, ...]]:
        """Read a ticket under the laws; its log begins as it did before."""
        directory = self.installation.resources.directory
        ticket, log = self._read(shadow.company, lambda s: laws.of_ticket(s, directory, shadow.number))
        known = self.logs.get((shadow.company, shadow.number), ())
        assert log[: len(known)] == known
        self.logs[shadow.company, shadow.number] = log
        self.tickets[shadow.company, shadow.number] = ticket
        return ticket, log

    def _ticket(self, shadow: Shadow) -> Ticket:
        return self._read(shadow.company, lambda session: Tickets(session).by_number(shadow.number))

    def _fire(self) -> None:
        """Fire all that is due as the timekeeper does."""
        for _ in range(20):
            due = self.database.read_now(system("test"), lambda s: due_before(s, s.now, 1000))
            if not due:
                return
            for timer in due:
                principal = system("timekeeper", timer.tenant_id)
                self._run(self.desk.fire(principal, timer.ticket_id, timer.key, timer.epoch))
        raise AssertionError("timers fire and fire")

    def _move_to(self, instant: Instant) -> None:
        if instant == self.now:
            return
        move_to(self.database, instant)
        self.now = instant

    def _digest(self, without: str = "") -> str:
        """Return a hash of every row."""

        def work(session: Session) -> str:
            names = session.connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            )
            found = hashlib.sha256()
            for (name,) in names.all():
                if name != without and not name.startswith("sqlite"):
                    found.update(repr(session.connection.execute(text(f'SELECT * FROM "{name}"')).all()).encode())
            return found.hexdigest()

        return self.database.read_now(system("test"), work)

    def _key(self) -> Idempotency:
        self.keys += 1
        return Idempotency(f"k{self.keys}", b"h" * 32)

    def _read(self, company: str, work: Callable[[Session], T]) -> T:
        return self.database.read_now(self.installation.agent(company), work)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)


def test_random_histories_keep_every_law(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Thousands of commands; the machine's docstrings say which laws, `tests/support/laws.py` has them."""

    class Here(Desks):
        installation = Installation(tmp_path_factory.mktemp("desk"))

    profile = settings(
        max_examples=HISTORIES, stateful_step_count=STEPS, deadline=None, derandomize=HISTORIES < 100, database=None,
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    run_state_machine_as_test(Here, settings=profile)
    kinds = {kind.__name__ for kind in commands.TicketCommand.__args__}
    assert kinds <= set(Here.told), "a command that no history tried"
    assert Here.told["commands"] > 25 * HISTORIES


def test_the_chart_is_what_its_readers_expect() -> None:
    """For every state and everything that can happen: the table says what the words say."""
    for state in State:
        for what in Happened:
            assert TRANSITIONS.get((state, what)) == leads_to(state, what), (state, what)
