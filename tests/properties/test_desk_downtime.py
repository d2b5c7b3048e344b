"""A service that was down promises what one that was up promises: the same history, with and without a timekeeper."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace
from tests.support import deeds
from tests.support.due import due_before
from tests.support.hunting import HISTORIES
from tests.support.readings import COMPANIES as RULES
from tests.support.still import KNOWN, Installation, StillDatabase, move_to

from helpdesk.contracts.messages import Inbound
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.domain import commands
from helpdesk.domain.commands import TicketCommand
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.instants import DAY, HOUR, MINUTE, Instant
from helpdesk.kernel.principal import system
from helpdesk.store.engine.database import Session
from helpdesk.store.tickets import Tickets
from helpdesk.store.timers import Clocks

LIVES = 30
GAPS = st.sampled_from((0, 7 * MINUTE, HOUR, 5 * HOUR, DAY, 4 * DAY))


class Step(Struct, frozen=True):
    """What an agent does, and how long after the step before."""

    after: Instant
    command: TicketCommand


class Life:
    """One ticket's life on a database of its own."""

    def __init__(self, installation: Installation, company: str, start: Instant, *, awake: bool) -> None:
        self._installation, self._company, self._awake = installation, company, awake
        self._database: StillDatabase = installation.copy()
        self._desk = Desk(self._database, installation.resources)
        self._now = start
        move_to(self._database, start)

    async def live(self, steps: Sequence[Step]) -> tuple[Any, ...]:
        """Go through the steps; return how the ticket ends, and what was promised for when."""
        message = Inbound("email", RULES[self._company].mail, "m1", KNOWN, None, "Не работает")
        await self._desk.receive(self._installation.channel(self._company), Arrival(message))
        told = []
        for step in steps:
            await self._pass(step.after)
            command = replace(step.command, number=1)
            if isinstance(command, commands.Hold) and command.until is not None:
                command = replace(command, until=self._now + command.until)
            try:
                changed = await self._desk.change(self._installation.agent(self._company), command)
                told.append(changed.state)
            except (Conflict, Invalid) as refusal:
                told.append(type(refusal).__name__)
        await self._pass(DAY)
        self._awake = True
        await self._pass(0)
        found = await self._database.read(self._installation.agent(self._company), self._end)
        self._database.close()
        return (*told, *found)

    async def _pass(self, span: Instant) -> None:
        """Let time pass; a timekeeper that is awake fires each timer at its very instant."""
        until = self._now + span
        while self._awake and (due := await self._database.read(system("test"), lambda s: due_before(s, until + 1, 1))):
            move_to(self._database, max(due[0].due_at, self._now))
            principal = system("timekeeper", due[0].tenant_id)
            await self._desk.fire(principal, due)
        self._now = until
        move_to(self._database, until)

    @staticmethod
    def _end(session: Session) -> tuple[Any, ...]:
        ticket = Tickets(session).by_number(1)
        clocks = Clocks(session).of(ticket.id)
        return (
            ticket.state,
            ticket.outcome,
            ticket.level,
            ticket.assignee,
            *((c.name, c.seq, c.state, c.goal, c.due) for c in clocks),
        )


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("downtime"))


@st.composite
def lives(draw: st.DrawFn) -> tuple[str, Instant, list[Step]]:
    """A company, an hour, and what is done."""
    company = draw(st.sampled_from(("siroca", "siroca", "intervale", "pass24", "telemedhelp")))
    steps = st.builds(Step, GAPS, deeds.COMMANDS[company])
    return company, draw(st.sampled_from(deeds.STARTS)), draw(st.lists(steps, min_size=3, max_size=12))


def test_downtime_moves_no_deadline(installation: Installation) -> None:
    """Each command is answered alike, ticket and clocks end alike, and no goal or due instant has moved."""

    @settings(
        max_examples=HISTORIES or LIVES, deadline=None, derandomize=not HISTORIES, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(lives())
    def one(life: tuple[str, Instant, list[Step]]) -> None:
        company, start, steps = life
        up, down = (asyncio.run(Life(installation, company, start, awake=awake).live(steps)) for awake in (True, False))
        assert up == down

    one()
