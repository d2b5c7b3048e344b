"""The signed-in users' door: who is who, what goes on with what, and letters in their order."""

import asyncio
import time

import pytest
from tests.support.web_place import OTHER, PAGE, SECRET, SIGNING, SITE, Place, bearer, signed

from helpdesk.contracts.messages import Attachment, Box, Letter, Standing
from helpdesk.kernel.errors import Unavailable
from helpdesk.testing.channels import run
from helpdesk_channel_web.config import Site, read_config
from helpdesk_channel_web.usertoken import NotSignedIn, read

NOW = 1_800_000_000
ONE_SITE = Site(SITE, frozenset(), (b"old" * 12, SIGNING[SITE].encode()))


def letter(position: int, **other: object) -> Letter:
    """Return a letter."""
    said = {"number": 7, "purpose": "answer", "subject": "S", "text": f"{position}", **other}
    return Letter(position, f"l{position}", 1_790_000_000_000_000, **said)  # type: ignore[arg-type]


def box(by: str = "17", kind: str = "chat", site: str = SITE) -> Box:
    """Return somebody's box."""
    return Box(kind, site, f"user:{site}/{by}")


def test_a_token_says_who_is_signed_in() -> None:
    """The subject within the site, whatever it is; a mail address only if the site verified it; either secret."""
    exp = NOW + 300
    plain = read(ONE_SITE, signed(exp=exp, name=" Анна \n К "), NOW)
    assert (plain.address, plain.name, plain.mail) == (f"user:{SITE}/17", "Анна К", "")
    odd = read(ONE_SITE, signed(subject="a@b/ü %", exp=exp, secret="old" * 12, aud=["x", SITE]), NOW)
    assert odd.address == f"user:{SITE}/a%40b%2F%C3%BC%20%25"
    claimed = read(ONE_SITE, signed(exp=exp, email="a@b.example"), NOW)
    proved = read(ONE_SITE, signed(exp=exp, email="a@b.example", email_verified=True), NOW)
    assert (claimed.mail, proved.mail) == ("", "a@b.example")


@pytest.mark.parametrize(
    "token",
    [
        "", ".", "..", "a.b.c", "a" * 5_000,
        signed(exp=NOW - 61), signed(exp=NOW + 3_700), signed(exp=None), signed(exp="9"), signed(exp=NOW, nbf=NOW + 90),
        signed(aud=OTHER, exp=NOW + 9), signed(aud=None, exp=NOW + 9), signed(aud=[], exp=NOW + 9),
        signed(sub=None, exp=NOW + 9), signed(sub="", exp=NOW + 9), signed(sub="a\nb", exp=NOW + 9),
        signed(sub="x" * 101, exp=NOW + 9), signed(sub=17, exp=NOW + 9),
        signed(exp=NOW + 9, secret=SECRET), signed(exp=NOW + 9, secret=SIGNING[OTHER]),
        signed(exp=NOW + 9, header=b'{"alg":"none"}'), signed(exp=NOW + 9, header=b'{"alg":"RS256"}'),
        signed(exp=NOW + 9, header=b'{"alg":"HS256","crit":["b64"]}'), signed(exp=NOW + 9, header=b"{}"),
        signed(exp=NOW + 9).rpartition(".")[0] + ".", signed(exp=NOW + 9) + "A", signed(exp=NOW + 9) + ".x",
    ],
)  # fmt: skip
def test_what_is_no_token_signs_nobody_in(token: str) -> None:
    """Not the site's, not for it, over, too long, another algorithm, or none: nobody is signed in."""
    with pytest.raises(NotSignedIn):
        read(ONE_SITE, token, NOW)


