"""Complaints about staff go past the agent concerned."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select
from tests.integration.api.conftest import Service, settle_in, start
from tests.support.seen import BEFORE_ANY, put

from helpdesk.desk.companies.onboarding import prepare
from helpdesk.kernel.principal import Role, system
from helpdesk.plugins.registry import Registry
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.credentials import Credentials
from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import audit, messages, outbox
from helpdesk.store.tenants import Tenants

pytestmark = pytest.mark.anyio

HEAD = "head@siroca.example"
CANARY = "КАНАРЕЙКА-жалоба"
BODY = {"text": CANARY, "about": "Пётр", "complainant": "Клиент", "contact": "client@client.example"}


@pytest.fixture
def module_database(sqlite_template: Path, tmp_path: Path) -> Database:
    shutil.copy(sqlite_template, tmp_path / "alone.db")
    return open_database(f"sqlite:///{tmp_path / 'alone.db'}")


@pytest.fixture
async def siroca(anyio_backend: str, module_database: Database, registry: Registry) -> AsyncIterator[Service]:
    """Siroca with its head's contact, TelemedHelp and PASS24; administrators of Siroca named Пётр and Анна."""
    packages = [(name, load_package(registry.regulations[name].root)) for name in ("siroca", "pass24", "telemedhelp")]
    companies = [
        prepare(package, registry.channels, parameters={"head_contact": {"address": HEAD}} if name == "siroca" else {})
        for name, package in packages
    ]

    def settle(session: Session) -> dict[str, str]:
        secrets = settle_in(session, companies)
        tenant = Tenants(session).by_slug("siroca").id
        for name in ("Пётр", "Анна"):
            secrets[name] = Credentials(session).create(Role.ADMIN, name, [tenant]).secret
        secrets["петр-agent"] = Credentials(session).create(Role.AGENT, "Пётр", [tenant]).secret
        return secrets

    keys = await asyncio.to_thread(module_database.write_now, system("test"), settle)
    running = await start(module_database, registry, keys)
    yield running
    await running.server.stop()
    module_database.close()


async def complain(client: httpx2.AsyncClient, **body: object) -> str:
    answer = await client.post("/v1/complaints", json={**BODY, **body})
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def test_the_head_is_told_and_the_agent_concerned_is_not(siroca: Service) -> None:
    """Siroca 3.3: the letter goes to the head's contact; the agent sees nothing by any key, role or route."""
    async with siroca.client("siroca-agent") as client:
        made = await complain(client)
        headers = {"Idempotency-Key": "c"}
        first, again = [await client.post("/v1/complaints", json=BODY, headers=headers) for _ in range(2)]
        assert first.content == again.content
    letters = siroca.database.read_now(
        system("test"), lambda s: list(s.connection.execute(select(outbox.c.payload)).scalars())
    )
    told = [(letter["recipient"], CANARY in letter["text"]) for letter in letters if "recipient" in letter]
    assert told == [(HEAD, True), ("client@client.example", False)] * 2
    async with siroca.client("Анна") as client:
        found = (await client.get("/v1/complaints", params={"state": "open"})).json()["items"]
        assert [(each["about"], each["clause"], each["told"], each["due"]) for each in found] == [
            ("Пётр", "3.3", HEAD, None),
        ] * 2  # fmt: skip
        assert (await client.get(f"/v1/complaints/{made}")).json()["text"] == CANARY
    for name in ("Пётр", "петр-agent", "siroca-agent"):
        async with siroca.client(name) as client:
            assert (await client.get("/v1/deliveries")).json()["items"] == [], "a list of letters tells of it"
    async with siroca.client("Пётр") as client:
        assert (await client.get("/v1/complaints")).json() == {"items": []}
        for method, path, body in (
            ("GET", f"/v1/complaints/{made}", None),
            ("PUT", f"/v1/complaints/{made}/handler", {"agent": "Анна"}),
            ("PUT", f"/v1/complaints/{made}/decision", {"text": "x", "upheld": False}),
        ):
            assert (await client.request(method, path, json=body, headers=BEFORE_ANY)).status_code == 404
        for path in ("/v1/feed", "/v1/tickets", "/v1/ledger", "/v1/queue"):
            assert CANARY not in (await client.get(path)).text
    async with siroca.client("петр-agent") as client:
        assert (await client.get("/v1/complaints")).status_code == 403
        assert (await client.get(f"/v1/complaints/{made}")).status_code == 403

    def elsewhere(session: Session) -> str:
        rows = [list(session.connection.execute(select(table))) for table in (audit, messages)]
        return repr(rows)

    assert CANARY not in siroca.database.read_now(system("test"), elsewhere)
    assert "complaint.add" in siroca.database.read_now(system("test"), elsewhere)


async def test_it_is_never_handed_to_the_agent_concerned(siroca: Service) -> None:
    """By whatever spelling of the name; the refusal names the clause. Decided once, the client is told."""
    async with siroca.client("Анна") as client:
        path = f"/v1/complaints/{await complain(client)}"
        refused = await put(client, f"{path}/handler", json={"agent": " ПЕТР "})
        assert (refused.status_code, refused.json()["clause"]) == (409, "3.3")
        handed = await client.put(f"{path}/handler", json={"agent": "Ольга"}, headers={"If-Match": '"1"'})
        assert (handed.status_code, handed.headers["etag"]) == (200, '"2"')
        stale = {"text": "Извините", "upheld": True}
        assert (await client.put(f"{path}/decision", json=stale, headers={"If-Match": '"1"'})).status_code == 412
        assert (await put(client, f"{path}/decision", json=stale)).status_code == 200
        shown = (await client.get(path)).json()
        assert (shown["state"], shown["upheld"], shown["handler"], shown["decision"]) == (
            "decided", True, "Ольга", "Извините",
        )  # fmt: skip
        assert (await put(client, f"{path}/decision", json=stale)).status_code == 409
        assert (await put(client, f"{path}/handler", json={"agent": "Ольга"})).status_code == 409


async def test_whoever_has_the_ticket_is_meant(siroca: Service) -> None:
    """A complaint that names a ticket and nobody is about its assignee; about nobody there is none."""
    async with siroca.client("Анна") as client:
        number = (
            await client.post(
                "/v1/tickets", json={"subject": "x", "channel_kind": "email", "requester": "c@client.example"}
            )
        ).json()["number"]
        nobody = {"text": "x", "ticket": number}
        assert (await client.post("/v1/complaints", json=nobody)).status_code == 422
        await put(client, f"/v1/tickets/{number}/assignment", json={"agent": "Пётр"})
        made = await complain(client, about="", ticket=number)
        assert (await client.get(f"/v1/complaints/{made}")).json()["about"] == "Пётр"
        assert (await client.post("/v1/complaints", json={**BODY, "ticket": 99})).status_code == 422
        assert CANARY not in (await client.get(f"/v1/tickets/{number}/events")).text


async def test_a_regulation_without_a_way_has_none(siroca: Service) -> None:
    """TelemedHelp and PASS24 say nothing of complaints: 409, and what to do instead."""
    for company in ("telemedhelp", "pass24"):
        async with siroca.client(f"{company}-agent") as client:
            answer = await client.post("/v1/complaints", json=BODY)
            assert (answer.status_code, answer.json()["type"]) == (409, "urn:helpdesk:problem:conflict")
