"""Timers fired together do what each would do alone, and one that cannot fire undoes nobody's."""

from functools import partial

import pytest
from sqlalchemy import update
from tests.integration.desk.conftest import World
from tests.support import laws
from tests.support.due import due_before

from helpdesk.contracts.log import Happened
from helpdesk.desk.desk import Desk
from helpdesk.kernel.principal import system
from helpdesk.store.schema import clocks
from helpdesk.workers.timekeeper import Timekeeper

pytestmark = pytest.mark.anyio


async def fired(world: World) -> int:
    """Fire all that is due in one transaction; return how many took effect."""
    due = await world.database.read(system("test"), lambda session: due_before(session, session.now, 1_000))
    return await world.desk.fire(system("test", world.tenant_id), due)


async def test_fired_together_each_ticket_is_what_its_log_says(world: World) -> None:
    """Of more tickets than one statement reads, each one's due timers fire in their order, once."""
    count = 66
    for number in range(count):
        await world.mail(f"m{number}", sender=f"client{number}@client.example")
    await world.pass_seconds(11 * 60)
    assert await fired(world) == 2 * count
    assert await fired(world) == 0
    resources = world.desk.resources
    for number in (1, 2, 9, 64, 65, 66):
        assert (await world.happened(number))[2:] == [Happened.WARNED, Happened.BREACHED]
        await world.database.read(world.agent, partial(laws.of_ticket, directory=resources.directory, number=number))


async def test_a_ticket_that_cannot_be_read_undoes_nobody(world: World) -> None:
    """The timekeeper fires the others of its turn alone; the broken one's timer stays pending."""
    for number in range(5):
        await world.mail(f"m{number}", sender=f"client{number}@client.example")
    broken = await world.ticket(3)

    def damage(session) -> None:  # type: ignore[no-untyped-def]
        session.connection.execute(update(clocks).where(clocks.c.ticket_id == broken.id).values(kind="nonsense"))

    await world.database.write(world.agent, damage)
    await world.pass_seconds(6 * 60)
    with pytest.raises(ValueError, match="nonsense"):
        await fired(world)
    await _keep_time(world, world.desk, until=4)
    left = await world.database.read(system("test"), lambda session: due_before(session, session.now, 100))
    assert [timer.ticket_id for timer in left] == [broken.id]
    for number in (1, 2, 4, 5):
        assert (await world.happened(number))[2:] == [Happened.WARNED]


async def _keep_time(world: World, desk: Desk, until: int) -> None:
    """Run a timekeeper until it has fired so many timers."""

    async def fire(tenant, timers) -> None:  # type: ignore[no-untyped-def]
        await desk.fire(system("timekeeper", tenant), timers)
        if keeper.fired + len(timers) >= until:
            keeper.stop()

    keeper = Timekeeper(world.database, fire)
    await keeper.run(lambda: None)
