"""Boxes: letters that are come for, each once, in an order without gaps, and nobody else's."""

import asyncio
from uuid import UUID

import pytest
from msgspec.structs import replace
from tests.support.things import SERVICE, add_tenant, add_ticket, agent_of

from helpdesk.contracts.channels import TemporaryFailure
from helpdesk.contracts.messages import Attachment, Box, Outbound
from helpdesk.domain.threading import make_token
from helpdesk.intake.readers import WaitingReaders
from helpdesk.store.addresses import Address, Addresses
from helpdesk.store.boxes import Boxes, moved
from helpdesk.store.engine.database import Database
from helpdesk.workers.shelf import Shelf

pytestmark = pytest.mark.anyio
SECRET = b"0" * 32
MINE, YOURS = Box("chat", "a.example", "user:a.example/1"), Box("chat", "a.example", "user:a.example/2")
KEY = (MINE.channel_kind, MINE.address, MINE.person)


def letter(number: int, box: Box = MINE, **other: object) -> Outbound:
    """Return a letter to somebody."""
    sent = Outbound(f"l{number}", box.channel_kind, box.address, box.person, "S", f"text {number}", purpose="answer")
    return replace(sent, **other)


def shelf(database: Database, slug: str = "ours", address: str = MINE.address) -> tuple[Shelf, UUID, list[object]]:
    """Return a shelf, the company that has the address, and the list of what it told of."""
    tenant = add_tenant(database, slug)
    own = Address("chat", address, "chat", True)
    database.write_now(SERVICE, lambda session: Addresses(session).assign(tenant, own))
    told: list[object] = []
    return Shelf(database, SECRET, told.append), tenant, told


async def test_letters_are_numbered_without_gaps_whoever_puts_them_in(database: Database) -> None:
    """Four at once, each letter three times: once each, from 1 to 40; another person's box begins with 1."""
    putting, tenant, _ = shelf(database)
    said = {await putting.send(letter(99, YOURS))}
    for start in range(0, 120, 4):
        said |= set(await asyncio.gather(*(putting.send(letter(start // 6 * 2 + n % 2)) for n in range(4))))
    assert len(said) == 41
    mine = await database.read(agent_of(tenant), lambda session: Boxes(session).letters(MINE, 0, 100))
    yours = await database.read(agent_of(tenant), lambda session: Boxes(session).letters(YOURS, 0, 100))
    assert [each.position for each in mine] == list(range(1, 41))
    assert len({each.id for each in mine}) == 40
    assert [(each.position, each.id) for each in yours] == [(1, "l99")]
    later = await database.read(agent_of(tenant), lambda session: Boxes(session).letters(MINE, 37, 2))
    assert [each.position for each in later] == [38, 39]


async def test_a_letter_says_which_ticket_it_is_about_and_not_the_token(database: Database) -> None:
    """The ticket's number by its token; files without their bytes; a letter about none has none."""
    putting, tenant, told = shelf(database)
    ticket = database.write_now(agent_of(tenant), lambda session: add_ticket(session, 7))
    token = make_token(SECRET, tenant, ticket)
    file = Attachment("a.png", "image/png", b"bytes", 5, "aa")
    await putting.send(letter(1, token=token, attachments=(file,), in_reply_to="m1"))
    await putting.send(letter(2, token="forged"))
    first, second = await database.read(agent_of(tenant), lambda session: Boxes(session).letters(MINE, 0, 9))
    assert (first.number, first.in_reply_to, first.text) == (7, "m1", "text 1")
    assert first.attachments == (replace(file, content=b""),)
    assert second.number is None
    assert token not in str(first)
    assert told == [(tenant, *KEY)] * 2


async def test_another_company_sees_nothing_of_it(database: Database) -> None:
    """The same person's name at the same kind of address elsewhere is another box; letters' ids are a company's own."""
    putting, ours, _ = shelf(database)
    elsewhere, theirs, _ = shelf(database, "theirs", "b.example")
    await putting.send(letter(1))
    their_box = replace(MINE, address="b.example")
    await elsewhere.send(letter(1, their_box))
    for tenant, box, found in ((ours, MINE, 1), (theirs, MINE, 0), (ours, their_box, 0), (theirs, their_box, 1)):
        seen = await database.read(agent_of(tenant), lambda session, b=box: Boxes(session).letters(b, 0, 9))  # type: ignore[misc]
        assert len(seen) == found
        one = await database.read(agent_of(tenant), lambda session, b=box: Boxes(session).letter(b, "l1"))  # type: ignore[misc]
        assert (one is not None) is bool(found)


async def test_an_address_of_nobody_is_tried_again(database: Database) -> None:
    """The company may be about to get it."""
    putting, _, _ = shelf(database)
    with pytest.raises(TemporaryFailure):
        await putting.send(letter(1, replace(MINE, address="gone.example")))


async def test_who_waits_is_woken_here_and_from_elsewhere(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """By this process at once; what another put in is seen by the next look, one for all who wait."""
    putting, tenant, _ = shelf(database)
    key = (tenant, *KEY)
    monkeypatch.setattr("helpdesk.intake.readers.LOOK_SECONDS", 30.0)
    readers = WaitingReaders(database)
    waiting = asyncio.create_task(readers.wait(key, 0, 30.0))
    await asyncio.sleep(0)
    readers.wake(key)
    async with asyncio.timeout(10):
        await waiting
    monkeypatch.setattr("helpdesk.intake.readers.LOOK_SECONDS", 0.01)
    readers = WaitingReaders(database)
    waiting = asyncio.create_task(readers.wait(key, 0, 30.0))
    beyond = asyncio.create_task(readers.wait(key, 1, 0.2))
    await putting.send(letter(1))
    async with asyncio.timeout(10):
        await asyncio.gather(waiting, beyond)
    assert await database.read(SERVICE, lambda session: moved(session, [key])) == {key: 1}
