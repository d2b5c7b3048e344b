"""A company's agents: the list, who may be given what, whose key it is, and what a leaver leaves behind."""

from typing import Any

import httpx2
import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register
from tests.support.seen import put

pytestmark = pytest.mark.anyio

AGENTS = "/v1/agents"
NEXT = "/v1/queue/next"


async def add(client: httpx2.AsyncClient, name: str, **other: Any) -> str:
    """Add an agent; return their id."""
    made = await client.post(AGENTS, json={"name": name, "display_name": name.title(), **other})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def key_of(service: Service, name: str) -> str:
    """Return the id of the key of this name."""
    async with service.client("operator") as client:
        keys = (await client.get("/v1/operator/keys")).json()["items"]
    return next(str(each["id"]) for each in keys if each["name"] == name)


def field(answer: httpx2.Response) -> tuple[int, str]:
    """Return the status, and what is wrong with the first field."""
    errors = answer.json().get("errors", [{}])
    return answer.status_code, f"{errors[0].get('path')}: {errors[0].get('message')}"


async def test_without_a_list_every_name_is_taken(sqlite_service: Service) -> None:
    """An absent list is not an empty one; from the first agent on strangers are refused, even if that one has left."""
    async with sqlite_service.client("pass24-admin") as client:
        number = await register(client)
        path = f"/v1/tickets/{number}/assignment"
        assert (await client.post(path, json={"agent": "Кто угодно"})).status_code == 200
        await add(client, "анна", state="left")
        refused = await client.post(path, json={"agent": "Кто угодно"})
        assert field(refused) == (422, "agent: names none of the company's agents")
        assert field(await client.post(path, json={"agent": "АННА"})) == (422, "agent: has left")


async def test_a_ticket_is_given_to_an_active_agent_of_its_line(service: Service) -> None:
    """By name whatever its case, or by id; away, gone, of another line: 422 with the reason, and nothing changes."""
    async with service.client("pass24-admin") as client:
        number = await register(client)
        line = (await client.get(f"/v1/tickets/{number}")).json()["line"]
        anna = await add(client, "анна", display_name="Анна Петрова", lines=[line])
        await add(client, "борис", lines=["development"])
        await add(client, "вера", state="away")
        path = f"/v1/tickets/{number}"
        for what in ("assignment", "accept"):
            for agent, said in (
                ("борис", "agent: works on development"),
                ("вера", "agent: is away"),
                ("глеб", "agent: names none of the company's agents"),
            ):
                assert field(await client.post(f"{path}/{what}", json={"agent": agent})) == (422, said)
        assert (await client.post(f"{path}/accept", json={"agent": anna})).status_code == 200
        shown = (await client.get(path)).json()
        assert (shown["assignee"], shown["version"]) == ("анна", 2)
        listed = (await client.get(AGENTS, params={"line": line})).json()["items"]
        assert [(each["name"], each["open_tickets"]) for each in listed] == [("анна", 1), ("вера", 0)]
        handed = await client.post(f"{path}/line", json={"line": "development"})
        assert handed.status_code == 200
        assert (await client.get(path)).json()["assignee"] is None  # not hers to keep, so the queue has it
        assert field(await client.post(AGENTS, json={"name": "x", "display_name": "x", "lines": ["нет"]}))[0] == 422
        again = await client.post(AGENTS, json={"name": " АННА ", "display_name": "x"})
        assert again.status_code == 409


async def test_next_serves_the_lines_of_who_asks(service: Service) -> None:
    """The key says who asks; without a line the ticket is of the agent's lines, the most urgent of them all."""
    key = await key_of(service, "pass24 agent")
    async with service.client("pass24-admin") as admin, service.client("pass24-agent") as client:
        first, second, third = [await register(admin) for _ in range(3)]
        line = (await admin.get(f"/v1/tickets/{first}")).json()["line"]
        await admin.post(f"/v1/tickets/{second}/line", json={"line": "development"})
        boris = await add(admin, "борис", display_name="Борис", lines=["development"], keys=[key])
        assert (await client.get(f"{AGENTS}/me")).json()["id"] == boris
        taken = await client.post(NEXT, json={})
        assert (taken.json()["number"], taken.status_code) == (second, 200)
        assert (await client.post(NEXT, json={})).status_code == 204
        assert field(await client.post(NEXT, json={"line": line})) == (422, "agent: works on development")
        both = {"display_name": "Борис Ким", "lines": ["development", line], "keys": [key]}
        assert (await put(admin, f"{AGENTS}/{boris}", json=both)).status_code == 200
        assert (await client.post(NEXT, json={})).json()["number"] == first
        away = await put(client, f"{AGENTS}/me/state", json={"state": "away"})
        assert away.status_code == 200
        assert field(await client.post(NEXT, json={})) == (422, "agent: is away")
        events = (await client.get(f"/v1/tickets/{first}/events?limit=200")).json()["items"]
        assigned = next(each for each in events if each["what"] == "assigned")
        assert (assigned["actor"], assigned["by"], assigned["data"]["agent"]) == (f"key:{key}", "Борис Ким", "борис")
        acts = (await admin.get("/v1/audit", params={"act": "queue.next"})).json()["items"]
        assert [act["by"] for act in acts] == ["Борис Ким", "Борис"]  # as they were known then
        assert third


