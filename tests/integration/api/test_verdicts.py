"""A ticket's end through the HTTP door: verdicts, windows, what is held; safely repeatable, refused with clauses."""

from typing import Any

import httpx2
import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register

from helpdesk.contracts.messages import Inbound, Standing
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.kernel.principal import system
from helpdesk.store.tenants import Tenants

pytestmark = pytest.mark.anyio


async def post(client: httpx2.AsyncClient, path: str, body: dict[str, Any], **headers: str) -> httpx2.Response:
    """Post with headers whose names have dashes in place of underscores."""
    return await client.post(path, json=body, headers={name.replace("_", "-"): text for name, text in headers.items()})


async def test_the_client_s_verdict_is_given_over_http(service: Service) -> None:
    """Accept, answer, disagree, solve, confirm: states, events and the outcome that the regulation names."""
    async with service.client("pass24-agent") as client:
        ticket = f"/v1/tickets/{await register(client)}"
        assert (await post(client, f"{ticket}/accept", {"agent": "Анна"})).json()["state"] == "open"
        taken = await post(client, f"{ticket}/accept", {"agent": "Борис"})
        assert (taken.status_code, "Анна" in taken.json()["detail"]) == (409, True)
        early = await post(client, f"{ticket}/confirm", {})
        assert (early.status_code, early.json()["clause"]) == (409, "1.4")
        assert (await post(client, f"{ticket}/resolve", {"text": "Исправили"})).json()["state"] == "resolved"
        assert (await post(client, f"{ticket}/disagree", {"text": "Всё так же"})).json()["state"] == "open"
        assert (await post(client, f"{ticket}/resolve", {})).json()["state"] == "resolved"
        assert (await post(client, f"{ticket}/reopen", {"reason": "нашли ещё"})).json()["state"] == "open"
        assert (await post(client, f"{ticket}/resolve", {})).json()["state"] == "resolved"
        assert (await post(client, f"{ticket}/confirm", {"text": "Спасибо"})).json()["state"] == "closed"
        assert (await client.get(ticket)).json()["outcome"] == "solved"
        late = await post(client, f"{ticket}/disagree", {"text": "Нет"})
        assert (late.status_code, late.json()["clause"], "linked" in late.json()["hint"]) == (409, "1.4", True)
        texts = [message["text"] for message in (await client.get(f"{ticket}/messages")).json()["items"]]
        assert {"Всё так же", "Спасибо"} <= {*texts}


async def test_a_verdict_is_repeatable_and_bound_to_a_version(service: Service) -> None:
    """The same key gives the stored answer; a version that passed is a failed precondition with the present one."""
    async with service.client("intervale-agent") as client:
        ticket = f"/v1/tickets/{await register(client)}"
        await post(client, f"{ticket}/replies", {"kind": "answer", "text": "Попробуйте так"})
        stale = await post(client, f"{ticket}/confirm", {}, If_Match='"1"')
        assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
        first = await post(client, f"{ticket}/confirm", {}, If_Match='"2"', Idempotency_Key="c1")
        again = await post(client, f"{ticket}/confirm", {}, If_Match='"2"', Idempotency_Key="c1")
        assert (first.status_code, first.content) == (200, again.content)
        assert (await post(client, f"{ticket}/confirm", {"text": "да"}, Idempotency_Key="c1")).status_code == 422
        assert (await client.get(ticket)).json()["outcome"] == "confirmed"


async def test_a_window_a_list_and_a_reason_over_http(service: Service) -> None:
    """A wait with a planned end, a question that lists what lacks, a postponement by the regulation's reason."""
    async with service.client("telemedhelp-agent") as client:
        number = await _mail(service, client)
        ticket = f"/v1/tickets/{number}"
        past = await post(client, f"{ticket}/pauses", {"reason": "waiting_client", "until": "2020-01-01T00:00:00Z"})
        assert [error["path"] for error in past.json()["errors"]] == ["until"]
        held = await post(client, f"{ticket}/pauses", {"reason": "waiting_client", "until": "2099-01-01T00:00:00Z"})
        assert held.json()["state"] == "waiting"
        asked = await post(client, f"{ticket}/replies", {"kind": "question", "missing": ["версия", "платформа"]})
        assert asked.status_code == 201
        empty = await post(client, f"{ticket}/replies", {"kind": "answer"})
        assert [error["path"] for error in empty.json()["errors"]] == ["text"]
        put_off = {"kind": "notice", "text": "Позже", "postpones": "tired"}
        assert (await post(client, f"{ticket}/replies", put_off)).status_code == 422
        done = await post(client, f"{ticket}/replies", put_off | {"postpones": "needs_development"})
        assert done.status_code == 201
        events = (await client.get(f"{ticket}/events?limit=200")).json()["items"]
        assert events[-1]["data"]["clause"] == "6.9"


async def test_what_is_held_is_resolved_over_http(service: Service) -> None:
    """Once: a second resolution is a conflict, the same key the same answer; the list is empty then."""
    async with service.client("telemedhelp-agent") as client:
        number = await _mail(service, client)
        await _mail(service, client, key="m2", sender="other@client.example", subject=f"Re: #{number}")
        (held,) = (await client.get("/v1/holds")).json()["items"]
        path = f"/v1/holds/{held['ledger_id']}/resolution"
        nameless = await post(client, path, {"resolution": "joined"})
        assert [error["path"] for error in nameless.json()["errors"]] == ["number"]
        joined = {"resolution": "joined", "number": number}
        first = await post(client, path, joined, Idempotency_Key="h1")
        assert (first.status_code, first.json()["number"]) == (200, number)
        assert (await post(client, path, joined, Idempotency_Key="h1")).content == first.content
        assert (await post(client, path, {"resolution": "ticket"})).status_code == 409
        assert (await client.get("/v1/holds")).json()["items"] == []
        days = {"first_day": "2000-01-01", "last_day": "2099-01-01"}
        totals = (await client.get("/v1/ledger/totals", params=days)).json()
        assert totals["received"] == 2


async def _mail(service: Service, client: httpx2.AsyncClient, key: str = "m1", **given: Any) -> int:
    """Deliver a mail to TelemedHelp; return the number of the latest ticket."""
    fields: dict[str, Any] = {"sender": "client@client.example", "subject": "Беда", **given}
    message = Inbound("email", "support@telemed.help", key, received_at=None, standing=Standing.CLAIMED, **fields)
    tenant = await service.database.read(system("test"), lambda session: Tenants(session).by_slug("telemedhelp"))
    desk = Desk(service.database, Resources(Directory(), b"0" * 32))
    await desk.receive(system("channel:email", tenant.id), Arrival(message))
    return int((await client.get("/v1/tickets")).json()["items"][0]["number"])
