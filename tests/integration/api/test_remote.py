"""Remote access to a client's object is entered on the ticket: who, when, into what, by whose consent."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_agents import add, field, key_of
from tests.integration.api.test_tickets import register

pytestmark = pytest.mark.anyio


async def test_who_was_let_in_stands_on_the_ticket(service: Service) -> None:
    """By the agent's name, from when to when, with the client's consent; in the log, in the list, in the evidence."""
    key = await key_of(service, "pass24 agent")
    async with service.client("pass24-admin") as admin, service.client("pass24-agent") as client:
        await add(admin, "борис", display_name="Борис Ким", keys=[key])
        number = await register(client)
        path = f"/v1/tickets/{number}/remote-sessions"
        wanted = {"object": "шкаф управления, объект 7", "consent": "дежурный, по телефону"}
        begun = await client.post(path, json=wanted, headers={"Idempotency-Key": "r1"})
        again = await client.post(path, json=wanted, headers={"Idempotency-Key": "r1"})
        assert (begun.status_code, begun.content) == (201, again.content)
        (shown,) = (await client.get(path)).json()["items"]
        assert (shown["agent"], shown["entered_by"], shown["until"]) == ("борис", "Борис Ким", None)
        assert (shown["object"], shown["consent"]) == (wanted["object"], wanted["consent"])
        ended = await client.post(f"{path}/{shown['seq']}/end", json={})
        assert ended.status_code == 200
        assert (await client.post(f"{path}/{shown['seq']}/end", json={})).status_code == 409
        (shown,) = (await client.get(path)).json()["items"]
        assert shown["until"] is not None
        events = (await client.get(f"/v1/tickets/{number}/events?limit=200")).json()["items"]
        assert [each["what"] for each in events[-2:]] == ["remote_session", "remote_session_ended"]
        evidence = await admin.get(f"/v1/tickets/{number}/evidence")
        assert "объект 7" in evidence.text


async def test_what_cannot_have_been_is_refused(sqlite_service: Service) -> None:
    """Without consent, in the future, before the request, ending before it began, by a stranger, to a closed ticket."""
    async with sqlite_service.client("pass24-admin") as client:
        number = await register(client)
        path = f"/v1/tickets/{number}/remote-sessions"
        wanted = {"object": "шкаф", "consent": "дежурный"}
        assert (await client.post(path, json={"object": "шкаф"})).status_code == 400
        now = datetime.now(tz=UTC)
        for other, wrong in (
            ({"since": (now + timedelta(hours=1)).isoformat()}, "since"),
            ({"since": (now - timedelta(days=1)).isoformat()}, "since"),
            ({"until": (now + timedelta(hours=1)).isoformat()}, "until"),
        ):
            answer = await client.post(path, json={**wanted, **other})
            assert (answer.status_code, field(answer)[1].partition(":")[0]) == (422, wrong)
        await add(client, "анна", state="left")
        assert field(await client.post(path, json={**wanted, "agent": "глеб"}))[0] == 422
        assert (await client.post(path, json={**wanted, "agent": "анна"})).status_code == 201  # it may have been her
        assert field(await client.post(f"{path}/999/end", json={})) == (422, "session: is none of the ticket's")
        await client.post(f"/v1/tickets/{number}/close", json={"outcome": "solved"})
        assert (await client.post(path, json=wanted)).status_code == 409
