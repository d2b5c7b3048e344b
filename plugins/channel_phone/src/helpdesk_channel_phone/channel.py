"""The phone channel: agents register calls through the API, so all there is to do here is to read numbers."""

from collections.abc import Mapping
from typing import Any

import phonenumbers

REGION_SETTING = "HELPDESK_PHONE_REGION"

_LONGEST = 64
_INTERNATIONAL_PREFIX = "00"


class PhoneChannel:
    """Calls. ``region`` (ISO 3166, e.g. ``RU``) says how a number without a country code is read."""

    kind = "phone"
    answers = False

    def __init__(self, region: str = "RU") -> None:
        self._region = region

    def settings(self) -> Mapping[str, str]:
        """Name the one setting."""
        return {
            REGION_SETTING: (
                "The region in which a number without a country code is read: two capital letters (ISO 3166), "
                "e.g. RU or KG. With RU, 8 495 324-24-42 is +74953242442. Read once, at start. Default: RU."
            )
        }

    def normalise(self, address: str) -> str:
        """Return the number in E.164, e.g. ``+74953242442``: no brackets, blanks, extension; ``00`` read as ``+``.

        Raises:
            ValueError: nobody could dial it from abroad: empty, hidden, short (112), too long, letters.
        """
        text = address.strip()
        if len(text) > _LONGEST:
            raise ValueError("a phone number has at most 64 characters")
        if text.startswith(_INTERNATIONAL_PREFIX):
            text = "+" + text[len(_INTERNATIONAL_PREFIX) :]
        try:
            number = phonenumbers.parse(text, self._region)
        except phonenumbers.NumberParseException as error:
            raise ValueError(f"{text!r} is no phone number") from error
        if not phonenumbers.is_possible_number(number):
            raise ValueError(f"{text!r} is too short or too long for a phone number")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def listener(self, settings: Mapping[str, Any]) -> None:  # noqa: ARG002 - the protocol's signature
        """Return nothing: calls come through the API.

        Raises:
            ValueError: the region is none.
        """
        if self._region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"{REGION_SETTING}: {self._region!r} is no region; give two capital letters, e.g. RU")

    def sender(self, settings: Mapping[str, Any]) -> None:  # noqa: ARG002 - the protocol's signature
        """Return nothing: the ticket's number is read aloud or mailed."""
        return
