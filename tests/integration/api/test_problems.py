"""Problems group tickets, and answer all of them with one text."""

import asyncio

import httpx2
import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register
from tests.support.seen import put

from helpdesk.domain.problems import TRANSITIONS, ProblemState

pytestmark = pytest.mark.anyio

TEXT = "{ $client }, сбой из обращения { $number } устранён."


async def open_problem(client: httpx2.AsyncClient, *tickets: int) -> str:
    body = {"title": "Не ходит почта", "tickets": list(tickets)}
    answer = await client.post("/v1/problems", json=body)
    assert answer.status_code == 201, answer.text
    path: str = answer.headers["location"]
    return path


async def test_a_problem_s_tickets_tell_of_it(sqlite_service: Service) -> None:
    """Put under and taken from, each is an entry in the ticket's log; twice is once; If-Match guards the problem."""
    async with sqlite_service.client("intervale-agent") as client:
        first, second = [await register(client) for _ in range(2)]
        path = await open_problem(client, first)
        grouped = await client.post(f"{path}/tickets", json={"number": second}, headers={"If-Match": '"1"'})
        assert (grouped.status_code, grouped.headers["etag"]) == (200, '"2"')
        late = await client.post(f"{path}/tickets", json={"number": second}, headers={"If-Match": '"1"'})
        assert (late.status_code, late.json()["current_version"]) == (412, 2)
        again = await client.post(f"{path}/tickets", json={"number": second})
        assert (again.status_code, again.headers["etag"]) == (200, '"2"')
        assert (await client.post(f"{path}/tickets", json={"number": 99})).status_code == 422
        events = (await client.get(f"/v1/tickets/{second}/events")).json()["items"]
        told = [(event["what"], event["data"]) for event in events if event["what"] == "linked"]
        assert told == [("linked", {"relation": "part_of_problem", "problem": 1})]
        assert (await client.get(f"/v1/tickets/{second}/links")).json() == {"items": [], "problems": [1]}
        assert [each["number"] for each in (await client.get(path)).json()["tickets"]] == [first, second]
        assert (await client.delete(f"{path}/tickets/{second}")).status_code == 200
        assert (await client.delete(f"{path}/tickets/{second}")).status_code == 409
        events = (await client.get(f"/v1/tickets/{second}/events")).json()["items"]
        assert events[-1]["what"] == "unlinked"
        assert (await client.post("/v1/problems", json={"title": "x", "tickets": [99]})).status_code == 422
        listed = (await client.get("/v1/problems", params={"state": "open"})).json()["items"]
        assert [(each["number"], each["tickets"]) for each in listed] == [(1, 1)]


async def test_the_states_are_those_of_the_table(sqlite_service: Service) -> None:
    """Every edge by its route, and whatever is none is answered 409."""
    async with sqlite_service.client("intervale-agent") as client:
        path = await open_problem(client)
        seen: set[tuple[str, str]] = set()
        state = "open"

        async def do(method: str, place: str, body: object, status: int = 200) -> None:
            nonlocal state
            changing = put(client, path + place, json=body) if method == "PUT" else None
            answer = await (changing or client.request(method, path + place, json=body))
            assert answer.status_code == status, answer.text
            if status == 200:
                seen.add((state, answer.json()["state"]))
                state = answer.json()["state"]

        await do("DELETE", "/resolution", None, 409)
        await do("POST", "/answers", None, 409)
        for cause in ("диск", "другой диск", "", "сеть"):
            await do("PUT", "", {"title": "x", "cause": cause})
        await do("PUT", "/resolution", {"text": TEXT})
        await do("PUT", "/resolution", {"text": TEXT}, 409)
        await do("PUT", "", {"title": "x", "cause": "сеть"}, 409)
        await do("DELETE", "/resolution", None)
        await do("PUT", "/resolution", {"text": "{ $nobody }"}, 422)
        await do("PUT", "/resolution", {"text": TEXT})
        moves = {(ProblemState(a), ProblemState(b)) for a, b in seen if a != b}
        assert moves == TRANSITIONS


async def test_all_tickets_are_answered_once(sqlite_service: Service) -> None:
    """Calls at once and again answer each ticket once; what is closed or resolved already is left out."""
    async with sqlite_service.client("pass24-agent") as client:
        numbers = [
            await register(client, requester_name="Анна", requester="anna@client.example", channel_kind="web")
            for _ in range(5)
        ]
        path = await open_problem(client, *numbers)
        await client.post(f"/v1/tickets/{numbers[0]}/close", json={"outcome": "solved"})
        await client.post(f"/v1/tickets/{numbers[1]}/resolve", json={"text": ""})
        await put(client, f"{path}/resolution", json={"text": TEXT})
        calls = await asyncio.gather(*(client.post(f"{path}/answers") for _ in range(4)))
        assert {call.status_code for call in calls} == {200}
        answered = sorted(number for call in calls for number in call.json()["answered"])
        assert answered == numbers[2:]
        again = (await client.post(f"{path}/answers", headers={"Idempotency-Key": "a"})).json()
        assert (again["answered"], again["left"]) == ([], 1)
        assert [each["number"] for each in again["unanswered"]] == [numbers[1]]
        for number in numbers[2:]:
            messages = (await client.get(f"/v1/tickets/{number}/messages")).json()["items"]
            sent = [message["text"] for message in messages if message["direction"] == "out"]
            assert sent == [f"Анна, сбой из обращения {number} устранён."]
            assert (await client.get(f"/v1/tickets/{number}")).json()["state"] == "resolved"
        shown = (await client.get(path)).json()["tickets"]
        assert [each["answered_at"] is not None for each in shown] == [False, False, True, True, True]


async def test_answering_goes_on_where_it_stopped(sqlite_service: Service) -> None:
    """A ticket put under the problem after the first call is answered by the next one, and no other is."""
    async with sqlite_service.client("intervale-agent") as client:
        first = await register(client)
        path = await open_problem(client, first)
        await put(client, f"{path}/resolution", json={"text": TEXT})
        assert (await client.post(f"{path}/answers")).json()["answered"] == [first]
        second = await register(client)
        await client.post(f"{path}/tickets", json={"number": second})
        assert (await client.post(f"{path}/answers")).json() == {"answered": [second], "unanswered": [], "left": 0}
