"""The walls between companies, tried on every route that the served description lists, by every kind of key."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register

pytestmark = pytest.mark.anyio

CANARY = "КАНАРЕЙКА-7f3a"
OWN = 3
"""A ticket's number that exists at Intervale and not at PASS24."""
RANDOM = 777_777
CLIENTS_IDS = (
    "organisation_id",
    "contact_id",
    "contract_id",
    "equipment_id",
    "attachment_id",
    "ledger_id",
    "announcement_id",
    "answer_id",
    "agent_id",
    "subscription_id",
)
FOREIGNERS = ("pass24-admin", "pass24-agent", "pass24-integrator")
OWNERS = ("intervale-admin", "intervale-agent", "intervale-integrator")


class Route:
    """One operation of the served description, with a body that it takes."""

    def __init__(self, document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> None:
        self.method, self.path = method.upper(), path
        self.roles: list[str] = operation.get("x-roles", [])
        self.public = operation.get("security") == [{}]
        self.signed = operation.get("security") == [{"signature": []}]
        self.about_a_ticket = "{number}" in path and "{attachment_id}" not in path  # files: test_attachments
        self.query = {
            parameter["name"]: "2026-01-01"
            for parameter in operation["parameters"]
            if parameter["in"] == "query" and parameter["required"]
        }
        self.body = None
        self.file = "application/octet-stream" in operation.get("requestBody", {}).get("content", {})
        if "requestBody" in operation and not self.file:
            reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            self.body = self._body(document, document["components"]["schemas"][reference.rsplit("/", 1)[1]])

    @staticmethod
    def _body(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
        found = {name: _value(document, schema["properties"][name]) for name in schema.get("required", ())}
        return found | ({"address": "x@client.example"} if "address" in found else {})

    async def ask(self, client: httpx2.AsyncClient, number: int, tenant: str | None = None) -> httpx2.Response:
        """Send the request about ticket ``number``."""
        path = self.path.format(
            number=number,
            reason="waiting_client",
            name="resolution",
            seq=0,
            key_id="01a20111-bd0d-7fe6-a566-370977be7e7d",
            tenant="intervale",
            snapshot="0" * 64,
            e164="+79160000000",
            product="app",
            call_id="pbx-1",
            channel_kind="email",
            address="x@client.example",
            tag="x",
            company="intervale",
            session=1,
            relation="related",
            complaint_id="01a20111-bd0d-7fe6-a566-370977be7e7d",
            problem=RANDOM,
            repair=RANDOM,
            ticket=number,
            other=RANDOM,
            **dict.fromkeys(CLIENTS_IDS, "01a20111-bd0d-7fe6-a566-370977be7e7d"),
        )
        headers = {} if tenant is None else {"Helpdesk-Tenant": tenant}
        if self.method.upper() == "PUT":  # a version that nothing here has: who gets this far changes nothing
            headers["If-Match"] = '"999"'
        body: dict[str, Any] = {"content": b"x"} if self.file else {"json": self.body}
        return await client.request(self.method, path, params=self.query, headers=headers, **body)

    def __repr__(self) -> str:
        return f"{self.method} {self.path}"


def _value(document: dict[str, Any], field: dict[str, Any]) -> Any:
    """Return some value that the schema takes."""
    if "$ref" in field:
        field = document["components"]["schemas"][field["$ref"].rsplit("/", 1)[1]]
    if "enum" in field:
        return field["enum"][0]
    formats = {"date-time": "2026-03-04T10:10:00+03:00", "uuid": "01a20111-bd0d-7fe6-a566-370977be7e7d"}
    if field.get("format") in formats:
        return formats[field["format"]]
    match field.get("type"):
        case "integer":
            return field.get("minimum", 0)
        case "array":
            return [_value(document, field["items"])] * field.get("minItems", 0)
        case "object":
            least = {"x": "x"} if field.get("minProperties") else {}
            return least | {name: _value(document, field["properties"][name]) for name in field.get("required", ())}
    return "x"


async def routes(service: Service) -> list[Route]:
    """Read the routes from the served description."""
    async with service.client() as client:
        document = (await client.get("/schema/openapi.json")).json()
    found = [
        Route(document, method, path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    assert len(found) > 25
    return found


def told(answer: httpx2.Response) -> tuple[Any, ...]:
    """Return all that an answer tells: status, bytes, headers; but for the date and the request's id."""
    headers = {k: v for k, v in answer.headers.items() if k not in {"date", "x-request-id"}}
    return answer.status_code, answer.content, headers


@pytest.fixture
async def walled(service: Service) -> Service:
    """Four tickets at Intervale, each full of canaries, and one at PASS24."""
    async with service.client("intervale-agent") as client:
        for _ in range(4):
            number = await register(
                client,
                subject=CANARY,
                text=CANARY,
                requester=CANARY,
                requester_name=CANARY,
                organisation=CANARY,
                level="high",
                criterion="4.1",
            )
            await client.post(f"/v1/tickets/{number}/notes", json={"text": CANARY})
    async with service.client("pass24-agent") as client:
        await register(client)
    return service


def about_tickets(found: list[Route], key: str) -> Iterator[Route]:
    """Yield the routes about a ticket that the key's role may enter; the others answer 403 whatever the ticket."""
    for route in found:
        if route.about_a_ticket and key.rsplit("-", 1)[-1] in route.roles:
            yield route


async def test_a_foreign_ticket_and_none_are_told_alike(walled: Service) -> None:
    """On every route about a ticket, for every role of another company: the same status, headers and bytes."""
    for key in FOREIGNERS:
        async with walled.client(key) as client:
            for route in about_tickets(await routes(walled), key):
                foreign, nothing = await route.ask(client, OWN), await route.ask(client, RANDOM)
                assert foreign.status_code == 404, route
                assert told(foreign) == told(nothing), route


async def test_the_owner_finds_what_others_do_not(walled: Service) -> None:
    """The matrix means something: on the same routes the company's own keys get further than 404."""
    for key in OWNERS:
        async with walled.client(key) as client:
            for route in about_tickets(await routes(walled), key):
                answer = await route.ask(client, OWN)
                assert answer.status_code in {200, 201, 409, 412, 422}, (route, answer.text)


async def test_no_answer_to_another_company_holds_a_canary(walled: Service) -> None:
    """Lists, queue, ledger, feed, metrics, problems: nothing that Intervale's clients wrote reaches PASS24."""
    for key in (*FOREIGNERS, "phone", "operator", None):
        async with walled.client(key) as client:
            for route in await routes(walled):
                for tenant in (None, "intervale", "pass24"):
                    answer = await route.ask(client, OWN, tenant)
                    assert CANARY not in answer.text, route


async def test_a_company_that_a_key_does_not_serve_is_told_as_none(walled: Service) -> None:
    """Naming a foreign company and naming a company that never existed get the same answer."""
    for key in ("pass24-agent", "phone"):
        async with walled.client(key) as client:
            for route in await routes(walled):
                if "agent" not in route.roles:
                    continue
                foreign, nothing = await route.ask(client, 1, "intervale"), await route.ask(client, 1, "no-such")
                assert foreign.status_code == 404, (route, foreign.text)
                assert told(foreign) == told(nothing), route


async def test_roles_open_their_own_routes_only(walled: Service) -> None:
    """Operators see no tickets, nobody else enters operators' routes, nobody unknown enters anything but the probes."""
    everybody = (*OWNERS, *FOREIGNERS, "phone", "operator")
    for route in await routes(walled):
        async with walled.client() as client:
            answer = await route.ask(client, 1)
            open_to_all = answer.status_code < 300 or "{company}" in route.path  # as the company has it
            assert open_to_all if route.public else (answer.status_code == 401), route
        if route.public or route.signed:  # a signed route looks at no key; test_hooks.py has it
            continue
        for key in everybody:
            role = "agent" if key == "phone" else key.rsplit("-", 1)[-1]
            async with walled.client(key) as client:
                answer = await route.ask(client, 1, "pass24" if key == "phone" else None)
                assert (answer.status_code == 403) == (role not in route.roles), (route, key, answer.text)


async def test_a_revoked_key_opens_nothing(walled: Service) -> None:
    """Revoked here, it is dead at once on every route, as if it had never been."""
    async with walled.client("operator") as client:
        keys = (await client.get("/v1/operator/keys")).json()["items"]
        revoked = next(key["id"] for key in keys if key["name"] == "intervale agent")
        assert (await client.delete(f"/v1/operator/keys/{revoked}")).status_code == 204
    async with walled.client("intervale-agent") as client:
        for route in await routes(walled):
            if not route.public:
                assert (await route.ask(client, OWN)).status_code == 401, route
