"""Idempotency: one input has one effect and one answer."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.things import SERVICE, add_tenant, agent_of

from helpdesk.kernel.errors import Conflict, KeyReused
from helpdesk.kernel.instants import DAY
from helpdesk.store.engine.database import Database, Session
from helpdesk.store.inbox import IMPORT, Inbox, forget_before
from helpdesk.store.tenants import Counters

pytestmark = pytest.mark.anyio


def effect(key: str, request_hash: bytes = b"h") -> Callable[[Session], Any]:
    """Return a work that counts if the key is new, and answers with the count."""

    def work(session: Session) -> Any:
        inbox = Inbox(session)
        earlier = inbox.claim("http", key, request_hash)
        if earlier is not None:
            return earlier
        answer = {"number": Counters(session).next("effects"), "text": "№"}
        inbox.complete("http", key, answer)
        return answer

    return work


async def test_repetition_gets_the_first_answer(database: Database) -> None:
    """The effect happens once; every repetition is answered as the first was."""
    agent = agent_of(add_tenant(database, "acme"))
    answers = [await database.write(agent, effect("k")) for _ in range(3)]
    assert answers == [{"number": 1, "text": "№"}] * 3


async def test_concurrent_repetitions_have_one_effect(database: Database) -> None:
    """300 inputs of 60 keys, all at once: 60 effects, and equal keys have equal answers."""
    agent = agent_of(add_tenant(database, "acme"))
    keys = [f"k{n % 60}" for n in range(300)]
    answers = await asyncio.gather(*(database.write(agent, effect(key)) for key in keys))
    by_key: dict[str, set[int]] = {}
    for key, answer in zip(keys, answers, strict=True):
        by_key.setdefault(key, set()).add(answer["number"])
    assert all(len(numbers) == 1 for numbers in by_key.values())
    assert sorted(n for numbers in by_key.values() for n in numbers) == list(range(1, 61))


async def test_key_with_another_request_is_refused(database: Database) -> None:
    """The same key with another content is an error, not an effect and not an answer."""
    agent = agent_of(add_tenant(database, "acme"))
    await database.write(agent, effect("k", b"one"))
    with pytest.raises(KeyReused):
        await database.write(agent, effect("k", b"two"))


async def test_failed_input_may_come_again(database: Database) -> None:
    """A work that fails leaves its key free."""
    agent = agent_of(add_tenant(database, "acme"))

    def failing(session: Session) -> None:
        Inbox(session).claim("http", "k", b"h")
        raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        await database.write(agent, failing)
    assert await database.write(agent, effect("k")) == {"number": 1, "text": "№"}


async def test_keys_of_tenants_and_sources_are_apart(database: Database) -> None:
    """The same key from another tenant or another source is new."""
    ours, theirs = agent_of(add_tenant(database, "ours")), agent_of(add_tenant(database, "theirs"))
    assert await database.write(ours, lambda s: Inbox(s).claim("http", "k", b"1")) is None
    assert await database.write(theirs, lambda s: Inbox(s).claim("http", "k", b"2")) is None
    assert await database.write(ours, lambda s: Inbox(s).claim("email", "k", b"3")) is None


async def test_claim_without_an_answer_is_a_conflict(database: Database) -> None:
    """A key that was committed without its answer is not taken for new."""
    agent = agent_of(add_tenant(database, "acme"))
    await database.write(agent, lambda s: Inbox(s).claim("http", "k", b"h"))
    with pytest.raises(Conflict):
        await database.write(agent, lambda s: Inbox(s).claim("http", "k", b"h"))


async def test_old_keys_are_forgotten(database: Database) -> None:
    """What was claimed before the instant is new again, what was claimed after is not."""
    agent = agent_of(add_tenant(database, "acme"))
    await database.write(agent, effect("k"))
    assert await database.write(SERVICE, lambda s: forget_before(s, s.now - DAY, 10)) == 0
    assert await database.write(SERVICE, lambda s: forget_before(s, s.now + DAY, 10)) == 1
    assert await database.write(agent, effect("k")) == {"number": 2, "text": "№"}


async def test_forgetting_takes_the_oldest_first_and_no_import(database: Database) -> None:
    """At most so many at a time; what another system received is known for ever."""
    agent = agent_of(add_tenant(database, "acme"))
    await database.write(agent, lambda s: Inbox(s).claim(f"{IMPORT}old", "k", b"h"))
    for key in ("a", "b", "c"):
        await database.write(agent, effect(key))
    counts = [await database.write(SERVICE, lambda s: forget_before(s, s.now + DAY, 2)) for _ in range(3)]
    assert counts == [2, 1, 0]
    with pytest.raises(Conflict):
        await database.write(agent, lambda s: Inbox(s).claim(f"{IMPORT}old", "k", b"h"))
