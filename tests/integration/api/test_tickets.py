"""Registering, reading and working on tickets through the HTTP door."""

from typing import Any

import httpx2
import pytest
from tests.integration.api.conftest import Service

pytestmark = pytest.mark.anyio

FORM = "helpdesk.intervale.ru"


async def register(client: httpx2.AsyncClient, **body: Any) -> int:
    """Register a request and return the ticket's number."""
    answer = await client.post("/v1/tickets", json={"subject": "Не работает вход", **body})
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["number"]
    assert f"/v1/tickets/{number}" == answer.headers["location"]
    return number


async def test_a_request_becomes_a_ticket_that_can_be_read(service: Service) -> None:
    """What was handed in is what the ticket, its messages, its log, the queue and the ledger show."""
    async with service.client("intervale-integrator") as client:
        number = await register(
            client,
            text="После обновления",
            requester="client@example.org",
            requester_name="Клиент",
            organisation="ООО",
            fields={"steps": "Открыть, войти"},
            level="high",
            criterion="4.1",
        )
        ticket = (await client.get(f"/v1/tickets/{number}")).json()
        assert tuple(ticket[name] for name in ("state", "channel", "address", "level")) == (
            "new",
            "helpdesk",
            FORM,
            "high",
        )
        assert ticket["requester"] == {
            "address": "client@example.org",
            "name": "Клиент",
            "organisation": "ООО",
            "contact": "",
        }
        messages = (await client.get(f"/v1/tickets/{number}/messages")).json()["items"]
        steps = "действия по воспроизведению: Открыть, войти"
        assert [message["text"] for message in messages] == [f"После обновления\n\n{steps}"]
        events = (await client.get(f"/v1/tickets/{number}/events")).json()["items"]
        assert [event["what"] for event in events] == ["received", "registered", "level_set"]
        assert [event["seq"] for event in events] == [1, 2, 3]
        queue = (await client.get("/v1/queue")).json()["items"]
        assert [number] == [entry["number"] for entry in queue]
        ledger = (await client.get("/v1/ledger")).json()["items"]
        assert [("ticket", number)] == [(entry["outcome"], entry["number"]) for entry in ledger]


async def test_deadlines_come_with_clause_and_derivation(service: Service) -> None:
    """Every deadline names its clause, and the intervals of its explanation add up to what was counted."""
    async with service.client("pass24-agent") as client:
        number = await register(client)
        found = (await client.get(f"/v1/tickets/{number}/deadlines")).json()
        assert found["items"]
        for deadline in found["items"]:
            assert deadline["clause"]
            assert deadline["explanation"]["clause"] == deadline["clause"]
            assert deadline["explanation"]["text_ru"]
            assert deadline["breachable"] == (deadline["kind"] == "limit" and deadline["due"] is not None)


async def test_each_act_is_a_new_version_and_an_event(service: Service) -> None:
    """Assign, note, reply, line, level, pause, resume, resolve, close: each changes the ticket once."""
    async with service.client("intervale-agent") as client:
        number = await register(client)
        acts: list[tuple[str, str, dict[str, Any] | None, str]] = [
            ("PUT", "assignment", {"agent": "Анна"}, "assigned"),
            ("POST", "notes", {"text": "звонил, занято"}, "note_added"),
            ("PUT", "level", {"level": "highest", "criterion": "4.1"}, "level_set"),
            ("POST", "replies", {"kind": "notice", "text": "Занимаемся", "names_engineer": True}, "notice_sent"),
            ("POST", "replies", {"kind": "question", "text": "Какая версия?"}, "paused"),
            ("DELETE", "pauses/waiting_client", None, "resumed"),
            ("POST", "pauses", {"reason": "service_suspended"}, "paused"),
            ("POST", "resolve", {"text": "Исправлено"}, "resolved"),
        ]
        for version, (method, path, body, what) in enumerate(acts, start=2):
            headers = {"If-Match": f'"{version - 1}"'}
            answer = await client.request(method, f"/v1/tickets/{number}/{path}", json=body, headers=headers)
            assert answer.status_code in {200, 201}, answer.text
            assert (version, f'"{version}"') == (answer.json()["version"], answer.headers["etag"])
            events = (await client.get(f"/v1/tickets/{number}/events?limit=200")).json()["items"]
            assert what in [event["what"] for event in events[-3:]]
        ticket = (await client.get(f"/v1/tickets/{number}")).json()
        assert tuple(ticket[name] for name in ("state", "level", "assignee", "version")) == (
            "resolved",
            "highest",
            "Анна",
            9,
        )


