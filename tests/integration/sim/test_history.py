"""Reading the past in plain rows: the same tickets, logs and clocks as the repositories give, on both databases."""

import pytest
from tests.integration.desk.conftest import World

from helpdesk.domain.commands import Reply, ReplyKind
from helpdesk.kernel.principal import Principal, Role
from helpdesk.sim.history import OF_NO_CONSEQUENCE, Period, read, spans
from helpdesk.store.tickets import Tickets
from helpdesk.store.timers import Clocks

pytestmark = pytest.mark.anyio


async def test_the_past_is_read_as_the_repositories_have_it(world: World) -> None:
    """But for what timers write without consequence, and only what was received in the period."""
    for number in (1, 2, 3):
        await world.mail(f"m{number}")
    await world.desk.change(world.agent, Reply(2, ReplyKind.QUESTION, "Какая версия?"))
    await world.pass_seconds(11 * 60)
    while await world.fire_due():
        pass
    operator = Principal(Role.OPERATOR, "operator:test", world.tenant_id)
    tickets = [await world.database.read(world.agent, lambda s, n=n: Tickets(s).by_number(n)) for n in (1, 2, 3)]  # type: ignore[misc]
    everything = Period(0, 1 << 62)
    cut = spans(world.database, operator, everything, 2)
    assert [span.size for span in cut] == [2, 1]
    past = [one for span in cut for one in read(world.database, operator, everything, span)]
    assert [one.ticket for one in past] == tickets
    left_out = 0
    for one in past:
        log = await world.database.read(world.agent, lambda s, i=one.ticket.id: Tickets(s).log(i))  # type: ignore[misc]
        kept = tuple(entry for entry in log if entry.what not in OF_NO_CONSEQUENCE)
        assert one.log == kept
        left_out += len(log) - len(kept)
        clocks = await world.database.read(world.agent, lambda s, i=one.ticket.id: Clocks(s).of(i))  # type: ignore[misc]
        assert [(c.name, c.seq, c.kind, c.state, c.goal, c.due) for c in one.clocks] == sorted(
            (c.name, c.seq, c.kind.value, c.state.value, c.goal, c.due) for c in clocks
        )
    assert left_out > 0
    later = Period(tickets[1].received_at, tickets[2].received_at)
    (span,) = spans(world.database, operator, later)
    assert [one.ticket.number for one in read(world.database, operator, later, span)] == [2]
