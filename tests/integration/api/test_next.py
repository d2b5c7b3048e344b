"""Handing out work over HTTP: one agent a ticket, nothing waits, the same key, giving back."""

import asyncio

import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register

pytestmark = pytest.mark.anyio

NEXT = "/v1/queue/next"


async def test_agents_asking_at_once_get_different_tickets_in_order(service: Service) -> None:
    """Fifty calls at once over thirty tickets: thirty get one each, twenty are told that nothing waits."""
    async with service.client("intervale-agent") as client:
        for _ in range(30):
            await register(client)
        listed = (await client.get("/v1/queue", params={"unassigned": True, "limit": 100})).json()["items"]
        answers = await asyncio.gather(*(client.post(NEXT, json={"agent": f"агент {n}"}) for n in range(50)))
        handed = [answer.json()["number"] for answer in answers if answer.status_code == 200]
        assert sorted(handed) == sorted(each["number"] for each in listed)
        assert sorted(answer.status_code for answer in answers) == [200] * 30 + [204] * 20
        assert all(not answer.content for answer in answers if answer.status_code == 204)
        assert (await client.get("/v1/queue", params={"unassigned": True})).json()["items"] == []


async def test_next_is_a_write_like_any_other(sqlite_service: Service) -> None:
    """The key's name is the agent where none is given; version, place and a repeated call's answer are told."""
    async with sqlite_service.client("intervale-agent") as client:
        number = await register(client)
        key = {"Idempotency-Key": "n1"}
        first = await client.post(NEXT, json={}, headers=key)
        assert (first.status_code, first.headers["location"]) == (200, f"/v1/tickets/{number}")
        again = await client.post(NEXT, json={}, headers=key)
        assert (again.status_code, again.json()) == (200, first.json())
        ticket = await client.get(f"/v1/tickets/{number}")
        assert ticket.headers["etag"] == first.headers["etag"]
        assert ticket.json()["assignee"] == "intervale agent"
        stale = await client.delete(f"/v1/tickets/{number}/assignment", headers={"If-Match": '"1"'})
        assert stale.status_code == 412
        given = await client.delete(f"/v1/tickets/{number}/assignment", headers={"If-Match": first.headers["etag"]})
        assert given.status_code == 200
        assert (await client.delete(f"/v1/tickets/{number}/assignment")).status_code == 409
        taken = await client.post(NEXT, json={"line": ticket.json()["line"], "inform_client": True})
        assert (taken.json()["number"], taken.json()["message_id"] is None) == (number, False)
        assert (await client.post(NEXT, json={"line": "такой линии нет"})).status_code == 204


async def test_a_company_is_handed_its_own_tickets_only(sqlite_service: Service) -> None:
    """Another company's queue is out of reach, full as it may be."""
    async with sqlite_service.client("intervale-agent") as client:
        await register(client)
    async with sqlite_service.client("pass24-agent") as client:
        assert (await client.post(NEXT, json={})).status_code == 204
    async with sqlite_service.client("operator") as client:
        assert (await client.post(NEXT, json={})).status_code == 403
