"""Whom an agent lets take part writes into the ticket and gets copies; tags are the company's own words."""

from functools import partial
from typing import Any

import pytest
from tests.integration.desk.conftest import SECRET, World

from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Outcome
from helpdesk.desk.tickets import participants, tags
from helpdesk.desk.tickets.links import ChangedTogether, merge
from helpdesk.domain.commands import AddNote, Close, Reply, ReplyKind, TicketChanged
from helpdesk.domain.participants import CLIENT, COPIED, GUEST, MOST, Participant
from helpdesk.domain.threading import make_token
from helpdesk.kernel.errors import Conflict, Invalid, VersionConflict
from helpdesk.store.engine.session import Session
from helpdesk.store.participants import Participants
from helpdesk.store.tags import Tags

pytestmark = pytest.mark.anyio

BOSS = Participant("email", "boss@client.example", COPIED)


async def do(world: World, work: Any, *, expected_version: int | None = None, **given: Any) -> TicketChanged:
    """Run one of the handlers on ticket 1 as the agent."""
    bound = partial(work, resources=world.desk.resources, number=1, expected_version=expected_version, **given)
    return await world.desk.keep(world.agent, bound, TicketChanged, None)


async def recipients(world: World, purpose: str) -> list[str]:
    return sorted(str(letter["recipient"]) for letter in await world.owed(purpose))


async def people(world: World) -> dict[str, str]:
    ticket = await world.ticket()
    found = await world.database.read(world.agent, lambda session: Participants(session).of(ticket.id))
    return {each.address: each.role for each in found}


async def test_who_is_added_writes_into_the_ticket_and_who_is_removed_does_not(world: World) -> None:
    """P13: the token alone opens nothing; it joins from somebody who takes part, else the message is held."""
    taken = await world.mail()
    assert taken.ticket_id is not None
    token = make_token(SECRET, world.tenant_id, taken.ticket_id)
    assert (await world.mail("m2", sender="boss@client.example", tokens=(token,))).outcome is Outcome.HELD
    await do(world, participants.add_participant, wanted=Participant("email", "boss@client.example", GUEST))
    assert await people(world) == {"client@client.example": CLIENT, "boss@client.example": GUEST}
    assert (await world.mail("m3", sender="boss@client.example", tokens=(token,))).outcome is Outcome.FOLLOW_UP
    await do(world, participants.remove_participant, channel_kind="email", address="boss@client.example")
    assert (await world.mail("m4", sender="boss@client.example", tokens=(token,))).outcome is Outcome.HELD
    told = [entry for entry in await world.log() if entry.what.value.startswith("participant_")]
    assert [entry.what for entry in told] == [Happened.PARTICIPANT_ADDED, Happened.PARTICIPANT_REMOVED]
    assert told[0].data == {"channel_kind": "email", "address": "boss@client.example", "copied": False}


async def test_a_merge_takes_no_ticket_past_the_most(world: World) -> None:
    """Refused as a whole, until somebody is removed; who takes part in both counts once."""
    first, second = [(await world.mail(key)).ticket_id for key in ("m1", "m2")]
    assert first is not None
    assert second is not None
    most = [f"g{place}@client.example" for place in range(MOST)]

    def fill(session: Session) -> None:
        people = Participants(session)
        for address in most[:-1]:  # with whoever asked as many as there may be
            people.add(second, "email", address, GUEST)
        people.add(first, "email", most[0], GUEST)
        people.add(first, "email", most[-1], GUEST)

    await world.database.write(world.agent, fill)
    joined = partial(merge, resources=world.desk.resources, number=1, into=2, expected_version=None)
    with pytest.raises(Conflict, match=f"the two have {MOST + 1} together") as caught:
        await world.desk.keep(world.agent, joined, ChangedTogether, None)
    assert caught.value.hint
    assert (await world.ticket()).outcome is None
    await do(world, participants.remove_participant, channel_kind="email", address=most[-1])
    await world.desk.keep(world.agent, joined, ChangedTogether, None)
    found = await world.database.read(world.agent, lambda session: Participants(session).of(second))
    assert len(found) == MOST


