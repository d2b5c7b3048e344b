"""The list of tickets shows what every given condition holds for: compared with looking at each ticket."""

import random
from functools import partial
from typing import Any

import pytest
from tests.integration.desk.conftest import World

from helpdesk.desk.tickets import tags
from helpdesk.domain.commands import Assign, Close, Reply, ReplyKind, TicketChanged
from helpdesk.domain.states import State
from helpdesk.kernel.instants import from_datetime
from helpdesk.queries.tickets.filter import Wanted
from helpdesk.queries.tickets.listing import list_tickets
from helpdesk.queries.views.tickets import TicketView
from helpdesk.store.engine.session import Session

pytestmark = pytest.mark.anyio

COUNT = 12


async def some_tickets(world: World) -> list[TicketView]:
    """Make tickets that differ in everything that a condition looks at."""
    for number in range(1, COUNT + 1):
        await world.mail(f"m{number}", sender=f"client{number % 3}@client.example")
        await world.pass_seconds(60)
        if number % 2:
            await world.desk.change(world.agent, Assign(number, ("Анна", "Борис")[number % 4 // 2]))
        if number % 3 == 0:
            await world.desk.change(world.agent, Reply(number, ReplyKind.QUESTION, "Какая версия?"))
        if number % 5 == 0:
            await world.desk.change(world.agent, Close(number, "solved"))

        def tag(session: Session, number: int = number) -> TicketChanged:
            words = ["въезд"] if number % 2 else ["касса", "Въезд 2"]
            return tags.add_tags(session, world.desk.resources, number, words, None)

        await world.desk.keep(world.agent, tag, TicketChanged, None)
    return await listed(world, Wanted())


async def listed(world: World, which: Wanted) -> list[TicketView]:
    found: list[TicketView] = []
    cursor = None
    while True:
        work = partial(list_tickets, which=which, find=world.desk.resources.directory.of, limit=5, cursor=cursor)
        page = await world.database.read(world.agent, work)
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


def holds(ticket: TicketView, which: Wanted) -> bool:
    """Look at one ticket, condition by condition."""
    said: dict[str, Any] = {
        "state": ticket.state, "assignee": ticket.assignee, "outcome": ticket.outcome, "line": ticket.line,
        "requester": ticket.requester.address, "level": ticket.level, "channel": ticket.channel,
    }  # fmt: skip
    number = ticket.number
    words = ("въезд",) if number % 2 else ("въезд 2", "касса")
    assert ticket.tags == words
    waits = {"waiting_client"} if ticket.state is State.WAITING else set()
    due = None if ticket.next_due is None else from_datetime(ticket.next_due)
    return (
        all(getattr(which, name) in {None, value} for name, value in said.items())
        and (which.tag is None or which.tag.casefold() in words)
        and (which.waiting is None or which.waiting in waits)
        and (which.received_from is None or from_datetime(ticket.received_at) >= which.received_from)
        and (which.received_before is None or from_datetime(ticket.received_at) < which.received_before)
        and (which.due_before is None or (ticket.closed_at is None and due is not None and due < which.due_before))
    )


async def test_a_list_shows_what_every_condition_holds_for(world: World) -> None:
    """Over sixty random combinations, through all pages, on both databases."""
    everything = await some_tickets(world)
    assert len(everything) == COUNT
    chance = random.Random(17)
    instants = [from_datetime(ticket.received_at) for ticket in everything]
    values: dict[str, list[Any]] = {
        "state": [*State], "assignee": ["Анна", "Борис", "никто"], "outcome": ["solved", "unknown"],
        "requester": ["client0@client.example", "client1@client.example"], "line": [everything[0].line, "другая"],
        "level": [everything[0].level or "нет", "другой"], "channel": [everything[0].channel, "phone"],
        "tag": ["ВЪЕЗД", "касса", "въ", "въезд 2"], "waiting": ["waiting_client", "waiting"],
        "received_from": instants, "received_before": instants, "due_before": [max(instants) + 10**13, min(instants)],
    }  # fmt: skip
    shown = 0
    for _ in range(60):
        names = chance.sample(sorted(values), chance.choice((1, 1, 2, 3)))
        which = Wanted(**{name: chance.choice(values[name]) for name in names})
        found = [ticket.number for ticket in await listed(world, which)]
        assert found == [ticket.number for ticket in everything if holds(ticket, which)], which
        shown += len(found)
    assert shown > COUNT
