"""The Telegram channel between a platform and a gateway, as its tests put it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.support.telegram import FakeBot, FakeTelegram

from helpdesk.contracts.messages import Inbound
from helpdesk.testing.gateway import FakeGateway
from helpdesk_channel_telegram.channel import TelegramChannel
from helpdesk_channel_telegram.listener import TelegramListener
from helpdesk_channel_telegram.sender import TelegramSender

NAME = "@siroca_technology_bot"
CANARY = "CANARYcanaryCANARYcanaryCANARY"
TOKEN = f"100001:{CANARY}"


class Place:
    """A platform with our bot, a gateway, and the channel's two sides between them."""

    def __init__(self) -> None:
        self.telegram = FakeTelegram()
        self.bot: FakeBot = self.telegram.add_bot(NAME.removeprefix("@"), TOKEN)
        self.gateway = FakeGateway({("telegram", NAME)})

    def settings(self, **other: str) -> dict[str, str]:
        base = {"BOTS": f"{NAME}={TOKEN}", "API_URL": self.telegram.url, "POLL_SECONDS": "1", "TIMEOUT_SECONDS": "5"}
        return {f"HELPDESK_TELEGRAM_{name}": value for name, value in {**base, **other}.items()}

    @asynccontextmanager
    async def listening(self, **other: str) -> AsyncIterator[TelegramListener]:
        listener = TelegramChannel().listener(self.settings(**other))
        assert listener is not None
        await listener.start(self.gateway)
        try:
            yield listener
        finally:
            await listener.stop()

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[TelegramSender]:
        sender = TelegramChannel().sender(self.settings())
        assert isinstance(sender, TelegramSender)
        try:
            yield sender
        finally:
            await sender.close()

    def messages(self) -> list[Inbound]:
        return list(self.gateway.messages.values())


async def until(true: Callable[[], Any]) -> None:
    """Wait for it, at most ten seconds."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.005)
