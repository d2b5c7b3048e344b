"""Confidential companies: each reading by staff is recorded before anything is shown; others pay nothing."""

import tomllib

import pytest
from tests.integration.api.conftest import POLICIES, Service
from tests.integration.api.test_tickets import register
from tests.support.seen import put

from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.companies.confidential import READ, set_confidential
from helpdesk.desk.companies.onboarding import prepare, take_on
from helpdesk.kernel.errors import Conflict, Unavailable
from helpdesk.kernel.principal import Principal, Role
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.audit import Act, Audit
from helpdesk.store.engine.database import Database
from helpdesk.store.tenants import Tenants

pytestmark = pytest.mark.anyio

OPERATOR = Principal(Role.OPERATOR, "key:operator")
MARK = "/v1/operator/tenants/intervale/confidential"


async def mark(service: Service, *, on: bool = True) -> None:
    async with service.client("operator") as client:
        answer = await put(client, MARK, json={"on": on, "cause": "договор о неразглашении"})
        assert (answer.status_code, answer.json()["confidential"]) == (200, on)


async def readings(service: Service) -> list[tuple[str, str, list[int] | None]]:
    """Return the readings as the administrator sees them, the oldest first: about, way in, numbers."""
    async with service.client("intervale-admin") as client:
        answer = await client.get("/v1/audit", params={"act": READ, "limit": 200})
        assert answer.status_code == 200
    found = reversed(answer.json()["items"])
    return [(each["about"], each["data"]["way"], each["data"].get("numbers")) for each in found]


async def test_every_reading_is_recorded_with_what_was_shown(service: Service) -> None:
    """Ticket, messages, log, deadlines, files, lists, search, queue, callers: who, what and when."""
    async with service.client("intervale-agent") as client:
        number = await register(client)
        put = await client.post(f"/v1/tickets/{number}/attachments", params={"name": "a.txt"}, content=b"a")
        await client.get(f"/v1/tickets/{number}")
        assert await readings(service) == []
        await mark(service)
        ways = [f"/v1/tickets/{number}{part}" for part in ("", "/messages", "/events", "/deadlines", "/attachments")]
        for way in (*ways, put.headers["location"], "/v1/tickets", "/v1/search?q=вход", "/v1/queue"):
            assert (await client.get(way)).status_code == 200
        for way in ("/v1/tickets/777777", "/v1/organisations", "/v1/regulation"):
            await client.get(way)
    about = f"ticket:{number}"
    expected = [(about, f"GET {way}", None) for way in (*ways, put.headers["location"])]
    lists = [("list:tickets", "GET /v1/tickets"), ("list:search", "GET /v1/search"), ("list:queue", "GET /v1/queue")]
    assert await readings(service) == [*expected, *((*each, [number]) for each in lists)]
    async with service.client("intervale-admin") as client:
        newest = (await client.get("/v1/audit", params={"about": about, "limit": 1})).json()["items"][0]
        assert newest["actor"].startswith("key:")
        assert newest["data"]["name"] == "intervale agent"


async def test_what_cannot_be_recorded_is_not_shown(sqlite_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading whose record does not commit is answered 503, with nothing of the ticket."""
    await mark(sqlite_service)

    def fail(*_: object) -> None:
        raise Unavailable

    async with sqlite_service.client("intervale-agent") as client:
        number = await register(client, subject="Секрет")
        with monkeypatch.context() as patched:
            patched.setattr(Audit, "record", fail)
            answer = await client.get(f"/v1/tickets/{number}")
        assert answer.status_code == 503
        assert "Секрет" not in answer.text


async def test_others_write_nothing_when_they_read(sqlite_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a company that is not confidential a reading is one read transaction, and nothing more."""
    async with sqlite_service.client("intervale-agent") as client:
        number = await register(client)

        def fail(*_: object, **__: object) -> None:
            raise AssertionError("a write")

        with monkeypatch.context() as patched:
            patched.setattr(type(sqlite_service.database), "write", fail)
            assert (await client.get(f"/v1/tickets/{number}")).status_code == 200
    await mark(sqlite_service)
    await mark(sqlite_service, on=False)
    async with sqlite_service.client("intervale-agent") as client:
        await client.get(f"/v1/tickets/{number}")
    assert await readings(sqlite_service) == []


async def test_only_the_company_s_administrators_see_its_audit(sqlite_service: Service) -> None:
    """Agents and programs do not, other companies neither; pages join."""
    await mark(sqlite_service)
    async with sqlite_service.client("intervale-agent") as client:
        number = await register(client)
        for _ in range(3):
            await client.get(f"/v1/tickets/{number}")
        assert (await client.get("/v1/audit")).status_code == 403
    async with sqlite_service.client("pass24-admin") as client:
        acts = (await client.get("/v1/audit")).json()["items"]
        assert [each["about"] for each in acts] == ["tenant:pass24"]
    async with sqlite_service.client("intervale-admin") as client:
        first = (await client.get("/v1/audit", params={"act": READ, "limit": 2})).json()
        rest = (await client.get("/v1/audit", params={"act": READ, "cursor": first["next"]})).json()
        assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)


def test_a_regulation_may_demand_it(sqlite_database: Database) -> None:
    """Such a company is confidential from the start, and stays so; the audit names the clause's act."""
    package = load_package(POLICIES / "specpromdesign")
    parameters = tomllib.loads((POLICIES / "specpromdesign" / "example-parameters.toml").read_text("utf-8"))
    company = prepare(package, {}, parameters=parameters)
    tenant = sqlite_database.write_now(OPERATOR, lambda session: take_on(session, company))
    assert tenant.confidential
    assert sqlite_database.read_now(OPERATOR, lambda session: Tenants(session).by_id(tenant.id)).confidential
    find = Directory().in_force
    with pytest.raises(Conflict, match="Общие положения"):
        sqlite_database.write_now(
            OPERATOR, lambda session: set_confidential(session, "specpromdesign", find, on=False, cause="x")
        )

    def acts(session) -> tuple[Act, ...]:  # type: ignore[no-untyped-def]
        return Audit(session.within(tenant.id)).latest(5)

    assert [act.data["confidential"] for act in sqlite_database.read_now(OPERATOR, acts)] == [True]
