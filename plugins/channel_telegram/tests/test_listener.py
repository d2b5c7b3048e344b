"""Taking in, against a Bot API server: what is confirmed when, what is left alone, what is quarantined."""

import asyncio
from typing import Any

import httpx2
import pytest
from tests.corpus.telegram import update
from tests.support.telegram import DATE
from tests.support.telegram_place import Place, until

from helpdesk.contracts.messages import Attachment, Inbound, Nature
from helpdesk.kernel.errors import Invalid, NotFound
from helpdesk.kernel.instants import SECOND
from helpdesk.testing.channels import run


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk_channel_telegram.listener._FIRST_PAUSE", 0.02)
    monkeypatch.setattr("helpdesk_channel_telegram.poller._FIRST_PAUSE", 0.02)


def test_killed_between_commit_and_offset_it_is_one_message() -> None:
    """The commit was done, the offset never said: the next start gets the update again and knows it."""

    async def main() -> None:
        place = Place()
        async with place.telegram.serving():
            place.bot.put(update(10))
            async with place.listening() as listener:
                place.gateway.hold = asyncio.Event()
                await place.gateway.reached.wait()
                for task in listener._tasks:
                    task.cancel()
                place.telegram.down = True  # so that the last word does not get through: as if killed
                place.gateway.hold.set()
            assert len(place.gateway.messages) == 1
            assert 10 in place.bot.waiting
            place.telegram.down = False
            place.gateway.hold = None
            async with place.listening():
                await until(lambda: not place.bot.waiting)
            assert place.gateway.submissions == ["telegram:100001:5/1"] * 2
            assert len(place.gateway.messages) == 1

    run(main())


def test_a_clean_stop_confirms_what_is_kept() -> None:
    """The last word of a stopping poller spares the repetition."""

    async def main() -> None:
        place = Place()
        async with place.telegram.serving():
            place.bot.put(update(10))
            async with place.listening():
                await until(lambda: place.gateway.messages)
            assert not place.bot.waiting

    run(main())


def test_numbers_that_begin_anew_are_read() -> None:
    """After a long silence Telegram numbers updates from anywhere: what was confirmed is not said for ever."""

    async def main() -> None:
        place = Place()
        async with place.telegram.serving(), place.listening():
            place.bot.put(update(900_000))
            await until(lambda: not place.bot.waiting)
            place.bot.put(update(17, message_id=2))
            await until(lambda: len(place.gateway.messages) == 2)

    run(main())


def test_what_always_fails_is_quarantined_and_blocks_nobody() -> None:
    """Five tries; meanwhile others' messages are kept, and none of them twice."""

    async def main() -> None:
        place = Place()
        kept = place.gateway.submit

        async def submit(message: Inbound) -> Any:
            if message.sender == "6":
                raise RuntimeError("bug")
            return await kept(message)

        place.gateway.submit = submit  # type: ignore[method-assign]
        other = {"chat": {"id": 6, "type": "private"}, "from": {"id": 6, "is_bot": False, "first_name": "B"}}
        async with place.telegram.serving():
            place.bot.put(update(10, **other))
            for number in range(11, 15):
                place.bot.put(update(number, message_id=number))
            async with place.listening():
                await until(lambda: not place.bot.waiting)
        assert [each.cause for each in place.gateway.quarantined.values()] == ["failed 5 times: RuntimeError"]
        assert len(place.gateway.messages) == 4
        assert len(place.gateway.submissions) == 5

    run(main())


def test_messages_of_one_chat_keep_their_order() -> None:
    """A hundred of one person, taken in one after another."""

    async def main() -> None:
        place = Place()
        async with place.telegram.serving():
            for number in range(1, 101):
                place.bot.put(update(number, message_id=number, text=str(number)))
            async with place.listening():
                await until(lambda: not place.bot.waiting)
        assert [each.text for each in place.messages()] == [str(number) for number in range(1, 101)]

    run(main())


def test_another_bots_token_is_left_alone() -> None:
    """Its messages would become another company's: they stay where they are."""

    async def main() -> None:
        place = Place()
        place.bot.name = "someone_elses_bot"
        async with place.telegram.serving():
            place.bot.put(update(10))
            async with place.listening():
                await asyncio.sleep(0.3)
        assert not place.bot.polled
        assert not place.gateway.submissions

    run(main())


