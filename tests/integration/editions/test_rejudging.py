"""Re-rating moves deadlines only by an explicit act, with before and after in the log and the audit."""

import pytest
from tests.integration.desk.conftest import World
from tests.integration.editions.conftest import Drafter, data_of, published, put

from helpdesk.contracts.clocks import ClockState
from helpdesk.contracts.log import Happened
from helpdesk.desk.changing.commit import fold
from helpdesk.desk.changing.directory import Directory
from helpdesk.domain.commands import Close, SetLevel, SetLine
from helpdesk.domain.rejudging import Rejudge
from helpdesk.kernel.errors import Conflict, Invalid, NotFound, VersionConflict
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import HOUR
from helpdesk.kernel.principal import Principal, Role
from helpdesk.store.audit import Audit
from helpdesk.store.timers import Clocks

pytestmark = pytest.mark.anyio

FASTER = ('"8 elapsed hours"', '"5 elapsed hours"')
CAUSE = "the client signed the new regulation"


async def test_it_is_judged_by_the_edition_in_force_from_then_on(world: World, draft: Drafter) -> None:
    """Deadline, timers and queue follow; the log and the audit have both deadlines and the cause."""
    await world.mail()
    before = await world.clock("resolution")
    new = put(world, draft(FASTER))
    done = await world.desk.rejudge(world.agent, Rejudge(1, CAUSE))
    ticket = await world.ticket()
    after = await world.clock("resolution")
    assert (ticket.snapshot_hash, ticket.version) == (new.snapshot_hash, done.version)
    assert (before.due, after.due) == (ticket.received_at + 8 * HOUR, ticket.received_at + 5 * HOUR)
    entry = (await world.log())[-1]
    assert (entry.what, entry.actor, entry.data["cause"]) == (Happened.REJUDGED, world.agent.actor, CAUSE)
    for side, clock in (("before", before), ("after", after)):
        found = {one["name"]: one["due"] for one in entry.data[side]["deadlines"]}
        assert found["resolution"] == clock.due
    assert entry.data["before"]["snapshot"] == published(world)[0].snapshot_hash
    act = data_of(world, lambda session: Audit(session).latest(1)[0])
    assert (act.act, act.object, act.data) == ("ticket.rejudge", "ticket:1", entry.data)
    await world.pass_seconds(5 * 3600 + 1)
    while await world.fire_due():
        pass
    assert (await world.clock("resolution")).state is ClockState.BREACHED


async def test_the_cached_clocks_are_what_the_log_folds_to(world: World, draft: Drafter) -> None:
    """After the act as before it, the rows can be rebuilt to the same values from log and snapshot."""
    await world.mail()
    put(world, draft(FASTER))
    await world.desk.rejudge(world.agent, Rejudge(1, CAUSE))
    ticket, log = await world.ticket(), await world.log()

    def work(session) -> None:  # type: ignore[no-untyped-def]
        folded = fold(Directory().of(session, ticket.snapshot_hash), ticket, log)
        key = lambda clock: (clock.name, clock.seq)  # noqa: E731
        assert sorted(folded.clocks, key=key) == list(Clocks(session).of(ticket.id))

    await world.database.read(world.agent, work)


async def test_a_snapshot_may_be_named(world: World, draft: Drafter) -> None:
    """Back to the first one; a foreign or unknown one is none."""
    first = published(world)[0]
    second = put(world, draft(FASTER))
    await world.mail()
    assert (await world.ticket()).snapshot_hash == second.snapshot_hash
    await world.desk.rejudge(world.agent, Rejudge(1, CAUSE, first.snapshot_hash))
    assert (await world.ticket()).snapshot_hash == first.snapshot_hash
    with pytest.raises(Invalid, match="no such snapshot"):
        await world.desk.rejudge(world.agent, Rejudge(1, CAUSE, "0" * 64))


async def test_what_cannot_be_is_refused(world: World, draft: Drafter) -> None:
    """By the same snapshot, without a cause, at another version, another's ticket, a closed one."""
    await world.mail()
    with pytest.raises(Conflict, match="already"):
        await world.desk.rejudge(world.agent, Rejudge(1, CAUSE))
    put(world, draft(FASTER))
    with pytest.raises(Invalid):
        await world.desk.rejudge(world.agent, Rejudge(1, "  "))
    with pytest.raises(VersionConflict):
        await world.desk.rejudge(world.agent, Rejudge(1, CAUSE), expected_version=99)
    with pytest.raises(NotFound):
        await world.desk.rejudge(Principal(Role.ADMIN, "key:other", new_id()), Rejudge(1, CAUSE))
    await world.desk.change(world.agent, Close(1, "solved"))
    with pytest.raises(Conflict, match="closed"):
        await world.desk.rejudge(world.agent, Rejudge(1, CAUSE))


async def test_levels_and_lines_that_the_other_edition_lacks_must_be_given(world: World, draft: Drafter) -> None:
    """A rated ticket needs a level the new edition knows; an unrated one takes the new default."""
    await world.mail("m1")
    await world.mail("m2")
    await world.desk.change(world.agent, SetLevel(1, "high", "all stand still"))
    await world.desk.change(world.agent, SetLine(1, "development"))
    put(world, draft(("[levels.high]", "[levels.urgent]"), ('levels = ["high"]', 'levels = ["urgent"]'),
                     ('level = "high"', 'level = "urgent"'), ('level = "low"', 'level = "calm"'),
                     ("[levels.low]", "[levels.calm]"), ('levels = ["low"]', 'levels = ["calm"]'),
                     ('default = "low"', 'default = "calm"'), ('name = "development"', 'name = "makers"')))  # fmt: skip
    for command, field in (
        (Rejudge(1, CAUSE), "level"),
        (Rejudge(1, CAUSE, level="high"), "level"),
        (Rejudge(1, CAUSE, level="urgent"), "line"),
        (Rejudge(1, CAUSE, level="urgent", line="nobody"), "line"),
    ):
        with pytest.raises(Invalid) as told:
            await world.desk.rejudge(world.agent, command)
        assert list(told.value.fields) == [field]
    await world.desk.rejudge(world.agent, Rejudge(1, CAUSE, level="urgent", line="makers"))
    ticket = await world.ticket()
    assert (ticket.level, ticket.line) == ("urgent", "makers")
    assert (await world.happened())[-3:] == [Happened.REJUDGED, Happened.LEVEL_SET, Happened.LINE_SET]
    assert (await world.clock("resolution")).due == ticket.received_at + 2 * HOUR
    await world.desk.rejudge(world.agent, Rejudge(2, CAUSE))
    assert (await world.ticket(2)).level == "calm"


async def test_what_was_due_under_the_old_edition_has_fired_before(world: World, draft: Drafter) -> None:
    """A breach that had happened stays in the log; the longer time of the new edition does not wash it away."""
    await world.mail()
    put(world, draft(('"8 elapsed hours"', '"80 elapsed hours"')))
    await world.pass_seconds(8 * 3600 + 1)
    await world.desk.rejudge(world.agent, Rejudge(1, CAUSE))
    log = await world.log()
    breaches = [entry.seq for entry in log if entry.what is Happened.BREACHED]
    act = next(entry for entry in log if entry.what is Happened.REJUDGED)
    assert breaches
    assert max(breaches) < act.seq
    states = {one["name"]: one["state"] for one in act.data["before"]["deadlines"]}
    assert states["resolution"] == "breached"
    assert (await world.clock("resolution")).state is ClockState.RUNNING
