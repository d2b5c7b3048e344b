"""The served OpenAPI document is true: what it refuses is refused, and nothing comes back that it does not tell."""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from litestar.routes import HTTPRoute
from tests.integration.api.conftest import Service, settle_in, start
from tests.integration.api.test_calls import CALL
from tests.support.hunting import HISTORIES

from helpdesk.api.app import openapi_of
from helpdesk.api.doors import enter
from helpdesk.desk.companies.onboarding import Company
from helpdesk.kernel.principal import system
from helpdesk.plugins.registry import Registry
from helpdesk.store.engine.database import Database

WITHOUT_KEY = {
    "/v1/promise",
    "/v1/regulation/explanations",
    "/v1/operator/regulations/examinations",
    "/v1/operator/tenants/{tenant}/editions/differences",
    "/v1/operator/tenants/{tenant}/editions/simulations",
    "/hooks/telephony/{key_id}",
}
"""What is asked with a body and changes nothing, and what is known by an id of its own."""

EXAMPLES = 8
"""Per operation and kind of data."""

NOT_CHECKED = [
    "positive_data_acceptance",  # a well-formed request may still be refused by the regulation
    "use_after_free",
    "ensure_resource_availability",
    "object_level_authorization",  # test_walls.py does it for every key
]

NEGATIVE = schemathesis.GenerationMode.NEGATIVE
LOOSELY = settings(
    max_examples=HISTORIES or EXAMPLES, deadline=None, derandomize=not HISTORIES, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


class Aside:
    """An event loop in a thread of its own, for a server that a blocking test talks to."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def served(module_sqlite_database: Database, registry: Registry, companies: list[Company]) -> Iterator[Service]:
    """A service with a few tickets, whose server runs beside the tests."""
    database = module_sqlite_database
    keys = database.write_now(system("test"), lambda session: settle_in(session, companies))
    aside = Aside()
    service: Service = aside.run(start(database, registry, keys))
    headers = {"Authorization": f"Bearer {keys['pass24-agent']}"}
    for _ in range(4):
        assert httpx2.post(f"{service.url}/v1/calls", json=CALL, headers=headers).status_code == 201
    yield service
    aside.run(service.server.stop())
    aside.close()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_answer_is_described(served: Service) -> None:
    """Every operation has its success, its problems, its roles; every object is closed; ids are unique."""
    document = openapi_of(served.app)
    assert document["openapi"] == "3.1.0"
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    for path, method, operation in operations(document):
        answers = operation["responses"]
        assert operation["summary"], path
        assert {"400", "500"} <= set(answers), (method, path)
        assert any(status.startswith("2") for status in answers), (method, path)
        public = operation.get("security") in ([{}], [{"signature": []}])
        assert public != path.startswith("/v1"), path
        if operation.get("security") == [{"signature": []}]:
            assert {"401", "503"} <= set(answers), (method, path)
        if not public:
            assert {"401", "403", "404", "503"} <= set(answers), (method, path)
            assert operation["x-roles"], (method, path)
        if "requestBody" in operation:
            json = "application/json" in operation["requestBody"]["content"]
            assert {"408", "413"} | ({"415"} if json else set()) <= set(answers), (method, path)
        told = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
        assert told == set(re.findall(r"{(\w+)}", path)), (method, path)
        if "{number}" in path and method != "get":
            assert "412" in answers, (method, path)
        if method in {"post", "put", "delete"} and path not in WITHOUT_KEY:
            headers = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}
            assert "Idempotency-Key" in headers, (method, path)
            assert {"409", "422"} <= set(answers), (method, path)
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        if schema.get("type") == "object" and "properties" in schema:
            assert schema.get("additionalProperties") is False, name


def test_nothing_stands_between_a_route_and_its_door(served: Service) -> None:
    """Every route's request is held against its door: no route or controller has put another hook in its place."""
    handlers = [each for route in served.app.routes if isinstance(route, HTTPRoute) for each in route.route_handlers]
    assert len(handlers) > 100
    assert {handler.resolve_before_request() for handler in handlers} == {enter}


def test_the_served_document_is_this_one(served: Service) -> None:
    """It is public, and JSON."""
    answer = httpx2.get(f"{served.url}/schema/openapi.json")
    assert (answer.status_code, answer.json()) == (200, openapi_of(served.app))


@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, NEGATIVE])
@pytest.mark.parametrize("key", ["pass24-agent", "operator"])
def test_no_request_gets_an_answer_that_is_not_described(
    served: Service, mode: schemathesis.GenerationMode, key: str
) -> None:
    """Generated requests, right ones and wrong ones: no 5xx, no undocumented status, type, header or body."""
    document = openapi_of(served.app)
    for path in list(document["paths"]):
        if path.startswith("/v1/operator") != (key == "operator"):
            del document["paths"][path]
    if key == "operator":
        document["paths"].pop("/v1/operator/tenants", None)  # a company taken on is tested on its own
    schema = schemathesis.openapi.from_dict(document)
    schema.config.checks.update(excluded_check_names=NOT_CHECKED)
    schema.config.checks.negative_data_rejection.expected_statuses += ["413", "412"]  # too large to be read; too late
    headers = {"Authorization": f"Bearer {served.keys[key]}"}
    answered: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # our own document
        if mode is NEGATIVE and not (operation.body or operation.query or operation.path_parameters):
            continue  # without input there is no wrong input

        @LOOSELY
        @given(case=operation.as_strategy(generation_mode=mode), number=st.integers(1, 12))
        def one(case: schemathesis.Case[Any], number: int) -> None:
            if mode is not NEGATIVE and "number" in case.path_parameters:
                case.path_parameters["number"] = number
            case.headers.pop("Helpdesk-Tenant", None)
            answer = case.call(base_url=served.url, headers=headers)
            answered[answer.status_code] += 1
            case.validate_response(answer, headers=headers)

        one()
    assert not [status for status in answered if status >= 500]
    assert answered[400] > 5 if mode is NEGATIVE else answered[200] + answered[201] > 10, answered
