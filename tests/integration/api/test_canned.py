"""Canned answers through the HTTP door: kept with their links checked, sent with their places filled."""

from typing import Any

import httpx2
import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register
from tests.support.seen import put

from helpdesk.kernel.principal import system
from helpdesk.store.canned import CannedAnswers
from helpdesk.store.tenants import Tenants

pytestmark = pytest.mark.anyio

GUIDE = {
    "name": "reset-password",
    "title": "Сброс пароля",
    "text": "{ $client }, по обращению { $number } («{ $subject }») см. https://doc.telemed.help/reset?n={ $number }.",
}


async def chat(client: httpx2.AsyncClient, **body: Any) -> int:
    """Register a request by TelemedHelp's chat; return the ticket's number."""
    return await register(client, channel_kind="chat", **body)


async def test_an_answer_is_sent_with_its_places_filled(sqlite_service: Service) -> None:
    """Once under one key, as any answer; what a client wrote into the subject is data."""
    async with sqlite_service.client("telemedhelp-admin") as admin, sqlite_service.client("telemedhelp-agent") as agent:
        added = await admin.post("/v1/canned-answers", json=GUIDE)
        assert (added.status_code, added.headers["etag"]) == (201, '"1"')
        assert (await admin.post("/v1/canned-answers", json=GUIDE)).status_code == 409
        number = await chat(agent, subject="{ $number } не входит", requester_name="Анна")
        path, headers = f"/v1/tickets/{number}/canned-replies", {"Idempotency-Key": "c"}
        first, again = [
            await agent.post(path, json={"name": "reset-password", "language": None}, headers=headers) for _ in range(2)
        ]
        assert (first.status_code, first.content) == (201, again.content)
        messages = (await agent.get(f"/v1/tickets/{number}/messages")).json()["items"]
        wanted = "Анна, по обращению 1 («{ $number } не входит») см. https://doc.telemed.help/reset?n=1."
        assert [message["text"] for message in messages if message["direction"] == "out"] == [wanted]
        assert (await agent.post(path, json={"name": "nothing"})).status_code == 422
        assert (await agent.post(path, json={"name": "reset-password", "language": "en"})).status_code == 422
        assert (await agent.post("/v1/canned-answers", json=GUIDE)).status_code == 403


async def test_a_link_outside_is_refused_with_the_clause(sqlite_service: Service) -> None:
    """TelemedHelp 6.8: in canned answers, in replies, in the last answer; a question may link anywhere."""
    outside = "См. https://doc.telemed.help@evil.example/"
    async with sqlite_service.client("telemedhelp-admin") as client:
        refused = await client.post("/v1/canned-answers", json={**GUIDE, "text": outside})
        number = await chat(client)
        replied = await client.post(f"/v1/tickets/{number}/replies", json={"kind": "answer", "text": outside})
        resolved = await client.post(f"/v1/tickets/{number}/resolve", json={"text": outside})
        for answer in (refused, replied, resolved):
            assert (answer.status_code, answer.json()["clause"]) == (422, "6.8"), answer.text
            assert [error["path"] for error in answer.json()["errors"]] == ["text"]
        question = {"kind": "question", "text": "Такая ошибка, как на https://forum.example/1?"}
        assert (await client.post(f"/v1/tickets/{number}/replies", json=question)).status_code == 201
    async with sqlite_service.client("pass24-admin") as client:
        vendor = {**GUIDE, "text": "См. https://vendor.example/manual"}
        assert (await client.post("/v1/canned-answers", json=vendor)).status_code == 201
        for text in ("ftp://vendor.example/x", "{ $nobody }", "{ brace"):
            assert (await client.post("/v1/canned-answers", json={**GUIDE, "text": text})).status_code == 422


async def test_canned_answers_are_changed_listed_and_taken_away(sqlite_service: Service) -> None:
    """By name and language; nothing is wrong with those that were checked; If-Match guards each."""
    async with sqlite_service.client("intervale-admin") as client:
        plain = {**GUIDE, "text": "Здравствуйте, { $client }!"}
        there = (await client.post("/v1/canned-answers", json=plain)).headers["location"]
        await client.post("/v1/canned-answers", json={**plain, "language": "en", "text": "Hello, { $client }!"})
        changed = await client.put(there, json={**plain, "title": "Иначе"}, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
        assert (await client.put(there, json=plain, headers={"If-Match": '"1"'})).status_code == 412
        assert (await put(client, there, json={**plain, "language": "en"})).status_code == 409
        found = (await client.get("/v1/canned-answers")).json()["items"]
        assert [(each["language"], each["title"], each["faults"], each["clause"]) for each in found] == [
            ("en", "Сброс пароля", [], ""), ("ru", "Иначе", [], ""),
        ]  # fmt: skip
        assert len((await client.get("/v1/canned-answers", params={"language": "en"})).json()["items"]) == 1
        assert (await client.get("/v1/canned-answers", params={"faulty": "true"})).json()["items"] == []
        assert (await client.get(there)).headers["etag"] == '"2"'
        assert (await client.delete(there, headers={"If-Match": '"1"'})).status_code == 412
        assert (await client.delete(there)).status_code == 200
        assert (await client.get(there)).status_code == 404


async def test_what_the_regulation_no_longer_allows_is_found(sqlite_service: Service) -> None:
    """An answer kept before the hosts were named is listed with its fault and the clause."""
    database = sqlite_service.database
    tenant = database.read_now(system("test"), lambda session: Tenants(session).by_slug("telemedhelp").id)
    database.write_now(
        system("test", tenant),
        lambda session: CannedAnswers(session).add("old", "ru", "Старый", "См. https://old.example/x"),
    )
    async with sqlite_service.client("telemedhelp-agent") as client:
        (found,) = (await client.get("/v1/canned-answers", params={"faulty": "true"})).json()["items"]
        assert (found["name"], found["clause"]) == ("old", "6.8")
        assert found["faults"] == ["https://old.example/x is outside doc.telemed.help, patient.telemed.help"]
        number = await chat(client)
        sent = await client.post(f"/v1/tickets/{number}/canned-replies", json={"name": "old"})
        assert (sent.status_code, sent.json()["clause"]) == (422, "6.8")
