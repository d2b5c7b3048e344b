"""A key makes a write happen once, however often and however closely together it is sent."""

import asyncio

import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_calls import CALL
from tests.integration.api.test_tickets import register
from tests.support.seen import put

pytestmark = pytest.mark.anyio


async def test_fifty_at_once_are_one_ticket(service: Service) -> None:
    """Every one of them gets the same answer."""
    async with service.client("intervale-agent") as client:
        headers = {"Idempotency-Key": "k-1"}
        answers = await asyncio.gather(
            *(client.post("/v1/tickets", json={"subject": "once"}, headers=headers) for _ in range(50))
        )
        assert {201} == {answer.status_code for answer in answers}
        assert len({answer.content for answer in answers}) == 1
        assert len((await client.get("/v1/tickets")).json()["items"]) == 1
        other = await client.post("/v1/tickets", json={"subject": "twice"}, headers=headers)
        assert (other.status_code, other.json()["type"]) == (422, "urn:helpdesk:problem:idempotency-key-reused")
        ledger = (await client.get("/v1/ledger")).json()["items"]
        assert len(ledger) == 1


async def test_a_key_means_its_request_not_its_spelling(service: Service) -> None:
    """The same request in other spaces and another order of keys is the same request."""
    async with service.client("intervale-agent") as client:
        headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
        bodies = (b'{"subject":"x","text":"y"}', b'{ "text": "y",  "subject": "\\u0078" }')
        answers = [await client.post("/v1/tickets", content=body, headers=headers) for body in bodies]
        assert answers[0].content == answers[1].content


async def test_another_key_s_or_company_s_same_word_is_another_request(service: Service) -> None:
    """Nobody gets an answer that was stored for somebody else."""
    numbers = []
    for key in ("intervale-agent", "intervale-admin", "pass24-agent"):
        async with service.client(key) as client:
            headers = {"Idempotency-Key": "k-1"}
            answer = await client.post("/v1/tickets", json={"subject": "x"}, headers=headers)
            numbers.append((answer.json()["tenant"], answer.json()["number"]))
    assert numbers == [("intervale", 1), ("intervale", 2), ("pass24", 1)]


async def test_every_write_takes_a_key(service: Service) -> None:
    """A repeated reply, note, level, call is one reply, note, level, call; a failed one may be tried again."""
    async with service.client("pass24-agent") as client:
        number = await register(client)
        for method, path, body in (
            ("POST", f"/v1/tickets/{number}/replies", {"kind": "notice", "text": "Занимаемся"}),
            ("POST", f"/v1/tickets/{number}/notes", {"text": "n"}),
            ("PUT", f"/v1/tickets/{number}/assignment", {"agent": "Анна"}),
            ("POST", "/v1/calls", CALL),
        ):
            headers = {
                "Idempotency-Key": f"key of {path}".replace(" ", "-"),
                **({"If-Match": '"3"'} if method == "PUT" else {}),
            }
            first, again = await asyncio.gather(
                *(client.request(method, path, json=body, headers=headers) for _ in range(2))
            )
            assert first.status_code in {200, 201}, first.text
            assert (first.status_code, first.content) == (again.status_code, again.content)
        ticket = (await client.get(f"/v1/tickets/{number}")).json()
        assert ticket["version"] == 4
        headers = {"Idempotency-Key": "later"}
        path = f"/v1/tickets/{number}/level"
        for _ in range(2):
            answer = await put(client, path, json={"level": "no such", "criterion": "x"}, headers=headers)
            assert answer.status_code == 422


async def test_a_key_is_bound_to_what_it_was_used_on(service: Service) -> None:
    """The same words to another ticket are another request."""
    async with service.client("intervale-agent") as client:
        numbers = [await register(client) for _ in range(2)]
        headers = {"Idempotency-Key": "k"}
        answers = [
            await client.post(f"/v1/tickets/{number}/notes", json={"text": "x"}, headers=headers) for number in numbers
        ]
        assert [answer.status_code for answer in answers] == [201, 422]


async def test_a_key_that_is_none_is_refused(service: Service) -> None:
    """Empty, too long, with spaces, not ASCII."""
    async with service.client("intervale-agent") as client:
        for key in (b"", b"x" * 201, b"a b", "ключ".encode()):
            headers = [(b"idempotency-key", key)]
            answer = await client.post("/v1/tickets", json={"subject": "x"}, headers=headers)
            assert answer.status_code == 400, key
