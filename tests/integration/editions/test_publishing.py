"""A new edition judges what is received from its instant on, and moves nothing that was promised."""

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import select
from tests.integration.desk.conftest import World
from tests.integration.editions.conftest import OPERATOR, Drafter, data_of, now, published, put

from helpdesk.contracts.messages import Inbound
from helpdesk.desk.companies.editions import supplied_now
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.domain.commands import AddNote
from helpdesk.kernel.errors import Invalid, NotFound
from helpdesk.kernel.instants import DAY, HOUR, MINUTE, to_datetime
from helpdesk.store.addresses import Addresses
from helpdesk.store.audit import Audit
from helpdesk.store.editions import Editions
from helpdesk.store.schema import outbox

pytestmark = pytest.mark.anyio

FASTER = ('"8 elapsed hours"', '"5 elapsed hours"')


async def test_a_ticket_keeps_the_edition_of_its_receipt(world: World, draft: Drafter) -> None:
    """Received before, judged by the old one for ever; received after, by the new one."""
    await world.mail("m1")
    before = await world.clock("resolution")
    since = now(world) + HOUR
    new = put(world, draft(FASTER, since=since, edition="2027"))
    await world.mail("m2")
    await world.pass_seconds(3601)
    await world.mail("m3")
    first, second, third = [await world.ticket(number) for number in (1, 2, 3)]
    assert first.snapshot_hash == second.snapshot_hash != third.snapshot_hash == new.snapshot_hash
    assert await world.clock("resolution") == before
    assert before.due == first.received_at + 8 * HOUR
    third_clock = await world.clock("resolution", number=3)
    assert third_clock.due == third.received_at + 5 * HOUR
    await world.fire_due()
    await world.desk.change(world.agent, AddNote(1, "noted"))
    assert (await world.clock("resolution")).due == before.due


async def test_a_late_receipt_is_judged_by_what_was_in_force_then(world: World, draft: Drafter) -> None:
    """A call that began before the instant and is entered after it belongs to the edition before."""
    old = published(world)[0].snapshot_hash
    new = put(world, draft(FASTER))
    await world.pass_seconds(3600)
    for key, moment, expected in (("a", now(world) - 2 * HOUR, old), ("b", now(world) - HOUR // 2, new.snapshot_hash)):
        message = Inbound("phone", "+74950000042", key, "+70000000001", moment, "Звонок", "Текст")
        taken = await world.desk.receive(world.agent, Arrival(message))
        assert taken.number is not None
        assert (await world.ticket(taken.number)).snapshot_hash == expected


async def test_a_decree_is_a_new_version_in_force_at_once(world: World, draft: Drafter) -> None:
    """The same edition with an added date: in force from the present, although its text's date has passed."""
    await world.mail("m1")
    before = await world.clock("resolution")
    present = now(world)
    day = to_datetime(present + DAY).date().isoformat()
    closed = (
        'hours = { mon-sun = "00:00-24:00" }',
        f'hours = {{ mon-sun = "00:00-24:00" }}\nextra_dates = {{ "{day}" = [] }}',
    )
    working = ('"8 elapsed hours"\ngoal = "4 elapsed hours"', '"30 working hours"\ncalendar = "office"')
    put(world, draft(working))
    await world.mail("m2")
    plain = await world.clock("resolution", number=2)
    decree = put(world, draft(working, closed))
    assert decree.edition_id == "2026-01-01"
    assert decree.in_force_from >= present
    await world.mail("m3")
    later = await world.clock("resolution", number=3)
    assert plain.due is not None
    assert later.due is not None
    assert DAY - MINUTE < later.due - plain.due < DAY + MINUTE
    assert await world.clock("resolution", number=2) == plain
    assert await world.clock("resolution") == before


async def test_a_version_may_come_back(world: World, draft: Drafter) -> None:
    """Published again after another, it is in force again; what was in force between stays known."""
    first = published(world)[0]
    second = put(world, draft(FASTER))
    await world.pass_seconds(60)
    third = put(world, draft())
    await world.pass_seconds(60)
    assert third.snapshot_hash == first.snapshot_hash
    assert third.in_force_from > second.in_force_from > first.in_force_from
    for at, expected in (
        (second.in_force_from - 1, first.snapshot_hash),
        (second.in_force_from, second.snapshot_hash),
        (third.in_force_from, first.snapshot_hash),
    ):
        found = data_of(world, lambda session, at=at: Editions(session).snapshot_in_force(at))  # type: ignore[misc]
        assert found == expected


async def test_the_past_is_refused(world: World, draft: Drafter) -> None:
    """An instant that has passed, named by the operator or by a new edition's text; nothing is stored."""
    known = published(world)
    with pytest.raises(Invalid, match="past"):
        put(world, draft(FASTER, since=now(world) - 1))
    with pytest.raises(Invalid, match="past"):
        put(world, draft(FASTER, edition="2026-02"))
    with pytest.raises(NotFound):
        put(world, replace(draft(), slug="nobody"))
    assert published(world) == known


async def test_the_same_again_changes_nothing(world: World, draft: Drafter) -> None:
    """As it stands, at its own instant, or for a future instant twice: one publication, one line in the audit."""
    known = published(world)
    assert put(world, draft()) == known[0]
    assert put(world, draft(since=known[0].in_force_from)) == known[0]
    since = now(world) + HOUR
    once = put(world, draft(FASTER, since=since))
    assert put(world, draft(FASTER, since=since)) == once
    assert len(published(world)) == 2
    acts = data_of(world, lambda session: [act.act for act in Audit(session).latest(20)])
    assert acts.count("edition.publish") == 1


async def test_it_is_audited_and_told(world: World, draft: Drafter) -> None:
    """Who published what, instead of what, from when; and one event for subscribers."""
    old = published(world)[0].snapshot_hash
    new = put(world, draft(FASTER))
    act = data_of(world, lambda session: Audit(session).latest(1)[0])
    told = {"edition": "2026-01-01", "snapshot": new.snapshot_hash, "in_force_from": new.in_force_from}
    assert (act.act, act.object, act.actor) == ("edition.publish", "edition:2026-01-01", "operator:test")
    assert act.data == {**told, "instead_of": old}
    rows = data_of(
        world, lambda session: session.connection.execute(select(outbox).where(outbox.c.kind == "event")).all()
    )
    in_force_from = msgspec.to_builtins(to_datetime(new.in_force_from))
    assert [(row.subject, row.ticket_id, row.payload["data"]) for row in rows] == [
        (f"hd.v1.{world.tenant_id}.edition.published", None, told | {"in_force_from": in_force_from})
    ]


async def test_what_was_supplied_goes_on(world: World) -> None:
    """Parameters and readings of the edition in force are known to whoever publishes the next."""
    found = world.database.read_now(OPERATOR, lambda session: supplied_now(session, "sample"))
    assert (found.parameters, found.readings) == ({}, {})
    with pytest.raises(NotFound):
        world.database.read_now(OPERATOR, lambda session: supplied_now(session, "nobody"))


async def test_a_new_edition_s_address_reaches_the_company(world: World, draft: Drafter) -> None:
    """Its mail box is the company's from the publication on."""
    put(
        world,
        draft(('addresses = ["help@sample.example"]', 'addresses = ["help@sample.example", "new@sample.example"]')),
    )
    found = world.database.read_now(OPERATOR, lambda s: Addresses(s).tenant_of("email", "new@sample.example"))
    assert found == world.tenant_id
