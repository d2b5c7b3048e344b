"""Every operation has an example that runs; every write among them is one write, whatever is repeated or raced."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from standardwebhooks import Webhook
from tests.integration.api.conftest import POLICIES, Service, settle_in, start
from tests.integration.api.examples import CALL, EXAMPLES, Example
from tests.integration.desk.companies import COMPANIES
from tests.support.seen import BEFORE_ANY, seen

from helpdesk.api.app import openapi_of
from helpdesk.contracts.messages import Inbound
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.companies.onboarding import Company, prepare
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.registering import Arrival
from helpdesk.kernel.principal import system
from helpdesk.plugins.registry import Registry
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.engine.database import Database
from helpdesk.store.instance import installation
from helpdesk.store.tenants import Tenants

pytestmark = pytest.mark.anyio

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "examples.md"
RECORD = "HELPDESK_TEST_RECORD"
"""Set it to write the page anew: `HELPDESK_TEST_RECORD=1 pytest tests/integration/api/test_examples.py`."""
STANDS_FOR = {
    "{hook}": "{key_id}",
    "{held}": "{ledger_id}",
    "{attached}": "{number}",
    "{suspended_id}": "{organisation_id}",
    "{shared_agent_id}": "{agent_id}",
    "{gone_id}": "{organisation_id}",
    "{unverified_id}": "{contact_id}",
}
OTHERWISE: dict[str, tuple[str, dict[str, Any]]] = {
    "operator": ("/v1/operator/keys", {"role": "operator", "name": "another"}),
    "staff": ("/v1/tickets", {"subject": "Другое"}),
}
"""A write that is none of the examples: what a key was used for it is not good for."""
_NONE = "01a20111-bd0d-7fe6-a566-370977be7e7d"


class Recorder:
    """Runs the examples one after another on one service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.document = openapi_of(service.app)
        self.clients = {name: service.client(name or None) for name in {example.key for example in EXAMPLES}}
        self.places: dict[str, Any] = {
            "tenant": "pass24", "product": "app", "e164": "+79161234567", "call_id": "pbx-1", "name": "resolution",
            "seq": 0, "reason": "waiting_client", "relation": "related",
            "company": "telemedhelp", "channel_kind": "email", "address": "boss@clients.example", "tag": "въезд",
        }  # fmt: skip
        self.count = 100
        self.told: list[tuple[Example, httpx2.Request, httpx2.Response]] = []

    async def prepare(self) -> None:
        """Make what no example makes: a snapshot's hash, an organisation to suspend, something held."""
        async with self.service.client("operator") as client:
            editions = (await client.get("/v1/operator/tenants/pass24/editions")).json()["items"]
            self.places["snapshot"] = editions[-1]["snapshot"]
            keys = (await client.get("/v1/operator/keys")).json()["items"]
            self.places["own_key"] = next(key["id"] for key in keys if key["name"] == "intervale agent")
        async with self.service.client("intervale-admin") as client:
            made = await client.post("/v1/organisations", json={"name": "ООО «Банк»"})
            self.places["suspended_id"] = made.json()["id"]
        async with self.service.client("specpromdesign-admin") as client:
            made = await client.post("/v1/organisations", json={"name": "ООО «Завод»"})
            piece = {
                "name": "Шкаф управления",
                "serial": "17",
                "accepted_on": "2026-01-01",
                "warranty_until": "2027-01-01",
            }
            kept = await client.post(f"{made.headers['location']}/equipment", json=piece)
            who = [{"channel_kind": "email", "address": "gate@clients.example"}]
            person = {"name": "Лицо", "organisation_id": made.json()["id"], "addresses": who}
            assert (await client.post("/v1/contacts", json=person)).status_code == 201
            self.places |= {"device": kept.json()["id"], "serviced": await self._fresh(client)}
        async with self.service.client("pass24-agent") as client:
            for name in ("grouped", "held_from"):
                self.places[name] = await self._fresh(client)
            taken = await self._hold()
            self.places |= {"held": taken, "ticket": self.places["grouped"]}

    async def run(self, example: Example) -> tuple[httpx2.AsyncClient, httpx2.Request]:
        """Do what comes before the example; return its request."""
        self.count += 1
        client = self.clients[example.key]
        tickets = self.service.client("pass24-agent")
        self.places |= {"unique": f"{self.count:04d}", "number": await self._fresh(tickets)}
        self.places["other"] = await self._fresh(tickets)
        for method, path, body in example.before:
            done = await client.request(method, self._filled(path), json=self._filled(body))
            assert done.status_code < 300, done.text
        if "{session}" in example.operation:
            found = await tickets.get(self._filled("/v1/tickets/{number}/remote-sessions"))
            self.places["session"] = found.json()["items"][0]["seq"]
        await tickets.aclose()
        method, path = example.operation.split(" ")
        json_body = self._filled(example.body)
        if "{regulation}" in (json_body or {}):
            del json_body["{regulation}"]
            json_body |= _files("pass24")
        if path.startswith("/hooks"):
            return client, await self._hook(client)
        kwargs: dict[str, Any] = {"content": example.content} if example.content else {}
        if json_body is not None:
            kwargs["json"] = json_body
        if "attached" not in self.places and example.content:
            self.places["attached"] = self.places["number"]
        request = client.build_request(method, self._filled(path), params=example.query, **kwargs)
        return client, request if method != "PUT" else await replacing(client, request)

    def keep(self, example: Example, answer: httpx2.Response) -> None:
        """Keep what later examples need."""
        for name, field in example.keep.items():
            value = answer.json()
            for part in field.split("."):
                value = value[part]
            self.places[name] = value

    async def _fresh(self, client: httpx2.AsyncClient) -> int:
        self.count += 1
        body = {
            "subject": "Не открывается шлагбаум",
            "channel_kind": "email",
            "requester": "gate@clients.example",
        }
        answer = await client.post("/v1/tickets", json=body)
        number: int = answer.json()["number"]
        return number

    async def _hold(self) -> UUID:
        """Have a letter held: it names a ticket's number and proves nothing."""
        database = self.service.database
        tenant = (await database.read(system("test"), lambda session: Tenants(session).by_slug("pass24"))).id
        secret = (await database.read(system("test"), installation)).secret
        desk = Desk(database, Resources(Directory(), secret))
        message = Inbound(
            "email", "support@pass24online.ru", str(uuid4()), "stranger@else.example", None,
            f"ID #{self.places['held_from']}: ещё", "Ещё одна подробность.",
        )  # fmt: skip
        return (await desk.receive(system("channel:email", tenant), Arrival(message))).ledger_id

    async def _hook(self, client: httpx2.AsyncClient) -> httpx2.Request:
        async with self.service.client("pass24-agent") as agent:
            hook = (await agent.get("/v1/telephony")).json()
        moment = datetime.now(tz=UTC)
        data = {"call_id": "pbx-1", "dialled": CALL["dialled"], "caller": CALL["caller"]}
        body = json.dumps({"type": "call.started", "timestamp": moment.isoformat(), "data": data})
        headers = {
            "content-type": "application/json", "webhook-id": "m1", "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(hook["secret"]).sign("m1", moment, body),
        }  # fmt: skip
        return client.build_request("POST", hook["path"], content=body, headers=headers)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._filled(inner) for inner in value]
        if not isinstance(value, str) or "{ $" in value:
            return value
        whole = re.fullmatch(r"\{(\w+)\}", value)
        return self.places[whole[1]] if whole else re.sub(r"\{(\w+)\}", lambda match: str(self.places[match[1]]), value)

    def operation(self, example: Example) -> dict[str, Any]:
        """Return what the document says of the example's operation."""
        method, path = named(example).split(" ")
        found: dict[str, Any] = self.document["paths"][path][method.lower()]
        return found


