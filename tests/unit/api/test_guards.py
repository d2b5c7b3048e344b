"""What stands in front of Litestar lets plain JSON through and names what is wrong with anything else."""

import asyncio
import contextlib
import json
import time
from uuid import UUID

import pytest
from litestar.types import HTTPReceiveMessage, Message, Receive, Scope, Send

from helpdesk.api.guards import Admission, Limits, check_json, plain_json_only, shared_fairly
from helpdesk.api.problems import Malformed, NotJson, Overloaded, TooLarge, TooMany, TooSlow
from helpdesk.kernel.principal import Role
from helpdesk.store.credentials import Credential

LIMITS = Limits(body_bytes=1000, body_seconds=0.2, depth=4)


def scope(method: str = "POST", **headers: str) -> Scope:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": "/v1/tickets", "headers": pairs, "state": {}}  # type: ignore[return-value]


def sending(*chunks: bytes, pause: float = 0.0) -> Receive:
    left = list(chunks)

    async def receive() -> HTTPReceiveMessage:
        await asyncio.sleep(pause)
        chunk = left.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(left)}

    return receive


async def nothing(message: Message) -> None:
    pass


async def through(body: bytes, **headers: str) -> bytes:
    """Send a body through the guard and return what stands behind it."""
    seen: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        assert message["type"] == "http.request"
        assert scope["state"]["body"] == message["body"]
        seen.append(message["body"])

    given = {"content_type": "application/json", **headers}
    await plain_json_only(app, LIMITS)(scope(**given), sending(body[:10], body[10:]), nothing)
    return seen[0]


@pytest.mark.anyio
async def test_plain_json_passes_unchanged() -> None:
    """What is checked is what arrives, byte for byte."""
    body = '{"subject": "Не работает вход", "n": [1, 2]}'.encode()
    assert body == await through(body)
    assert body == await through(body, content_type="application/json; charset=UTF-8")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "text/plain"},
        {"content_type": ""},
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": "application/json; charset=koi8-r"},
        {"content_type": "application/jsonp"},
        {"content_encoding": "gzip"},
    ],
)
async def test_another_content_type_is_415(headers: dict[str, str]) -> None:
    """Only application/json in UTF-8, not compressed: a browser's simple request never passes for JSON."""
    with pytest.raises(NotJson):
        await through(b'{"subject":"x"}', **headers)


@pytest.mark.anyio
async def test_a_large_body_is_refused_before_and_while_it_is_read() -> None:
    """Neither a declared length nor a stream without one gets more memory than the limit."""
    with pytest.raises(TooLarge):
        await through(b'{"a":1}', content_length="1001")
    with pytest.raises(TooLarge):
        await through(b'"' + b"x" * 1000 + b'"')


@pytest.mark.anyio
async def test_a_body_that_trickles_in_is_given_up() -> None:
    """A client that sends a byte now and then is answered 408 in time."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("not reached")

    with pytest.raises(TooSlow):
        await plain_json_only(app, LIMITS)(
            scope(content_type="application/json"), sending(b"{", b"}", pause=0.15), nothing
        )


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"subject":"\xff"}', "UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"[" * 100_000, "deeper"),
        (b'{"a":' * 5 + b"1" + b"}" * 5, "deeper"),
        (b'{"a": "x\\u0000y"}', "NUL"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1', "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 99999999999999999999999}', "64 bits"),
        (b'{"a": 1, "b": 2, "a": 3}', "twice"),
    ],
)
def test_what_is_not_plain_json_is_400(body: bytes, why: str) -> None:
    """Deep JSON, other encodings, NUL, constants, huge numbers and repeated keys are named as what they are."""
    with pytest.raises(Malformed, match=why):
        check_json(body, depth=4)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": "[[[[[[[[[["}',
        b'{"a": "\\"[[[[[[[{"}',
        b'{"a": "\\\\u0000"}',
        b"[[1], [2], [3], [4], [5], [6]]",
        b"-9223372036854775808",
    ],
)
def test_what_only_looks_deep_or_bad_passes(body: bytes) -> None:
    """Brackets inside of strings are no depth, width is no depth, an escaped backslash is no NUL."""
    check_json(body, depth=4)


def test_checking_a_megabyte_of_anything_takes_no_time() -> None:
    """The check is linear in the body, whatever is in it."""
    hostile = [
        b"[" * 1_000_000,
        b"[" + b"[[]]," * 200_000 + b"[]]",
        b'"' + b"\\" * 1_000_000,
        b'{"' + b"\\u0000" * 160_000 + b'":1}',
        json.dumps({str(n): n for n in range(60_000)}).encode(),
        b'{"a":1,' * 140_000,
        b'{"a":1' + b',"a":1' * 160_000 + b"}",
    ]
    for body in hostile:
        began = time.thread_time()
        with contextlib.suppress(Malformed):
            check_json(body, depth=32)
        assert time.thread_time() - began < 10  # quadratic work on these would take minutes


@pytest.mark.anyio
async def test_no_more_are_let_in_than_can_be_answered() -> None:
    """The one above the limit is told to come back, the probes always pass, and a slot is free again afterwards."""
    gate, leave = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/v1/tickets":
            gate.set()
            await leave.wait()

    admission = Admission(app, limit=1)
    first = asyncio.create_task(admission(scope(), sending(b""), nothing))
    await gate.wait()
    with pytest.raises(Overloaded):
        await admission(scope(), sending(b""), nothing)
    await admission({**scope(), "path": "/healthz"}, sending(b""), nothing)  # type: ignore[arg-type]
    leave.set()
    await first
    await admission(scope(), sending(b""), nothing)
    assert admission.in_flight == 0


@pytest.mark.anyio
async def test_one_key_fills_its_own_share_only() -> None:
    """A key at its limit is told to come back while another is let in; a slot is free again afterwards."""
    leave = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await leave.wait()

    async def ask(key: Credential) -> None:
        await shares({**scope(), "state": {"caller": key}}, sending(b""), nothing)  # type: ignore[arg-type]

    flooding, other = (Credential(UUID(int=number), Role.AGENT, "", 0, None, ()) for number in (1, 2))
    shares = shared_fairly(app, limit=2)
    let_in = [asyncio.create_task(ask(key)) for key in (flooding, flooding, other)]
    await asyncio.sleep(0)
    with pytest.raises(TooMany):
        await ask(flooding)
    leave.set()
    await asyncio.gather(*let_in)
    await ask(flooding)


@pytest.mark.anyio
async def test_a_file_is_any_bytes_within_limits_of_its_own() -> None:
    """Where a file is put the body need not be JSON; its size is bounded, and how many are in memory at one time."""
    limits = Limits(body_bytes=10, file_bytes=100, files_at_once=1)
    going_on = asyncio.Event()
    seen: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["state"]["body"])
        await going_on.wait()

    async def put(size: int) -> None:
        place = {**scope(content_type="image/png"), "path": "/v1/tickets/1/attachments"}
        await guard(place, sending(b"\xff" * size), nothing)  # type: ignore[arg-type]

    guard = plain_json_only(app, limits)
    first = asyncio.create_task(put(100))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await put(1)
    going_on.set()
    await first
    with pytest.raises(TooLarge):
        await put(101)
    await put(5)
    assert [len(body) for body in seen] == [100, 5]
