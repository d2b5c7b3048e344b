"""A telephone system opens and closes calls by signed webhooks."""

import base64
import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import httpx2
import pytest
from standardwebhooks import Webhook
from tests.integration.api.conftest import PHONE_OF_PASS24, PHONE_OF_TELEMEDHELP, Service
from tests.integration.api.test_calls import CALL

pytestmark = pytest.mark.anyio


class Pbx:
    """A telephone system that signs as Standard Webhooks says."""

    def __init__(self, client: httpx2.AsyncClient, path: str, secret: str) -> None:
        self.client, self.path, self.secret = client, path, secret

    async def tell(
        self, what: str, *, sent: datetime | None = None, at: datetime | None = None, secret: str = "", **data: Any
    ) -> httpx2.Response:
        """Send one event; ``at``: when it happened, else when it is sent."""
        call = {"call_id": "pbx-1", "dialled": "8 (495) 324-24-42", "caller": CALL["caller"], **data}
        moment = sent or datetime.now(tz=UTC)
        body = json.dumps({"type": what, "timestamp": (at or moment).isoformat(), "data": call})
        headers = {
            "content-type": "application/json",
            "webhook-id": "m1",
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(secret or self.secret).sign("m1", moment, body),
        }
        return await self.client.post(self.path, content=body, headers=headers)


async def pbx_of(service: Service, key: str) -> Pbx:
    """Set up a telephone system with the hook of a key."""
    async with service.client(key) as client:
        hook = (await client.get("/v1/telephony")).json()
    return Pbx(service.client(), hook["path"], hook["secret"])


async def test_a_call_is_opened_answered_and_closed(service: Service) -> None:
    """Each event moves the call; told again, in any order, nothing changes; the lists show it."""
    pbx = await pbx_of(service, "phone")
    header = {"Helpdesk-Tenant": "pass24"}
    async with service.client("phone") as client:
        started = await pbx.tell("call.started")
        assert (started.status_code, started.json()["caller"], started.json()["ended_at"]) == (
            200,
            "+79161234567",
            None,
        )
        answered = await pbx.tell("call.answered", agent="Первая линия")
        assert answered.json()["agent"] == "Первая линия"
        shown = (await client.get("/v1/calls", params={"state": "open"}, headers=header)).json()["items"]
        assert [each["call_id"] for each in shown] == ["pbx-1"]
        ended = (await pbx.tell("call.ended")).json()
        assert ended["ended_at"] is not None
        for what in ("call.started", "call.ended"):
            assert (await pbx.tell(what)).json() == ended
        for state, ids in (("open", []), ("closed", ["pbx-1"]), ("missed", ["pbx-1"])):
            shown = (await client.get("/v1/calls", params={"state": state}, headers=header)).json()["items"]
            assert [each["call_id"] for each in shown] == ids
        assert (await client.get("/v1/calls/pbx-1", headers=header)).json() == ended
        assert (await client.get("/v1/calls/pbx-1", headers={"Helpdesk-Tenant": "telemedhelp"})).status_code == 404


async def test_whatever_comes_first_the_call_is_the_same(service: Service) -> None:
    """Beginning, answer, transfer to another and end, told in any order, each twice: always the same call."""
    pbx, now = await pbx_of(service, "phone"), datetime.now(tz=UTC)
    told = [("call.started", 9, ""), ("call.answered", 8, "Анна"), ("call.answered", 5, "Борис"), ("call.ended", 2, "")]
    for order, events in enumerate(permutations(told)):
        for what, ago, agent in [*events, *events[:2]]:
            moment = now - timedelta(minutes=ago)
            answer = await pbx.tell(what, at=moment, agent=agent, call_id=f"order-{order}")
        call = answer.json()
        times = [datetime.fromisoformat(call[name]) for name in ("started_at", "answered_at", "ended_at")]
        assert times == [now - timedelta(minutes=ago) for ago in (9, 8, 2)]
        assert call["agent"] == "Борис"
    await pbx.tell("call.answered", at=now - timedelta(minutes=1), call_id="order-0")
    async with service.client("phone") as client:
        shown = await client.get("/v1/calls/order-0", headers={"Helpdesk-Tenant": "pass24"})
        assert shown.json() == {**call, "call_id": "order-0"}, "an answer that names nobody takes nobody's name away"