def test_a_chat_and_an_account_hand_in_who_wrote() -> None:
    """Authenticated; a chat is a private one, an account's request stands for itself; ids are a person's own."""

    async def main() -> None:
        place = Place()
        async with place.open(COPIES=SITE):
            assert (await place.say()).status_code == 201
            assert (await place.say(by="18")).status_code == 201  # another person's m1
            assert (await place.say(where="accounts", subject="Касса", steps="1")).status_code == 201
            proved = bearer(signed(name="Анна", email="a@b.example", email_verified=True))
            body = {"id": "m2", "text": "x"}
            await place.client.post(f"/chats/{SITE}/messages", json=body, headers=proved)
        chat, other, account, last = place.gateway.messages.values()
        assert (chat.channel_kind, chat.address, chat.sender) == ("chat", SITE, f"user:{SITE}/17")
        assert (chat.standing, chat.chat_kind, chat.waits, chat.contact) == (
            Standing.AUTHENTICATED,
            "private",
            True,
            "",
        )
        assert other.sender == f"user:{SITE}/18"
        assert (account.channel_kind, account.chat_kind, account.fields) == ("web", "", {"steps": "1"})
        assert (last.contact, last.copied, last.sender_name) == ("a@b.example", True, "Анна")

    run(main())


def test_a_message_goes_on_with_ones_own_ticket_and_no_other() -> None:
    """By its number; another's, a random one and what is no number look the same; the token never leaves us."""

    async def main() -> None:
        place = Place()
        place.gateway.tokens = {(box(), 7): "t" * 42, (box("18"), 8): "u" * 42, (box(kind="web"), 9): "v" * 42}
        async with place.open():
            assert (await place.say(ticket="7")).status_code == 201
            foreign = [await place.say(ticket=number) for number in ("8", "9", "999", "0", "-7", "7 or 8", "x" * 99)]
            assert {(each.status_code, each.content) for each in foreign} == {(404, foreign[0].content)}
        (message,) = place.gateway.messages.values()
        assert message.tokens == ("t" * 42,)

    run(main())


@pytest.mark.parametrize(
    ("fields", "path"),
    [({"id": ""}, "id"), ({"id": "a b"}, "id"), ({"text": " "}, "text"), ({"subject": ""}, "subject")],
)
def test_what_a_message_lacks_is_named(fields: dict[str, str], path: str) -> None:
    """422 names it, nothing is taken in."""

    async def main() -> None:
        place = Place()
        async with place.open():
            where = "accounts" if path == "subject" else "chats"
            answer = await place.say(where=where, **{"text": "x", **fields})
        assert (answer.status_code, [each["path"] for each in answer.json()["errors"]]) == (422, [path])
        assert not place.gateway.kept

    run(main())


def test_letters_come_once_each_in_their_order_by_a_cursor() -> None:
    """From anywhere on, again as before, page by page; nobody else's; what they answer is the person's own id."""

    async def main() -> None:
        place = Place()
        own = f"user:{SITE}/17/m1"
        files = (Attachment("а б.png", "image/png", b"", 5),)
        place.gateway.letters = {
            box(): [
                letter(1, in_reply_to=own, automatic=True),
                letter(2, attachments=files),
                letter(3, in_reply_to="x"),
            ],
            box("18"): [letter(1, text="чужое")],
        }
        place.gateway.files = {(box(), "l2", 0): Attachment("а б.png", "image/png", b"bytes")}
        async with place.open():
            first = await place.letters(limit=2)
            assert [each["position"] for each in first["items"]] == [1, 2]
            assert [each["answers"] for each in first["items"]] == ["m1", None]
            assert first["items"][0]["at"] == "2026-09-21T14:13:20+00:00"
            assert await place.letters(limit=2) == first
            rest = await place.letters(after=first["cursor"])
            assert ([each["id"] for each in rest["items"]], rest["cursor"]) == (["l3"], 3)
            assert await place.letters(after=3) == {"items": [], "cursor": 3}
            assert (await place.letters("18"))["items"][0]["text"] == "чужое"
            assert (await place.letters("99"))["items"] == []
            assert (await place.letters(where="accounts"))["items"] == []
            url = f"/chats/{SITE}/letters"
            file = await place.client.get(f"{url}/l2/files/0", headers=bearer(signed()))
            assert (file.content, file.headers["content-type"]) == (b"bytes", "application/octet-stream")
            assert file.headers["content-disposition"].startswith("attachment;")
            for path, by in (("l2/files/1", "17"), ("l2/files/0", "18"), ("l9/files/0", "17"), ("l2/files/x", "17")):
                assert (await place.client.get(f"{url}/{path}", headers=bearer(signed(subject=by)))).status_code == 404
            for query in ("after=-1", "after=x", "limit=0", "limit=101", "wait=26", "wait=1.5"):
                assert (await place.client.get(f"{url}?{query}", headers=bearer(signed()))).status_code == 422

    run(main())


