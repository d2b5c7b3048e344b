"""Subscriptions through the HTTP door: kept, changed, their secrets shown, tried out, listed; inside is no target."""

from typing import Any
from uuid import UUID

import pytest
from tests.integration.api.conftest import Service
from tests.support.seen import put

from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.outward.notifying import disable
from helpdesk.kernel.principal import system
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import Outbox
from helpdesk.store.tenants import Tenants

pytestmark = pytest.mark.anyio
HOOK = {
    "target": "https://Hooks.Example.com/helpdesk",
    "events": ["ticket.registered", "ticket.breached"],
    "title": "CRM",
}
INSIDE = ("127.1", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fec0::1]",
          "169.254.169.254", "100.100.100.200", "0", "①②⑦.0.0.1", "localhost")  # fmt: skip


async def test_a_subscription_is_kept_changed_and_taken_away(sqlite_service: Service) -> None:
    """Once under one key; under If-Match; its target in one form and once; no secret in any answer but its own."""
    async with sqlite_service.client("pass24-admin") as admin:
        first, again = [
            await admin.post("/v1/subscriptions", json=HOOK, headers={"Idempotency-Key": "s"}) for _ in range(2)
        ]
        assert (first.status_code, first.content) == (201, again.content)
        assert "whsec_" not in first.text
        assert (await admin.post("/v1/subscriptions", json=HOOK)).status_code == 409
        there = first.headers["location"]
        found = (await admin.get(there)).json()
        assert (found["target"], found["events"]) == ("https://hooks.example.com/helpdesk", sorted(HOOK["events"]))
        changed = await put(admin, there, json={"target": "https://hooks.example.com/", "enabled": False})
        assert changed.status_code == 200
        found = (await admin.get("/v1/subscriptions")).json()["items"][0]
        assert (found["events"], found["disabled_why"]) == ([], "by hand")
        assert (await admin.post(f"{there}/tests")).status_code == 409
        assert (await put(admin, there, json={"target": "https://hooks.example.com/"})).status_code == 200
        found = (await admin.get(there)).json()
        assert (found["disabled_at"], found["disabled_why"]) == (None, "")
        stale = await admin.delete(there, headers={"If-Match": '"1"'})
        assert stale.status_code == 412
        gone = await admin.delete(there, headers={"If-Match": f'"{found["version"]}"'})
        assert gone.status_code == 200
        assert (await admin.get(there)).status_code == 404


async def test_nothing_inside_can_be_subscribed(sqlite_service: Service) -> None:
    """422 for every disguise of the inside, for plain http, a type of event or a notifier that is none."""
    async with sqlite_service.client("pass24-admin") as admin:
        for host in INSIDE:
            told = await admin.post("/v1/subscriptions", json={"target": f"https://{host}/"})
            assert (told.status_code, told.json()["errors"][0]["path"]) == (422, "target"), host
        for body, place in (
            ({"target": "http://hooks.example.com/"}, "target"),
            ({**HOOK, "events": ["ticket.nonsense"]}, "events"),
            ({**HOOK, "notifier": "pigeon"}, "notifier"),
        ):
            told = await admin.post("/v1/subscriptions", json=body)
            assert (told.status_code, told.json()["errors"][0]["path"]) == (422, place)
        assert (await admin.get("/v1/subscriptions")).json() == {"items": []}


async def test_the_secret_is_shown_where_it_is_asked_for_and_rotates(sqlite_service: Service) -> None:
    """The same each time; after a rotation two, the new one first. Agents and other companies see nothing."""
    async with sqlite_service.client("pass24-admin") as admin, sqlite_service.client("intervale-admin") as other:
        there = (await admin.post("/v1/subscriptions", json=HOOK)).headers["location"]
        (secret,) = (await admin.get(f"{there}/secrets")).json()["secrets"]
        assert (await admin.get(f"{there}/secrets")).json()["secrets"] == [secret]
        assert secret.startswith("whsec_")
        assert (await admin.post(f"{there}/secrets")).status_code == 201
        new, former = (await admin.get(f"{there}/secrets")).json()["secrets"]
        assert (former == secret, new == secret) == (True, False)
        for path in (there, f"{there}/secrets", f"{there}/deliveries"):
            assert (await other.get(path)).status_code == 404
        theirs = (await other.post("/v1/subscriptions", json=HOOK)).headers["location"]
        assert (await other.get(f"{theirs}/secrets")).json()["secrets"][0] not in {new, former}
        async with sqlite_service.client("pass24-agent") as agent:
            assert (await agent.get(f"{there}/secrets")).status_code == 403
        audit = (await admin.get("/v1/audit?limit=50")).text
        assert "subscription.rotate" in audit
        assert secret not in audit
        assert "/helpdesk" not in audit  # a path may be a secret of the target's


async def test_a_try_is_owed_and_listed(sqlite_service: Service) -> None:
    """It stands among the subscription's deliveries, not among the company's letters."""
    async with sqlite_service.client("pass24-integrator") as client, sqlite_service.client("pass24-agent") as agent:
        there = (await client.post("/v1/subscriptions", json=HOOK)).headers["location"]
        tried = await client.post(f"{there}/tests")
        assert tried.status_code == 202
        (found,) = (await client.get(f"{there}/deliveries")).json()["items"]
        assert (found["id"], found["type"], found["state"]) == (tried.json()["id"], "subscription.test", "open")
        assert (await client.get(f"{there}/deliveries?state=done")).json()["items"] == []
        assert (await agent.get("/v1/deliveries")).json()["items"] == []


async def test_the_companys_people_are_told_of_a_disabled_target(sqlite_service: Service) -> None:
    """By mail, in shadow mode too, once; the letter names the host and not the path."""

    def work(session: Session, subscription: Any) -> None:
        resources = Resources(sqlite_service.app.state["services"].directory, b"0" * 32)
        for _ in range(2):
            disable(session, resources, subscription, "answered 500")

    def alerts(session: Session) -> Any:
        tenant = Tenants(session).by_slug("pass24")
        Tenants(session).change(tenant.id, name=tenant.name, alert_address="head@pass24.example")
        Tenants(session).set_shadow(tenant.id, session.now)
        return tenant.id

    async with sqlite_service.client("pass24-admin") as admin:
        made = (await admin.post("/v1/subscriptions", json=HOOK)).json()["id"]
        database = sqlite_service.database
        tenant = await database.write(system("test"), alerts)
        await database.write(system("test", tenant), lambda session: work(session, UUID(made)))
        assert await database.read(system("test", tenant), lambda session: Outbox(session).counts()) == (1, 0)
        (letter,) = (await admin.get("/v1/deliveries")).json()["items"]
        assert (letter["purpose"], letter["recipient"], letter["state"]) == (
            "subscription",
            "head@pass24.example",
            "open",
        )
        assert "hooks.example.com: answered 500" in letter["text"]
        assert "/helpdesk" not in letter["text"] + letter["subject"]
