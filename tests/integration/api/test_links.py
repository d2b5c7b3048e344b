"""Tickets that belong together, through the HTTP door."""

import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register

pytestmark = pytest.mark.anyio

ASKER = "client@example.org"


async def test_links_are_listed_from_both_sides(sqlite_service: Service) -> None:
    """Each ticket's list says what the other one is to it; the entity tags are the versions after the change."""
    async with sqlite_service.client("intervale-agent") as client:
        first, second = [await register(client) for _ in range(2)]
        body = {"relation": "caused_by", "number": first}
        made = await client.post(f"/v1/tickets/{second}/links", json=body, headers={"If-Match": '"1"'})
        assert (made.status_code, made.headers["etag"]) == (201, '"2"')
        assert made.json()["others"] == [
            {"number": first, "version": 2, "state": "waiting", "message_id": None}  # 5.3: it lacks what is demanded
        ]
        found = [(await client.get(f"/v1/tickets/{number}/links")).json()["items"] for number in (first, second)]
        assert [[(each["relation"], each["number"]) for each in items] for items in found] == [
            [("causes", second)], [("caused_by", first)],
        ]  # fmt: skip
        late = await client.post(f"/v1/tickets/{second}/links", json=body, headers={"If-Match": '"1"'})
        assert (late.status_code, late.json()["current_version"]) == (412, 2)
        gone = await client.delete(f"/v1/tickets/{second}/links/caused_by/{first}")
        assert (gone.status_code, gone.headers["etag"]) == (200, '"3"')
        assert (await client.get(f"/v1/tickets/{first}/links")).json()["items"] == []
        assert (await client.delete(f"/v1/tickets/{second}/links/merged_into/{first}")).status_code == 404
        for wrong in ({"relation": "split_from", "number": first}, {"relation": "related", "number": 0}):
            assert (await client.post(f"/v1/tickets/{second}/links", json=wrong)).status_code == 400
        assert (await client.get("/v1/tickets/99/links")).status_code == 404
        missing = await client.post(f"/v1/tickets/{second}/links", json={"relation": "related", "number": 99})
        assert (missing.status_code, [error["path"] for error in missing.json()["errors"]]) == (422, ["number"])


async def test_one_question_a_request_by_the_clause(sqlite_service: Service) -> None:
    """Intervale 5.5: a request with two questions becomes two, both received when it was; the log names the clause."""
    async with sqlite_service.client("intervale-agent") as client:
        number = await register(client, requester=ASKER, level="high", criterion="4.1")
        body = {"parts": [{"subject": "А как войти?", "text": "Пароль"}]}
        split = await client.post(f"/v1/tickets/{number}/split", json=body, headers={"Idempotency-Key": "s"})
        again = await client.post(f"/v1/tickets/{number}/split", json=body, headers={"Idempotency-Key": "s"})
        assert (201, split.content) == (split.status_code, again.content)
        (part,) = split.json()["others"]
        tickets = [(await client.get(f"/v1/tickets/{n}")).json() for n in (number, part["number"])]
        for name in ("received_at", "registered_at", "level", "requester", "snapshot"):
            assert tickets[0][name] == tickets[1][name], name
        events = (await client.get(f"/v1/tickets/{part['number']}/events")).json()["items"]
        assert (events[-1]["what"], events[-1]["data"]["clause"]) == ("linked", "5.5")
        events = (await client.get(f"/v1/tickets/{number}/events")).json()["items"]
        assert (events[-1]["what"], events[-1]["data"]) == ("split", {"number": part["number"], "clause": "5.5"})
        messages = (await client.get(f"/v1/tickets/{part['number']}/messages")).json()["items"]
        assert [message["text"] for message in messages] == ["Пароль"]
        for parts in ([], [{"subject": " "}]):
            wrong = await client.post(f"/v1/tickets/{number}/split", json={"parts": parts})
            assert wrong.status_code == 400


async def test_reports_can_tell_a_merged_ticket(sqlite_service: Service) -> None:
    """Its outcome is `merged`, its deadlines are cancelled, its list names where the work goes on."""
    async with sqlite_service.client("pass24-agent") as client:
        first, second = [await register(client, requester=ASKER, channel_kind="web") for _ in range(2)]
        merged = await client.post(f"/v1/tickets/{second}/merge", json={"into": first})
        assert (merged.status_code, merged.json()["state"]) == (200, "closed")
        ticket = (await client.get(f"/v1/tickets/{second}")).json()
        assert (ticket["state"], ticket["outcome"]) == ("closed", "merged")
        deadlines = (await client.get(f"/v1/tickets/{second}/deadlines")).json()["items"]
        assert {each["state"] for each in deadlines if each["kind"] not in {"none", "unknown"}} <= {"cancelled"}
        links = (await client.get(f"/v1/tickets/{second}/links")).json()["items"]
        # 1.4: the same matter once more was linked by itself.
        assert [(each["relation"], each["number"]) for each in links] == [("merged_into", first), ("related", first)]
        other = await register(client, requester="else@example.org", channel_kind="web")
        refused = await client.post(f"/v1/tickets/{other}/merge", json={"into": first})
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:helpdesk:problem:conflict")
