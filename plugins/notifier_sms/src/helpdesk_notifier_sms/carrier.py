"""The carrier of letters by SMS."""

from collections.abc import Mapping
from typing import Any

from helpdesk.contracts.transports import PHONE
from helpdesk_notifier_sms.carriage import SmsCarriage
from helpdesk_notifier_sms.config import SETTINGS, read_config


class SmsCarrier:
    """SMS to the numbers that people called from."""

    name = "sms"
    follows = PHONE

    def settings(self) -> Mapping[str, str]:
        """Name the settings, each with its paragraph."""
        return SETTINGS

    def carriage(self, settings: Mapping[str, Any]) -> SmsCarriage | None:
        """Return it as it is configured; None where no file is named.

        Raises:
            ValueError: a setting or the file is not valid; the text names it, without a secret.
        """
        config = read_config(settings)
        return None if config is None else SmsCarriage(config)
