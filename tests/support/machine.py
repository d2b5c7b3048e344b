"""The ground of the desk's stateful tests: a desk whose clock stands still, and beside it the shadow of every ticket.

A machine draws what happens; whatever it draws, its tickets are held against their shadows after every step, and at the
end of a history everything stored is held against the laws of `endings` and `laws`.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Mapping
from functools import partial
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from hypothesis.strategies import DataObject
from msgspec.structs import replace
from tests.integration.desk.companies import COMPANIES
from tests.support import deeds, digests, endings, laws, order
from tests.support.allowed import may
from tests.support.chart import CLOSED
from tests.support.due import due_before
from tests.support.expected import Shadow
from tests.support.hunting import HISTORIES, PHASES
from tests.support.readings import COMPANIES as RULES
from tests.support.still import KNOWN, KNOWN_PHONE, UNKNOWN_PHONE, Installation, move_to

from helpdesk.contracts.log import Entry
from helpdesk.contracts.messages import Inbound, Outcome, Standing
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.domain import commands
from helpdesk.domain.commands import Idempotency, RegisterCall, Taken, TicketCommand
from helpdesk.domain.opening import Way
from helpdesk.domain.rejudging import Rejudge
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.errors import Conflict, Invalid, KeyReused, Refused, VersionConflict
from helpdesk.kernel.instants import Instant
from helpdesk.kernel.principal import system
from helpdesk.queries.companies.promise import Question, ask
from helpdesk.queries.tickets.deadlines import list_deadlines
from helpdesk.queries.views.promise import PromiseView
from helpdesk.store.engine.session import Session
from helpdesk.store.tickets import Tickets

T = TypeVar("T")


class Machine(RuleBasedStateMachine):
    """A desk and what is expected of it; a subclass says what happens."""

    installation: ClassVar[Installation]
    told: ClassVar[Counter[str]]
    """What was told over all histories."""

    def __init__(self) -> None:
        super().__init__()
        self.database = self.installation.copy()
        self.resources = self.installation.fresh()
        self.desk = Desk(self.database, self.resources)
        self.loop = asyncio.new_event_loop()
        self.now: Instant = 0
        self.made: list[Shadow] = []
        self.taken: dict[str, Counter[str]] = {company: Counter() for company in COMPANIES}
        self.tickets: dict[tuple[str, int], Ticket] = {}
        self.logs: dict[tuple[str, int], tuple[Entry, ...]] = {}
        self.reader = endings.Reader(self.installation.tenants)
        self.keys = 0
        self.again: Callable[[], Any] | None = None

    def teardown(self) -> None:
        """At the end nothing acknowledged is lost, and every law holds of every ticket."""
        try:
            if sys.exc_info()[0] is None:  # else the first failure is the one to see
                self.end()
        finally:
            self.database.close()
            self.loop.close()

    def end(self) -> None:
        """Hold everything stored against the laws."""
        directory, files = self.resources.directory, self.resources.files
        for company, taken in self.taken.items():
            made = sum(shadow.company == company for shadow in self.made)
            self.read(company, partial(laws.of_ledger, taken=+taken, made=made))
        for shadow in self.made:
            ticket, log = self.look(shadow)
            judge = self.read(shadow.company, partial(directory.of, snapshot_hash=ticket.snapshot_hash))
            self.told["clocks"] += laws.of_clocks(judge, log, self.now)
        for company in {shadow.company for shadow in self.made}:
            self.read(company, partial(endings.of_caches, directory=directory))
            self.read(
                company, partial(endings.of_letters, alerts=self.installation.alerts, more=self.owed_besides(company))
            )
        for shadow in self.made[-1:]:
            work = partial(endings.of_evidence, number=shadow.number, find=directory.of, load=files.get)
            self.read(shadow.company, work)
        self.reader.read_on(self.database)
        for company, tenant in self.installation.tenants.items():
            self.read(company, partial(endings.of_feed, seen=self.reader.seen[tenant]))
        self.told["histories"] += 1

    # What happens

    def register(self, company: str, by: str, who: str, rated: int, *, complete: bool = True) -> None:
        """What was promised is what comes of it, to the instant and to the word."""
        rules = RULES[company]
        level = rules.levels[rated % len(rules.levels)] if rated >= 0 and rules.levels else None
        address = {"email": rules.mail, "phone": rules.phone or "+74950000099", "web": rules.forms}[by]
        phone = KNOWN_PHONE if who == KNOWN else UNKNOWN_PHONE
        sender = {"email": who, "phone": phone, "web": f"user-{who}"}[by]
        missing = () if complete else rules.demands.get(by, ())
        fields = {name: "1" for name in rules.demands.get(by, ()) if name not in missing}
        question = Question(Way(by, address), level, sender, who, fields={"description": "Совсем", **fields})
        promised = self.read(
            company, lambda s: ask(s, question, None, self.resources.directory.in_force, self.resources.ways)
        )
        taken = self.arrive(company, by, address, sender, who, level, fields)
        assert taken.outcome == promised.outcome, (taken, promised)
        self.taken[company][taken.outcome] += 1
        if taken.outcome is Outcome.REFUSED:
            assert taken.clause == promised.clause
            return
        assert taken.number is not None
        shadow = self.registered(company, taken.number, who, level, by, missing)
        assert self.tickets[company, shadow.number].snapshot_hash == promised.snapshot
        self._same_deadlines(shadow, promised)

    def mail_anew(self, company: str, sender: str = KNOWN) -> Shadow:
        """A known client's letter becomes a ticket."""
        taken = self.arrive(company, "email", RULES[company].mail, sender, sender, None)
        self.taken[company][taken.outcome] += 1
        assert taken.number is not None
        return self.registered(company, taken.number, sender, None)

    def arrive(
        self,
        company: str,
        by: str,
        address: str,
        sender: str,
        contact: str,
        level: str | None,
        fields: Mapping[str, str] | None = None,
    ) -> Taken:
        """Take in a request; a refused call is what its ledger line says."""
        key = self.key()
        agent = self.installation.agent(company)
        self.told["commands"] += 1
        if by == "phone":
            call = RegisterCall(
                key.key, address, sender, "Не работает", level=level, criterion="4", contact=contact,
                facts=deeds.EVERY_FACT, affected=3,
            )  # fmt: skip
            try:
                return self.run(self.desk.register_call(agent, call, idempotency=key))
            except Refused as refusal:
                tenant = self.installation.tenants[company]
                return Taken(refusal.ledger_id, Outcome.REFUSED, tenant, company, clause=refusal.clause)
        message = Inbound(
            by, address, key.key, sender, None, f"Не работает {key.key}", "Совсем", standing=Standing.AUTHENTICATED,
            level=level, fields=dict(fields or {}),
        )  # fmt: skip
        principal = self.installation.channel(company) if by == "email" else agent
        arrival = Arrival(message, contact if by == "web" else "", criterion="4", facts=deeds.EVERY_FACT, affected=3)
        return self.run(self.desk.receive(principal, arrival))

    def registered(
        self, company: str, number: int, who: str, level: str | None, by: str = "email", missing: Collection[str] = ()
    ) -> Shadow:
        """Begin the shadow of a ticket that was registered just now."""
        return self.begun(Shadow(company, number, who, level, by=by, received=self.now, missing=missing))

    def begun(self, shadow: Shadow) -> Shadow:
        """Take in a new ticket's shadow: numbers go on by one."""
        assert shadow.number == 1 + sum(known.company == shadow.company for known in self.made), shadow
        self.made.append(shadow)
        log = self.look(shadow)[1]
        shadow.withheld = any(
            entry.data.get("purpose") == "acknowledgement" for entry in log if entry.what == "withheld"
        )
        self.check(shadow)
        return shadow

    def command(self, shadow: Shadow, command: TicketCommand, stale: int = 1) -> bool:
        """Allowed, and then it is as expected; or refused, and then nothing has changed. Say which."""
        agent = self.installation.agent(shadow.company)
        before = self.ticket(shadow)
        key = self.key()
        version = before.version + (stale == 0)
        shadow.pass_to(self.now)
        allowed = self.allowed(shadow, command) and stale != 0
        self.told["commands"] += 1
        self.told[type(command).__name__] += 1
        try:
            changed = self.run(self.desk.change(agent, command, expected_version=version, idempotency=key))
        except (Conflict, Invalid, VersionConflict) as caught:
            refusal: Exception | None = caught
        else:
            refusal = None
            self.again = lambda: self.repeat(
                lambda key: self.desk.change(agent, command, idempotency=key), key, changed
            )
        assert allowed == (refusal is None), (command, shadow.state, shadow.waits, refusal)
        if refusal is None:
            self.do(shadow, command)
            assert changed.version > before.version
            if isinstance(command, commands.BeginRemoteSession):
                shadow.sessions.add(self.ticket(shadow).last_seq)
        else:
            self.told["refused"] += 1
            assert self.ticket(shadow) == before
            assert not isinstance(refusal, VersionConflict) or refusal.current == before.version
            self.fire()
        self.check(shadow)
        return refusal is None

    def owed_besides(self, company: str) -> Mapping[tuple[UUID, str, str], int]:
        """Return what letters are owed that no log tells of: by ticket, purpose and recipient."""
        return {}

    def allowed(self, shadow: Shadow, command: TicketCommand) -> bool:
        """Say whether a command may be carried out now."""
        return may(shadow, command)

    def do(self, shadow: Shadow, command: TicketCommand) -> None:
        """Let the shadow do what the ticket did."""
        shadow.do(command, self.now)

    def rejudge(self, shadow: Shadow, version: int) -> None:
        """Another version judges it from here on: an act of its own, on what is not closed."""
        shadow.pass_to(self.now)
        snapshot = self.installation.snapshots[shadow.company][version]
        allowed = shadow.state != CLOSED and self.ticket(shadow).snapshot_hash != snapshot
        agent = self.installation.agent(shadow.company)
        self.told["commands"] += 1
        try:
            self.run(self.desk.rejudge(agent, Rejudge(shadow.number, "новая редакция", snapshot)))
        except Conflict:
            assert not allowed
            self.fire()
        else:
            assert allowed
            self.told["rejudged"] += 1
        self.check(shadow)

    def repeat(
        self, ask_again: Callable[[Idempotency], Coroutine[Any, Any, Any]], key: Idempotency, answer: object
    ) -> None:
        """The same again, under the same key: the same answer, and nothing has changed; other words are refused."""
        before = self.digest()
        assert self.run(ask_again(key)) == answer
        with pytest.raises(KeyReused):
            self.run(ask_again(Idempotency(key.key, b"other")))
        assert self.digest() == before

    def work(self, data: DataObject, *, stale: bool = False) -> None:
        """An agent does something to one of the latest tickets, sensible or not."""
        shadow = self.pick(data.draw(deeds.WHICH))
        self.move_to(self.now + data.draw(deeds.PAUSES))
        command = replace(data.draw(deeds.COMMANDS[shadow.company]), number=shadow.number)
        if isinstance(command, commands.Hold) and command.until is not None:
            command = replace(command, until=self.now + command.until)
        if isinstance(command, commands.EndRemoteSession) and command.session == 0 and shadow.sessions:
            command = replace(command, session=max(shadow.sessions))
        self.command(shadow, command, data.draw(deeds.STALE) if stale else 1)

    def pick(self, which: int) -> Shadow:
        """Return one of the latest tickets; mostly one that is not closed."""
        live = [shadow for shadow in self.made if shadow.state != CLOSED]
        among = live if which and live else self.made
        return among[-1 - which % min(len(among), deeds.MOST)]

    # What must be

    def check(self, shadow: Shadow) -> None:
        """The ticket stands as its shadow does, under the laws, and is in the queue if somebody must act."""
        ticket, _ = self.look(shadow)
        needs = self.read(shadow.company, partial(laws.needs, ticket=ticket))
        assert bool(needs) == order.needs_an_act(shadow), (shadow, needs, shadow.waits)
        told = (ticket.state, ticket.level, ticket.line, ticket.category, ticket.assignee or "", ticket.expedited)
        shown = (
            shadow.state, shadow.level, shadow.line, shadow.category, shadow.assignee, shadow.expedited,
        )  # fmt: skip
        assert told == shown, (shadow, told, shown)
        assert (ticket.outcome or "") == shadow.outcome

    def check_all(self) -> None:
        """The same of every ticket."""
        for shadow in self.made:
            shadow.pass_to(self.now)
            self.check(shadow)

    def look(self, shadow: Shadow) -> tuple[Ticket, tuple[Entry, ...]]:
        """Read a ticket under the laws; its log begins as it did before."""
        directory = self.resources.directory
        ticket, log = self.read(shadow.company, lambda s: laws.of_ticket(s, directory, shadow.number))
        known = self.logs.get((shadow.company, shadow.number), ())
        assert log[: len(known)] == known
        self.logs[shadow.company, shadow.number] = log
        self.tickets[shadow.company, shadow.number] = ticket
        return ticket, log

    def _same_deadlines(self, shadow: Shadow, promised: PromiseView) -> None:
        find = self.resources.directory.of
        found = self.read(shadow.company, lambda s: list_deadlines(s, shadow.number, find))
        given = [(d.name, d.kind, d.clause, d.goal, d.due, d.note, d.explanation.text_ru) for d in found.items]
        assert given == [(d.name, d.kind, d.clause, d.goal, d.due, d.note, d.text_ru) for d in promised.deadlines]

    # The means

    def ticket(self, shadow: Shadow) -> Ticket:
        """Read a ticket's row."""
        return self.read(shadow.company, lambda session: Tickets(session).by_number(shadow.number))

    def fire(self) -> None:
        """Fire all that is due as the timekeeper does."""
        for _ in range(20):
            due = self.database.read_now(system("test"), lambda s: due_before(s, s.now + 1, 1000))
            if not due:
                return
            for tenant in {timer.tenant_id for timer in due}:
                together = [timer for timer in due if timer.tenant_id == tenant]
                self.run(self.desk.fire(system("timekeeper", tenant), together))
        raise AssertionError("timers fire and fire")

    def wait(self, span: int, *, awake: bool) -> None:
        """Time passes. The timekeeper fires what is due; or it is down, and whoever acts next finds it fired."""
        self.move_to(self.now + span)
        if awake:
            self.fire()
            self.check_all()

    def move_to(self, instant: Instant) -> None:
        """Set the service's clock."""
        if instant != self.now:
            move_to(self.database, instant)
            self.now = instant

    def digest(self, *without: str) -> str:
        """Return a hash of every row, but for some tables'."""
        return self.digest_of(*(name for name in digests.names(self.database) if name not in without))

    def there(self) -> str:
        """Return a hash of everything that is kept of tickets."""
        return self.digest_of("tickets", "clocks", "timers", "events", "messages", "ledger")

    def digest_of(self, *tables: str) -> str:
        """Return a hash of the tables' rows."""
        return digests.digest(self.database, tables)

    def key(self) -> Idempotency:
        """Return a fresh key."""
        self.keys += 1
        return Idempotency(f"k{self.keys}", b"h" * 32)

    def read(self, company: str, work: Callable[[Session], T]) -> T:
        """Read as an agent of the company."""
        return self.database.read_now(self.installation.agent(company), work)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Await, from outside."""
        return self.loop.run_until_complete(work)


def tell(machine: type[Machine], installation: Installation, histories: int, steps: int) -> Counter[str]:
    """Tell so many histories of at most so many steps; return what was told."""

    class Here(machine):  # type: ignore[misc, valid-type]
        pass

    Here.installation, Here.told = installation, Counter()
    profile = settings(
        max_examples=HISTORIES or histories, stateful_step_count=steps, deadline=None, derandomize=not HISTORIES,
        database=None, phases=PHASES, suppress_health_check=list(HealthCheck), print_blob=False,
        report_multiple_bugs=False,
    )  # fmt: skip
    run_state_machine_as_test(Here, settings=profile)
    told: Counter[str] = Here.told
    return told
