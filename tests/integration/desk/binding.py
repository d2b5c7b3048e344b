"""Works on tickets that belong together, and what must hold of them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.integration.desk.conftest import World

from helpdesk.contracts.log import Entry, Happened
from helpdesk.desk.changing.commit import fold
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.tickets.links import ChangedTogether
from helpdesk.domain.commands import Idempotency
from helpdesk.store.audit import Audit
from helpdesk.store.timers import Clocks


async def do(world: World, work: Callable[..., ChangedTogether], number: int, **given: Any) -> ChangedTogether:
    """Run one of the handlers as the agent."""
    key = given.pop("key", None)
    version = given.pop("expected_version", None)
    bound = partial(work, resources=world.desk.resources, number=number, expected_version=version, **given)
    idempotency = None if key is None else Idempotency(key, b"h")
    return await world.desk.keep(world.agent, bound, ChangedTogether, idempotency)


async def audited(world: World) -> list[str]:
    acts = await world.database.read(world.agent, lambda session: Audit(session).latest(50))
    return [act.act for act in acts]


async def holds(world: World, number: int) -> None:
    """The log is gapless and never runs back, and the cached clocks are what it folds to."""
    ticket, log = await world.ticket(number), await world.log(number)
    assert [entry.seq for entry in log] == list(range(1, ticket.last_seq + 1))
    assert [entry.at for entry in log] == sorted(entry.at for entry in log)
    evaluator = await world.database.read(world.agent, lambda s: Directory().of(s, ticket.snapshot_hash))
    cached = await world.database.read(world.agent, lambda s: Clocks(s).of(ticket.id))
    assert sorted(cached, key=lambda c: (c.name, c.seq)) == sorted(
        fold(evaluator, ticket, log).clocks, key=lambda c: (c.name, c.seq)
    )


def last(log: tuple[Entry, ...]) -> tuple[Happened, dict[str, Any]]:
    return log[-1].what, log[-1].data