def named(example: Example) -> str:
    """Return the operation as the document has it."""
    found = example.operation
    for place, known in STANDS_FOR.items():
        found = found.replace(place, known)
    return found


def _files(name: str) -> dict[str, Any]:
    """Return a regulation's files as an operator sends them."""
    root = POLICIES / name
    editions = {file.stem: file.read_text("utf-8") for file in (root / "editions").glob("*.toml")}
    return {"regulation": (root / "regulation.toml").read_text("utf-8"), "editions": editions}


@pytest.fixture(scope="module")
def five(registry: Registry) -> list[Company]:
    """All five companies: each regulation knows something that the others do not."""
    packages = [load_package(registry.regulations[name].root) for name in COMPANIES]
    return [prepare(package, registry.channels, parameters=package.example) for package in packages]


@pytest.fixture
async def recorder(
    anyio_backend: str, sqlite_database: Database, registry: Registry, five: list[Company]
) -> AsyncIterator[Recorder]:
    keys = await asyncio.to_thread(sqlite_database.write_now, system("test"), lambda session: settle_in(session, five))
    service = await start(sqlite_database, registry, keys)
    found = Recorder(service)
    await found.prepare()
    yield found
    for client in found.clients.values():
        await client.aclose()
    await service.server.stop()


async def test_every_operation_has_an_example_that_runs(recorder: Recorder) -> None:
    """The page shows requests that were granted and what came back; no operation is without."""
    operations = {
        f"{method.upper()} {path}" for path, methods in recorder.document["paths"].items() for method in methods
    }
    assert operations == {named(example) for example in EXAMPLES}
    shown = []
    for example in EXAMPLES:
        client, request = await recorder.run(example)
        answer = await client.send(request)
        assert answer.status_code < 300, (example.operation, answer.text)
        assert str(answer.status_code) in recorder.operation(example)["responses"]
        if not answer.headers.get("content-type", "").startswith("application/octet"):
            recorder.keep(example, answer)
        shown.append(show(example, request, answer))
    page = HEAD + "\n".join(shown)
    if os.environ.get(RECORD):
        PAGE.write_text(page, encoding="utf-8")
    assert headings(PAGE.read_text("utf-8")) == headings(page), f"run it with {RECORD}=1"