def test_an_album_is_one_message_in_parts() -> None:
    """Each further part refers to the first."""

    async def main() -> None:
        place = Place()
        async with place.telegram.serving():
            for number in (1, 2, 3):
                place.bot.put(update(number, message_id=number, media_group_id="g"))
            async with place.listening():
                await until(lambda: not place.bot.waiting)
        assert [each.references for each in place.messages()] == [(), ("5/1",), ("5/1",)]

    run(main())


def test_a_date_out_of_bounds_is_replaced_by_our_clock() -> None:
    """A message is not lost because one of two clocks is wrong."""

    async def main() -> None:
        place = Place()
        kept = place.gateway.submit

        async def submit(message: Inbound) -> Any:
            if message.received_at is not None:
                raise Invalid("out of bounds", fields={"started_at": "lies in the future"})
            return await kept(message)

        place.gateway.submit = submit  # type: ignore[method-assign]
        async with place.telegram.serving():
            place.bot.put(update(10))
            async with place.listening():
                await until(lambda: not place.bot.waiting)
        (message,) = place.messages()
        assert (message.received_at, message.text) == (None, "hi")

    run(main())


def test_files_are_fetched_within_bounds() -> None:
    """What is there comes with its bytes and true type; what is too large, gone or lies about its size stays."""

    async def main() -> None:
        place = Place()
        place.telegram.files = {"a": b"\x89PNG\r\n\x1a\nx", "large": b"x" * (1024 * 1024 + 1)}
        async with place.telegram.serving():
            for number, file in enumerate(
                (
                    {"file_id": "a", "file_name": "../../снимок.exe"},
                    {"file_id": "gone", "file_size": 5},
                    {"file_id": "a", "file_size": 2147483648},
                    {"file_id": "large", "file_size": 3},
                ),
                1,
            ):
                place.bot.put(update(number, message_id=number, text=None, document=file))
            async with place.listening(FILE_MEGABYTES="1"):
                await until(lambda: not place.bot.waiting)
        plain = "application/octet-stream"
        assert [each.attachments for each in place.messages()] == [
            (Attachment("снимок.exe", "image/png", b"\x89PNG\r\n\x1a\nx"),),
            (Attachment("document-2", plain, b"", 5),),
            (Attachment("document-3", plain, b"", 2147483648),),
            (Attachment("document-4", plain, b"", 1024 * 1024 + 1),),
        ]
        assert all(each.nature is Nature.REQUEST for each in place.messages())

    run(main())


WEBHOOK = {"WEBHOOK_URL": "https://desk.example/telegram", "WEBHOOK_LISTEN": "127.0.0.1:0"}


def test_a_webhook_without_the_secret_is_nobodys() -> None:
    """401 for a wrong secret, none, or a bot that is none; nothing is stored. With it the platform was set up."""

    async def main() -> None:
        place = Place()
        async with place.telegram.serving(), place.listening(**WEBHOOK) as listener, httpx2.AsyncClient() as client:
            await until(lambda: place.bot.webhook)
            assert place.bot.webhook is not None
            assert place.bot.webhook["url"] == "https://desk.example/telegram/siroca_technology_bot"
            secret = place.bot.webhook["secret_token"]
            url = f"http://127.0.0.1:{listener.port}/telegram/"

            async def told(path: str, **headers: str) -> int:
                return (await client.post(url + path, content=update(10), headers=headers)).status_code

            header = "X-Telegram-Bot-Api-Secret-Token"
            assert await told("siroca_technology_bot", **{header: "bad"}) == 401
            assert await told("siroca_technology_bot") == 401
            assert await told("other_bot", **{header: secret}) == 401
            assert not place.gateway.submissions
            twenty = (told("siroca_technology_bot", **{header: secret}) for _ in range(20))
            assert await asyncio.gather(*twenty) == [200] * 20
            assert len(place.gateway.messages) == 1
            get = await client.get(url + "siroca_technology_bot", headers={header: secret})
            assert get.status_code == 405
            place.gateway.refusing = NotFound()
            assert await told("siroca_technology_bot", **{header: secret}) == 404

    run(main())


def test_the_date_is_telegrams() -> None:
    """Seconds since 1970, as microseconds."""

    async def main() -> None:
        place = Place()
        async with place.telegram.serving():
            place.bot.put(update(10))
            async with place.listening():
                await until(lambda: place.gateway.messages)
        assert place.messages()[0].received_at == DATE * SECOND

    run(main())
