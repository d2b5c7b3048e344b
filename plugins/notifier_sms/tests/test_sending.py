"""One try to send, against a real HTTP server that takes, drops, delays, refuses, or is elsewhere."""

import logging
import time
from email.utils import formatdate
from pathlib import Path

import pytest
from tests.support.hooks import http_sink

from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.contracts.messages import Outbound
from helpdesk.testing.channels import run
from helpdesk_notifier_sms.carriage import SmsCarriage
from helpdesk_notifier_sms.carrier import SmsCarrier

OURS, CALLER = "+74950000012", "+79160000001"
MESSAGE = Outbound("018f-1", "sms", OURS, CALLER, "", "Компания: обращение 17 CANARY-TEXT", purpose="acknowledgement")
TAKEN = b'{"status_code": 100, "sms": {"79160000001": {"status_code": 100, "sms_id": "1-2"}}}'


def carriage(tmp_path: Path, url: str, *, inside: bool = True, seconds: str = "5") -> SmsCarriage:
    path = tmp_path / "sms.toml"
    path.write_text(
        f'[gateways.main]\nprofile = "smsru"\nurl = "{url}"\n[[lines]]\nnumbers = ["{OURS}"]\ngateway = "main"\n',
        "utf-8",
    )
    found = SmsCarrier().carriage(
        {
            "HELPDESK_SMS_FILE": str(path),
            "HELPDESK_SMS_SECRETS": "main=CANARY-SECRET",
            "HELPDESK_SMS_TIMEOUT_SECONDS": seconds,
            "HELPDESK_SMS_ALLOW_LOOPBACK": "yes" if inside else "no",
        }
    )
    assert found is not None
    return found


def test_it_is_asked_by_post_and_its_id_returned(tmp_path: Path) -> None:
    """Secret and text stand in the body, never in the address."""

    async def main() -> bytes:
        async with http_sink("200", body=TAKEN) as (url, taken):
            assert await carriage(tmp_path, url).send(MESSAGE) == "main:1-2"
            return taken[0]

    head, _, body = run(main()).partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook HTTP/1.1\r\n")
    assert b"CANARY" not in head
    assert b"api_id=CANARY-SECRET&to=79160000001&msg=" in body


@pytest.mark.parametrize(
    ("behaviour", "seconds"), [("silent", "1"), ("slow", "1"), ("drops", "5"), ("gone", "5"), ("500", "5")]
)
def test_trouble_on_the_way_is_worth_another_try(tmp_path: Path, behaviour: str, seconds: str) -> None:
    """No answer, an answer letter by letter, a broken connection, nobody there: temporary, within the time set."""

    async def main() -> None:
        async with http_sink(behaviour) as (url, _):
            with pytest.raises(TemporaryFailure):
                await carriage(tmp_path, url, seconds=seconds).send(MESSAGE)

    run(main())


@pytest.mark.parametrize(("wish", "seconds"), [("120", 120), ("date", 600)])
def test_a_busy_gateway_is_given_the_time_it_names(tmp_path: Path, wish: str, seconds: float) -> None:
    """429 with Retry-After, in seconds or as a date."""
    named = formatdate(time.time() + seconds, usegmt=True) if wish == "date" else wish

    async def main() -> float:
        async with http_sink("429", headers=f"retry-after: {named}\r\n") as (url, _):
            with pytest.raises(TemporaryFailure, match="429") as problem:
                await carriage(tmp_path, url).send(MESSAGE)
            return problem.value.retry_after_seconds

    assert run(main()) == pytest.approx(seconds, abs=90)


def test_redirects_are_not_followed(tmp_path: Path) -> None:
    """The secret goes where it was meant to, and nowhere else."""

    async def main() -> None:
        async with (
            http_sink("200", body=TAKEN) as (canary, taken),
            http_sink("307", headers=f"location: {canary}\r\n") as (url, _),
        ):
            with pytest.raises(TemporaryFailure, match="redirects"):
                await carriage(tmp_path, url).send(MESSAGE)
            assert taken == []

    run(main())


def test_a_gateway_inside_is_not_called(tmp_path: Path) -> None:
    """Neither by its address nor by its name, unless that is set."""
    with pytest.raises(ValueError, match="public"):
        carriage(tmp_path, "https://127.0.0.1/", inside=False)


@pytest.mark.parametrize(
    ("sender", "recipient", "text", "failure"),
    [
        ("+74950000099", CALLER, "x", TemporaryFailure),
        (OURS, "+74953242442", "x", PermanentFailure),
        (OURS, "+12025550123", "x", PermanentFailure),
        (OURS, CALLER, "", PermanentFailure),
        (OURS, CALLER, "я" * 500, PermanentFailure),
    ],
)
def test_what_cannot_go_does_not(
    tmp_path: Path, sender: str, recipient: str, text: str, failure: type[Exception]
) -> None:
    """A line that was taken out may come back; a landline, another country, an endless text never go."""

    async def main() -> None:
        async with http_sink("200", body=TAKEN) as (url, taken):
            with pytest.raises(failure):
                await carriage(tmp_path, url).send(Outbound("1", "sms", sender, recipient, "", text))
            assert taken == []

    run(main())


def test_an_endless_answer_is_read_to_its_limit(tmp_path: Path) -> None:
    """64 KB, and then it cannot be read."""

    async def main() -> None:
        async with http_sink("200", body=b" " * 1_000_000 + TAKEN) as (url, _):
            with pytest.raises(TemporaryFailure, match="cannot be read"):
                await carriage(tmp_path, url).send(MESSAGE)

    run(main())


def test_nothing_secret_is_logged_or_raised(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the secret nor the text nor the gateway's path."""
    caplog.set_level(logging.DEBUG)
    said: list[str] = []

    async def main() -> None:
        for behaviour in ("503", "400", "gone", "drops", "302"):
            async with http_sink(behaviour) as (url, _):
                with pytest.raises((TemporaryFailure, PermanentFailure)) as problem:
                    await carriage(tmp_path, f"{url}/CANARY-PATH").send(MESSAGE)
                said.append(f"{problem.value!r} {problem.value.__cause__!r} {problem.value.__context__!r}")

    run(main())
    assert "CANARY" not in "".join([*said, *(record.getMessage() for record in caplog.records)])
