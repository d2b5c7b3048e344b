"""Random queues: whoever asks for work is given what a reader of the regulation would choose among all that waits."""

import asyncio

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from tests.integration.desk.companies import COMPANIES
from tests.support import deeds, order
from tests.support.chart import CLOSED
from tests.support.expected import Shadow
from tests.support.machine import Machine, tell
from tests.support.readings import COMPANIES as RULES
from tests.support.still import SECRET, Installation

from helpdesk.contracts.messages import Inbound, Outcome
from helpdesk.desk.changing.waiting import REFRESH_SECONDS, WaitingQueues
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.desk.tickets.handing import Handed, TakeNext
from helpdesk.domain import commands
from helpdesk.domain.threading import make_token
from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.instants import Instant

TOLD = 32
STEPS = 12
"""Steps in each history at most; a step is up to six acts."""
WINDOW = 3
"""So few tickets are read at a time that a queue's windows have edges."""
KINDS = (
    "work",
    "work",
    "work",
    "register",
    "register",
    "next",
    "next",
    "next",
    "rush",
    "drain",
    "time",
    "repeat",
    "elsewhere",
    "word",
)


class Queue(Machine):
    """One company's queue, and two instances of the service that hand out of it."""

    def __init__(self) -> None:
        super().__init__()
        self.steady = 0.0
        """The machines' steady clock, in seconds."""
        other = self.installation.fresh()
        for resources in (self.resources, other):
            resources.waiting = WaitingQueues(window=WINDOW, clock=lambda: self.steady)
        self.desks = [self.desk, Desk(self.database, other)]
        self.fresh = [True, True]
        """Whether each instance knows all that was committed."""
        self.company = ""

    @initialize(start=st.sampled_from(deeds.STARTS), company=st.sampled_from(COMPANIES))
    def begin(self, start: Instant, company: str) -> None:
        """Some hour, and four letters to a company."""
        self.move_to(start)
        self.company = company
        for _ in range(4):
            self.mail_anew(company)

    @rule(data=st.data(), kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=6))
    def step(self, data: st.DataObject, kinds: list[str]) -> None:
        """Some things happen."""
        for kind in kinds:
            self._one(data, kind)

    def _one(self, data: st.DataObject, kind: str) -> None:
        draw = data.draw
        match kind:
            case "work":
                self.work_at(0, data)
            case "register":
                rated, who = draw(deeds.RATED), draw(st.sampled_from(deeds.WHO))
                self.register(self.company, draw(st.sampled_from(deeds.BY)), who, rated, complete=draw(st.booleans()))
                self.fresh[1] = False
            case "next":
                line = draw(st.sampled_from([None, None, *RULES[self.company].lines]))
                self.next(draw(st.integers(0, 1)), line, refreshed=draw(st.booleans()))
            case "rush":
                self.rush(draw(st.integers(2, 6)))
            case "drain":
                self.drain(draw(st.integers(2, 5)))
            case "time":
                self.wait(draw(st.sampled_from(deeds.SPANS)), awake=True)
                self.fresh[1] = False
            case "elsewhere":
                self.work_at(1, data)
            case "word":
                self.word(self.pick(draw(deeds.WHICH)))
            case "repeat" if self.again is not None:
                self.again()

    def work_at(self, instance: int, data: st.DataObject) -> None:
        """An agent does something, at one instance or at the other."""
        self.fire()
        self.desk = self.desks[instance]
        self.work(data)
        self.desk = self.desks[0]
        self.fresh[not instance] = False

    def word(self, shadow: Shadow) -> None:
        """The client says something of a ticket that is not closed."""
        self.fire()
        self.check_all()
        if shadow.state == CLOSED or shadow.by != "email":
            return
        token = make_token(SECRET, self.installation.tenants[self.company], self.ticket(shadow).id)
        mail, key = RULES[self.company].mail, self.key().key
        message = Inbound("email", mail, key, shadow.requester, None, f"Re {key}", "Ещё", tokens=(token,))
        taken = self.run(self.desk.receive(self.installation.channel(self.company), Arrival(message)))
        self.taken[self.company][taken.outcome] += 1
        assert (taken.outcome, taken.number) == (Outcome.FOLLOW_UP, shadow.number)
        shadow.client_writes()
        self.check(shadow)
        self.fresh[1] = False

    def next(self, instance: int, line: str | None, *, refreshed: bool) -> None:
        """The first of all that wait; an instance may lag behind another by half a second, and nothing else."""
        self.fire()
        self.check_all()
        if refreshed:
            self._refresh()
        expected = order.first(self.made, line)
        asks = TakeNext("Анна", line)
        agent, key = self.installation.agent(self.company), self.key()
        self.told["commands"] += 1
        handed = self.run(self.desks[instance].next(agent, asks, idempotency=key))
        self.again = lambda: self.repeat(
            lambda key: self.desks[instance].next(agent, asks, idempotency=key), key, handed
        )
        if handed.ticket is None:
            assert expected is None, (expected, line)
            self.told["empty"] += 1
            return
        given = self._numbered(handed.ticket.number)
        assert order.waits(given, line), given
        if self.fresh[instance]:
            assert given is expected, (given, expected)
            self.told["first"] += 1
        self._take(given, "Анна")
        self.fresh[not instance] = False

    def drain(self, count: int) -> None:
        """One who comes while an instance hands out goes after all that wait already, seen by it yet or not."""
        self.next(0, None, refreshed=True)
        self.mail_anew(self.company)
        self.fresh[1] = False
        for _ in range(count):
            self.next(0, None, refreshed=False)

    def rush(self, agents: int) -> None:
        """Several ask at once at both instances: each gets another ticket, and nobody goes without while some wait."""
        self.fire()
        self.check_all()
        waiting = [each for each in self.made if order.waits(each, None)]
        agent = self.installation.agent(self.company)

        async def ask(place: int) -> Handed | None:
            try:
                return await self.desks[place % 2].next(agent, TakeNext(f"агент {place}"))
            except Unavailable:
                return None

        async def all_at_once() -> list[Handed | None]:
            return await asyncio.gather(*(ask(place) for place in range(agents)))

        found = self.run(all_at_once())
        numbers = [each.ticket.number for each in found if each is not None and each.ticket is not None]
        assert len(set(numbers)) == len(numbers)
        assert {*numbers} <= {each.number for each in waiting}
        assert None in found or len(numbers) == min(agents, len(waiting))
        for place, each in enumerate(found):
            if each is not None and each.ticket is not None:
                self._take(self._numbered(each.ticket.number), f"агент {place}")
        self._refresh()
        self.told["rush"] += len(numbers)

    def _take(self, shadow: Shadow, agent: str) -> None:
        assert not shadow.assignee, "a ticket is one agent's"
        shadow.do(commands.Assign(shadow.number, agent), self.now)
        self.check(shadow)

    def _refresh(self) -> None:
        self.steady += 2 * REFRESH_SECONDS
        self.fresh = [True, True]

    def _numbered(self, number: int) -> Shadow:
        return next(each for each in self.made if each.number == number)


def test_next_gives_the_first_of_all_that_waits(tmp_path_factory: pytest.TempPathFactory) -> None:
    """To one agent, in the regulation's order, whatever happened before, at whichever instance."""
    told = tell(Queue, Installation(tmp_path_factory.mktemp("next")), TOLD, STEPS)
    assert min(told["first"], told["empty"], told["rush"]) > 20, sorted(told.items())
