"""The phone channel: agents register calls through the API, so all there is to do here is to read numbers."""

from collections.abc import Collection, Mapping, Sequence
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
                "e.g. RU or KG. With RU, 8 495 324-24-42 is +74953242442. A client's number is first read in the "
                "country of the company's own. Read once, at start. Default: RU."
            )
        }

    def normalise(self, address: str) -> str:
        """Return the number in E.164, e.g. ``+74953242442``: no brackets, blanks, extension; ``00`` read as ``+``.

        What cannot be a number of the region is read from its country's code on: telephone systems leave out the ``+``.

        Raises:
            ValueError: nobody could dial it from abroad: empty, hidden, short (112), too long, letters.
        """
        return _canonical(address, [self._region])

    def normalise_near(self, address: str, ours: Collection[str]) -> str:
        """Return the same of a client's number, read in the country of our numbers, which are canonical.

        Where they are of several countries, or of none that is known, or where it is no number there, the setting's
        region counts.

        Raises:
            ValueError: as for ``normalise``.
        """
        regions = {phonenumbers.region_code_for_number(phonenumbers.parse(each)) for each in ours}
        near = [region for region in regions if region and len(regions) == 1]
        return _canonical(address, [*near, self._region])

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


def _canonical(address: str, regions: Sequence[str]) -> str:
    """Return the number in E.164, read in the first of the regions in which it is assigned, else in which it may be."""
    text = address.strip()
    if len(text) > _LONGEST:
        raise ValueError("a phone number has at most 64 characters")
    if text.startswith(_INTERNATIONAL_PREFIX):
        text = "+" + text[len(_INTERNATIONAL_PREFIX) :]
    found = [number for region in regions if (number := _parsed(text, region)) is not None]
    assigned = [number for number in found if phonenumbers.is_valid_number(number)]
    if not found and (whole := _parsed(f"+{text}", None)) is not None and phonenumbers.is_valid_number(whole):
        found = [whole]
    for number in (*assigned, *found):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise ValueError(f"{text!r} is no phone number, or too short or too long for one")


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    """Return the number where the region's numbers may be as long."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None
