"""Sending, against a Bot API server that behaves as told; and that no token is shown, whatever happens."""

import asyncio
import logging

import pytest
from msgspec.structs import replace
from tests.corpus.telegram import update
from tests.support.telegram_place import CANARY, NAME, Place, until

from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.contracts.messages import Attachment, Outbound
from helpdesk.testing.channels import run

LETTER = Outbound("018f-1", "telegram", NAME, "5", "[#17] Обращение", "Здравствуйте!", purpose="answer")


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk_channel_telegram.listener._FIRST_PAUSE", 0.02)
    monkeypatch.setattr("helpdesk_channel_telegram.poller._FIRST_PAUSE", 0.02)


def test_a_pause_that_telegram_names_is_kept_for_that_chat_alone() -> None:
    """429: not before 37 s, and nothing is asked meanwhile; others are written to."""

    async def main() -> None:
        place = Place()
        place.telegram.behaviour[5] = "busy"
        async with place.telegram.serving(), place.sending() as sender:
            with pytest.raises(TemporaryFailure) as first:
                await sender.send(LETTER)
            assert first.value.retry_after_seconds == 37
            del place.telegram.behaviour[5]
            with pytest.raises(TemporaryFailure) as second:
                await sender.send(LETTER)
            assert 36 < second.value.retry_after_seconds <= 37
            assert await sender.send(replace(LETTER, recipient="6"))
            assert [each.given["chat_id"] for each in place.telegram.sent] == [6]

    run(main())


@pytest.mark.parametrize("behaviour", ["blocked", "missing"])
def test_who_cannot_be_reached_is_not_tried_again(behaviour: str) -> None:
    """The bot is blocked, the chat is gone: permanent, in Telegram's words."""

    async def main() -> None:
        place = Place()
        place.telegram.default = behaviour
        async with place.telegram.serving(), place.sending() as sender:
            with pytest.raises(PermanentFailure, match=r"blocked|not found"):
                await sender.send(LETTER)

    run(main())


def test_a_broken_message_goes_on_where_it_stopped() -> None:
    """Of a text in three parts and a file, nothing that left leaves again."""

    async def main() -> None:
        place = Place()
        long = replace(LETTER, text="слово " * 2_000, attachments=(Attachment("a.txt", "text/plain", b"x"),))
        async with place.telegram.serving(), place.sending() as sender:
            place.telegram.fail_after = 2
            with pytest.raises(TemporaryFailure):
                await sender.send(long)
            place.telegram.fail_after = None
            word = await sender.send(long)
        assert [each.method for each in place.telegram.sent] == ["sendMessage"] * 3 + ["sendDocument"]
        assert place.telegram.sent[3].file == ("a.txt", b"x")
        assert word.startswith("5/")
        assert len(word.split(",")) == 4
        assert "(3/3)" in place.telegram.sent[2].given["text"]

    run(main())


def test_a_bot_without_a_token_waits_for_one() -> None:
    """Temporary: the operator may set it."""

    async def main() -> None:
        place = Place()
        async with place.telegram.serving(), place.sending() as sender:
            with pytest.raises(TemporaryFailure, match="@other_bot"):
                await sender.send(replace(LETTER, sender="@other_bot"))

    run(main())


def test_no_token_in_logs_or_errors(caplog: pytest.LogCaptureFixture) -> None:
    """At the lowest level, through refusals, rubbish and silence: nothing that is logged or raised has it."""
    caplog.set_level(logging.DEBUG)
    said: list[str] = []

    async def main() -> None:
        place = Place()
        async with place.telegram.serving() as url:
            place.bot.put(update(10))
            async with place.listening():
                await until(lambda: not place.bot.waiting)
                place.telegram.down = True
                place.bot.put(update(11))
                await asyncio.sleep(0.2)
            place.telegram.down = False
            for behaviour in ("busy", "blocked", "missing", "broken", "drops"):
                place.telegram.default = behaviour
                async with place.sending() as sender:
                    with pytest.raises((TemporaryFailure, PermanentFailure)) as problem:
                        await sender.send(LETTER)
                    said.append(f"{problem.value!r} {problem.value.__cause__!r} {problem.value.__context__!r}")
            place.telegram.bots.clear()  # the token is not valid any more
            async with place.sending() as sender:
                with pytest.raises(TemporaryFailure) as problem:
                    await sender.send(LETTER)
                said.append(repr(problem.value))
            place.telegram.url = "http://127.0.0.1:9"
            async with place.sending() as sender, place.listening():
                with pytest.raises(TemporaryFailure) as problem:
                    await sender.send(LETTER)
                said.append(repr(problem.value))
            assert url

    run(main())
    assert len(said) == 7
    assert caplog.records
    shown = [record.getMessage() + str(record.exc_info) for record in caplog.records if record.name != "asyncio"]
    assert CANARY not in "".join([*said, *shown])
