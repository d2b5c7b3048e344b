"""One try: signed, to the address that was checked, within its time, and what its answer means."""

import asyncio
import logging
import socket
import ssl
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from standardwebhooks import Webhook
from tests.support.hooks import http_sink

from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.contracts.notifiers import Notification
from helpdesk.testing.channels import run
from helpdesk.testing.notifiers import SECRET
from helpdesk.webcalls import breakers
from helpdesk_notifier_webhook.notifier import WebhookNotifier
from helpdesk_notifier_webhook.sender import WebhookSender

FORMER = "whsec_" + "REVG" * 8
BODY = '{"type":"ticket.registered","data":{"note":"ё"}}'.encode()
CERTIFICATE = Path(__file__).parents[2] / "channel_email" / "tests" / "localhost.pem"


def sender(*, inside: bool = True, seconds: int = 5) -> WebhookSender:
    return WebhookSender(allow_loopback=inside, timeout_seconds=seconds)


def event(target: str, *secrets: str) -> Notification:
    return Notification("018f-1", target, secrets or (SECRET,), BODY)


def leading(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Have every name lead to these addresses; return the names that are asked for."""
    asked: list[str] = []

    async def resolve(self: Any, host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        kinds = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(kinds[":" in each], socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolve)
    return asked


def test_any_library_of_standard_webhooks_checks_it() -> None:
    """By each of the secrets that count; not by another, and not with another body."""

    async def main() -> bytes:
        async with http_sink() as (url, taken):
            assert await sender().send(event(url, SECRET, FORMER)) == "204"
            return taken[0]

    head, _, body = run(main()).partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    headers = {name.lower(): value for name, value in headers.items()}
    assert (body, headers["webhook-id"], headers["content-type"]) == (BODY, "018f-1", "application/json")
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 10
    for secret in (SECRET, FORMER):
        assert Webhook(secret).verify(body, headers) == msgspec.json.decode(BODY)
    with pytest.raises(Exception, match="signature"):
        Webhook("whsec_" + "R0hJ" * 8).verify(body, headers)
    with pytest.raises(Exception, match="signature"):
        Webhook(SECRET).verify(body + b" ", headers)
    assert "cookie" not in headers


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("1.1.1.1", "127.0.0.1"),
        ("::ffff:127.0.0.1",),
        ("64:ff9b::7f00:1",),
        ("169.254.169.254",),
        ("::1",),
    ],
)
def test_a_name_that_leads_inside_is_not_followed(addresses: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address is checked, not the first one; the canary on this machine receives nothing."""

    async def main() -> list[bytes]:
        async with http_sink() as (url, taken):
            port = urlsplit(url).port
            leading(monkeypatch, *addresses)
            with pytest.raises(TemporaryFailure, match="not public"):
                await sender(inside=False).send(event(f"https://hooks.example.com:{port}/"))
            return taken

    assert run(main()) == []


def test_a_name_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be answered otherwise a moment later (rebinding) is not asked: the checked address is connected to."""
    names = leading(monkeypatch, "127.0.0.1")

    async def main() -> None:
        async with http_sink() as (url, taken):
            port = urlsplit(url).port
            assert await sender().send(event(f"http://localhost:{port}/"))
            assert f"host: localhost:{port}".encode() in taken[0].lower()

    run(main())
    assert [name for name in names if name == "localhost"] == ["localhost"]


@pytest.mark.parametrize("status", ["301", "302", "303", "307", "308"])
def test_redirects_are_not_followed(status: str) -> None:
    """Neither inside nor anywhere: another try later, the canary receives nothing."""

    async def main() -> None:
        async with (
            http_sink() as (canary, taken),
            http_sink(status, headers=f"location: {canary}\r\n") as (url, _),
        ):
            with pytest.raises(TemporaryFailure, match="redirects"):
                await sender().send(event(url))
            assert taken == []

    run(main())


@pytest.mark.parametrize("target", ["https://127.1/", "http://hooks.example.com/", "nonsense"])
def test_what_is_no_target_any_more_is_refused_for_good(target: str) -> None:
    """However it came to be kept: no connection is made."""

    async def main() -> None:
        with pytest.raises(PermanentFailure):
            await sender(inside=False).send(event(target))

    run(main())


def test_the_certificate_is_that_of_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the connection goes to an address: of another name it is refused."""
    server, trusting = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    server.load_cert_chain(CERTIFICATE)
    trusting.load_verify_locations(CERTIFICATE)

    async def main() -> None:
        async with http_sink(tls=server) as (url, taken):
            port, ours = urlsplit(url).port, sender()
            ours.caller.tls = trusting
            assert await ours.send(event(f"https://localhost:{port}/")) == "204"
            assert len(taken) == 1
            with pytest.raises(TemporaryFailure):
                await ours.send(event(f"https://[::1]:{port}/"))
            leading(monkeypatch, "127.0.0.1")
            with pytest.raises(TemporaryFailure, match="certificate"):
                await ours.send(event(f"https://hooks.example.com:{port}/"))
            assert len(taken) == 1

    run(main())


@pytest.mark.parametrize("behaviour", ["silent", "slow"])
def test_a_slow_target_costs_its_time_and_no_more(behaviour: str) -> None:
    """No answer, or one letter by letter: over within the deadline."""

    async def main() -> None:
        async with http_sink(behaviour) as (url, _):
            begun = time.monotonic()
            with pytest.raises(TemporaryFailure, match="within 1 s"):
                await sender(seconds=1).send(event(url))
            assert time.monotonic() - begun < 3

    run(main())


@pytest.mark.parametrize(("wish", "seconds"), [("120", 120), ("date", 600), ("soon", 0), ("-5", 0)])
def test_a_pause_that_the_target_names_is_heeded(wish: str, seconds: float) -> None:
    """In seconds or as a date."""
    named = formatdate(time.time() + seconds, usegmt=True) if wish == "date" else wish

    async def main() -> float:
        async with http_sink("429", headers=f"retry-after: {named}\r\n") as (url, _):
            with pytest.raises(TemporaryFailure) as problem:
                await sender().send(event(url))
            return problem.value.retry_after_seconds

    assert run(main()) == pytest.approx(seconds, abs=90)


def test_a_sick_target_is_left_alone_and_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """After five failures no connection is made for a while; then one try goes through, and a good one closes it."""
    monkeypatch.setattr(breakers, "FIRST_PAUSE_SECONDS", 0.4)

    async def main() -> None:
        ours = sender()
        async with http_sink("500") as (sick, taken), http_sink() as (well, _):
            for _ in range(5):
                with pytest.raises(TemporaryFailure, match="500"):
                    await ours.send(event(sick))
            for _ in range(20):
                with pytest.raises(TemporaryFailure, match="left alone") as problem:
                    await ours.send(event(sick))
                assert 0 < problem.value.retry_after_seconds <= 0.4
            assert len(taken) == 5
            assert await ours.send(event(well)) == "204"
            await asyncio.sleep(0.45)
            tried = await asyncio.gather(*(ours.send(event(sick)) for _ in range(5)), return_exceptions=True)
            assert [type(each) for each in tried] == [TemporaryFailure] * 5
            assert len(taken) == 6

    run(main())


def test_a_hanging_target_takes_four_slots_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fifth event to it is told to come again, while others go through."""
    monkeypatch.setattr(breakers, "PATIENCE_SECONDS", 0.1)

    async def main() -> None:
        ours = sender(seconds=1)
        async with http_sink("silent") as (hanging, taken), http_sink() as (well, _):
            tries = [asyncio.ensure_future(ours.send(event(hanging))) for _ in range(8)]
            await asyncio.sleep(0.3)
            assert await ours.send(event(well)) == "204"
            assert len(taken) == 4
            assert len([each for each in tries if each.done()]) == 4
            await asyncio.gather(*tries, return_exceptions=True)

    run(main())


def test_nothing_secret_is_logged_or_raised(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the signing secret nor the target's path, which may be a secret of its own."""
    caplog.set_level(logging.DEBUG)
    said: list[str] = []

    async def main() -> None:
        for behaviour in ("503", "gone", "drops", "302", "410"):
            async with http_sink(behaviour) as (url, _):
                with pytest.raises((TemporaryFailure, PermanentFailure)) as problem:
                    await sender().send(event(f"{url}/CANARY?key=CANARY"))
                said.append(f"{problem.value!r} {problem.value.__cause__!r} {problem.value.__context__!r}")

    run(main())
    shown = "".join([*said, *(record.getMessage() for record in caplog.records), repr(event("https://x/CANARY"))])
    assert "CANARY" not in shown
    assert SECRET not in shown


def test_settings_are_checked_where_the_sender_is_made() -> None:
    """A wrong one is named."""
    with pytest.raises(ValueError, match="HELPDESK_WEBHOOK_TIMEOUT_SECONDS"):
        WebhookNotifier().sender({"HELPDESK_WEBHOOK_TIMEOUT_SECONDS": "60"})