async def test_a_write_is_one_write(recorder: Recorder) -> None:
    """Of every write that takes a key: sent twice at once, one effect and one answer; the key is good for no other."""
    for example in EXAMPLES:
        client, request = await recorder.run(example)
        headers = {parameter["name"] for parameter in recorder.operation(example)["parameters"]}
        if "Idempotency-Key" not in headers:
            answer = await client.send(request)
        else:
            key = {"Idempotency-Key": str(uuid4())}
            first, answer = await asyncio.gather(*(client.send(_with(request, key)) for _ in range(2)))
            assert first.status_code < 300, (example.operation, first.text)
            assert (first.status_code, first.content) == (answer.status_code, answer.content), example.operation
            path, told = OTHERWISE["operator" if example.key == "operator" else "staff"]
            reused = await client.post(path, json=told, headers=key)
            problem = reused.json()
            assert (reused.status_code, problem.get("type", "")[-22:]) == (422, "idempotency-key-reused"), (
                example,
                problem,
            )
        assert answer.status_code < 300, (example.operation, answer.text)
        recorder.keep(example, answer) if example.keep else None


async def test_nobody_overwrites_what_he_has_not_seen(recorder: Recorder) -> None:
    """Of every change of something with a version: at another version it is told 412 with the present one, unchanged;
    of two at the same version one comes through. Nothing is replaced by who does not say what they have seen."""
    raced = replaced = 0
    for path, methods in recorder.document["paths"].items():
        for parameter in methods.get("put", {"parameters": ()})["parameters"]:
            demanded = parameter["name"] == "If-Match" and parameter["required"]
            replaced += demanded or parameter["name"] == "If-None-Match"
        assert "put" not in methods or "428" in methods["put"]["responses"], path
    assert replaced == sum("put" in methods for methods in recorder.document["paths"].values())
    for example in EXAMPLES:
        client, request = await recorder.run(example)
        headers = {parameter["name"] for parameter in recorder.operation(example)["parameters"]}
        if "If-Match" not in headers:
            answer = await client.send(request)
        else:
            late = await client.send(_with(request, {"If-Match": '"999"'}))
            assert late.status_code == 412, (example.operation, late.text)
            now = late.json()["current_version"]
            for blind in ({}, {"If-Match": "*"}) if request.method == "PUT" else ():
                told = await client.send(_with(request, blind, without="if-match"))
                assert (told.status_code, told.json()["type"]) == (428, "urn:helpdesk:problem:version-needed")
            again = await client.send(_with(request, {"If-Match": '"999"'}))
            assert (again.status_code, again.json()["current_version"]) == (412, now), example.operation
            match = {"If-Match": f'"{now}"'}
            both = await asyncio.gather(*(client.send(_with(request, match)) for _ in range(2)))
            answer, loser = sorted(both, key=lambda each: each.status_code)
            assert answer.status_code < 300, (example.operation, answer.text)
            assert loser.status_code in {404, 412}, (example.operation, loser.text)
            assert loser.status_code < 412 or loser.json()["current_version"] > now, example.operation
            raced += 1
        assert answer.status_code < 300, (example.operation, answer.text)
        recorder.keep(example, answer) if example.keep else None
    assert raced > 25