async def test_a_pause_that_the_regulation_binds_to_a_question_needs_one(service: Service) -> None:
    """Waiting for a client who was asked nothing is refused, and the answer names the clause."""
    async with service.client("intervale-agent") as client:
        number = await register(client)
        answer = await client.post(f"/v1/tickets/{number}/pauses", json={"reason": "waiting_client"})
        assert (answer.status_code, "5.8" in answer.json()["detail"]) == (422, True)


async def test_an_impossible_act_says_why(service: Service) -> None:
    """An unknown level, line, reason or outcome lists the known ones; a forbidden step names the state."""
    async with service.client("intervale-agent") as client:
        number = await register(client)
        for path, body, field in (
            ("level", {"level": "urgent", "criterion": "x"}, "level"),
            ("line", {"line": "L9"}, "line"),
            ("pauses", {"reason": "lunch"}, "reason"),
            ("close", {"outcome": "bored"}, "outcome"),
            ("replies", {"kind": "question", "text": "?", "resolves": True}, "resolves"),
        ):
            answer = await client.post(f"/v1/tickets/{number}/{path}", json=body)
            assert answer.status_code == 422, answer.text
            assert [field] == [error["path"] for error in answer.json()["errors"]]
        assert (await client.post(f"/v1/tickets/{number}/resolve")).status_code == 200
        answer = await client.post(f"/v1/tickets/{number}/resolve", json={})
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:helpdesk:problem:conflict")
        assert answer.json()["current_version"] == 2


async def test_a_change_can_be_bound_to_the_version_it_was_meant_for(service: Service) -> None:
    """If-Match with another version changes nothing and tells the present one."""
    async with service.client("intervale-agent") as client:
        number = await register(client)
        etag = (await client.get(f"/v1/tickets/{number}")).headers["etag"]
        path, body = f"/v1/tickets/{number}/assignment", {"agent": "Анна"}
        assert (await client.put(path, json=body, headers={"If-Match": etag})).status_code == 200
        answer = await client.put(path, json={"agent": "Борис"}, headers={"If-Match": etag})
        assert (answer.status_code, answer.json()["current_version"]) == (412, 2)
        assert (await client.get(f"/v1/tickets/{number}")).json()["assignee"] == "Анна"
        assert (await client.put(path, json=body, headers={"If-Match": "2"})).status_code == 400
        for nothing in ({}, {"If-Match": "*"}):
            blind = await client.put(path, json=body, headers=nothing)
            assert (blind.status_code, blind.json()["type"]) == (428, "urn:helpdesk:problem:version-needed")
        assert (await client.post(path, json=body)).status_code == 200  # a command, not a replacement


async def test_lists_are_read_page_by_page_without_gap_or_repetition(service: Service) -> None:
    """Following `next` gives each ticket once, whatever the page's size."""
    async with service.client("intervale-agent") as client:
        numbers = [await register(client, subject=f"№ {n}", level=("high", "low")[n % 2]) for n in range(7)]
        for path, wanted in (
            ("/v1/tickets", sorted(numbers, reverse=True)),
            ("/v1/tickets?level=low", sorted(numbers[1::2], reverse=True)),
            ("/v1/queue", [*numbers[0::2], *numbers[1::2]]),
            ("/v1/ledger", None),
        ):
            found: list[Any] = []
            cursor = ""
            while True:
                page = (await client.get(f"{path}{'&' if '?' in path else '?'}limit=3{cursor}")).json()
                assert len(page["items"]) <= 3
                found += page["items"]
                if page["next"] is None:
                    break
                cursor = f"&cursor={page['next']}"
            if wanted is None:
                assert len({entry["id"] for entry in found}) == len(found) == len(numbers)
            else:
                assert wanted == [entry["number"] for entry in found]
        totals = (await client.get("/v1/ledger/totals?first_day=2000-01-01&last_day=2999-12-31")).json()
        assert (totals["received"], sum(item["count"] for item in totals["items"])) == (7, 7)


async def test_another_list_s_cursor_is_refused(service: Service) -> None:
    """A cursor opens the list that gave it out, and garbage opens none."""
    async with service.client("intervale-agent") as client:
        for _ in range(2):
            await register(client)
        cursor = (await client.get("/v1/tickets?limit=1")).json()["next"]
        for path in ("/v1/queue", "/v1/ledger", "/v1/holds", "/v1/feed", "/v1/tickets/1/events"):
            answer = await client.get(path, params={"cursor": cursor})
            assert (answer.status_code, answer.json()["type"]) == (400, "urn:helpdesk:problem:bad-cursor")
        assert (await client.get("/v1/tickets?cursor=AAAA")).status_code == 400
