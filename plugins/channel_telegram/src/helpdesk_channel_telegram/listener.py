"""The receiving side: for each bot a poller, or all of them behind one door for webhooks."""

import asyncio
import logging

import httpx2
import msgspec
from msgspec import Struct

from helpdesk.contracts.channels import Gateway
from helpdesk_channel_telegram.accept import Acceptor
from helpdesk_channel_telegram.botapi import BotApi, BotApiError
from helpdesk_channel_telegram.config import Bot, Config
from helpdesk_channel_telegram.poller import Poller
from helpdesk_channel_telegram.updates import ALLOWED
from helpdesk_channel_telegram.webhook import WebhookDoor

_log = logging.getLogger(__name__)

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0


class _Me(Struct):
    username: str = ""


class TelegramListener:
    """Takes messages in. ``start`` does not wait for Telegram; ``stop`` returns when what was taken is in the database.

    A bot that no tenant has is left alone: its messages stay with Telegram, a day long, until a tenant has it.
    """

    def __init__(self, config: Config) -> None:
        self.port = 0
        """Where webhooks arrive, known once it has started."""
        self.bots = config.bots
        self._config = config
        self._gateway: Gateway | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._apis: list[BotApi] = []
        self._pollers: dict[str, Poller] = {}
        self._door: WebhookDoor | None = None
        self._told: set[str] = set()

    async def start(self, gateway: Gateway) -> None:
        """Begin to receive.

        Raises:
            OSError: the webhooks' port cannot be bound.
        """
        self._gateway = gateway
        self._apis = [BotApi(bot, self._config) for bot in self._config.bots]
        acceptors = {api.bot.address: Acceptor(api, gateway, self._config.file_bytes) for api in self._apis}
        if self._config.webhook_url:
            bots = {_last_part(bot): (bot, acceptors[bot.address]) for bot in self._config.bots}
            self._door = WebhookDoor(bots)
            await self._door.start(*self._config.webhook_listen)
            self.port = self._door.port
            work = [self._set_webhook(api) for api in self._apis]
        else:
            for api in self._apis:
                address = api.bot.address
                self._pollers[address] = Poller(api, acceptors[address], self._config.poll_seconds)
            work = [self._poll(api) for api in self._apis]
        self._tasks = [asyncio.create_task(each, name="telegram") for each in work]

    async def stop(self) -> None:
        """Ask for nothing more, finish what was taken in hand."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._door is not None:
            await self._door.stop()
        await asyncio.gather(*(poller.finish() for poller in self._pollers.values()))
        for api in self._apis:
            await api.close()
        self._tasks, self._apis, self._pollers, self._door, self._gateway = [], [], {}, None, None

    async def _poll(self, api: BotApi) -> None:
        while True:
            await self._until_ready(api, "deleteWebhook", {})  # with one set, Telegram refuses to be polled
            try:
                await self._pollers[api.bot.address].run()
            except Exception:
                _log.exception("polling of %s broke off and begins anew", api.bot.address)
            await asyncio.sleep(_FIRST_PAUSE)

    async def _set_webhook(self, api: BotApi) -> None:
        given: dict[str, object] = {
            "url": f"{self._config.webhook_url}/{_last_part(api.bot)}",
            "secret_token": api.bot.secret,
            "allowed_updates": ALLOWED,
        }
        await self._until_ready(api, "setWebhook", given)

    def _once(self, address: str, level: int = logging.WARNING) -> int:
        """Return how loudly to say what will be so for long: the first time, and then no more."""
        first = address not in self._told
        self._told.add(address)
        return level if first else logging.DEBUG

    async def _until_ready(self, api: BotApi, method: str, given: dict[str, object]) -> None:
        """Return once a tenant has the bot's address, the token is that bot's, and Telegram did as it was told."""
        pause = _FIRST_PAUSE
        while not await self._ready(api, method, given):
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _ready(self, api: BotApi, method: str, given: dict[str, object]) -> bool:
        assert self._gateway is not None
        address = api.bot.address
        try:
            if not await self._gateway.knows("telegram", address):
                _log.log(self._once(address), "no tenant is reached at %s: its messages stay with Telegram", address)
                return False
            me = msgspec.json.decode(await api.call("getMe", {}), type=_Me)
            if f"@{me.username.lower()}" != address:
                _log.log(
                    self._once(address, logging.ERROR),
                    "the token given for %s is that of another bot: it is left alone",
                    address,
                )
                return False
            await api.call(method, given)
            self._told.discard(address)
        except BotApiError as error:
            refused = error.code in {httpx2.codes.UNAUTHORIZED, httpx2.codes.NOT_FOUND}
            _log.warning("%s: %s", address, "the token is not valid" if refused else error)
            return False
        except Exception as error:
            _log.warning("%s cannot be made ready yet: %s", address, type(error).__name__)
            return False
        return True


def _last_part(bot: Bot) -> str:
    return bot.address.removeprefix("@")
