"""The server inside the service's loop: it drains, sheds what it cannot take, and leaves signals alone."""

import asyncio
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from tests.integration.api.conftest import Service, start

from helpdesk.api.guards import Limits
from helpdesk.httpserver.server import HttpServer
from helpdesk.kernel.errors import Unavailable

pytestmark = pytest.mark.anyio


async def test_signals_stay_with_the_service(sqlite_service: Service) -> None:
    """A running server has not put its own handlers in place of ours."""
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


async def test_what_was_asked_is_answered_before_the_end(sqlite_service: Service) -> None:
    """Stopping under load: every request that was taken gets its whole answer, no connection is reset."""
    stop = asyncio.Event()
    statuses: list[int] = []

    async def ask() -> None:
        async with sqlite_service.client("intervale-agent") as client:
            while not stop.is_set():
                try:
                    answer = await client.post("/v1/tickets", json={"subject": "x"})
                except httpx2.ConnectError:  # after the end nobody listens
                    return
                statuses.append(answer.status_code)

    asking = [asyncio.create_task(ask()) for _ in range(8)]
    while len(statuses) < 40:  # noqa: ASYNC110 - what is waited for are answers, nobody sets an event
        await asyncio.sleep(0.01)
    await sqlite_service.server.stop()
    stop.set()
    await asyncio.gather(*asking)
    assert set(statuses) == {201}


async def test_nobody_who_is_connected_is_reset(sqlite_service: Service) -> None:
    """Clients that make a connection for each request, right up to the end: answered, or never connected."""
    port = sqlite_service.server.port
    over = threading.Event()
    asked = threading.Semaphore(0)

    def ask_on() -> list[bytes]:
        answers = []
        while not over.is_set():
            try:
                connection = socket.create_connection(("127.0.0.1", port), timeout=0.5)
            except OSError:
                break
            with connection:
                connection.settimeout(10)
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answers.append(connection.recv(12))
                asked.release()
        return answers

    with ThreadPoolExecutor(12) as clients:
        asking = [clients.submit(ask_on) for _ in range(12)]
        await asyncio.to_thread(asked.acquire)
        await sqlite_service.server.stop()
        over.set()
        answers = [answer for each in asking for answer in await asyncio.wrap_future(each)]
    assert set(answers) == {b"HTTP/1.1 200"}


async def test_a_stopping_server_sends_its_clients_away(sqlite_service: Service) -> None:
    """While it drains it still answers, and tells every client not to come back on the same connection."""
    async with sqlite_service.client("intervale-agent") as client:
        assert "connection" not in (await client.get("/healthz")).headers
        stopping = asyncio.create_task(sqlite_service.server.stop())
        await asyncio.sleep(0)
        answer = await client.get("/healthz")
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        await stopping
        with pytest.raises(httpx2.ConnectError):
            await client.get("/healthz")


async def test_a_taken_port_is_an_error_at_the_start(sqlite_service: Service) -> None:
    """Binding fails where it is asked for, as an exception that names the cause."""
    second = HttpServer(sqlite_service.app, "127.0.0.1", sqlite_service.server.port)
    with pytest.raises(OSError, match="in use"):
        await second.start()


async def test_more_than_can_be_taken_is_told_to_come_back(sqlite_service: Service) -> None:
    """Above the limit: 503 with Retry-After, at once; the probes still answer; below it again all is well."""
    small = await start(
        sqlite_service.database, sqlite_service.registry, sqlite_service.keys, Limits(in_flight=2, body_seconds=0.5)
    )
    try:
        slow = [await asyncio.open_connection("127.0.0.1", small.server.port) for _ in range(2)]
        for _, writer in slow:
            secret = sqlite_service.keys["intervale-agent"]
            head = (
                f"POST /v1/tickets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\nContent-Length: 50\r\n\r\n"
            )
            writer.write(head.encode() + b"{")
            await writer.drain()
        async with small.client("intervale-agent") as client:
            await asyncio.sleep(0.1)
            answer = await client.get("/v1/tickets")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert answer.json()["type"] == "urn:helpdesk:problem:overloaded"
            assert (await client.get("/ready")).status_code == 200
            for reader, writer in slow:
                assert b" 408 " in await reader.readline()
                writer.close()
            assert (await client.get("/v1/tickets")).status_code == 200
    finally:
        await small.server.stop()


async def test_a_database_that_is_down_is_503(sqlite_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unavailable means try again later, for reads, writes and for keys that are not remembered."""

    async def down(*args: object) -> object:
        raise Unavailable("the database does not answer")

    monkeypatch.setattr(type(sqlite_service.database), "read", down)
    monkeypatch.setattr(type(sqlite_service.database), "write", down)
    async with sqlite_service.client("intervale-agent") as client:
        for answer in (await client.get("/v1/tickets"), await client.post("/v1/tickets", json={"subject": "x"})):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/metrics")).status_code == 200


async def test_ready_says_why_not(sqlite_service: Service) -> None:
    """A check that gives a reason, hangs or raises makes the service not ready, each with its reason."""
    checks = sqlite_service.app.state["services"].checks

    async def reason() -> str | None:
        return "the schema is old"

    async def hangs() -> str | None:
        await asyncio.sleep(60)
        return None

    async def raises() -> str | None:
        raise RuntimeError("hunter2")

    checks.update(schema=reason, nats=hangs, disk=raises)
    async with sqlite_service.client() as client:
        answer = await client.get("/ready")
    found = {check["name"]: check["reason"] for check in answer.json()["checks"]}
    assert answer.status_code == 503
    assert found == {
        "database": "",
        "schema": "the schema is old",
        "nats": "no answer within 2 seconds",
        "disk": "the check failed: RuntimeError",
    }


async def test_metrics_count_by_route_and_show_the_stock(sqlite_service: Service) -> None:
    """Requests are counted under their route's template, tickets and ledger as the database has them."""
    async with sqlite_service.client("intervale-agent") as client:
        await client.post("/v1/tickets", json={"subject": "x"})
        for number in (1, 2, 3):
            await client.get(f"/v1/tickets/{number}")
        await client.get("/wp-login.php")
        text = (await client.get("/metrics")).text
    assert 'helpdesk_http_requests_total{method="GET",route="/v1/tickets/{number}",status="404"} 2.0' in text
    assert 'helpdesk_http_requests_total{method="GET",route="(none)",status="404"} 1.0' in text
    assert 'helpdesk_tickets{state="waiting"} 1.0' in text  # 5.3: a form that lacks what is demanded waits for it
    assert 'helpdesk_ledger_entries{outcome="ticket"} 1.0' in text
    assert "helpdesk_timers_pending" in text
    assert "wp-login" not in text


async def test_every_answer_is_labelled(sqlite_service: Service) -> None:
    """A request id of its own on each, nothing to be cached or sniffed."""
    async with sqlite_service.client() as client:
        answers = [await client.get(path) for path in ("/v1/tickets", "/v1/tickets", "/healthz", "/none")]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 4
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}
    assert answers[0].headers["cache-control"] == "no-store"
    assert answers[0].headers["www-authenticate"] == "Bearer"


async def test_the_log_has_no_bodies_and_no_secrets(
    sqlite_service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line a request: method, path, status, time."""
    async with sqlite_service.client("intervale-agent") as client:
        await client.post("/v1/tickets", json={"subject": "CANARY"})
    logged = "".join(capsys.readouterr())
    assert "/v1/tickets" in logged
    assert "CANARY" not in logged
    assert sqlite_service.keys["intervale-agent"] not in logged
