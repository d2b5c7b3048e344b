"""The email channel."""

from collections.abc import Mapping
from typing import Any

from helpdesk_channel_email.address import normalise
from helpdesk_channel_email.config import SETTINGS, listener_config, sender_config
from helpdesk_channel_email.listener import EmailListener
from helpdesk_channel_email.sender import EmailSender


class EmailChannel:
    """Mail in by SMTP and LMTP, mail out by SMTP."""

    kind = "email"
    answers = True

    def settings(self) -> Mapping[str, str]:
        """Name the settings, each with its paragraph."""
        return SETTINGS

    def normalise(self, address: str) -> str:
        """Return the address in lower case, its domain in ASCII.

        Raises:
            ValueError: it is no mail address.
        """
        return normalise(address)

    def listener(self, settings: Mapping[str, Any]) -> EmailListener | None:
        """Return the receiving side; None where neither SMTP nor LMTP is to be listened to.

        Raises:
            ValueError: a setting is not valid; the text names it.
        """
        config = listener_config(settings)
        return EmailListener(config) if config.smtp or config.lmtp else None

    def sender(self, settings: Mapping[str, Any]) -> EmailSender | None:
        """Return the sending side; None where no server is named.

        Raises:
            ValueError: a setting is not valid; the text names it.
        """
        config = sender_config(settings)
        return EmailSender(config) if config is not None else None