def test_who_waits_is_answered_when_a_letter_comes() -> None:
    """Long polling; when the service stops, who waits is answered with nothing, and comes again."""

    async def main() -> None:
        place = Place()
        async with place.open():
            waiting = asyncio.create_task(place.letters(wait=25))
            await asyncio.sleep(0.05)
            assert not waiting.done()
            place.gateway.letters[box()] = [letter(1)]
            assert (await waiting)["cursor"] == 1
            until_the_end = asyncio.create_task(place.letters(after=1, wait=25))
            await asyncio.sleep(0.2)
            begun = time.monotonic()
        assert (await until_the_end)["items"] == []
        assert time.monotonic() - begun < 20

    run(main())


def test_nobody_asks_for_another_site_or_without_a_token() -> None:
    """401 for every path but what is not there; a token of one site opens no other; CORS holds here too."""

    async def main() -> None:
        place = Place()
        async with place.open():
            for headers in ({}, bearer("x"), {"authorization": "Basic x"}, bearer(signed(OTHER))):
                for method, path in (("GET", "letters"), ("POST", "messages"), ("GET", "letters/l1/files/0")):
                    answer = await place.client.request(method, f"/chats/{SITE}/{path}", headers=headers)
                    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            page = {**bearer(signed()), "origin": "https://evil.example"}
            assert (await place.client.get(f"/chats/{SITE}/letters", headers=page)).status_code == 403
            page["origin"] = PAGE
            told = await place.client.get(f"/chats/{SITE}/letters", headers=page)
            assert (told.status_code, told.headers["access-control-allow-origin"]) == (200, PAGE)
            assert (await place.client.get(f"/chats/{SITE}/else", headers=bearer(signed()))).status_code == 404
            assert (await place.client.get(f"/chats/{SITE}/messages", headers=bearer(signed()))).status_code == 405
        async with place.open(SITES=SITE):  # a site that signs nobody in
            assert (await place.client.get(f"/chats/{SITE}/letters", headers=bearer(signed()))).status_code == 404

    run(main())


def test_a_service_that_is_away_says_when_to_come_again() -> None:
    """503 with Retry-After for reading, for naming a ticket and for writing."""

    async def main() -> None:
        place = Place()
        async with place.open():
            for fields in ({}, {"ticket": "7"}):
                place.gateway.failures = [Unavailable()]
                assert (await place.say(**fields)).headers["retry-after"] == "5"
            place.gateway.failures = [Unavailable()]
            answer = await place.client.get(f"/chats/{SITE}/letters", headers=bearer(signed()))
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")

    run(main())


@pytest.mark.parametrize(
    "given",
    [
        {"USERS": f"b.example={SECRET}"},
        {"USERS": "a.example=short"},
        {"USERS": "a.example"},
        {"COPIES": "a.example"},
        {"COPIES": "b.example"},
    ],
)
def test_a_wrong_setting_about_users_is_named(given: dict[str, str]) -> None:
    """A site that is none of ours, or a weak secret: ValueError, without it."""
    settings = {"SITES": "a.example", "SECRET": SECRET, **given}
    with pytest.raises(ValueError, match="HELPDESK_WEB_") as raised:
        read_config({f"HELPDESK_WEB_{name}": value for name, value in settings.items()})
    assert SECRET not in str(raised.value)
