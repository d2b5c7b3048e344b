"""Operators take on companies and make keys."""

import pytest
from tests.integration.api.conftest import Service

from helpdesk.kernel.principal import Principal, Role
from helpdesk.store.audit import Audit

pytestmark = pytest.mark.anyio

TENANTS = "/v1/operator/tenants"
KEYS = "/v1/operator/keys"


async def test_a_company_is_taken_on_and_works_at_once(service: Service) -> None:
    """Its regulation, its addresses, a key for it, a call to its number: all through the API."""
    async with service.client("operator") as client:
        before = {tenant["slug"] for tenant in (await client.get(TENANTS)).json()["items"]}
        assert before == {"intervale", "pass24", "telemedhelp"}
        body = {"regulation": "siroca", "addresses": [{"channel_kind": "phone", "address": "+996 312 000 001"}]}
        made = await client.post(TENANTS, json=body)
        assert (made.status_code, made.json().get("slug")) == (201, "siroca"), made.text
        again = await client.post(TENANTS, json=body)
        assert (again.status_code, again.json()["type"]) == (409, "urn:helpdesk:problem:conflict")
        key = await client.post(KEYS, json={"role": "agent", "name": "first line", "tenants": ["siroca"]})
        assert key.status_code == 201
    async with service.client() as client:
        headers = {"Authorization": f"Bearer {key.json()['secret']}"}
        assert (await client.get("/v1/tickets", headers=headers)).json() == {"items": [], "next": None}


async def test_operators_writes_happen_once_under_their_key(service: Service) -> None:
    """The same key with the same request gives the same bytes, a key's secret included; with another one 422."""
    company = {"regulation": "siroca"}
    wanted = {"role": "agent", "name": "first line", "tenants": ["pass24"]}
    async with service.client("operator") as client:
        for path, body, other in (
            (TENANTS, company, company | {"alert_address": "head@siroca.example"}),
            (KEYS, wanted, wanted | {"name": "second line"}),
        ):
            once = {"Idempotency-Key": f"once {path}".replace(" ", "-")}
            made = await client.post(path, json=body, headers=once)
            again = await client.post(path, json=body, headers=once)
            assert (again.status_code, again.content) == (201, made.content)
            reused = await client.post(path, json=other, headers=once)
            assert (reused.status_code, reused.json()["type"]) == (422, "urn:helpdesk:problem:idempotency-key-reused")
        another = await client.post(TENANTS, json=company, headers={"Idempotency-Key": "another"})
        assert another.status_code == 409
        keys = (await client.get(KEYS)).json()["items"]
        assert len([key for key in keys if key["name"] == "first line"]) == 1
        assert not [key for key in keys if key["name"] == "second line"]
        secret = (await client.post(KEYS, json=wanted, headers={"Idempotency-Key": f"once-{KEYS}"})).json()["secret"]
    async with service.client() as client:
        answer = await client.get("/v1/tickets", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 200


async def test_a_company_that_cannot_be_taken_on_says_why(service: Service) -> None:
    """An unknown regulation, an unknown parameter, an address of somebody else: nothing is stored."""
    async with service.client("operator") as client:
        for body, status in (
            ({"regulation": "no-such"}, 422),
            ({"regulation": "siroca", "parameters": {"no_such": 1}}, 422),
            ({"regulation": "siroca", "readings": {"no_such": "x"}}, 422),
            ({"regulation": "siroca", "alert_address": "nobody"}, 422),
            ({"regulation": "siroca", "addresses": [{"channel_kind": "phone", "address": "+74953242442"}]}, 409),
            ({"regulation": "../../etc"}, 400),
        ):
            answer = await client.post(TENANTS, json=body)
            assert answer.status_code == status, answer.text
        assert len((await client.get(TENANTS)).json()["items"]) == 3


async def test_a_secret_is_shown_once(service: Service) -> None:
    """The list of keys has names, roles and companies, never a secret; making and revoking are audited."""
    async with service.client("operator") as client:
        made = (
            await client.post(KEYS, json={"role": "agent", "name": "phone", "tenants": ["pass24", "telemedhelp"]})
        ).json()
        listed = await client.get(KEYS)
        assert made["secret"] not in listed.text
        assert {"id": made["id"], "role": "agent", "name": "phone", "tenants": ["pass24", "telemedhelp"]}.items() <= (
            listed.json()["items"][-1].items()
        )
        assert (await client.delete(f"{KEYS}/{made['id']}")).status_code == 204
        assert (await client.delete(f"{KEYS}/{made['id']}")).status_code == 204
        assert (await client.get(KEYS)).json()["items"][-1]["revoked_at"] is not None
        nobody = await client.delete(f"{KEYS}/01a20111-bd0d-7fe6-a566-370977be7e7d")
        assert nobody.status_code == 404
    acts = await service.database.read(
        Principal(Role.OPERATOR, "operator"), lambda session: [act.act for act in Audit(session).latest(10)]
    )
    assert acts[:2] == ["key.revoke", "key.revoke"] or acts[:2] == ["key.revoke", "key.create"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"role": "agent", "name": "x"}, 422),
        ({"role": "operator", "name": "x", "tenants": ["pass24"]}, 422),
        ({"role": "admin", "name": "x", "tenants": ["pass24", "intervale"]}, 422),
        ({"role": "agent", "name": "x", "tenants": ["no-such"]}, 422),
        ({"role": "system", "name": "x"}, 400),
        ({"role": "contact", "name": "x", "tenants": ["pass24"]}, 400),
        ({"role": "agent", "name": "", "tenants": ["pass24"]}, 400),
        ({"role": "agent", "name": "x", "tenants": ["Pass24'--"]}, 400),
    ],
)
async def test_a_key_that_cannot_be_is_refused(sqlite_service: Service, body: dict[str, object], status: int) -> None:
    """Roles and companies must go together; nobody makes a key for the service itself."""
    async with sqlite_service.client("operator") as client:
        assert (await client.post(KEYS, json=body)).status_code == status
