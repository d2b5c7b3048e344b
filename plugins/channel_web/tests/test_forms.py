"""The forms' door: what is taken, what is not, and what the browser is told."""

import asyncio
from typing import Any

import pytest
from tests.support.web_place import OTHER, PAGE, SECRET, SITE, Place, multipart, token

from helpdesk.contracts.messages import Attachment, Inbound, Outcome, Receipt, Standing
from helpdesk.kernel.errors import Invalid, Unavailable
from helpdesk.testing.channels import run
from helpdesk_channel_web.config import read_config

FORM = "application/x-www-form-urlencoded"


def test_a_form_is_a_message_of_nobody_proved() -> None:
    """JSON, a plain form and multipart say the same; the typed address is a claim; the service's clock counts."""

    async def main() -> None:
        place = Place()
        said = {
            "subject": "Касса",
            "text": "Не печатает\nсовсем",
            "name": "Анна",
            "email": "Anna@X.example",
            "steps": "1",
        }
        async with place.open():
            numbers = [bytes([n]) * 16 for n in range(3)]
            tokens = [token(number=number) for number in numbers]
            assert (await place.send(**said, token=tokens[0])).status_code == 201
            url = f"/forms/{SITE}"
            assert (await place.client.post(url, data={**said, "token": tokens[1]})).status_code == 201
            parts, kind = multipart(
                *((name, None, value.encode()) for name, value in {**said, "token": tokens[2]}.items()),
                ("f", "../снимок.pdf", b"\x89PNG\r\n\x1a\nx"),
                ("f", "", b""),
            )
            assert (await place.post(parts, kind)).status_code == 201
        found = list(place.gateway.messages.values())
        assert [each.source_key for each in found] == [f"web:{SITE}:{number.hex()}" for number in numbers]
        for each in found:
            assert (each.channel_kind, each.address, each.sender) == ("web", SITE, "anna@x.example")
            assert (each.subject, each.text, each.sender_name) == ("Касса", "Не печатает\nсовсем", "Анна")
            assert (each.contact, each.fields, each.received_at) == ("Anna@X.example", {"steps": "1"}, None)
            assert each.standing is Standing.CLAIMED
            assert each.waits
            assert (each.tokens, each.references) == ((), ())
        assert [each.attachments for each in found] == [
            (),
            (),
            (Attachment("снимок.pdf", "image/png", b"\x89PNG\r\n\x1a\nx"),),
        ]

    run(main())


def test_who_gives_no_address_is_a_visitor_of_that_form() -> None:
    """Two visitors without an address are two senders."""

    async def main() -> None:
        place = Place()
        async with place.open():
            for _ in range(2):
                assert (await place.send()).json()["outcome"] == "ticket"
        first, second = place.gateway.messages.values()
        assert first.sender.startswith("visitor:")
        assert first.sender != second.sender

    run(main())


def test_a_form_is_sent_once() -> None:
    """The same token again: the same answer, whatever was in between; another page has another."""

    async def main() -> None:
        place = Place()
        async with place.open():
            mine = token()
            first = await place.send(token=mine)
            again = await asyncio.gather(*(place.send(token=mine) for _ in range(5)))
            assert {each.status_code for each in again} == {202}  # the fake gateway tells nothing of the first time
            assert all(each.json()["repeated"] for each in again)
            assert first.json()["repeated"] is False
            assert len(place.gateway.messages) == 1

    run(main())


@pytest.mark.parametrize(
    ("receipt", "status", "says"),
    [
        (Receipt("1", Outcome.TICKET, number=7), 201, {"outcome": "ticket", "number": 7, "repeated": False}),
        (Receipt("1", Outcome.DUPLICATE, number=7, first=Outcome.TICKET), 201, {"number": 7, "repeated": True}),
        (Receipt("1", Outcome.HELD), 202, {"outcome": "held", "number": None}),
        (Receipt("1", Outcome.REFUSED, clause="1.2", detail="праздник", hint="по почте"), 422,
         {"code": "refused", "clause": "1.2", "hint": "по почте", "detail": "праздник", "ledger_id": "1"}),
        (Receipt("1", Outcome.DUPLICATE, clause="1.2", first=Outcome.REFUSED), 422, {"clause": "1.2"}),
    ],
)  # fmt: skip
def test_the_browser_is_told_what_became_of_it(receipt: Receipt, status: int, says: dict[str, Any]) -> None:
    """A repetition is answered as the first time was; a refusal names its clause and the way that is open."""

    async def main() -> None:
        place = Place()

        async def submit(message: Inbound) -> Receipt:
            return receipt

        place.gateway.submit = submit  # type: ignore[method-assign]
        async with place.open():
            answer = await place.send()
        assert answer.status_code == status
        assert says.items() <= answer.json().items()

    run(main())


def test_what_the_regulation_demands_is_asked_for() -> None:
    """422 names the form's own fields and the clause; nothing is quarantined, for the visitor is still there."""

    async def main() -> None:
        place = Place()
        place.gateway.refusing = Invalid("more", fields={"contact": "is needed", "fields.steps": "too"}, clause="5.3")
        async with place.open():
            answer = await place.send()
        assert answer.status_code == 422
        assert answer.json()["clause"] == "5.3"
        assert [each["path"] for each in answer.json()["errors"]] == ["email", "steps"]
        assert not place.gateway.kept

    run(main())


