"""What reading costs the database: no statement more for a longer answer, no table read from end to end."""

import asyncio
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from msgspec import Struct
from standardwebhooks import Webhook
from tests.integration.api.conftest import Service, settle_in, start
from tests.support.seen import put

from helpdesk.api import auth
from helpdesk.api.app import openapi_of
from helpdesk.contracts.messages import Inbound
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.companies.onboarding import prepare
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.registering import Arrival
from helpdesk.kernel.principal import system
from helpdesk.plugins.registry import Registry
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.engine import sqlite
from helpdesk.store.engine.database import Database, Session, open_database
from helpdesk.store.schema import metadata
from helpdesk.store.tenants import Tenants

MANY = 8
"""Rows of everything, and at least as many of each thing that one ticket, problem or organisation has several of."""
CALL = {"dialled": "+74953242442", "caller": "+79161234567", "summary": "Не открывается шлагбаум"}
GIVEN = {
    "limit": "100", "q": "шлагбаум", "search": "въезд", "dialled": CALL["dialled"], "month": "2026-01",
    "first_day": "2026-01-01", "last_day": "2026-12-31", "first_month": "2026-01", "last_month": "2026-12",
}  # fmt: skip
"""Query parameters that are asked with; what need not be given is left out."""
KEYS = {"/v1/operator": "operator", "/v1/repairs": "specpromdesign-admin", "/v1/complaints": "siroca-admin"}
"""Who asks, by how the path begins; else an administrator of the company where most is."""
LATECOMERS = ("demo", "polarferry")
"""Companies that are taken on besides."""
RECKONED_APART = {"/v1/operator/reports/attainment"}
"""Each company is reckoned by its own regulation, zone and months: a few statements a company, none a ticket."""
NOTHING_STORED = {"/v1/agents/me", "/v1/operator/agents/{agent_id}", "/v1/calls/{call_id}"}


TELLS_OF_ALL = re.compile(r"/v1/(operator|reports|tags|callers$)")
"""Reads that add up, export or look into all that there is, by their nature."""
FEW = {
    "addresses",
    "agents",
    "agent_keys",
    "audit_heads",
    "canned_answers",
    "complaints",
    "editions",
    "subscriptions",
    "unindexed",
}
"""What a company has so little of that all of it may be read."""
OF_ALL = {"credentials", "credential_tenants"}
"""What is found by its id, whichever companies it serves."""


class Cost(Struct):
    """What one read was asked of the database: with one row of everything, and with many."""

    few: list[str]
    many: list[str]
    plans: dict[str, list[str]]
    """SQLite's plan of each statement of ``many``."""