async def test_what_a_leaver_has_goes_back_to_the_queue_in_one_act(service: Service) -> None:
    """Only of who is given nothing more; audited once; again nothing is left to do; the key opens nothing here."""
    key = await key_of(service, "phone agent")
    async with service.client("pass24-admin") as admin, service.client("phone") as phone:
        anna = await add(admin, "анна", keys=[key])
        numbers = [await register(admin) for _ in range(3)]
        for number in numbers:
            assert (await admin.post(f"/v1/tickets/{number}/assignment", json={"agent": "анна"})).status_code == 200
        await admin.post(f"/v1/tickets/{numbers[2]}/close", json={"outcome": "solved"})
        back, body = f"{AGENTS}/{anna}/handback", {"reason": "уволилась"}
        assert (await admin.post(back, json=body)).status_code == 409
        gone = {"display_name": "Анна", "state": "left", "keys": [key]}
        assert (await put(admin, f"{AGENTS}/{anna}", json=gone)).status_code == 200
        once = {"Idempotency-Key": "leaver"}
        done, repeated = [await admin.post(back, json=body, headers=once) for _ in range(2)]
        assert done.json() == repeated.json() == {"numbers": numbers[:2], "left": 0}
        assert (await admin.post(back, json=body)).json() == {"numbers": [], "left": 0}
        for number in numbers[:2]:
            assert (await admin.get(f"/v1/tickets/{number}")).json()["assignee"] is None
        acts = (await admin.get("/v1/audit", params={"act": "agent.hand_back"})).json()["items"]
        assert [(act["about"], act["data"]["tickets"]) for act in acts] == [(f"agent:{anna}", numbers[:2])]
        here = await phone.get("/v1/tickets", headers={"Helpdesk-Tenant": "pass24"})
        there = await phone.get("/v1/tickets", headers={"Helpdesk-Tenant": "telemedhelp"})
        assert (here.status_code, there.status_code) == (404, 200)


async def test_a_list_shows_its_own_company(service: Service) -> None:
    """Agents, their keys and their names stay behind the tenant's walls; a key that is nobody's has no `me`."""
    async with service.client("intervale-admin") as theirs:
        made = await add(theirs, "анна")
    foreign = await key_of(service, "intervale agent")
    async with service.client("pass24-admin") as client:
        assert (await client.get(AGENTS)).json() == {"items": []}
        assert (await client.get(f"{AGENTS}/{made}")).status_code == 404
        assert (await put(client, f"{AGENTS}/{made}", json={"display_name": "x"})).status_code == 404
        assert (await client.post(f"{AGENTS}/{made}/handback", json={"reason": "x"})).status_code == 404
        assert (await client.get(f"{AGENTS}/me")).status_code == 404
        stolen = await client.post(AGENTS, json={"name": "x", "display_name": "x", "keys": [foreign]})
        assert stolen.status_code == 422
    async with service.client("pass24-agent") as client:
        assert (await client.post(AGENTS, json={"name": "x", "display_name": "x"})).status_code == 403


async def test_an_agent_of_the_operator_s_serves_several_companies(service: Service) -> None:
    """One person in each company's list, with the key where it serves; each says the lines; the operator ends it."""
    key = await key_of(service, "phone agent")
    path = "/v1/operator/agents"
    async with service.client("operator") as operator, service.client("phone") as phone:
        body = {
            "name": "ольга",
            "display_name": "Ольга",
            "keys": [key],
            "tenants": ["pass24", "telemedhelp", "intervale"],
        }
        made = await operator.post(path, json=body, headers={"Idempotency-Key": "o1"})
        assert (made.status_code, made.json()["version"]) == (201, 3), made.text
        again = await operator.post(path, json=body, headers={"Idempotency-Key": "o1"})
        assert again.content == made.content
        assert (await operator.post(path, json=body)).status_code == 409
        unknown = await operator.post(path, json={**body, "tenants": ["no-such"]})
        assert field(unknown) == (422, "tenants: names no company")
        there = f"{path}/{made.json()['id']}"
        for company in ("pass24", "telemedhelp"):
            headers = {"Helpdesk-Tenant": company}
            assert (await phone.get("/v1/agents/me", headers=headers)).json()["id"] == made.json()["id"]
        async with service.client("pass24-admin") as admin:
            own = f"{AGENTS}/{made.json()['id']}"
            mine = {"display_name": "Ольга", "lines": ["development"], "keys": [key]}
            assert (await put(admin, own, json=mine)).status_code == 200
            assert (await put(admin, own, json={**mine, "display_name": "Олег"})).status_code == 409
            assert (await put(admin, own, json={**mine, "state": "left"})).status_code == 409
        assert (await operator.get(there)).headers["etag"] == '"4"'
        less = {"display_name": "Ольга К.", "keys": [key], "tenants": ["pass24"]}
        stale = await operator.put(there, json=less, headers={"If-Match": '"3"'})
        assert (stale.status_code, stale.json()["current_version"]) == (412, 4)
        changed = await operator.put(there, json=less, headers={"If-Match": '"4"'})
        assert (changed.json()["tenants"], changed.json()["display_name"]) == (["pass24"], "Ольга К.")
        left = await phone.get("/v1/tickets", headers={"Helpdesk-Tenant": "telemedhelp"})
        me = (await phone.get("/v1/agents/me")).json()
        assert (left.status_code, me["display_name"], me["lines"]) == (404, "Ольга К.", ["development"])
        assert [each["id"] for each in (await operator.get(path)).json()["items"]] == [made.json()["id"]]
    async with service.client("pass24-admin") as admin:
        assert (await admin.get(path)).status_code == 403