def test_robots_wait_and_fall_into_the_trap() -> None:
    """Too early and too late are told; what fills the hidden field in is kept for a person, and says nothing of it."""

    async def main() -> None:
        place = Place()
        async with place.open(FORM_SECONDS="3"):
            handed = (await place.client.get(f"/forms/{SITE}")).json()
            assert (handed["wait_seconds"], handed["valid_seconds"]) == (3, 86_400)
            early = await place.send(token=handed["token"])
            late = await place.send(token=token(age=86_401))
            others = await place.send(token=token(OTHER))
            future = await place.send(token=token(age=-3_600))
            codes = [each.json()["code"] for each in (early, late, others, future)]
            assert codes == ["form-too-early", "form-too-late", "form-token", "form-too-late"]
            assert not place.gateway.kept
            caught = await place.send(**{handed["trap"]: "https://spam.example"})
            assert (caught.status_code, caught.json()["number"]) == (202, None)
        assert [each.cause for each in place.gateway.quarantined.values()] == [
            "a field that people do not see was filled in"
        ]

    run(main())


def test_only_the_sites_own_pages_may_ask() -> None:
    """A page of another origin is refused before anything is read; an allowed one may read the answer."""

    async def main() -> None:
        place = Place()
        async with place.open(SITES=f"{SITE}={PAGE},http://localhost:8080 {OTHER}"):
            for origin in (
                "https://evil.example",
                "null",
                "http://www.siroca.com",
                f"{PAGE}.evil.example",
                PAGE.upper(),
            ):
                refused = await place.post(b"text=a", FORM, origin=origin)
                assert (refused.status_code, refused.json()["code"]) == (403, "origin")
                assert "access-control-allow-origin" not in refused.headers
                assert (await place.client.options(f"/forms/{SITE}", headers={"origin": origin})).status_code == 403
            preflight = await place.client.options(f"/forms/{SITE}", headers={"origin": "http://localhost:8080"})
            assert preflight.status_code == 204
            assert preflight.headers["access-control-allow-headers"] == "authorization, content-type"
            taken = await place.client.post(
                f"/forms/{SITE}", json={"token": token(), "text": "a"}, headers={"origin": PAGE}
            )
            assert (taken.status_code, taken.headers["access-control-allow-origin"]) == (201, PAGE)
            assert taken.headers["vary"] == "origin"
            assert "access-control-allow-credentials" not in taken.headers
        assert len(place.gateway.messages) == 1

    run(main())


def test_what_is_not_there_is_not_told_apart() -> None:
    """An unknown site, a site of no company and another path: the same 404."""

    async def main() -> None:
        place = Place()
        async with place.open():
            found = [await place.client.post(f"/forms/{site}", json={"token": token(site), "text": "a"})
                     for site in ("nobodys.example", "unknown.example")]  # fmt: skip
            found += [
                await place.client.get(path) for path in ("/", "/forms", "/forms/", "/forms/..%2f", "/v1/tickets")
            ]
            assert {(each.status_code, each.content) for each in found} == {(404, found[0].content)}
            assert (await place.client.put(f"/forms/{SITE}")).status_code == 405

    run(main())


def test_nothing_is_lost_while_the_service_is_away() -> None:
    """503 with Retry-After, nothing stored; the same again is taken in."""

    async def main() -> None:
        place = Place()
        async with place.open():
            mine = token()
            place.gateway.failures = [Unavailable()]
            away = await place.send(token=mine)
            assert (away.status_code, away.headers["retry-after"]) == (503, "5")
            assert (await place.send(token=mine)).status_code == 201

    run(main())


def test_files_have_their_bounds() -> None:
    """All files of a message together; more is refused before it is gathered."""

    async def main() -> None:
        place = Place()
        async with place.open(FILE_MEGABYTES="1"):
            for size, status in ((1024 * 1024, 201), (1024 * 1024 + 1, 413), (2_000_000, 413)):
                parts, kind = multipart(
                    ("token", None, token().encode()), ("text", None, b"x"), ("f", "a", b"x" * size)
                )
                assert (await place.post(parts, kind)).status_code == status

    run(main())


@pytest.mark.parametrize(
    "given",
    [
        {"SITES": "a.example", "SECRET": "short"},
        {"SITES": "a.example a.example"},
        {"SITES": "a.example=https://a.example/path"},
        {"SITES": "a.example=ftp://a.example"},
        {"SITES": "https://a.example"},
        {"SITES": "anna@a.example"},
        {"LISTEN": "nowhere"},
        {"FORM_SECONDS": "61"},
        {"FILE_MEGABYTES": "-1"},
    ],
)
def test_a_wrong_setting_is_named_without_a_secret(given: dict[str, str]) -> None:
    """ValueError at the start, and the secret in nothing that is shown."""
    settings = {f"HELPDESK_WEB_{name}": value for name, value in {"SECRET": SECRET, **given}.items()}
    with pytest.raises(ValueError, match="HELPDESK_WEB_") as raised:
        read_config(settings)
    assert SECRET not in str(raised.value)
    assert SECRET not in repr(read_config({"HELPDESK_WEB_SITES": "a.example", "HELPDESK_WEB_SECRET": SECRET}))