class Town:
    """A service whose every list can be made longer."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.clients = {name: service.client(name) for name in service.keys}
        self.places: dict[str, Any] = {"e164": "+79161234567", "call_id": "pbx-0", "name": "resolution", "seq": 0}
        self.places |= {"tenant": "pass24"}
        self._count = count()

    async def make(self, key: str, path: str, body: Any = None, **kwargs: Any) -> Any:
        """Have something made; return what is told of it."""
        told = await self.clients[key].post(path, json=body, **kwargs)
        assert told.status_code < 300, (path, told.text)
        return told.json() if told.content else None

    async def ticket(self, key: str = "pass24-agent") -> int:
        body = {"subject": "Не открывается шлагбаум", "channel_kind": "email", "requester": "gate@clients.example"}
        number: int = (await self.make(key, "/v1/tickets", body))["number"]
        return number

    async def begin(self) -> None:
        """Make what the rest belongs to."""
        places = self.places
        places["number"] = await self.ticket()
        editions = await self.clients["operator"].get("/v1/operator/tenants/pass24/editions")
        places["snapshot"] = editions.json()["items"][-1]["snapshot"]
        told = {"title": "Шлагбаумы", "cause": "обновление"}
        places["problem"] = (await self.make("pass24-agent", "/v1/problems", told))["number"]
        for company in ("pass24", "specpromdesign"):
            made = await self.make(f"{company}-admin", "/v1/organisations", {"name": "ООО «Въезд»"})
            places[f"{company}-organisation"] = made["id"]
        places["organisation_id"] = places["pass24-organisation"]
        await self._device(0)
        address = [{"channel_kind": "email", "address": "gate@clients.example"}]
        person = {"name": "Лицо", "organisation_id": places["specpromdesign-organisation"], "addresses": address}
        await self.make("specpromdesign-admin", "/v1/contacts", person)
        places["serviced"] = await self.ticket("specpromdesign-agent")

    async def more(self, times: int) -> None:
        """Make ``times`` more of everything."""
        for _ in range(times):
            n = next(self._count)
            await self._more_work(n)
            await self._more_clients(n)
            await self._more_beside(n)
            await self._repair(n)
            await self._hold()
            await self._ring(n)

    async def _more_work(self, n: int) -> None:
        """Add a ticket with all that belongs to one, and to the one ticket all that it may have several of."""
        make, hub = partial(self.make, "pass24-agent"), f"/v1/tickets/{self.places['number']}"
        agent = {"name": f"борис-{n}", "display_name": "Борис", "email": f"b{n}@pass24.example"}
        self.places["agent_id"] = (await self.make("pass24-admin", "/v1/agents", agent))["id"]
        number = await self.ticket()
        one = f"/v1/tickets/{number}"
        await make(f"{one}/accept", {"agent": agent["name"]})
        await make(f"{one}/tags", {"tags": [f"въезд {n}", "шлагбаум"]})
        await make(f"{one}/pauses", {"reason": "waiting_client", "note": "ждём"})
        await make(f"/v1/problems/{self.places['problem']}/tickets", {"number": number})
        await make(f"{hub}/links", {"relation": "related", "number": number})
        await make(f"{hub}/notes", {"text": "Клиент звонил: шлагбаум закрыт."})
        await make(f"{hub}/participants", {"address": f"a{n}@c.example", "copied": True})
        await make(f"{hub}/remote-sessions", {"object": "контроллер въезда", "consent": "дежурный, по телефону"})
        file = await make(f"{hub}/attachments", params={"name": f"{n}.png"}, content=b"\x89PNG\r\n\x1a\n%d" % n)
        self.places["attachment_id"] = file["attachment"]["id"]
        await make("/v1/calls", {**CALL, "call_id": f"pbx-{n}", "contact": "g@c.example"})

    async def _more_clients(self, n: int) -> None:
        make, organisation = partial(self.make, "pass24-admin"), self.places["organisation_id"]
        address = [{"channel_kind": "phone", "address": f"+7916555{n:04d}"}]
        person = {"name": f"Въезд {n}", "organisation_id": organisation, "addresses": address}
        self.places["contact_id"] = (await make("/v1/contacts", person))["id"]
        await make("/v1/organisations", {"name": f"ООО «Въезд {n}»"})
        path = f"/v1/organisations/{organisation}"
        await make(f"{path}/contracts", {"kind": "client", "first_day": "2026-01-01", "number": f"{n}/26"})
        await make(f"{path}/equipment", {"name": "Контроллер", "serial": f"A-{n}"})
        await put(self.clients["pass24-admin"], f"{path}/products/app{n}", json={"version": "5.2"})

    async def _more_beside(self, n: int) -> None:
        """Add what stands beside the tickets."""
        make, places = partial(self.make, "pass24-admin"), self.places
        answer = {"name": f"update-{n}", "title": "Обновление", "text": "Обновите, { $client }."}
        places["answer_id"] = (await make("/v1/canned-answers", answer))["id"]
        target = {"target": f"https://hooks.example.com/{n}", "events": ["ticket.registered"], "title": "CRM"}
        places.setdefault("subscription_id", (await make("/v1/subscriptions", target))["id"])
        await make(f"/v1/subscriptions/{places['subscription_id']}/tests")
        announced = {"texts": {"ru": "Возможны перерывы."}}
        places["announcement_id"] = (await make("/v1/announcements", announced))["id"]
        complaint = {"text": "Отвечали грубо.", "about": "Борис", "complainant": "Дежурный"}
        places["complaint_id"] = (await self.make("siroca-agent", "/v1/complaints", complaint))["id"]
        shared = {"name": f"ольга-{n}", "display_name": "Ольга", "tenants": ["intervale", "telemedhelp"]}
        await self.make("operator", "/v1/operator/agents", shared)
        await self.make("operator", "/v1/operator/keys", {"role": "agent", "name": f"key {n}", "tenants": ["pass24"]})

    async def _device(self, n: int) -> str:
        path = f"/v1/organisations/{self.places['specpromdesign-organisation']}/equipment"
        piece = {"name": "Шкаф", "serial": f"{n}", "accepted_on": "2026-01-01", "warranty_until": "2027-01-01"}
        made: str = (await self.make("specpromdesign-admin", path, piece))["id"]
        return made

    async def _repair(self, n: int) -> None:
        device = await self._device(n + 1)
        wish = {"ticket": self.places["serviced"], "equipment_id": device, "fault": "не включается"}
        self.places["repair"] = (await self.make("specpromdesign-agent", "/v1/repairs", wish))["number"]

    async def _hold(self) -> None:
        """Have a letter held: it names a ticket's number and proves nothing."""
        database = self.service.database
        tenant = (await database.read(system("test"), lambda session: Tenants(session).by_slug("pass24"))).id
        message = Inbound(
            "email", "support@pass24online.ru", str(uuid4()), "stranger@else.example", None,
            f"ID #{self.places['number']}: ещё", "Ещё одна подробность.",
        )  # fmt: skip
        desk = Desk(database, Resources(Directory(), b"0" * 32))
        await desk.receive(system("channel:email", tenant), Arrival(message))

    async def _ring(self, n: int) -> None:
        """Have the telephone system tell of a call."""
        hook = (await self.clients["pass24-agent"].get("/v1/telephony")).json()
        moment = datetime.now(tz=UTC)
        data = {"call_id": f"rung-{n}", "dialled": CALL["dialled"], "caller": CALL["caller"]}
        body = json.dumps({"type": "call.started", "timestamp": moment.isoformat(), "data": data})
        headers = {
            "content-type": "application/json", "webhook-id": f"m{n}",
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(hook["secret"]).sign(f"m{n}", moment, body),
        }  # fmt: skip
        told = await self.clients["pass24-agent"].post(hook["path"], content=body, headers=headers)
        assert told.status_code < 300, told.text

    async def ask(self, traced: list[str]) -> dict[str, list[str]]:
        """Ask for everything that can be read; return the statements of each."""
        found = {}
        for path, methods in openapi_of(self.service.app)["paths"].items():
            operation = methods.get("get")
            if operation is None or "x-roles" not in operation or path in NOTHING_STORED:
                continue
            key = next((key for begin, key in KEYS.items() if path.startswith(begin)), "pass24-admin")
            asked = [each for each in operation["parameters"] if each["in"] == "query"]
            query = {each["name"]: GIVEN[each["name"]] for each in asked if each["required"] or each["name"] == "limit"}
            for _ in range(2):  # what is looked up once and kept is there the second time
                traced.clear()
                told = await self.clients[key].get(path.format(**self.places), params=query)
                assert told.status_code == httpx2.codes.OK, (path, told.text)
            found[path] = [each for each in traced if not each.startswith("--")]  # the search index's own
        return found


