"""In shadow mode everything is registered, computed and warned of inside, and nothing leaves, then or later."""

from typing import Any

import pytest
from tests.integration.desk.conftest import World

from helpdesk.contracts.events import SHADOW_PREFIX
from helpdesk.contracts.messages import Inbound, Outbound
from helpdesk.desk.companies.shadow import set_shadow
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.domain import commands
from helpdesk.domain.commands import ReplyKind
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.principal import Principal, Role, system
from helpdesk.queries.records.deliveries import count_suppressed, list_deliveries
from helpdesk.queries.records.feed import list_feed
from helpdesk.queries.records.stock import count_stock
from helpdesk.store import feed, relaying
from helpdesk.store.audit import Audit
from helpdesk.store.outbox import Outbox, OutboxState

pytestmark = pytest.mark.anyio

OPERATOR = Principal(Role.OPERATOR, "operator:test")


async def switch(world: World, *, on: bool) -> None:
    await world.database.write(OPERATOR, lambda s: set_shadow(s, "sample", on=on, cause="рядом со старой системой"))


async def letters(world: World, state: OutboxState | None = None) -> list[str]:
    found = await world.database.read(world.agent, lambda s: list_deliveries(s, limit=100, state=state))
    return sorted(item.purpose for item in found.items)


async def test_nothing_leaves_but_warnings_to_the_companys_own_people(world: World) -> None:
    """Acknowledgement, answer, question, closing and refusal are suppressed; warning and breach are owed; the log and
    the clocks are those of any ticket.
    """
    await switch(world, on=True)
    await world.mail()
    await world.pass_seconds(6 * 60)
    await world.fire_due()
    await world.pass_seconds(6 * 60)
    await world.fire_due()
    await world.desk.change(world.agent, commands.Reply(1, ReplyKind.QUESTION, "Какая версия?"))
    await world.desk.change(world.agent, commands.Reply(1, ReplyKind.ANSWER, "Обновите", resolves=True))
    await world.desk.change(world.agent, commands.Close(1, "solved"))
    elsewhere = Inbound("email", "other@sample.example", "m9", "client@client.example", None, "Не туда", "Совсем")
    await world.desk.receive(world.channel, Arrival(elsewhere))
    assert await letters(world, OutboxState.OPEN) == ["breach", "warning"]
    suppressed = await letters(world, OutboxState.SUPPRESSED)
    assert suppressed == ["acknowledgement", "answer", "closed", "question", "refusal"]
    assert (await world.clock("reaction")).state.value == "breached"
    assert (await world.ticket()).outcome == "solved"
    assert await world.database.read(world.agent, lambda s: Outbox(s).counts()) == (2, 0)


async def test_leaving_it_sends_nothing_retroactively(world: World) -> None:
    """What was suppressed stays so and cannot be sent again; what is written from then on leaves."""
    await switch(world, on=True)
    await world.mail("m1")
    await switch(world, on=False)
    await world.mail("m2", sender="other@client.example")
    assert await letters(world, OutboxState.SUPPRESSED) == ["acknowledgement"]
    assert await letters(world, OutboxState.OPEN) == ["acknowledgement"]
    page = await world.database.read(world.agent, lambda s: list_deliveries(s, limit=1, state=OutboxState.SUPPRESSED))
    row = page.items[0]
    assert (row.number, row.recipient, row.attempts, row.left_at) == (1, "client@client.example", 0, None)
    with pytest.raises(Conflict):
        await world.database.write(world.agent, lambda s: Outbox(s).retry(row.id))
    claimed = await world.database.write(world.agent, lambda s: Outbox(s).claim_to_send(row.id, 1_000_000))
    assert claimed is None


async def test_entering_it_takes_back_what_nobody_has_begun_to_send(world: World) -> None:
    """A letter that waits is suppressed, one that is being sent is finished; warnings stay owed."""
    await world.mail("m1")
    await world.mail("m2", sender="other@client.example")

    def begin(session: Any) -> None:
        outbox = Outbox(session)
        items = list_deliveries(session, limit=10).items
        assert outbox.claim_to_send(items[-1].id, 60_000_000)
        alert = Outbound("w-1", "email", "help@sample.example", "head@sample.example", "!", "!", purpose="warning")
        outbox.add_delivery(alert, ticket_id=None, seq=0)

    await world.database.write(world.agent, begin)
    await switch(world, on=True)
    states = {
        state: await letters(world, state) for state in (OutboxState.SENDING, OutboxState.SUPPRESSED, OutboxState.OPEN)
    }
    assert states == {
        OutboxState.SENDING: ["acknowledgement"],
        OutboxState.SUPPRESSED: ["acknowledgement"],
        OutboxState.OPEN: ["warning"],
    }


async def test_no_event_of_the_shadow_reaches_the_bus(world: World) -> None:
    """It has its place in the feed, marked, for who asks for it; it is never claimed for publishing, then or later.

    What happened before the mode, or after it, is owed as ever, though the relay comes by only afterwards.
    """
    await world.mail("m1")
    await switch(world, on=True)
    await world.mail("m2")
    await world.desk.change(world.agent, commands.Reply(2, ReplyKind.ANSWER, "Обновите", resolves=True))
    await switch(world, on=False)
    await world.mail("m3")
    relay = system("relay")
    await world.database.write(relay, feed.place)
    claimed = await world.database.write(relay, lambda s: relaying.claim_events(s, 1_000, 1_000_000))
    assert {row.payload["number"] for row in claimed} - {None} == {1, 3}
    assert not any(row.subject.startswith(SHADOW_PREFIX) for row in claimed)
    real = await world.database.read(world.agent, lambda s: list_feed(s, limit=100))
    everything = await world.database.read(world.agent, lambda s: list_feed(s, limit=100, shadow=True))
    assert [item.position for item in everything.items] == list(range(1, len(everything.items) + 1))
    marked = [item for item in everything.items if item.payload["shadow"]]
    assert {item.payload["number"] for item in marked} == {2}
    assert [item for item in everything.items if item not in marked] == [*real.items]
    assert await world.database.read(world.agent, count_suppressed) == len(await letters(world, OutboxState.SUPPRESSED))
    assert await world.database.write(relay, feed.place) == 0


async def test_it_is_an_audited_act_with_a_cause_and_shows_in_the_stock(world: World) -> None:
    """Who, when, why and how much was taken back; doing it again changes nothing; the metrics count it."""
    await world.mail("m1")
    with pytest.raises(Invalid):
        await world.database.write(OPERATOR, lambda s: set_shadow(s, "sample", on=True, cause=" "))
    for on in (True, True, False):
        await switch(world, on=on)
    acts = await world.database.read(OPERATOR.within(world.tenant_id), lambda s: Audit(s).latest(10))
    told = [act.data for act in acts if act.act == "tenant.shadow"]
    assert [(data["on"], data["suppressed"]) for data in reversed(told)] == [(True, 1), (False, 0)]
    await switch(world, on=True)
    stock = await world.database.read(system("test"), count_stock)
    assert (stock.in_shadow, stock.outbox["suppressed"]) == (1, 1)
    assert await world.database.read(world.agent, count_suppressed) == 1
