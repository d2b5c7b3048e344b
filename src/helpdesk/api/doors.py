"""A route's door: who may enter, and what the request must be. One declaration checks, decodes and documents.

Every route carries ``opt=door(...)``; ``enter`` holds each request against it before the handler runs, and
``description.py`` writes the OpenAPI document from it. A route without a door lets nobody in.
"""

import re
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar.connection import Request
from msgspec import Struct

from helpdesk.api.problems import Malformed, VersionNeeded
from helpdesk.kernel.errors import NotAllowed, NotAuthenticated
from helpdesk.kernel.principal import Role

T = TypeVar("T", bound=Struct)
AnyRequest = Request[Any, Any, Any]

VERSION_HEADER = "If-Match"
NEW_HEADER = "If-None-Match"
LONGEST_PART = 200
"""Characters of a part of the path that names something."""

_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_FIELD = re.compile(r"`([^`]*)`")


class NoQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The route takes no query parameters."""


class Door(Struct, frozen=True):
    """What a route demands, and the problems it may answer with beyond those that any route may."""

    roles: frozenset[Role]
    """Empty: the route is public."""
    body: type[Struct] | None = None
    query: type[Struct] = NoQuery
    problems: tuple[str, ...] = ()
    """Codes of the problem kinds that this route's own work may end in."""
    file: bool = False
    """The body is a file's bytes, whatever they are."""
    writes: bool = False
    """Takes ``Idempotency-Key``."""
    versioned: bool = False
    """Takes ``If-Match``; a PUT, which replaces what is there, demands it."""
    creates: bool = False
    """A PUT that may also put what is not there yet: ``If-None-Match: *`` instead says that it is not."""
    signed: bool = False
    """No key opens it, a signature over the body does (Standard Webhooks): the handler checks it, then decodes."""
    tenant_by_header: bool = True
    """A key that serves several tenants names one in ``Helpdesk-Tenant``."""
    answer: Any = None
    """The type of the answer's JSON body; None where the answer is not JSON of ours."""
    media_type: str = "application/json"
    other_media: tuple[str, ...] = ()
    """Further media types in which the answer may come, as the query asks for it: texts."""
    answer_headers: tuple[str, ...] = ()
    """Headers of the answer that a client may use."""
    other_answers: tuple[tuple[int, Any, str], ...] = ()
    """Further answers that are no problems: status, type of the JSON body (None: empty), what it means."""


def door(*roles: Role, **demands: Any) -> dict[str, Any]:
    """Return the ``opt`` of a route that only ``roles`` may enter (none named: anybody); ``demands`` are `Door`'s."""
    return {"door": Door(frozenset(roles), **demands)}


async def enter(request: AnyRequest) -> None:
    """Hold a request against its route's door; afterwards ``given`` and ``asked`` have what it brought.

    Raises:
        NotAuthenticated: the route is not public and nobody was recognised.
        NotAllowed: the caller's role may not enter.
        VersionNeeded: it replaces something and does not say which version.
        Malformed: the path, the query or the body is not what the route takes.
    """
    state = request.scope["state"]
    at: Door | None = request.route_handler.opt.get("door")
    if at is None:
        if request.method == "OPTIONS":  # Litestar's own answer: the methods of the path
            return
        raise NotAuthenticated
    if at.roles:
        caller = state.get("caller")
        if caller is None:
            raise NotAuthenticated
        if caller.role not in at.roles:
            raise NotAllowed(f"A key with the role {caller.role.value} may not do this.")
    demand_version(request, at)
    for name, part in request.path_params.items():
        if isinstance(part, str) and len(part) > LONGEST_PART:
            raise Malformed("A part of the path is too long.", fields={f"path.{name}": f"at most {LONGEST_PART}"})
    state["query"] = decode_query(request.scope["query_string"], at.query)
    if at.body is not None and not at.signed:
        state["given"] = decode_body(state.get("body", b""), at.body)


def demand_version(request: AnyRequest, at: Door) -> None:
    """Demand of a PUT that it says what it replaces (RFC 6585, 3): nobody overwrites what they have not seen.

    ``If-Match: *`` names nothing that was seen, so it is not enough.

    Raises:
        VersionNeeded: it does not.
    """
    if not at.versioned or request.method != "PUT":
        return
    if request.headers.get(VERSION_HEADER, "*") != "*":
        return
    if at.creates and request.headers.get(NEW_HEADER) == "*":
        return
    raise VersionNeeded


def given(request: AnyRequest, kind: type[T]) -> T:
    """Return the request's body, which the route's door declared as ``kind``."""
    body = request.scope["state"]["given"]
    assert isinstance(body, kind)
    return body


def asked(request: AnyRequest, kind: type[T]) -> T:
    """Return the request's query parameters, which the route's door declared as ``kind``."""
    query = request.scope["state"]["query"]
    assert isinstance(query, kind)
    return query


def decode_body(body: bytes, kind: type[T]) -> T:
    """Return ``body`` as ``kind``: strict types, no unknown fields.

    Raises:
        Malformed: it is not; names the field.
    """
    if not body:
        body = b"{}"
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        path, message = _place(str(error))
        raise Malformed("The body is not what this takes.", fields={path or "(body)": message}) from None
    except msgspec.DecodeError:
        raise Malformed("The body is not JSON: it holds text that is not Unicode.") from None


def decode_query(raw: bytes, kind: type[T]) -> T:
    """Return the query string ``raw`` as ``kind``; numbers and booleans are read from their text.

    Raises:
        Malformed: a parameter is unknown, comes twice, is not UTF-8 or has a value outside its type.
    """
    found: dict[str, str] = {}
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, strict_parsing=bool(raw), errors="strict")
    except ValueError:
        raise Malformed("The query string cannot be read.") from None
    for name, value in pairs:
        if name in found:
            raise Malformed("A query parameter comes twice.", fields={f"query.{name[:100]}": "comes twice"})
        if "\0" in value:
            raise Malformed("A query parameter holds a NUL character.", fields={f"query.{name[:100]}": "holds a NUL"})
        found[name] = value
    try:
        return msgspec.convert(found, kind, strict=False)
    except msgspec.ValidationError as error:
        path, message = _place(str(error))
        raise Malformed("The query is not what this takes.", fields={f"query.{path}": message}) from None


def _place(text: str) -> tuple[str, str]:
    """Split msgspec's message into the field's path and what is wrong there."""
    where = _PLACE.search(text)
    path = where[1] if where else ""
    message = text[: where.start()] if where else text
    if message.startswith(("Object missing required field", "Object contains unknown field")):
        field = _FIELD.search(message)
        name = field[1][:100] if field else ""
        return ".".join(part for part in (path, name) if part), "is needed" if "missing" in message else "is unknown"
    return path, message