@pytest.fixture(scope="module")
def costs(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, registry: Registry
) -> Iterator[dict[str, Cost]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "READERS", 1)
        patch.setattr(auth, "_CACHED_SECONDS", 3_600.0)
        path = tmp_path_factory.mktemp("statements") / "all.db"
        shutil.copy(sqlite_template, path)
        database = open_database(f"sqlite:///{path}")
        yield asyncio.run(measured(database, registry))
        database.close()


async def measured(database: Database, registry: Registry) -> dict[str, Cost]:
    names = ("intervale", "pass24", "siroca", "specpromdesign", "telemedhelp")
    packages = [load_package(registry.regulations[name].root) for name in names]
    companies = [prepare(package, registry.channels, parameters=package.example) for package in packages]
    keys = await database.write(system("test"), lambda session: settle_in(session, companies))
    service = await start(database, registry, keys)
    traced: list[str] = []
    await database.read(system("test"), lambda session: _trace(session, traced))
    town = Town(service)
    await town.begin()
    await town.more(1)
    few = await town.ask(traced)
    await town.more(MANY - 1)
    for name in LATECOMERS:
        await town.make("operator", "/v1/operator/tenants", {"regulation": name})
    many = await town.ask(traced)
    asked = {each for statements in many.values() for each in statements}
    plans = await database.read(system("test"), lambda session: _plans(session, asked))
    for client in town.clients.values():
        await client.aclose()
    await service.server.stop()
    return {path: Cost(few[path], many[path], {each: plans[each] for each in many[path]}) for path in many}


def _trace(session: Session, into: list[str]) -> None:
    assert isinstance(session.raw, sqlite3.Connection)
    session.raw.set_trace_callback(into.append)


def _plans(session: Session, statements: set[str]) -> dict[str, list[str]]:
    run = session.connection.exec_driver_sql
    return {
        each: [row[3] for row in run(f"EXPLAIN QUERY PLAN {each}")] if each.startswith(("SELECT", " WITH")) else []
        for each in statements
    }


def test_a_longer_answer_takes_no_more_statements(costs: dict[str, Cost]) -> None:
    """What is read with each row of an answer is read for all of them at once, companies among them."""
    longer = {path: (len(cost.few), len(cost.many)) for path, cost in costs.items() if len(cost.many) > len(cost.few)}
    assert longer.keys() == RECKONED_APART


def test_no_read_goes_through_all_that_a_company_has(costs: dict[str, Cost]) -> None:
    """Each table is searched by the company and something more, or page by page in an index's order."""
    wrong = [
        (path, step)
        for path, cost in costs.items()
        if not TELLS_OF_ALL.search(path)
        for statement, plan in cost.plans.items()
        for step in plan
        if not _bounded(step, plan, statement)
    ]
    assert not wrong, "\n".join(map(str, wrong))


def _bounded(step: str, plan: list[str], statement: str) -> bool:
    """Say whether a step of a plan reads a bounded part of a table that is long."""
    words = re.match(r"(SCAN|SEARCH) (\w+)(.*)", step)
    if words is None:
        return True
    how, name, rest = words.groups()
    if name not in metadata.tables or "tenant_id" not in metadata.tables[name].columns or name in FEW:
        return True
    if name in OF_ALL:
        return how == "SEARCH"
    if "(tenant_id=?)" in rest:
        return " LIMIT " in statement and not any("FOR ORDER BY" in each for each in plan)
    return how == "SEARCH" and "(tenant_id=? AND" in rest
