"""The channel's settings: each a paragraph, read once and checked when listener or sender is made."""

import hmac
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from helpdesk.contracts.settings import MASK, PluginSettings
from helpdesk_channel_telegram.address import normalise

SETTINGS: Mapping[str, str] = {
    "HELPDESK_TELEGRAM_BOTS": (
        "The bots and their tokens as BotFather gives them, separated by blanks: @name=token. The names are the "
        "addresses that regulations list; each token is asked at start whose it is, and a bot of another name is left "
        "alone. The tokens are never shown. Default: none, so the channel rests."
    ),
    "HELPDESK_TELEGRAM_API_URL": (
        "Where the Bot API is: https, or http on this machine (a Bot API server of your own). Default: "
        "https://api.telegram.org."
    ),
    "HELPDESK_TELEGRAM_POLL_SECONDS": (
        "How long one request for new messages is held open, 1 to 50 seconds, where no webhook is used. Default: 25."
    ),
    "HELPDESK_TELEGRAM_WEBHOOK_URL": (
        "The https address under which Telegram reaches this service; the bot's name is put behind it. With it "
        "messages come by webhook instead of polling; HELPDESK_TELEGRAM_WEBHOOK_LISTEN says where they arrive. "
        "Several instances may share it. Default: none, so messages are polled."
    ),
    "HELPDESK_TELEGRAM_WEBHOOK_LISTEN": (
        "Where webhooks arrive: host:port; port 0 takes any free one. Put a reverse proxy with TLS in front. What "
        "lacks the secret that the bot was set up with is answered 401. Default: 127.0.0.1:8443."
    ),
    "HELPDESK_TELEGRAM_TIMEOUT_SECONDS": "How long one call of the Bot API may take, 1 to 120 seconds. Default: 20.",
    "HELPDESK_TELEGRAM_FILE_MEGABYTES": (
        "The largest file that is fetched, 0 to 20; Telegram gives bots none larger. What is larger stays there, and "
        "the client is told. Default: 20."
    ),
}

_DEFAULTS = {
    "API_URL": "https://api.telegram.org",
    "POLL_SECONDS": "25",
    "WEBHOOK_LISTEN": "127.0.0.1:8443",
    "TIMEOUT_SECONDS": "20",
    "FILE_MEGABYTES": "20",
}
_TOKEN = re.compile(r"([1-9][0-9]{0,19}):[A-Za-z0-9_-]{20,100}")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_CONTEXT = b"helpdesk telegram webhook 1"


class Bot(Struct, frozen=True):
    """One bot of ours. Its token is in nothing that is shown."""

    address: str
    """``@name``."""
    token: str

    @property
    def id(self) -> int:
        """The bot's own account id, the token's first part: no secret."""
        return int(self.token.partition(":")[0])

    @property
    def secret(self) -> str:
        """What Telegram must send with each webhook: made from the token, so nothing more need be kept."""
        return hmac.digest(self.token.encode(), _CONTEXT, "sha256").hex()

    def __repr__(self) -> str:
        return f"Bot({self.address!r}, {MASK})"


class Config(Struct, frozen=True):
    """What both sides need."""

    bots: tuple[Bot, ...]
    api_url: str
    poll_seconds: int
    webhook_url: str
    """Empty: messages are polled."""
    webhook_listen: tuple[str, int]
    timeout_seconds: int
    file_bytes: int

    def bot(self, address: str) -> Bot | None:
        """Return the bot with this name."""
        return next((bot for bot in self.bots if bot.address == address), None)


def read_config(settings: Mapping[str, Any]) -> Config:
    """Read the settings.

    Raises:
        ValueError: one is not valid; the text names it, and shows no token.
    """
    given = PluginSettings(settings, "HELPDESK_TELEGRAM_", _DEFAULTS)
    return Config(
        bots=_bots(given.text("BOTS")),
        api_url=_url(given.text("API_URL"), "API_URL"),
        poll_seconds=given.number("POLL_SECONDS", 1, 50),
        webhook_url=_webhook_url(given.text("WEBHOOK_URL")),
        webhook_listen=given.endpoint("WEBHOOK_LISTEN"),
        timeout_seconds=given.number("TIMEOUT_SECONDS", 1, 120),
        file_bytes=given.number("FILE_MEGABYTES", 0, 20) * 1024 * 1024,
    )


def _bots(text: str) -> tuple[Bot, ...]:
    found: dict[str, Bot] = {}
    for place, word in enumerate(text.split(), 1):
        name, equals, token = word.partition("=")
        try:
            address = normalise(name)
        except ValueError:
            address = ""
        if not equals or not address.startswith("@") or not _TOKEN.fullmatch(token):
            raise ValueError(f"HELPDESK_TELEGRAM_BOTS: entry {place} is not @name=token")
        if address in found:
            raise ValueError(f"HELPDESK_TELEGRAM_BOTS names {address} twice")
        found[address] = Bot(address, token)
    if len({bot.id for bot in found.values()}) < len(found):
        raise ValueError("HELPDESK_TELEGRAM_BOTS gives two names the token of one bot")
    return tuple(found.values())


def _url(text: str, name: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"HELPDESK_TELEGRAM_{name} is not an address") from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not safe or not host or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"HELPDESK_TELEGRAM_{name} must be https://host[:port][/path], or http on this machine")
    return text.rstrip("/")


def _webhook_url(text: str) -> str:
    return _url(text, "WEBHOOK_URL") if text else ""
