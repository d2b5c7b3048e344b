"""Shadow mode through the HTTP door: an operator's act, loud in the list and the metrics, seen by the company."""

import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register
from tests.support.seen import put

pytestmark = pytest.mark.anyio

SHADOW = "/v1/operator/tenants/pass24/shadow"


async def test_a_company_goes_into_the_shadow_and_comes_out(service: Service) -> None:
    """Both databases: it is shown since when and how many letters stayed; the same request twice is one act."""
    async with service.client("operator") as client:
        entered = await put(client, SHADOW, json={"on": True, "cause": "рядом"}, headers={"Idempotency-Key": "s1"})
        assert entered.status_code == 200, entered.text
        assert entered.json()["shadow_since"]
        again = await put(client, SHADOW, json={"on": True, "cause": "рядом"}, headers={"Idempotency-Key": "s1"})
        assert again.content == entered.content
    async with service.client("pass24-agent") as client:
        number = await register(client, contact="client@client.example")
        kept = (await client.get("/v1/deliveries?state=suppressed")).json()["items"]
        assert [(item["number"], item["purpose"], item["state"]) for item in kept] == [
            (number, "acknowledgement", "suppressed")
        ]
        assert (await client.get("/v1/deliveries?state=open")).json()["items"] == []
        assert (await put(client, SHADOW, json={"on": False, "cause": "x"})).status_code == 403
    async with service.client("operator") as client:
        listed = {one["slug"]: one for one in (await client.get("/v1/operator/tenants")).json()["items"]}
        assert (bool(listed["pass24"]["shadow_since"]), listed["pass24"]["suppressed"]) == (True, 1)
        assert (listed["intervale"]["shadow_since"], listed["intervale"]["suppressed"]) == (None, 0)
        metrics = (await client.get("/metrics")).text
        assert "helpdesk_tenants_in_shadow 1.0" in metrics
        left = (await put(client, SHADOW, json={"on": False, "cause": "готово"})).json()
        assert (left["shadow_since"], left["suppressed"]) == (None, 1)
        assert (await put(client, SHADOW, json={"on": True, "cause": " "})).status_code == 400
        nobody = await put(client, SHADOW.replace("pass24", "nobody"), json={"on": True, "cause": "x"})
        assert nobody.status_code == 404


async def test_a_company_may_begin_in_the_shadow(sqlite_service: Service) -> None:
    """So that not one letter leaves before the old system is switched off."""
    async with sqlite_service.client("operator") as client:
        made = await client.post("/v1/operator/tenants", json={"regulation": "siroca", "shadow": True})
        assert made.status_code == 201, made.text
        assert made.json()["shadow_since"] is not None
