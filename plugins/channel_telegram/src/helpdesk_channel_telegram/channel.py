"""The Telegram channel."""

from collections.abc import Mapping
from typing import Any

from helpdesk_channel_telegram.address import normalise
from helpdesk_channel_telegram.config import SETTINGS, read_config
from helpdesk_channel_telegram.listener import TelegramListener
from helpdesk_channel_telegram.sender import TelegramSender


class TelegramChannel:
    """Messages to bots and the answers to them."""

    kind = "telegram"
    answers = True

    def settings(self) -> Mapping[str, str]:
        """Name the settings, each with its paragraph."""
        return SETTINGS

    def normalise(self, address: str) -> str:
        """Return a bot's name as ``@name`` in lower case, or a person's or chat's id in digits.

        Raises:
            ValueError: it is neither.
        """
        return normalise(address)

    def listener(self, settings: Mapping[str, Any]) -> TelegramListener | None:
        """Return the receiving side; None where no bot is named.

        Raises:
            ValueError: a setting is not valid; the text names it, without a token.
        """
        config = read_config(settings)
        return TelegramListener(config) if config.bots else None

    def sender(self, settings: Mapping[str, Any]) -> TelegramSender | None:
        """Return the sending side; None where no bot is named.

        Raises:
            ValueError: a setting is not valid; the text names it, without a token.
        """
        config = read_config(settings)
        return TelegramSender(config) if config.bots else None
