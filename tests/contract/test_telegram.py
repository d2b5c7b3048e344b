"""The Telegram channel keeps what every channel promises, by polling and by webhook, against a Bot API server."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, ClassVar

import httpx2
import pytest
from tests.corpus.telegram import hostile_updates
from tests.support.telegram import FakeBot, FakeTelegram

from helpdesk.contracts.channels import Channel, Gateway, Sender
from helpdesk.contracts.messages import Outbound
from helpdesk.testing.channels import Answer, ChannelContract, Deliver, ListenerContract, SenderContract
from helpdesk_channel_telegram import listener as listening_side
from helpdesk_channel_telegram.channel import TelegramChannel
from helpdesk_channel_telegram.sender import TelegramSender

OURS, OURS_TOO, STRANGER = "@siroca_technology_bot", "@specpromdesign_example_bot", "@nobodys_bot"
TOKENS = {name: f"{place}00001:canary-{'x' * 26}{place}" for place, name in enumerate((OURS, OURS_TOO, STRANGER), 1)}
_ID = re.compile(rb'"update_id"\s*:\s*([0-9]{1,18})')


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits a second for the next look."""
    monkeypatch.setattr(listening_side, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr("helpdesk_channel_telegram.poller._FIRST_PAUSE", 0.02)


def platform() -> FakeTelegram:
    """Return a platform with our three bots."""
    made = FakeTelegram()
    for name, token in TOKENS.items():
        made.add_bot(name.removeprefix("@"), token)
    return made


def settings(url: str, **other: str) -> dict[str, str]:
    """Return the settings that lead to it."""
    bots = " ".join(f"{name}={token}" for name, token in TOKENS.items())
    named = {f"HELPDESK_TELEGRAM_{name}": value for name, value in other.items()}
    return {"HELPDESK_TELEGRAM_BOTS": bots, "HELPDESK_TELEGRAM_API_URL": url, "HELPDESK_TELEGRAM_TIMEOUT_SECONDS": "5",
            "HELPDESK_TELEGRAM_POLL_SECONDS": "1", **named}  # fmt: skip


class TestTelegram(ChannelContract):
    """Names of bots, ids of people."""

    addresses: ClassVar = {
        " @Siroca_Technology_bot ": "@siroca_technology_bot",
        "https://t.me/Siroca_Technology_bot": "@siroca_technology_bot",
        "5": "5",
        "-100500": "-100500",
    }
    no_addresses = ("siroca", "@a", "@1bot", "@a b c d", "0", "05", "--5", "+79160000000", "@" + "a" * 33, "5.0", "٥")

    def channel(self) -> Channel:
        return TelegramChannel()


class TestTelegramByPolling(ListenerContract):
    """The poller: the offset moves only over what is kept."""

    ours = (OURS, OURS_TOO)
    stranger = STRANGER

    def kind(self) -> str:
        return "telegram"

    def listening(self, gateway: Gateway) -> AbstractAsyncContextManager[Deliver]:
        @asynccontextmanager
        async def polling() -> AsyncIterator[Deliver]:
            telegram = platform()
            for each in telegram.bots.values():
                each.once = True
            async with telegram.serving() as url:
                listener = TelegramChannel().listener(settings(url))
                assert listener is not None
                await listener.start(gateway)
                numbers = iter(range(1_000, 1_000_000))
                stopped = asyncio.Event()

                async def deliver(raw: bytes, address: str) -> Answer:
                    bot = telegram.bots[TOKENS[address]]
                    number = next(numbers)  # the platform numbers each delivery anew, whatever is delivered again
                    bot.put(_ID.sub(b'"update_id":%d' % number, raw, count=1))
                    return await self.told(bot, number, stopped)

                try:
                    yield deliver
                finally:
                    await listener.stop()
                    stopped.set()

        return polling()

    async def told(self, bot: FakeBot, number: int, stopped: asyncio.Event) -> Answer:
        """Say what became of an update: confirmed, handed out once more, or never asked for."""
        for _ in range(2_500):
            if number not in bot.waiting:
                return Answer.KEPT
            if bot.polled > bot.handed.get(number, bot.polled):
                del bot.waiting[number]  # the platform would come again by itself
                return Answer.AGAIN
            if stopped.is_set():
                return Answer.AGAIN
            if not bot.polled and f"@{bot.name}" == STRANGER:
                await asyncio.sleep(0.2)
                return Answer.REFUSED
            await asyncio.sleep(0.004)
        raise TimeoutError

    def inputs(self) -> Mapping[str, bytes]:
        telegram = FakeTelegram()
        return {
            "text": telegram.update(text="Здравствуйте, не работает"),
            "other person": telegram.update(6, text="Здравствуйте, не работает"),
            "again": telegram.update(text="Здравствуйте, не работает"),
            "caption": telegram.update(caption="снимок", photo=[{"file_id": "gone", "file_size": 10}]),
            "nul": telegram.update(text="a\0b"),
        }

    def hostile(self) -> Mapping[str, bytes]:
        return {name: each.raw for name, each in hostile_updates().items()}


class TestTelegramByWebhook(TestTelegramByPolling):
    """The webhooks' door: 200 means kept."""

    def listening(self, gateway: Gateway) -> AbstractAsyncContextManager[Deliver]:
        @asynccontextmanager
        async def serving() -> AsyncIterator[Deliver]:
            telegram = platform()
            async with telegram.serving() as url:
                more = {"WEBHOOK_URL": "https://desk.example/telegram", "WEBHOOK_LISTEN": "127.0.0.1:0"}
                listener = TelegramChannel().listener(settings(url, **more))
                assert listener is not None
                await listener.start(gateway)
                door = f"http://127.0.0.1:{listener.port}/telegram"
                bots = {bot.address: bot for bot in listener.bots}

                client = httpx2.AsyncClient(timeout=30)

                async def deliver(raw: bytes, address: str) -> Answer:
                    headers = {"X-Telegram-Bot-Api-Secret-Token": bots[address].secret}
                    try:
                        where = f"{door}/{address.removeprefix('@')}"
                        told = await client.post(where, content=raw, headers=headers)
                    except httpx2.HTTPError:
                        return Answer.AGAIN
                    return {200: Answer.KEPT, 503: Answer.AGAIN}.get(told.status_code, Answer.REFUSED)

                try:
                    yield deliver
                finally:
                    await listener.stop()
                    await client.aclose()

        return serving()

    def hostile(self) -> Mapping[str, bytes]:
        garbage = {"nothing": b"", "no JSON": b"\xff{", "a list": b"[1]", "deep": b"[" * 100_000, "NUL": b"\0" * 100}
        return {**super().hostile(), **garbage, "too large": b" " * 2_000_000}


class TestTelegramSender(SenderContract):
    """The sender, against a Bot API that behaves as told."""

    def message(self) -> Outbound:
        return Outbound(
            id="018f0000-0000-7000-8000-000000000001",
            channel_kind="telegram",
            sender=OURS,
            recipient="5",
            subject="[#17] Обращение зарегистрировано",
            text="Здравствуйте!\n",
        )

    def remote(self, behaviour: str) -> AbstractAsyncContextManager[tuple[Sender, list[bytes]]]:
        @asynccontextmanager
        async def pair() -> AsyncIterator[tuple[Sender, list[bytes]]]:
            telegram = platform()
            telegram.default = {"refuses": "blocked", "gone": "takes"}.get(behaviour, behaviour)
            taken = _Raws(telegram)
            async with telegram.serving() as url:
                where = "http://127.0.0.1:9" if behaviour == "gone" else url
                sender = TelegramChannel().sender(settings(where))
                assert isinstance(sender, TelegramSender)
                try:
                    yield sender, taken
                finally:
                    await sender.close()

        return pair()


class _Raws(list[bytes]):
    """What the platform took, as a list that grows with it."""

    def __init__(self, telegram: FakeTelegram) -> None:
        super().__init__()
        self._telegram = telegram

    def __len__(self) -> int:
        return len(self._telegram.sent)

    def __iter__(self) -> Any:
        return (each.raw for each in self._telegram.sent)
