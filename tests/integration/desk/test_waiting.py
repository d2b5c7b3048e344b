"""The queues in memory propose, the database decides: what is handed out, to whom, and in which order."""

import pytest
from tests.integration.desk.conftest import SECRET, World

from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.changing.waiting import WaitingQueues
from helpdesk.desk.desk import Desk
from helpdesk.desk.tickets.handing import TakeNext
from helpdesk.domain.commands import Assign, Close, Expedite, Hold, Idempotency, Release, SetLevel, SetLine, Unassign
from helpdesk.kernel.errors import Conflict, KeyReused
from helpdesk.queries.tickets.queue import list_queue
from helpdesk.store.audit import Audit

pytestmark = pytest.mark.anyio


async def taken(world: World, line: str | None = None, agent: str = "Анна") -> int | None:
    """Take the next ticket; return its number."""
    handed = await world.desk.next(world.agent, TakeNext(agent, line))
    return handed.ticket.number if handed.ticket else None


async def register(world: World, count: int) -> None:
    for each in range(1, count + 1):
        await world.mail(f"m{each}", sender=f"c{each}@client.example")


def another_instance(world: World) -> World:
    """Return the same tenant as another instance of the service sees it."""
    return World(world.database, Desk(world.database, Resources(Directory(), SECRET)), world.tenant_id)


async def test_next_follows_the_regulation_and_hands_each_ticket_out_once(world: World) -> None:
    """Most urgent first, then by arrival; nothing is left at the end; log and audit tell who got what."""
    await register(world, 4)
    await world.desk.change(world.agent, SetLevel(3, "high", "стоит всё"))
    listed = await world.database.read(world.agent, lambda s: list_queue(s, limit=10, unassigned=True))
    order = [await taken(world) for _ in range(5)]
    assert order == [*(each.number for each in listed.items), None]
    assert (await world.ticket(order[0] or 0)).assignee == "Анна"
    assert (await world.log(order[0] or 0))[-1].data == {"agent": "Анна"}
    acts = await world.database.read(world.agent, lambda s: Audit(s).latest(10))
    assert [act.object for act in acts if act.act == "queue.next"] == [f"ticket:{n}" for n in reversed(order[:4])]


async def test_every_command_moves_the_ticket_in_the_queue_at_once(world: World) -> None:
    """Assigned, waiting and closed tickets are not handed out; expedited, released and given back ones are."""
    await register(world, 5)
    assert await taken(world) == 1  # the window is read now
    await world.desk.change(world.agent, Assign(2, "Борис"))
    await world.desk.change(world.agent, Hold(3, "update"))
    await world.desk.change(world.agent, Expedite(5, "сервер стоит", ("product_failure",)))
    assert await taken(world) == 5
    await world.desk.change(world.agent, Release(3, "update"))
    assert await taken(world) == 3
    await world.desk.change(world.agent, Close(4, "solved"))
    assert await taken(world) is None
    await world.desk.change(world.agent, Unassign(2, "не моё"))
    assert (await world.log(2))[-1].data == {"agent": "Борис", "reason": "не моё"}
    assert await taken(world) == 2
    with pytest.raises(Conflict):
        await world.desk.change(world.agent, Unassign(4))


async def test_a_line_has_a_queue_of_its_own(world: World) -> None:
    """Handed over to another line, a ticket waits there, in both instances of the queue."""
    await register(world, 3)
    first, second = (await world.ticket()).line, "development"
    assert await taken(world, "нет такой") is None
    await world.desk.change(world.agent, SetLine(1, second))
    assert await taken(world, second) == 1
    assert await taken(world, second) is None
    assert await taken(world, first) == 2
    assert await taken(world) == 3


async def test_the_same_key_gives_the_same_ticket(world: World) -> None:
    """A repeated call is answered as the first one, and hands nothing else out."""
    await register(world, 2)
    key = Idempotency("k", b"1")
    first = await world.desk.next(world.agent, TakeNext("Анна"), idempotency=key)
    assert await world.desk.next(world.agent, TakeNext("Анна"), idempotency=key) == first
    with pytest.raises(KeyReused):
        await world.desk.next(world.agent, TakeNext("Анна"), idempotency=Idempotency("k", b"2"))
    assert (await world.ticket(2)).assignee is None


async def test_another_instance_sees_what_was_handed_out_and_what_came(world: World) -> None:
    """A stale window proposes what is gone; the database says no, and nothing is handed out twice."""
    await register(world, 4)
    other = another_instance(world)
    assert await taken(other) == 1
    assert await taken(world) == 2
    assert await taken(other) == 3
    assert await taken(world) == 4
    assert await taken(other) is None
    await world.mail("m9", sender="c9@client.example")
    assert await taken(other) == 5  # an empty queue is always read anew


async def test_a_window_is_read_anew_when_it_is_old(world: World) -> None:
    """What another instance made more urgent comes first once the window is older than its bound."""
    now = 0.0
    await register(world, 3)
    resources = Resources(Directory(), SECRET)
    resources.waiting = WaitingQueues(clock=lambda: now)
    other = World(world.database, Desk(world.database, resources), world.tenant_id)
    assert await taken(other) == 1
    await world.desk.change(world.agent, Expedite(3, "сервер стоит", ("product_failure",)))
    now += 1.0
    assert await taken(other) == 3


async def test_a_failed_handing_out_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was proposed and not committed is proposed again."""
    await register(world, 2)

    def fail(*_: object) -> None:
        raise RuntimeError("между предложением и записью")

    with monkeypatch.context() as patched:
        patched.setattr(Audit, "record", fail)
        with pytest.raises(RuntimeError):
            await taken(world)
    assert await taken(world) == 1


async def test_a_small_window_hands_out_everything_in_order(world: World) -> None:
    """Where a window ends it is read on; changes beyond its end do not disturb it."""
    await register(world, 7)
    resources = Resources(Directory(), SECRET)
    resources.waiting = WaitingQueues(window=2)
    small = World(world.database, Desk(world.database, resources), world.tenant_id)
    assert await taken(small) == 1
    await small.desk.change(small.agent, Expedite(7, "сервер стоит", ("product_failure",)))
    await small.mail("m9", sender="c9@client.example")
    assert [await taken(small) for _ in range(8)] == [7, 2, 3, 4, 5, 6, 8, None]