@pytest.mark.parametrize("registered_first", [True, False])
async def test_a_registered_call_is_not_missed(service: Service, registered_first: bool) -> None:
    """Whether the agent or the telephone system comes first: the call shows its ticket."""
    pbx = await pbx_of(service, "phone")
    async with service.client("phone") as client:

        async def register() -> None:
            assert (await client.post("/v1/calls", json={**CALL, "call_id": "pbx-1"})).status_code == 201

        if registered_first:
            await register()
        await pbx.tell("call.started")
        if not registered_first:
            await register()
            await register()  # a repetition
        call = (await pbx.tell("call.ended")).json()
        assert (call["outcome"], call["number"]) == ("ticket", 1)
        missed = await client.get("/v1/calls", params={"state": "missed"}, headers={"Helpdesk-Tenant": "pass24"})
        assert missed.json()["items"] == []


async def test_only_the_secret_of_a_living_key_opens_the_hook(service: Service) -> None:
    """No signature, a wrong one, an old one, another key's, a key that is none, a revoked key: 401, and no call."""
    pbx = await pbx_of(service, "phone")
    other = await pbx_of(service, "pass24-agent")
    wrong = [
        await pbx.tell("call.started", secret=other.secret),
        await pbx.tell("call.started", secret="whsec_" + base64.b64encode(b"0" * 32).decode()),
        await pbx.tell("call.started", sent=datetime.now(tz=UTC) - timedelta(minutes=6)),
        await Pbx(pbx.client, "/hooks/telephony/01a20111-bd0d-7fe6-a566-370977be7e7d", pbx.secret).tell("call.started"),
    ]
    body = {
        "type": "call.started",
        "timestamp": "2026-01-01T00:00:00Z",
        "data": {"call_id": "1", "dialled": "1", "caller": "1"},
    }
    for signature in ("", "v1", "v1,=", "v1,%%%", "v0,abcd", "x" * 5000):
        headers = {"webhook-id": "m1", "webhook-timestamp": "1e400", "webhook-signature": signature}
        wrong.append(await pbx.client.post(pbx.path, json=body, headers=headers))
        headers["webhook-timestamp"] = str(int(datetime.now(tz=UTC).timestamp()))
        wrong.append(await pbx.client.post(pbx.path, json=body, headers=headers))
    assert {answer.status_code for answer in wrong} == {401}
    async with service.client("operator") as client:
        keys = (await client.get("/v1/operator/keys")).json()["items"]
        revoked = next(key["id"] for key in keys if key["name"] == "phone agent")
        assert (await client.delete(f"/v1/operator/keys/{revoked}")).status_code == 204
    assert (await pbx.tell("call.started")).status_code == 401
    async with service.client("pass24-agent") as client:
        assert (await client.get("/v1/calls")).json()["items"] == []


async def test_a_hook_reaches_the_companies_of_its_key_only(service: Service) -> None:
    """Another company's number and nobody's are told alike; another call under the same id is refused."""
    pbx = await pbx_of(service, "pass24-agent")
    answers = [await pbx.tell("call.started", dialled=n) for n in (PHONE_OF_TELEMEDHELP, "+74950000000")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].content == answers[1].content
    assert (await pbx.tell("call.started", dialled="112")).status_code == 422
    assert (await pbx.tell("call.started", dialled=PHONE_OF_PASS24)).status_code == 200
    assert (await pbx.tell("call.ended", caller="+79990000000")).status_code == 409
    assert (await pbx.tell("call.exploded")).status_code == 400
