"""What is cached of the logs is what the logs say; every difference is found, named, and can be written anew."""

from typing import Any

import pytest
from sqlalchemy import ColumnElement, Table, delete, update
from tests.integration.desk.conftest import World

from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.upkeep.refolding import Checked, check_clocks, rebuild_clocks
from helpdesk.domain import commands
from helpdesk.domain.commands import ReplyKind
from helpdesk.store import schema
from helpdesk.store.histories import FIRST

pytestmark = pytest.mark.anyio


async def worked(world: World) -> None:
    """Five tickets in every state, with timers that fired and timers that wait."""
    for key in ("m1", "m2", "m3", "m4", "m5"):
        await world.mail(key, sender=f"{key}@client.example")
    await world.desk.change(world.agent, commands.SetLevel(1, "high", "стоят все"))
    await world.desk.change(world.agent, commands.Reply(2, ReplyKind.QUESTION, "Какая версия?"))
    await world.pass_seconds(11 * 60)
    assert await world.fire_due()
    await world.desk.change(world.agent, commands.Reply(3, ReplyKind.ANSWER, "Так", resolves=True))
    await world.desk.change(world.agent, commands.Close(4, "solved"))
    await world.desk.change(world.agent, commands.Hold(5, "update"))


async def check(world: World, limit: int = 2) -> list[Checked]:
    """Compare all tickets, chunk by chunk."""
    find, after = Directory().of, FIRST
    found: list[Checked] = []
    while True:
        checked = await world.database.read(world.agent, lambda s, after=after: check_clocks(s, find, after, limit))  # type: ignore[misc]
        if checked is None:
            return found
        found.append(checked)
        after = checked.last


async def damage(world: World, *statements: Any) -> None:
    def work(session) -> None:  # type: ignore[no-untyped-def]
        for statement in statements:
            session.connection.execute(statement)

    await world.database.write(world.agent, work)


async def test_what_the_service_wrote_is_what_the_logs_fold_to(world: World) -> None:
    """After work of every kind not one byte differs, whatever the size of the chunks."""
    await worked(world)
    for limit in (2, 100):
        found = await check(world, limit)
        assert [one.tickets for one in found] == ([2, 2, 1] if limit == 2 else [5])
        assert not [each for one in found for each in one.differences]


async def test_every_difference_is_named_and_written_anew(world: World) -> None:
    """A clock altered, lost or invented, a timer moved or lost, rank and next due: told by ticket and name, repaired
    without touching what fired.
    """
    await worked(world)
    ids = [(await world.ticket(number)).id for number in range(1, 6)]
    clocks, timers, tickets = schema.clocks, schema.timers, schema.tickets
    fired = timers.c.state == "fired"

    def of(table: Table, number: int) -> ColumnElement[bool]:
        return table.c.ticket_id == ids[number - 1]

    await damage(
        world,
        update(clocks).where(of(clocks, 1), clocks.c.name == "resolution").values(elapsed_us=clocks.c.elapsed_us + 1),
        delete(clocks).where(of(clocks, 2), clocks.c.name == "reaction"),
        update(clocks).where(of(clocks, 3), clocks.c.name == "auto_close").values(name="auto_clos"),
        update(timers).where(of(timers, 1), ~fired, timers.c.clock == "resolution").values(due_at=timers.c.due_at + 1),
        delete(timers).where(of(timers, 3), timers.c.clock == "auto_close"),
        update(tickets).where(tickets.c.id == ids[3]).values(rank=b"\0" * 8, next_due=7),
    )
    versions = [(await world.ticket(number)).version for number in range(1, 6)]
    found = await check(world)
    told = {(each.number, each.what, each.name) for one in found for each in one.differences}
    assert told == {
        (1, "clock", "resolution/0"),
        (1, "timer", "resolution/0/due"),
        (2, "clock", "reaction/0"),
        (3, "clock", "auto_clos/0"),
        (3, "clock", "auto_close/0"),
        (3, "timer", "auto_close/0/due"),
        (4, "rank", ""),
        (4, "next_due", ""),
    }
    lost = next(each for one in found for each in one.differences if each.name == "reaction/0")
    assert (lost.stored, '"state":"met"' in lost.folded) == ("", True)
    for one in found:
        for ticket in one.differing:
            assert await world.database.write(
                world.agent,
                lambda s, ticket=ticket: rebuild_clocks(s, Directory().of, ticket),  # type: ignore[misc]
            )
    assert not [each for one in await check(world) for each in one.differences]
    assert [(await world.ticket(number)).version for number in range(1, 6)] == versions
    assert await world.fire_due() == 0  # what fired stays fired


async def test_a_log_with_a_gap_is_told_and_never_written_over(world: World) -> None:
    """The log is the truth: where it is damaged nothing can be folded, and nothing is rebuilt from it."""
    await worked(world)
    damaged = [3]
    if world.database.dialect == "sqlite":  # on PostgreSQL the service's role cannot take from a log
        events, damaged = schema.events, [1, 2, 3]
        first, second = (await world.ticket(1)).id, (await world.ticket(2)).id
        await damage(
            world,
            delete(events).where(events.c.ticket_id == first, events.c.seq == 2),
            delete(events).where(events.c.ticket_id == second),
        )
    await damage(world, update(schema.tickets).where(schema.tickets.c.number == 3).values(last_seq=99))
    found = await check(world)
    assert [(each.number, each.what) for one in found for each in one.differences] == [(n, "log") for n in damaged]
    assert not [ticket for one in found for ticket in one.differing]
