"""Streams and publishing: what is stored is named, repeats are one, full refuses, lines keep their order."""

import asyncio
from collections.abc import Sequence

import pytest
from nats.js import api

from helpdesk.broker.connection import Connection, Link
from helpdesk.broker.publisher import Note, publish
from helpdesk.broker.server import EmbeddedServer
from helpdesk.broker.streams import (
    EVENTS,
    WORK,
    delivery_subject,
    ensure_deliveries,
    ensure_stream,
    events_config,
    work_config,
)

pytestmark = pytest.mark.anyio


def line(name: str, count: int) -> Sequence[Note[str]]:
    return [Note(f"{name}{n}", f"hd.v1.{name}.ticket.registered", b"{}", f"{name}{n}") for n in range(count)]


async def stored_ids(link: Link) -> list[str]:
    info = await link.js.stream_info(EVENTS)
    found = []
    for seq in range(1, info.state.last_seq + 1):
        message = await link.js.get_msg(EVENTS, seq)
        assert message.headers is not None
        found.append(message.headers[api.Header.MSG_ID])
    return found


async def test_lines_keep_their_order(connection: Connection) -> None:
    """Lines are published at once, each line's notes one after another."""
    link = await connection.link()
    result = await publish(link, EVENTS, [line("a", 20), line("b", 20), line("c", 1)], in_flight=2)
    assert not result.failed
    assert {stored.key for stored in result.stored} == {
        note.key for n, k in (("a", 20), ("b", 20), ("c", 1)) for note in line(n, k)
    }
    ids = await stored_ids(link)
    for name in "ab":
        assert [i for i in ids if i.startswith(name)] == [f"{name}{n}" for n in range(20)]


async def test_a_repeat_is_stored_once(connection: Connection) -> None:
    """The same id again is acknowledged with the first sequence and stored no second time."""
    link = await connection.link()
    first = await publish(link, EVENTS, [line("a", 3)])
    again = await publish(link, EVENTS, [line("a", 3)])
    assert [s.seq for s in again.stored] == [s.seq for s in first.stored]
    assert len(await stored_ids(link)) == 3


async def test_behind_a_failure_the_line_waits(connection: Connection) -> None:
    """What follows a refused note in its line is not published; other lines are."""
    link = await connection.link()
    notes = list(line("a", 3))
    notes[1] = Note("a1", "elsewhere.entirely", b"{}", "a1")
    result = await publish(link, EVENTS, [notes, line("b", 2)])
    assert sorted(s.key for s in result.stored) == ["a0", "b0", "b1"]
    assert result.failed == ["a1", "a2"]
    assert result.problem


async def test_a_full_stream_refuses_and_drops_nothing(server: EmbeddedServer) -> None:
    """``discard: new``: what was acknowledged stays, the rest is told that it failed."""
    connection = Connection(server, events=events_config(max_bytes=2_000))
    await connection.start()
    link = await connection.link()
    result = await publish(link, EVENTS, [line("a", 100)])
    assert result.stored
    assert result.failed
    assert await stored_ids(link) == [s.key for s in result.stored]
    await connection.stop()


async def test_many_may_make_the_streams_at_once(server: EmbeddedServer) -> None:
    """Instances that start together agree on one stream and one consumer."""
    connections = [Connection(server) for _ in range(5)]
    for connection in connections:
        await connection.start()
    links = await asyncio.gather(*(connection.link() for connection in connections))
    names = await asyncio.gather(*(ensure_deliveries(link.js, "email") for link in links))
    assert set(names) == {"deliveries_email"}
    assert len({link.events.born for link in links}) == 1
    for connection in connections:
        await connection.stop()


async def test_changed_settings_are_taken_over(connection: Connection) -> None:
    """A stream made with older settings is brought up to date without losing its life."""
    link = await connection.link()
    changed = await ensure_stream(link.js, events_config(max_bytes=1 << 20))
    assert changed.born == link.events.born
    assert (await link.js.stream_info(EVENTS)).config.max_bytes == 1 << 20
    assert (await ensure_stream(link.js, work_config())).born == link.work.born


async def test_an_unconfirmed_wake_up_comes_again_for_ever(connection: Connection) -> None:
    """Delivery is unlimited: a message is never left behind silently."""
    link = await connection.link()
    name = await ensure_deliveries(link.js, "email")
    info = await link.js.consumer_info(WORK, name)
    assert info.config.max_deliver == -1
    await link.js.publish(delivery_subject("email"), b"x")
    subscription = await link.js.pull_subscribe_bind(consumer=name, stream=WORK)
    for _ in range(7):
        (message,) = await subscription.fetch(1, timeout=2)
        await message.nak()
    (message,) = await subscription.fetch(1, timeout=2)
    await message.ack_sync()
    assert (await link.js.stream_info(WORK)).state.messages == 0


@pytest.mark.parametrize("kind", ["", "a.b", "*", ">", "a b", "почта", "a\r\nPUB"])
def test_a_subject_is_never_made_of_input(kind: str) -> None:
    """What could widen or break a subject is refused."""
    with pytest.raises(ValueError, match="cannot name a channel"):
        delivery_subject(kind)
