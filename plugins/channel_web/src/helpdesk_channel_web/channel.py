"""The web channel: forms and personal accounts; and the chats on the same sites, which regulations name apart."""

from collections.abc import Mapping
from typing import Any

from helpdesk_channel_web.address import MEMBER, normalise
from helpdesk_channel_web.config import SETTINGS, read_config
from helpdesk_channel_web.listener import WebListener


class WebChannel:
    """Forms and accounts on companies' sites. Who is signed in comes for the answers; others get mail."""

    kind = "web"
    answers = True
    collects = MEMBER

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
        """Return the receiving side, for chats too; None where no site is named.

        Raises:
            ValueError: a setting is not valid; the text names it, without a secret.
        """
        config = read_config(settings)
        return WebListener(config) if config.sites else None

    def sender(self, settings: Mapping[str, Any]) -> None:  # noqa: ARG002 - the protocol's signature
        """Return nothing: the service keeps the letters until they are come for."""
        return


class ChatChannel:
    """Chats on companies' sites, for who is signed in there. They come in by the web channel's door."""

    kind = "chat"
    answers = True
    collects = MEMBER

    def settings(self) -> Mapping[str, str]:
        """Name no settings: the web channel's hold."""
        return {}

    def normalise(self, address: str) -> str:
        """Return a site's host name in lower case, or what a site knows a person by.

        Raises:
            ValueError: it is neither.
        """
        return normalise(address)

    def listener(self, settings: Mapping[str, Any]) -> None:  # noqa: ARG002 - the protocol's signature
        """Return nothing: the web channel's door is theirs too."""
        return

    def sender(self, settings: Mapping[str, Any]) -> None:  # noqa: ARG002 - the protocol's signature
        """Return nothing: the service keeps the letters until they are come for."""
        return
