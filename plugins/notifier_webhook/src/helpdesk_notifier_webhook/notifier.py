"""The webhook notifier."""

from collections.abc import Mapping
from typing import Any

from helpdesk.contracts.settings import PluginSettings
from helpdesk.webcalls.addresses import normalise
from helpdesk_notifier_webhook.sender import WebhookSender

_PREFIX = "HELPDESK_WEBHOOK_"
_MOST_SECONDS = 25


class WebhookNotifier:
    """Events to addresses, by HTTP. ``allow_loopback``: targets may be on this machine, for development."""

    name = "webhook"

    def __init__(self, *, allow_loopback: bool = False) -> None:
        self._allow_loopback = allow_loopback

    def settings(self) -> Mapping[str, str]:
        """Name the settings, each with its paragraph."""
        return {
            f"{_PREFIX}ALLOW_LOOPBACK": (
                "`yes` lets webhooks go to this machine (127.0.0.1, localhost), by http too. For development only: "
                "whoever may subscribe could reach what listens here. Read once, at start. Default: no."
            ),
            f"{_PREFIX}TIMEOUT_SECONDS": "How long one try of a webhook may take, 1 to 25 seconds. Default: 15.",
        }

    def normalise(self, target: str) -> str:
        """Return the address in its canonical form.

        Raises:
            ValueError: it is no https address, or one that nobody on the public network has; says why.
        """
        return normalise(target, allow_loopback=self._allow_loopback)

    def sender(self, settings: Mapping[str, Any]) -> WebhookSender:
        """Return the sending side.

        Raises:
            ValueError: a setting is not valid; the text names it.
        """
        given = read(settings)
        seconds = given.number("TIMEOUT_SECONDS", 1, _MOST_SECONDS)
        allowed = self._allow_loopback or given.yes("ALLOW_LOOPBACK")
        return WebhookSender(allow_loopback=allowed, timeout_seconds=seconds)


def read(settings: Mapping[str, Any]) -> PluginSettings:
    """Return the notifier's own settings."""
    return PluginSettings(settings, _PREFIX, {"TIMEOUT_SECONDS": "15"})