async def test_who_was_removed_does_not_come_back_by_a_merged_ticket(world: World) -> None:
    """A merged ticket's token opens the one that goes on to those who take part in that one, and to nobody else."""
    for key in ("m1", "m2"):
        await world.mail(key)
    token = make_token(SECRET, world.tenant_id, (await world.ticket(2)).id)
    await do(world, participants.add_participant, wanted=Participant("email", "boss@client.example", GUEST))
    merging = partial(merge, resources=world.desk.resources, number=2, into=1, expected_version=None)
    await world.desk.keep(world.agent, merging, ChangedTogether, None)
    assert (await world.mail("m3", sender="boss@client.example", tokens=(token,))).outcome is Outcome.FOLLOW_UP
    await do(world, participants.remove_participant, channel_kind="email", address="boss@client.example")
    assert (await world.mail("m4", sender="boss@client.example", tokens=(token,))).outcome is Outcome.HELD
    assert (await world.mail("m5", tokens=(token,))).outcome is Outcome.FOLLOW_UP


async def test_copies_are_of_what_a_person_wrote_and_nothing_else(world: World) -> None:
    """Answers, questions and notices are copied, each once, with an id of its own; automatic letters are not."""
    await world.mail()
    await do(world, participants.add_participant, wanted=BOSS)
    await do(world, participants.add_participant, wanted=Participant("email", "mute@client.example", GUEST))
    for kind in ReplyKind:
        await world.desk.change(world.agent, Reply(1, kind, "Смотрим."))
        assert await recipients(world, kind.value) == ["boss@client.example", "client@client.example"]
    await world.desk.change(world.agent, AddNote(1, "внутреннее"))
    await world.desk.change(world.agent, Close(1, "solved"))
    for purpose in ("acknowledgement", "closed"):
        assert "boss@client.example" not in await recipients(world, purpose)
    letters = [letter for kind in ReplyKind for letter in await world.owed(kind.value)]
    assert len({letter["id"] for letter in letters}) == len(letters) == 6
    first, copy = await world.owed("answer")
    assert [first[name] for name in ("subject", "text", "token")] == [
        copy[name] for name in ("subject", "text", "token")
    ]


async def test_adding_again_changes_nothing_and_another_role_does(world: World) -> None:
    """The same role again is no entry and no version; a new one is; whoever asked stays who asked."""
    await world.mail()
    first = await do(world, participants.add_participant, wanted=BOSS)
    assert await do(world, participants.add_participant, wanted=BOSS) == first
    await do(world, participants.add_participant, wanted=Participant("email", BOSS.address, GUEST))
    assert (await people(world))[BOSS.address] == GUEST
    asker = Participant("email", "client@client.example", COPIED)
    with pytest.raises(Conflict):
        await do(world, participants.add_participant, wanted=asker)
    with pytest.raises(Conflict):
        await do(world, participants.remove_participant, channel_kind="email", address=asker.address)
    with pytest.raises(Conflict):
        await do(world, participants.remove_participant, channel_kind="email", address="nobody@client.example")
    with pytest.raises(Invalid):
        await do(world, participants.add_participant, wanted=Participant("phone", "+79161234567", COPIED))
    with pytest.raises(VersionConflict):
        await do(world, participants.add_participant, wanted=BOSS, expected_version=1)
    assert (await people(world))["client@client.example"] == CLIENT


async def test_a_letter_is_never_a_mailing(world: World) -> None:
    """A ticket has at most fifty participants."""
    await world.mail()
    for count in range(MOST - 1):
        await do(world, participants.add_participant, wanted=Participant("email", f"p{count}@client.example", GUEST))
    with pytest.raises(Conflict):
        await do(world, participants.add_participant, wanted=BOSS)
    assert len(await people(world)) == MOST


async def test_a_tag_is_one_word_however_it_is_written(world: World) -> None:
    """Case and blanks make no other tag; one that is there changes nothing; the log tells of what changed."""
    await world.mail()
    await do(world, tags.add_tags, wanted=["Въезд", "  шлагбаум   новый "])
    after = await do(world, tags.add_tags, wanted=["ВЪЕЗД"])
    ticket = await world.ticket()
    kept = await world.database.read(world.agent, lambda session: Tags(session).of(ticket.id))
    assert (kept, after.version) == (("въезд", "шлагбаум новый"), 2)
    await do(world, tags.remove_tag, tag="ВЪЕЗД")
    with pytest.raises(Conflict):
        await do(world, tags.remove_tag, tag="въезд")
    with pytest.raises(Conflict):
        await do(world, tags.add_tags, wanted=[f"t{count}" for count in range(50)])
    told = [(entry.what, entry.data["tags"]) for entry in await world.log() if "tags" in entry.data]
    assert told == [(Happened.TAGGED, ["въезд", "шлагбаум новый"]), (Happened.UNTAGGED, ["въезд"])]
