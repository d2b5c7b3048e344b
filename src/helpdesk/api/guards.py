"""What stands in front of Litestar: admission under load, and a body that is plain JSON or is refused.

Litestar alone answers 500 to deep JSON and to bytes that are not UTF-8, and takes ``text/plain`` for JSON.
"""

import asyncio
import json
import re
from collections import Counter
from typing import Any, NoReturn
from uuid import UUID

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Receive, Scope, Send
from msgspec import Struct

from helpdesk.api.problems import Malformed, NotJson, Overloaded, TooLarge, TooMany, TooSlow
from helpdesk.store.credentials import Credential

_FILES = re.compile(r"^/+v1/tickets/[^/]+/attachments/?$")
"""Where a file is put: the one body that is not JSON."""
_ALWAYS_ADMITTED = {"/healthz", "/ready", "/metrics"}
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Limits(Struct, frozen=True):
    """How much a client may send and how much the service takes on at once."""

    body_bytes: int = 1_048_576
    body_seconds: float = 30.0
    """From the first byte awaited to the last one received."""
    depth: int = 32
    """Nested objects and arrays."""
    file_bytes: int = 20 * 1_048_576
    """The same where a file is put to a ticket."""
    files_at_once: int = 4
    """Files being received at one time: each is held in memory."""
    in_flight: int = 256
    """Requests being answered at one time; the next one is told to come back."""
    in_flight_by_key: int = 128
    """The same of one key: whoever floods us leaves the other slots to everybody else."""


class Admission:
    """Lets a bounded number of requests in; the probes always pass."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit
        self.in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or raise ``Overloaded``."""
        if scope["type"] != ScopeType.HTTP or scope["path"] in _ALWAYS_ADMITTED:
            await self._app(scope, receive, send)
            return
        if self.in_flight >= self._limit:
            raise Overloaded
        self.in_flight += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self.in_flight -= 1


def shared_fairly(app: ASGIApp, limit: int) -> ASGIApp:
    """Wrap ``app``: of one key, found in the scope's state as ``caller``, at most ``limit`` requests are let in.

    Raises:
        TooMany: the key has as many under way (429).
    """
    under_way: Counter[UUID] = Counter()

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        caller = scope.get("state", {}).get("caller")
        if not isinstance(caller, Credential):
            await app(scope, receive, send)
            return
        if under_way[caller.id] >= limit:
            raise TooMany
        under_way[caller.id] += 1
        try:
            await app(scope, receive, send)
        finally:
            under_way[caller.id] -= 1
            if not under_way[caller.id]:
                del under_way[caller.id]

    return call


def plain_json_only(app: ASGIApp, limits: Limits) -> ASGIApp:
    """Wrap ``app``: it sees a body only after the body has been found to be bounded, shallow JSON in UTF-8.

    The checked bytes are put into the scope's state as ``body`` (empty when there was none).

    Raises:
        NotJson: another content type, encoding or character set (415).
        TooLarge: more bytes than ``limits.body_bytes`` (413).
        TooSlow: the body took longer than ``limits.body_seconds`` (408).
        Malformed: not UTF-8, not JSON, too deep, a key twice in one object, or a NUL character (400).
    """

    receiving = 0

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal receiving
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        if scope["method"] == "POST" and _FILES.match(scope["path"]):
            if receiving >= limits.files_at_once:
                raise Overloaded
            receiving += 1
            try:
                scope.setdefault("state", {})["body"] = await _read(scope, receive, limits, limits.file_bytes)
                await app(scope, _replay(b"", receive), send)
            finally:
                receiving -= 1
            return
        body = await _read(scope, receive, limits, limits.body_bytes)
        if body:
            _check_headers(scope)
            check_json(body, limits.depth)
        scope.setdefault("state", {})["body"] = body
        await app(scope, _replay(body, receive), send)

    return call


def check_json(body: bytes, depth: int) -> None:
    """Refuse a body that is not plain JSON at most ``depth`` levels deep.

    Raises:
        Malformed: it is not.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8: byte {error.start} cannot be read.") from None
    if body.startswith(b"\xef\xbb\xbf"):
        raise Malformed("The body begins with a byte order mark; JSON has none.")
    if body.count(b"[") + body.count(b"{") > depth and _deeper_than(depth, body):
        raise Malformed(f"The body is nested deeper than {depth} levels, or its brackets do not match.")
    if b"\\u0000" in body and _ESCAPED_NUL.search(body):
        raise Malformed("The body holds a NUL character, which no text here may have.")
    try:
        json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_bounded_int)
    except json.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error.msg} at character {error.pos}.") from None


def _deeper_than(depth: int, body: bytes) -> bool:
    """Say whether brackets remain outside of strings after the innermost pairs were taken away ``depth`` times."""
    brackets = _STRING.sub(b"", body).translate(None, _NO_BRACKETS)
    for _ in range(depth):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return bool(brackets)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise Malformed("A key comes twice in one object.", fields={twice[:100]: "comes twice"})
    return seen


def _no_constant(name: str) -> NoReturn:
    raise Malformed(f"The body is not JSON: {name} is no JSON number.")


def _bounded_int(digits: str) -> int:
    if len(digits) > 20:
        raise Malformed("The body holds a number beyond 64 bits.")
    return int(digits)


async def _read(scope: HTTPScope, receive: Receive, limits: Limits, most: int) -> bytes:
    declared = _header(scope, b"content-length")
    if declared.isdigit() and int(declared[:20]) > most:
        raise TooLarge(f"The body may have at most {most} bytes.")
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise Malformed("The client went away.")
                size += len(message["body"])
                if size > most:
                    raise TooLarge(f"The body may have at most {most} bytes.")
                chunks.append(message["body"])
                if not message.get("more_body"):
                    return b"".join(chunks)
    except TimeoutError:
        raise TooSlow from None


def _check_headers(scope: HTTPScope) -> None:
    encoding = _header(scope, b"content-encoding").lower()
    if encoding not in {b"", b"identity"}:
        raise NotJson("A compressed body is not taken.")
    media_type, *parameters = (part.strip().lower() for part in _header(scope, b"content-type").split(b";"))
    if media_type != b"application/json":
        raise NotJson
    for parameter in parameters:
        name, _, value = parameter.partition(b"=")
        if name == b"charset" and value.strip(b'"') not in {b"utf-8", b"utf8"}:
            raise NotJson


def _header(scope: HTTPScope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives the body once more, then what the server has to say."""
    given = False

    async def again() -> HTTPReceiveMessage:
        nonlocal given
        if given:
            return await receive()  # type: ignore[return-value]
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