async def replacing(client: httpx2.AsyncClient, request: httpx2.Request) -> httpx2.Request:
    """Return the request as it says which version it replaces: the one there is."""
    told = await client.send(_with(request, BEFORE_ANY))
    assert told.status_code == 412, (request.url, told.text)
    return _with(request, seen(told))


def _with(request: httpx2.Request, headers: dict[str, str], without: str = "") -> httpx2.Request:
    """Return the request with more headers."""
    kept = {name: value for name, value in request.headers.items() if name not in {without, *map(str.lower, headers)}}
    return httpx2.Request(request.method, request.url, headers={**kept, **headers}, content=request.content)


HEAD = """\
# Examples of every operation

Each was sent to a running service, and this is what came back; `tests/integration/api/test_examples.py` sends them
again. Ids and secrets are replaced, long texts and lists cut. The headers that all have in common are left out:
`Authorization: Bearer <key>`, and for writes `Idempotency-Key`.

"""
_LONGEST = 160


def show(example: Example, request: httpx2.Request, answer: httpx2.Response) -> str:
    """Return the example as it stands on the page."""
    ids: dict[str, str] = {}
    lines = [
        f"## {named(example)}",
        "",
        "```http",
        f"{request.method} {_plain(str(request.url.raw_path, 'ascii'), ids)}",
    ]
    if example.content:
        lines += ["content-type: application/octet-stream"]
    if "if-match" in request.headers:
        lines += [f"if-match: {request.headers['if-match']}"]
    if request.content and not example.content:
        lines += ["", _pretty(json.loads(request.content), ids)]
    lines += ["", f"{answer.status_code}"]
    if answer.headers.get("content-type", "").partition(";")[0].endswith("json"):
        lines += [_pretty(answer.json(), ids)]
    elif answer.content:
        lines += [f"({answer.headers['content-type'].partition(';')[0]})"]
    return "\n".join([*lines, "```", ""])


def _pretty(value: Any, ids: dict[str, str]) -> str:
    return json.dumps(_cut(value, ids), ensure_ascii=False, indent=2)


def _cut(value: Any, ids: dict[str, str], depth: int = 0) -> Any:
    if isinstance(value, dict):
        return {key: "…" if depth > 2 else _cut(inner, ids, depth + 1) for key, inner in list(value.items())[:30]}
    if isinstance(value, list):
        return [_cut(inner, ids, depth + 1) for inner in value[:1]] + (["…"] if len(value) > 1 else [])
    if isinstance(value, str):
        text = _plain(value, ids)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return value


def _plain(text: str, ids: dict[str, str]) -> str:
    """Put names for what is another at every run."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", lambda match: _named_id(match[0], ids), text)
    text = re.sub(r"\b[0-9a-f]{64}\b", lambda match: _named_id(match[0], ids, "hash"), text)
    return re.sub(r"\b(whsec_|hdk_)[A-Za-z0-9+/=_-]+", r"\1…", text)


def _named_id(found: str, ids: dict[str, str], kind: str = "id") -> str:
    return ids.setdefault(found, f"<{kind} {len(ids) + 1}>")


def headings(page: str) -> list[str]:
    """Return what a page shows, apart from the values: the operations, and the names at the top of what was said."""
    return [match[0] for line in page.splitlines() if (match := re.match(r'## .*|  "[^"]+":', line))]
