"""A phone agent registers calls."""

from typing import Any

import pytest
from tests.integration.api.conftest import PHONE_OF_PASS24, PHONE_OF_TELEMEDHELP, Service

pytestmark = pytest.mark.anyio

CALL: dict[str, Any] = {
    "dialled": "8 (495) 324-24-42",
    "caller": "+7 916 123-45-67",
    "summary": "Не открывается шлагбаум",
    "description": "Второй въезд",
    "caller_name": "Клиент",
}


async def test_a_call_becomes_a_ticket_of_the_company_that_was_dialled(service: Service) -> None:
    """Among the companies that the key serves, the dialled number says which one is meant."""
    async with service.client("phone") as client:
        answer = await client.post("/v1/calls", json=CALL)
        assert (answer.status_code, answer.json()["outcome"], answer.json()["tenant"]) == (201, "ticket", "pass24")
        location = answer.headers["location"]
        assert (await client.get(location)).status_code == 400  # which company's ticket 1?
        ticket = (await client.get(location, headers={"Helpdesk-Tenant": "pass24"})).json()
        assert (
            ticket["address"],
            ticket["channel"],
            ticket["requester"]["address"],
        ) == (PHONE_OF_PASS24, "phone", "+79161234567")
        assert (await client.get(location, headers={"Helpdesk-Tenant": "telemedhelp"})).status_code == 404


async def test_an_unofficial_call_is_refused_with_its_clause(service: Service) -> None:
    """The refusal names clause and hint, and the ledger has it under the id that is told."""
    async with service.client("phone") as client:
        answer = await client.post("/v1/calls", json={**CALL, "dialled": PHONE_OF_TELEMEDHELP})
        problem = answer.json()
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert (problem["type"], problem["clause"]) == ("urn:helpdesk:problem:refused", "6.1")
        assert problem["hint"]
        ledger = (await client.get("/v1/ledger", headers={"Helpdesk-Tenant": "telemedhelp"})).json()["items"]
        assert [(problem["ledger_id"], "refused", "6.1")] == [(e["id"], e["outcome"], e["clause"]) for e in ledger]


async def test_a_number_of_no_company_of_the_key_is_told_apart_from_none(service: Service) -> None:
    """Another company's number and nobody's number get the same answer."""
    async with service.client("phone") as client:
        answers = [
            await client.post("/v1/calls", json={**CALL, "dialled": n}) for n in ("+78002000600", "+74950000000")
        ]
        assert [answer.status_code for answer in answers] == [422, 422]
        assert answers[0].content == answers[1].content
        assert [error["path"] for error in answers[0].json()["errors"]] == ["dialled"]


async def test_a_call_answered_on_the_spot_is_counted_and_makes_no_ticket(service: Service) -> None:
    """A consultation is in the ledger, and repeating it is no refusal."""
    async with service.client("pass24-agent") as client:
        body = {**CALL, "outcome": "consulted", "call_id": "pbx-7"}
        first, again = [await client.post("/v1/calls", json=body) for _ in range(2)]
        assert (first.status_code, first.json()["outcome"], first.json()["number"]) == (201, "consulted", None)
        assert (201, first.content) == (again.status_code, again.content)
        assert (await client.get("/v1/tickets")).json()["items"] == []
    async with service.client("telemedhelp-agent") as client:  # calls are no way to ask there, clause 6.1
        there = await client.post("/v1/calls", json={**body, "dialled": PHONE_OF_TELEMEDHELP})
        assert (there.status_code, there.json()["outcome"]) == (201, "consulted")


async def test_a_call_s_id_makes_it_happen_once(service: Service) -> None:
    """The same call again gets the same bytes; another call under the same id is refused; a refusal repeats too."""
    async with service.client("pass24-agent") as client:
        body = {**CALL, "call_id": "pbx-1"}
        first, again = [await client.post("/v1/calls", json=body) for _ in range(2)]
        assert (201, first.content) == (again.status_code, again.content)
        other = await client.post("/v1/calls", json={**body, "summary": "Другое"})
        assert (other.status_code, other.json()["type"]) == (422, "urn:helpdesk:problem:idempotency-key-reused")
        assert other.json()["detail"].startswith("The call_id came before with other data")
        assert "another one" in other.json()["hint"]
        keyed = await client.post("/v1/calls", json={**CALL, "call_id": "pbx-3"}, headers={"Idempotency-Key": "k"})
        other = await client.post("/v1/calls", json={**CALL, "call_id": "pbx-4"}, headers={"Idempotency-Key": "k"})
        assert (keyed.status_code, other.status_code) == (201, 422)
        assert "call_id" not in other.json()["detail"]
        assert len((await client.get("/v1/tickets")).json()["items"]) == 2
    async with service.client("telemedhelp-agent") as client:
        body = {**CALL, "dialled": PHONE_OF_TELEMEDHELP, "call_id": "pbx-2"}
        first, again = [await client.post("/v1/calls", json=body) for _ in range(2)]
        assert (422, first.content) == (again.status_code, again.content)


async def test_a_call_that_cannot_be_is_invalid(service: Service) -> None:
    """A number that is none, a mail address that is none, a start in the future or without a zone."""
    async with service.client("pass24-agent") as client:
        for change, status, path in (
            ({"dialled": "112"}, 422, "dialled"),
            ({"started_at": "2999-01-01T00:00:00Z"}, 422, "started_at"),
            ({"started_at": "2026-01-01T00:00:00"}, 400, "started_at"),
            ({"level": "42"}, 422, "level"),
            ({"outcome": "forgotten"}, 400, "outcome"),
            ({"summary": "  "}, 400, "summary"),
        ):
            answer = await client.post("/v1/calls", json={**CALL, **change})
            assert (status, [path]) == (answer.status_code, [error["path"] for error in answer.json()["errors"]])
        withheld = await client.post("/v1/calls", json={**CALL, "caller": "anonymous"})
        assert withheld.status_code == 201
