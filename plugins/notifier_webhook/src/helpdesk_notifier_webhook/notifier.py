"""The webhook notifier."""

from collections.abc import Mapping
from typing import Any

from helpdesk.webcalls.addresses import normalise
from helpdesk_notifier_webhook.sender import WebhookSender

ALLOW_LOOPBACK = "HELPDESK_WEBHOOK_ALLOW_LOOPBACK"
TIMEOUT_SECONDS = "HELPDESK_WEBHOOK_TIMEOUT_SECONDS"
_DEFAULT_SECONDS = "15"
_MOST_SECONDS = 25


class WebhookNotifier:
    """Events to addresses, by HTTP. ``allow_loopback``: targets may be on this machine, for development."""

    name = "webhook"

    def __init__(self, *, allow_loopback: bool = False) -> None:
        self._allow_loopback = allow_loopback

    def settings(self) -> Mapping[str, str]:
        """Name the settings, each with its paragraph."""
        return {
            ALLOW_LOOPBACK: (
                "`yes` lets webhooks go to this machine (127.0.0.1, localhost), by http too. For development only: "
                "whoever may subscribe could reach what listens here. Read once, at start. Default: no."
            ),
            TIMEOUT_SECONDS: "How long one try of a webhook may take, 1 to 25 seconds. Default: 15.",
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
        value = str(settings.get(TIMEOUT_SECONDS) or _DEFAULT_SECONDS).strip()
        if not value.isdigit() or not 1 <= int(value) <= _MOST_SECONDS:
            raise ValueError(f"{TIMEOUT_SECONDS} must be a whole number from 1 to {_MOST_SECONDS}, not {value!r}")
        allowed = self._allow_loopback or is_yes(str(settings.get(ALLOW_LOOPBACK) or ""))
        return WebhookSender(allow_loopback=allowed, timeout_seconds=int(value))


def is_yes(value: str) -> bool:
    """Say whether a setting says yes."""
    return value.strip().lower() in {"yes", "true", "1", "on"}
