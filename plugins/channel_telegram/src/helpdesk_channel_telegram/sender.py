"""The sending side: a message's parts in their order, each once if nothing breaks."""

import contextlib
import time
from collections import OrderedDict
from typing import TypeVar

import httpx2
import msgspec
from msgspec import Struct

from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.contracts.messages import Outbound
from helpdesk_channel_telegram.address import is_group
from helpdesk_channel_telegram.botapi import BotApi, BotApiError
from helpdesk_channel_telegram.compose import Part, compose
from helpdesk_channel_telegram.config import Config

T = TypeVar("T")

_REMEMBERED = 10_000
_FOR_GOOD = {
    httpx2.codes.BAD_REQUEST,  # no such chat, a text that cannot be sent
    httpx2.codes.FORBIDDEN,  # blocked by the person, put out of the group, the account is gone
    httpx2.codes.CONTENT_TOO_LARGE,
}


class _Sent(Struct):
    message_id: int = 0


class TelegramSender:
    """Sends by the bot that the client wrote to. At least once: after a lost answer the same part is sent again.

    While the process lives, a message of several parts goes on where it stopped.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._apis: dict[str, BotApi] = {}
        self._begun: OrderedDict[str, list[int]] = OrderedDict()
        """By message: the numbers that Telegram gave to its parts so far."""
        self._silent_until: OrderedDict[str, float] = OrderedDict()
        """By recipient: until when Telegram wants nothing more, by the monotonic clock."""

    async def send(self, message: Outbound) -> str:
        """Send ``message`` and return where it stands: the chat and the numbers of its parts.

        Raises:
            TemporaryFailure: Telegram cannot be reached, is busy, or does not know our token.
            PermanentFailure: the person has blocked the bot or is gone, or it cannot be sent as it is.
        """
        bot = self._config.bot(message.sender)
        if bot is None:
            raise TemporaryFailure(f"no token is set for {message.sender}")
        try:
            parts = compose(message)
        except ValueError as error:
            raise PermanentFailure(str(error)) from error
        silence = self._silent_until.get(message.recipient, 0.0) - time.monotonic()
        if silence > 0:
            raise TemporaryFailure("Telegram wants nothing for this chat yet", retry_after_seconds=silence)
        api = self._apis.get(bot.address)
        if api is None:
            api = self._apis[bot.address] = BotApi(bot, self._config)
        done = _remember(self._begun, message.id, self._begun.get(message.id, []))
        for part in parts[len(done) :]:
            done.append(await self._send_part(api, part, message.recipient))
        self._begun.pop(message.id, None)
        if is_group(message.recipient):  # told once, and gone
            with contextlib.suppress(BotApiError):
                await api.call("leaveChat", {"chat_id": int(message.recipient)})
        return f"{message.recipient}/{','.join(map(str, done))}"

    async def close(self) -> None:
        """Close the connections."""
        for api in self._apis.values():
            await api.close()
        self._apis.clear()

    async def _send_part(self, api: BotApi, part: Part, recipient: str) -> int:
        files = {"document": part.file} if part.file is not None else None
        try:
            result = await api.call(part.method, part.given, files=files)
        except BotApiError as error:
            if error.code == httpx2.codes.TOO_MANY_REQUESTS:
                _remember(self._silent_until, recipient, time.monotonic() + error.retry_after_seconds)
                raise TemporaryFailure(str(error), retry_after_seconds=error.retry_after_seconds) from None
            raise (PermanentFailure if error.code in _FOR_GOOD else TemporaryFailure)(str(error)) from None
        try:
            return msgspec.json.decode(result, type=_Sent).message_id
        except msgspec.DecodeError:
            return 0


def _remember(known: OrderedDict[str, T], key: str, value: T) -> T:
    known[key] = value
    while len(known) > _REMEMBERED:
        known.popitem(last=False)
    return value
