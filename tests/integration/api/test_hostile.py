"""Hostile and careless requests get a clear 4xx, never a 500, and write nothing."""

import asyncio
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.integration.api.conftest import Service

pytestmark = pytest.mark.anyio

JSON = {"Content-Type": "application/json"}

BODIES: list[tuple[str, bytes, dict[str, str], int, str]] = [
    ("deep JSON", b"[" * 100_000, JSON, 400, "malformed"),
    ("deep and closed", b'{"a":' * 40 + b"1" + b"}" * 40, JSON, 400, "malformed"),
    ("not UTF-8", b'{"subject":"\xff"}', JSON, 400, "malformed"),
    ("half a character", b'{"subject":"\\ud800"}', JSON, 400, "malformed"),
    ("UTF-16", '{"subject":"x"}'.encode("utf-16"), JSON, 400, "malformed"),
    ("NUL and a huge number", b'{"subject":"a\\u0000b","priority":99999999999999999999999}', JSON, 400, "malformed"),
    ("text/plain", b'{"subject":"x"}', {"Content-Type": "text/plain"}, 415, "not-json"),
    ("no content type", b'{"subject":"x"}', {}, 415, "not-json"),
    ("a form", b"subject=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "not-json"),
    ("compressed", b'{"subject":"x"}', {**JSON, "Content-Encoding": "gzip"}, 415, "not-json"),
    ("other charset", b'{"subject":"x"}', {"Content-Type": "application/json; charset=cp1251"}, 415, "not-json"),
    ("too large", b'{"subject":"' + b"x" * 1_100_000 + b'"}', JSON, 413, "too-large"),
    ("a key twice", b'{"subject":"x","subject":"y"}', JSON, 400, "malformed"),
    ("no body", b"", JSON, 400, "malformed"),
    ("not an object", b'["subject"]', JSON, 400, "malformed"),
    ("a wrong type", b'{"subject":1}', JSON, 400, "malformed"),
    ("too long", b'{"subject":"' + b"x" * 301 + b'"}', JSON, 400, "malformed"),
    ("blank", '{"subject":" \u2003 "}'.encode(), JSON, 400, "malformed"),
    (
        "mass assignment",
        b'{"subject":"x","tenant_id":"t","status":"closed","sla_due_at":"2099-01-01T00:00:00Z","is_admin":true}',
        JSON,
        400,
        "malformed",
    ),
    ("a foreign link", b'{"subject":"x","links":[{"ticket_id":"1"}]}', JSON, 400, "malformed"),
    ("a foreign customer", b'{"subject":"x","channel":"phone","customer_id":"1"}', JSON, 400, "malformed"),
]


@pytest.mark.parametrize(("name", "body", "headers", "status", "code"), BODIES, ids=[case[0] for case in BODIES])
async def test_a_hostile_body(
    sqlite_service: Service, name: str, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    """The answer is the problem that it is, and the ledger stays empty."""
    async with sqlite_service.client("intervale-agent") as client:
        answer = await client.post("/v1/tickets", content=body, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:helpdesk:problem:{code}")
        assert answer.headers["content-type"] == "application/problem+json"
        assert (await client.get("/v1/ledger")).json()["items"] == []


async def test_who_sends_everything_before_reading_is_told_that_it_is_too_much(sqlite_service: Service) -> None:
    """The connection is not reset under the answer while the client is still sending."""
    url = urlsplit(sqlite_service.url)
    head = f"POST /v1/tickets HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {sqlite_service.keys['intervale-agent']}\r\nContent-Length: {30_000_000}\r\n\r\n"

    def ask() -> bytes:
        with socket.create_connection((url.hostname, url.port or 80), timeout=60) as connection:
            connection.sendall(head.encode() + bytes(30_000_000))
            answer = b""
            while chunk := connection.recv(65_536):
                answer += chunk
            return answer

    answer = await asyncio.to_thread(ask)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"urn:helpdesk:problem:too-large" in answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/tickets?sort=channel__imap_password&filter[assignee.password_hash][like]=a%25", 400),
        ("GET", "/v1/feed?channel=%25", 400),
        ("GET", "/v1/tickets?limit=1&limit=2", 400),
        ("GET", "/v1/tickets?assignee=%00", 400),
        ("GET", "/v1/tickets?assignee=%ff", 400),
        ("GET", "/v1/tickets?limit=-1", 400),
        ("GET", "/v1/tickets?limit=٣", 400),
        ("GET", "/v1/tickets/0", 404),
        ("GET", "/v1/tickets/-1", 404),
        ("GET", "/v1/tickets/9223372036854775808", 404),
        ("GET", "/v1/tickets/" + "9" * 5000, 404),
        ("GET", "/v1/tickets/1/../../../etc/passwd", 404),
        ("GET", "/v1/tickets/%2e%2e", 404),
        ("GET", "/v1/tickets/one", 404),
        ("GET", "//v1//tickets", 200),
        ("PATCH", "/v1/tickets", 405),
        ("TRACE", "/v1/tickets", 405),
        ("BREW", "/v1/tickets", 405),
        ("GET", "/v1/no-such", 404),
        ("GET", "/no-such", 404),
        ("POST", "/v1/tickets/1/replies/", 400),
        ("DELETE", "/v1/tickets/1/pauses/%00", 404),
        ("DELETE", "/v1/operator/keys/not-a-uuid", 404),
    ],
)
async def test_a_hostile_path(sqlite_service: Service, method: str, path: str, status: int) -> None:
    """Sorts, filters and wildcards come from an allow list; numbers are bounded; paths are what they say."""
    async with sqlite_service.client("intervale-agent") as client:
        answer = await client.request(method, sqlite_service.url + path)
        assert answer.status_code == status, answer.text
        if status == 405:
            assert "GET" in answer.headers["allow"]


async def test_strange_headers_end_in_a_problem(sqlite_service: Service) -> None:
    """Bytes that are no text, a host that is none, a key that is none."""
    async with sqlite_service.client() as client:
        secret = sqlite_service.keys["intervale-agent"].encode()
        headers: list[tuple[list[tuple[bytes, bytes]], int]] = [
            ([(b"authorization", b"Bearer \xff\xfe")], 401),
            ([(b"authorization", b"Bearer " + secret[:-1])], 401),
            ([(b"authorization", b"Bearer " + b"x" * 5000)], 401),
            ([(b"authorization", b"bearer " + secret)], 200),
            ([(b"authorization", b"Bearer " + secret), (b"helpdesk-tenant", b"\xff")], 404),
            ([(b"authorization", b"Bearer " + secret), (b"helpdesk-tenant", b"a"), (b"helpdesk-tenant", b"b")], 400),
            ([(b"authorization", b"Bearer " + secret), (b"x-forwarded-for", b"127.0.0.1")], 200),
        ]
        for given, status in headers:
            answer = await client.get("/v1/tickets", headers=given)
            assert answer.status_code == status, given


async def test_what_nobody_foresaw_shows_an_incident_and_nothing_else(
    sqlite_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure inside is a 500 problem with an id to quote, without a word of its cause."""

    async def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("password=hunter2")

    async with sqlite_service.client("intervale-agent") as client:
        await client.get("/v1/tickets")
        monkeypatch.setattr(type(sqlite_service.database), "read", broken)
        answer = await client.get("/v1/tickets")
        assert (answer.status_code, answer.json()["type"]) == (500, "urn:helpdesk:problem:unexpected")
        assert answer.json()["incident"]
        assert "hunter2" not in answer.text
