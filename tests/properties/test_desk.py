"""Random lives of many tickets at the desk, under the five companies' regulations, held against slow models."""

from collections.abc import Sequence
from functools import partial

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from tests.integration.desk.companies import COMPANIES
from tests.support import deeds
from tests.support.chart import CLOSED, leads_to
from tests.support.expected import Shadow
from tests.support.hunting import HISTORIES
from tests.support.machine import Machine, tell
from tests.support.readings import COMPANIES as RULES
from tests.support.still import SECRET, Installation

from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Inbound, Nature, Outcome
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.domain import commands
from helpdesk.domain.commands import ReplyKind, Taken
from helpdesk.domain.states import TRANSITIONS, State
from helpdesk.domain.threading import make_token
from helpdesk.kernel.instants import DAY, Instant
from helpdesk.kernel.principal import Principal

TOLD = 45
STEPS = 16
"""Steps in each history at most; a step is up to four acts, an act up to eight commands."""


class Desks(Machine):
    """One command after another, letters, silences, another version of the regulation."""

    @initialize(
        start=st.sampled_from(deeds.STARTS), companies=st.lists(st.sampled_from(COMPANIES), min_size=3, max_size=3)
    )
    def begin(self, start: Instant, companies: list[str]) -> None:
        """Some hour, and three letters in the box."""
        self.move_to(start)
        for company in companies:
            self.mail_anew(company)

    @rule(data=st.data(), kinds=st.lists(st.sampled_from(deeds.KINDS), min_size=1, max_size=4))
    def step(self, data: st.DataObject, kinds: list[str]) -> None:
        """Some things happen. (One rule, not several: hypothesis leaves rules out of whole histories.)"""
        for kind in kinds:
            self._one(data, kind)

    def _one(self, data: st.DataObject, kind: str) -> None:
        draw = data.draw
        match kind:
            case "work":
                for _ in range(draw(deeds.COUNT)):
                    self.work(data, stale=True)
            case "course":
                shadow, course = self.pick(draw(deeds.WHICH)), draw(st.sampled_from(deeds.COURSES))
                self.course(shadow, course, draw(st.integers(0, 2)), awake=draw(st.booleans()))
            case "register":
                by = draw(st.sampled_from(deeds.BY))
                company, who = draw(st.sampled_from(COMPANIES)), draw(st.sampled_from(deeds.WHO))
                self.register(company, by, who, draw(deeds.RATED), complete=draw(st.booleans()))
            case "mail":
                self.mail(self.pick(draw(deeds.WHICH)), draw(st.sampled_from(deeds.LETTERS)))
            case "rejudge":
                self.rejudge(self.pick(draw(deeds.WHICH)), draw(st.integers(0, 1)))
            case "time":
                self.wait(draw(st.sampled_from(deeds.SPANS)), awake=draw(st.booleans()))
            case "repeat" if self.again is not None:
                self.again()
            case "feed":
                self.reader.read_on(self.database, most=draw(st.integers(1, 40)), limit=draw(st.integers(1, 9)))

    @rule(span=st.sampled_from(deeds.SPANS), awake=st.sampled_from([True, True, False]))
    def time_passes(self, span: int, awake: bool) -> None:
        """Time passes."""
        self.wait(span, awake=awake)

    def course(self, shadow: Shadow, course: str, which: int, *, awake: bool) -> None:
        """What seldom comes together by chance: each step is allowed or refused as it stands."""
        number, reasons = shadow.number, [*shadow.rules.pauses]
        works: list[commands.TicketCommand] = [
            commands.Reply(number, ReplyKind.QUESTION, "Что видно на экране?"),
            commands.Reply(number, ReplyKind.ANSWER, "Готово", resolves=which % 2 == 0),
            commands.Resolve(number),
        ]
        match course:
            case "waits":  # for all that there is, until some of it is over; then again
                self.command(shadow, works[0])
                self._do(shadow, [commands.Hold(number, reason) for reason in reasons])
                over = [reasons[(which + place) % len(reasons)] for place in range(1 + which % 2)]
                self._do(shadow, [commands.Release(number, reason) for reason in over])
                self._do(shadow, [commands.Hold(number, reason) for reason in over])
            case "silence":
                self.command(shadow, works[which])
                self.wait(6 * DAY, awake=awake)
                self.mail(shadow, "word")
            case "verdict":  # the client's word comes before the work is done, or after
                self.mail(shadow, "word")
                self._do(shadow, [works[2], commands.Disagree(number, " ")])
                self.mail(shadow, "word")
                self._do(shadow, [commands.Disagree(number, " "), works[1]])
            case "hands":
                self._do(shadow, [commands.Accept(number, agent) for agent in ("Анна", "Борис")])
                self._do(shadow, [commands.Unassign(number), commands.Accept(number, "Борис")])

    def _do(self, shadow: Shadow, works: Sequence[commands.TicketCommand]) -> None:
        for work in works:
            self.command(shadow, work)

    def mail(self, shadow: Shadow, kind: str) -> None:
        """The client's word joins; a stranger's is held; a robot's and the post's are noted and move nothing."""
        ticket = self.tickets[shadow.company, shadow.number]
        sender = "stranger@else.example" if kind == "stranger" else shadow.requester
        nature = {"robot": Nature.AUTOMATIC, "bounce": Nature.BOUNCE}.get(kind, Nature.REQUEST)
        token = make_token(SECRET, self.installation.tenants[shadow.company], ticket.id)
        message = Inbound(
            "email",
            RULES[shadow.company].mail,
            self.key().key,
            sender,
            None,
            "Re",
            "Ещё",
            nature=nature,
            tokens=(token,),
        )
        shadow.pass_to(self.now)
        channel = self.installation.channel(shadow.company)
        taken = self.run(self.desk.receive(channel, Arrival(message)))
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
            missing = shadow.rules.demands.get(shadow.by, ())
            follower = self.registered(shadow.company, taken.number, shadow.requester, None, shadow.by, missing)
            assert self.tickets[follower.company, follower.number].follows == shadow.number
        else:
            assert taken.outcome is Outcome.REFUSED
        self.fire()
        self.again = partial(self._deliver_again, shadow.company, channel, message, taken)
        self.check(shadow)

    def _deliver_again(self, company: str, channel: Principal, message: Inbound, first: Taken) -> None:
        before = self.digest("ledger")
        again = self.run(self.desk.receive(channel, Arrival(message)))
        assert (again.outcome, again.first, again.number) == (Outcome.DUPLICATE, first.outcome, first.number)
        self.taken[company][Outcome.DUPLICATE] += 1
        assert self.digest("ledger") == before


def test_random_histories_keep_every_law(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Thousands of commands; the machine's docstrings say which laws, `laws.py` and `endings.py` have them."""
    told = tell(Desks, Installation(tmp_path_factory.mktemp("desk")), TOLD, STEPS)
    kinds = {kind.__name__ for kind in commands.TicketCommand.__args__}
    assert kinds <= set(told), "a command that no history tried"
    assert told["commands"] > 20 * (HISTORIES or TOLD), told["commands"]


def test_the_chart_is_what_its_readers_expect() -> None:
    """For every state and everything that can happen: the table says what the words say."""
    for state in State:
        for what in Happened:
            assert TRANSITIONS.get((state, what)) == leads_to(state, what), (state, what)
