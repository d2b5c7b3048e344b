"""The OpenAPI 3.1 document, written from the doors of the routes: it says what is checked and what comes back."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from msgspec import Struct

from helpdesk.api import problems
from helpdesk.api.doors import LONGEST_PART, Door, NoQuery
from helpdesk.api.problems import Problem

MAX_NUMBER = 2**53 - 1
"""The largest ticket number: what every JSON reader holds exactly."""

_PARAMETER = re.compile(r"\{(\w+):(\w+)\}")
_REF = "#/components/schemas/{name}"
_PATH_TYPES: dict[str, dict[str, Any]] = {
    "int": {"type": "integer", "minimum": 1, "maximum": MAX_NUMBER},
    "uuid": {"type": "string", "format": "uuid"},
    "str": {"type": "string", "minLength": 1, "maxLength": LONGEST_PART},
}
_FROM_ZERO: dict[str, dict[str, Any]] = {"seq": {"minimum": 0}}
"""Path parameters that are counted from 0."""
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ANY_ROUTE = ("malformed", "unexpected")
_AUTHENTICATED = ("not-authenticated", "not-allowed", "not-found", "too-many-requests", "overloaded", "unavailable")
_SIGNED = ("not-authenticated", "overloaded", "unavailable")
_WITH_BODY = ("too-slow", "too-large", "not-json")
_WITH_FILE = ("too-slow", "too-large")
_WRITING = ("invalid", "idempotency-key-reused", "conflict")
_VERSIONED = ("version-conflict", "precondition-failed")
_REPLACING = ("precondition-failed", "version-needed")
_KINDS = {kind.code: kind for kind in problems.KINDS}
_HEADER_DOCS = {
    "ETag": "The version, quoted; give it back in `If-Match`.",
    "Location": "Where the new thing is.",
    "Content-Disposition": "Always `attachment`, with the file's name.",
    "Retry-After": "Seconds to wait before another try.",
}


def describe(app: Litestar, version: str) -> dict[str, Any]:
    """Return the OpenAPI document of every route of ``app`` that has a door."""
    operations = sorted(_operations(app), key=lambda found: (found[0], _METHODS.index(found[1])))
    schemas = _schemas([door for _, _, _, door in operations])
    paths: dict[str, dict[str, Any]] = {}
    for path, method, handler, door in operations:
        template = _PARAMETER.sub(r"{\1}", path)
        paths.setdefault(template, {})[method.lower()] = _operation(path, method, handler, door, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Helpdesk",
            "version": version,
            "summary": "Technical support for many companies, each by its own regulation.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": dict(sorted(schemas.problems.items())),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key."},
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "webhook-signature",
                    "description": "A signature by Standard Webhooks, with `webhook-id` and `webhook-timestamp`.",
                },
            },
        },
        "security": [{"key": []}],
    }


class _Schemas:
    """Schemas of all the types in use, the components they point into, and the problem responses met so far."""

    def __init__(self, types: list[Any]) -> None:
        found, self.components = msgspec.json.schema_components(types, ref_template=_REF)
        for component in self.components.values():
            if "properties" in component:  # what we write has the fields of its type and no others
                component["additionalProperties"] = False
        self.problems: dict[str, Any] = {}
        self._of = dict(zip(map(repr, types), found, strict=True))

    def of(self, kind: Any) -> dict[str, Any]:
        return self._of[repr(kind)]

    def fields_of(self, kind: type[Struct]) -> Iterator[tuple[str, bool, dict[str, Any]]]:
        """Give each field of the struct: its name, whether it is required, its schema."""
        component = self.components[self.of(kind)["$ref"].rsplit("/", 1)[1]]
        for name, schema in component["properties"].items():
            yield name, name in component.get("required", ()), schema


def _operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler, Door]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if "door" in handler.opt:
                    for method in handler.http_methods:
                        yield route.path, method, handler, handler.opt["door"]


def _schemas(doors: list[Door]) -> _Schemas:
    types: list[Any] = [Problem]
    for door in doors:
        types += [door.body, door.query, door.answer, *(kind for _, kind, _ in door.other_answers)]
    unique = {repr(kind): kind for kind in types if kind is not None}
    schemas = _Schemas(list(unique.values()))
    schemas.components.pop(NoQuery.__name__, None)
    return schemas


def _operation(path: str, method: str, handler: HTTPRouteHandler, door: Door, schemas: _Schemas) -> dict[str, Any]:
    summary, _, rest = (handler.fn.__doc__ or "").strip().partition("\n\n")
    several = len(handler.http_methods) > 1
    operation: dict[str, Any] = {
        "operationId": f"{handler.handler_name}_by_{method.lower()}" if several else handler.handler_name,
        "tags": [path.split("/")[2] if path.startswith("/v1/") else "service"],
        "summary": " ".join(summary.split()),
        "parameters": list(_parameters(path, method, door, schemas)),
        "responses": dict(sorted(_responses(path, method, handler, door, schemas).items())),
    }
    if rest:
        operation["description"] = " ".join(rest.split())
    if door.body is not None:
        operation["requestBody"] = {
            "required": bool(schemas.components[schemas.of(door.body)["$ref"].rsplit("/", 1)[1]].get("required")),
            "content": {"application/json": {"schema": schemas.of(door.body)}},
        }
    if door.file:
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": {"schema": {}}}}
    if door.signed:
        operation["security"] = [{"signature": []}]
    elif not door.roles:
        operation["security"] = [{}]
    else:
        operation["x-roles"] = sorted(door.roles)
    return operation


def _parameters(path: str, method: str, door: Door, schemas: _Schemas) -> Iterator[dict[str, Any]]:
    for name, kind in _PARAMETER.findall(path):
        yield {"name": name, "in": "path", "required": True, "schema": _PATH_TYPES[kind] | _FROM_ZERO.get(name, {})}
    if door.query is not NoQuery:
        for name, required, schema in schemas.fields_of(door.query):
            yield {"name": name, "in": "query", "required": required, "schema": schema}
    if door.writes:
        schema = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[!-~]+$"}
        text = "Makes the write happen once: the same key with the same request gives the stored answer."
        yield {"name": "Idempotency-Key", "in": "header", "required": False, "schema": schema, "description": text}
    if door.versioned:
        schema = {"type": "string", "pattern": r'^"[0-9]{1,15}"$'}
        text = "The version that the change is meant for, quoted, as `ETag` gives it."
        demanded = method == "PUT" and not door.creates
        yield {"name": "If-Match", "in": "header", "required": demanded, "schema": schema, "description": text}
    if door.creates:
        text = "Instead of `If-Match`: put it only where there is none."
        schema = {"type": "string", "const": "*"}
        yield {"name": "If-None-Match", "in": "header", "required": False, "schema": schema, "description": text}
    if door.roles and door.tenant_by_header:
        schema = {"type": "string", "minLength": 1, "maxLength": 63, "pattern": "^[a-z0-9-]+$"}
        text = "The company, by its slug: for a key that serves several."
        yield {"name": "Helpdesk-Tenant", "in": "header", "required": False, "schema": schema, "description": text}


def _responses(path: str, method: str, handler: HTTPRouteHandler, door: Door, schemas: _Schemas) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(handler.status_code).phrase}
    if door.answer is not None:
        answer["content"] = {door.media_type: {"schema": schemas.of(door.answer)}}
    elif handler.status_code != HTTPStatus.NO_CONTENT:
        answer["content"] = {door.media_type: {"schema": {}}}
    for media_type in door.other_media:
        answer["content"][media_type] = {"schema": {"type": "string"}}
    if door.answer_headers:
        answer["headers"] = {name: _header(name) for name in door.answer_headers}
    responses: dict[str, Any] = {str(handler.status_code): answer}
    for status, kind, text in door.other_answers:
        content = {} if kind is None else {"content": {"application/json": {"schema": schemas.of(kind)}}}
        responses[str(status)] = {"description": text, **content}
    by_status: dict[int, list[problems.Kind]] = {}
    for code in _codes(path, method, door):
        by_status.setdefault(_KINDS[code].status, []).append(_KINDS[code])
    for status, kinds in by_status.items():
        name = "_".join([str(status), *(kind.code for kind in kinds)])
        schemas.problems.setdefault(name, _problem_response(status, kinds, schemas))
        responses[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return responses


def _problem_response(status: int, kinds: list[problems.Kind], schemas: _Schemas) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": "; ".join(f"{kind.title} (`{kind.code}`)" for kind in kinds),
        "content": {problems.MEDIA_TYPE: {"schema": schemas.of(Problem)}},
    }
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["headers"] = {"Retry-After": _header("Retry-After")}
    return response


def _header(name: str) -> dict[str, Any]:
    return {"description": _HEADER_DOCS[name], "schema": {"type": "string"}}


def _codes(path: str, method: str, door: Door) -> list[str]:
    codes = [*_ANY_ROUTE, *door.problems]
    if "{" in path:
        codes.append("not-found")
    if door.signed:
        codes += _SIGNED
    if door.roles:
        codes += _AUTHENTICATED
    if door.body is not None:
        codes += _WITH_BODY
    if door.file:
        codes += _WITH_FILE
    if door.writes:
        codes += _WRITING
    if door.versioned:
        codes += _REPLACING if method == "PUT" else _VERSIONED
    return list(dict.fromkeys(codes))
