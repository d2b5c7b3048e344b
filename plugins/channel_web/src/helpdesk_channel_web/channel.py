"""The web channel."""

from collections.abc import Mapping
from typing import Any

from helpdesk_channel_web.address import normalise
from helpdesk_channel_web.config import SETTINGS, read_config
from helpdesk_channel_web.listener import WebListener


class WebChannel:
    """Forms on companies' sites. Who fills one in is answered by mail."""

    kind = "web"
    answers = False

    def settings(self) -> Mapping[str, str]:
        """Name the settings, each with its paragraph."""
        return SETTINGS

    def normalise(self, address: str) -> str:
        """Return a site's host name in lower case, or what a site knows a person by.

        Raises:
            ValueError: it is neither.
        """
        return normalise(address)

    def listener(self, settings: Mapping[str, Any]) -> WebListener | None:
        """Return the receiving side; None where no site is named.

        Raises:
            ValueError: a setting is not valid; the text names it, without a secret.
        """
        config = read_config(settings)
        return WebListener(config) if config.sites else None

    def sender(self, settings: Mapping[str, Any]) -> None:  # noqa: ARG002 - the protocol's signature
        """Return nothing: who fills in a form is answered by mail."""
        return
