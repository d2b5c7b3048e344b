"""Random commands by several agents at once on few tickets: no update is lost, and whoever is late is told so."""

import asyncio
import random
from collections import Counter, defaultdict
from functools import partial
from typing import Any

import httpx2
import pytest
from msgspec import Struct, field
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register

pytestmark = pytest.mark.anyio

AGENTS, TICKETS = 6, 3
COMMANDS = {"sqlite": 40, "postgresql": 12}
"""Of each agent."""
ACTS: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("POST", "notes", {"text": "Заметка"}),
    ("POST", "notes", {"text": "Заметка"}),
    ("PUT", "assignment", {"agent": "Анна"}),
    ("DELETE", "assignment", None),
    ("POST", "replies", {"kind": "answer", "text": "Готово", "resolves": True}),
    ("POST", "replies", {"kind": "question", "text": "Какая версия?"}),
    ("POST", "replies", {"kind": "notice", "text": "Смотрим"}),
    ("PUT", "level", {"level": "low", "criterion": "1.5.3"}),
    ("PUT", "level", {"level": "normal", "criterion": "1.5.2"}),
    ("POST", "reopen", {"reason": "не всё"}),
    ("DELETE", "pauses/waiting_client", None),
    ("POST", "resolve", {}),
)


class Granted(Struct):
    """What the agents were granted."""

    versions: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """By ticket, the version that each grant made."""
    notes: Counter[int] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)


async def work(client: httpx2.AsyncClient, name: int, numbers: list[int], count: int, granted: Granted) -> None:
    """Be one agent: act on what was seen, sometimes long ago; send some requests twice at once, under one key."""
    draw = random.Random(name)
    seen = dict.fromkeys(numbers, 1)
    for turn in range(count):
        number = draw.choice(numbers)
        method, path, body = draw.choice(ACTS)
        told: dict[str, str] = {"Idempotency-Key": f"{name}-{turn}"}
        if draw.random() < 0.6:
            ticket = await client.get(f"/v1/tickets/{number}")
            seen[number] = ticket.json()["version"]
        matched = method == "PUT" or draw.random() < 0.7
        if matched:
            told["If-Match"] = f'"{seen[number]}"'
        send = partial(client.request, method, f"/v1/tickets/{number}/{path}", json=body, headers=told)
        answer, *again = await asyncio.gather(*(send() for _ in range(1 + (draw.random() < 0.3))))
        for each in again:
            same = (each.status_code, each.content) == (answer.status_code, answer.content)
            assert same or not answer.is_success or not each.is_success, "a key served two answers"
        answer = next((each for each in (answer, *again) if each.is_success), answer)
        granted.statuses[answer.status_code] += 1
        if answer.is_success:
            version = answer.json()["version"]
            assert not matched or version == seen[number] + 1
            granted.versions[number].append(version)
            granted.notes[number] += path == "notes"
            seen[number] = version
            replay = await send()
            assert (replay.status_code, replay.content) == (answer.status_code, answer.content)
        elif answer.status_code == 412:
            current = answer.json()["current_version"]
            assert current > seen[number]
            seen[number] = current
        else:
            assert answer.status_code in {409, 422}, answer.text


async def events(client: httpx2.AsyncClient, number: int) -> list[dict[str, Any]]:
    """Return a ticket's whole log."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        page = (await client.get(f"/v1/tickets/{number}/events", params={"limit": 100, **cursor})).json()
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


async def test_no_update_is_lost(service: Service) -> None:
    """Every grant made a version of its own, every entry is in the log, every late one was told the version."""
    granted = Granted()
    count = COMMANDS[service.database.dialect]
    async with service.client("pass24-agent") as client:
        numbers = [await register(client, subject=f"Вопрос {place}") for place in range(TICKETS)]
        await asyncio.gather(*(work(client, name, numbers, count, granted) for name in range(AGENTS)))
        for number in numbers:
            ticket = (await client.get(f"/v1/tickets/{number}")).json()
            assert sorted(granted.versions[number]) == list(range(2, ticket["version"] + 1))
            log = await events(client, number)
            assert [entry["seq"] for entry in log] == list(range(1, len(log) + 1))
            assert [entry["at"] for entry in log] == sorted(entry["at"] for entry in log)
            assert sum(entry["what"] == "note_added" for entry in log) == granted.notes[number]
    assert granted.statuses[412] > 3
    assert granted.statuses[200] + granted.statuses[201] > count
