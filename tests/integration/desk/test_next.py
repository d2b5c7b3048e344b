"""Fifty agents call ``next`` at once over ten thousand tickets: each goes to one agent, in the regulation's order."""

import asyncio
import os
from contextlib import suppress

import pytest
from sqlalchemy import func, select
from tests.integration.desk.conftest import World
from tests.support.backlog import add_backlog

from helpdesk.desk.tickets.handing import Handed, TakeNext
from helpdesk.domain.commands import Idempotency
from helpdesk.kernel.errors import Unavailable
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import events, tickets

pytestmark = pytest.mark.anyio

AGENTS = 50
TICKETS = 10_000
HANDED = {"sqlite": 4_000, "postgresql": 1_000}
"""How many of them are taken: each costs a whole transaction. `HELPDESK_TEST_HANDED=10000` says another number."""


async def stock(world: World, count: int) -> None:
    """Make a queue of ``count`` tickets."""
    await world.mail()
    ticket = await world.ticket()
    find = world.desk.resources.directory.of
    await world.database.write(
        world.agent, lambda s: add_backlog(s, find(s, ticket.snapshot_hash), count), within_seconds=60
    )


async def test_fifty_agents_empty_the_queue(world: World, database: Database) -> None:
    """Nobody gets what another got; nothing is left out; nobody is given the less urgent while the more urgent waits.

    An agent may overtake those whose calls were under way at the same time, and nobody else: so a ticket's turn differs
    from its place by less than the number of agents.
    """
    await stock(world, TICKETS)
    count = int(os.environ.get("HELPDESK_TEST_HANDED", "0")) or HANDED[database.dialect]
    handed: list[tuple[int, str]] = []

    async def answered(agent: str, key: Idempotency) -> Handed:
        while True:  # a busy machine may lose the answer: asked again under the key, it says what was handed out
            with suppress(Unavailable):
                return await world.desk.next(world.agent, TakeNext(agent), idempotency=key)

    async def work(agent: str) -> None:
        while len(handed) < count:
            found = await answered(agent, Idempotency(f"{agent} {len(handed)}", b"h"))
            if found.ticket is None:
                return
            handed.append((found.ticket.number, agent))

    def places(session: Session) -> dict[int, int]:
        ordered = select(tickets.c.number).order_by(tickets.c.rank, tickets.c.number)
        return {number: place for place, number in enumerate(session.connection.execute(ordered).scalars())}

    place_of = await world.database.read(world.agent, places)
    await asyncio.gather(*(work(f"агент {n}") for n in range(AGENTS)))
    numbers = [number for number, _ in handed]
    assert len(set(numbers)) == len(numbers) >= count
    overtaken = max(abs(place_of[number] - turn) for turn, number in enumerate(numbers))
    assert overtaken < AGENTS
    assert sorted(place_of[number] for number in numbers) == list(range(len(numbers)))

    def owners(session: Session) -> dict[int, str]:
        rows = session.connection.execute(select(tickets.c.number, tickets.c.assignee))
        return {number: assignee for number, assignee in rows if assignee}

    stored = await world.database.read(world.agent, owners)
    assert stored == dict(handed)

    def assignments(session: Session) -> int:
        return session.connection.execute(select(func.count()).where(events.c.what == "assigned")).scalar_one()

    assert await world.database.read(world.agent, assignments) == len(handed)
