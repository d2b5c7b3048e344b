"""How many SMS a text takes: by the GSM 7-bit alphabet where it has all characters, else by UCS-2 (3GPP TS 23.038)."""

from collections.abc import Iterable

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Two septets each: an escape and the character."""
_ONE_GSM, _PART_GSM = 160, 153
_ONE_UCS, _PART_UCS = 70, 67
"""Septets or UTF-16 units of a message that stands alone, and of one of several, which has a header (TS 23.040)."""


def segments(text: str) -> int:
    """Return how many SMS a text takes; none for an empty one. No character is cut in two."""
    if all(character in _BASIC or character in _EXTENDED for character in text):
        return _packed((2 if character in _EXTENDED else 1 for character in text), _ONE_GSM, _PART_GSM)
    return _packed((2 if ord(character) > 0xFFFF else 1 for character in text), _ONE_UCS, _PART_UCS)


def _packed(sizes: Iterable[int], alone: int, part: int) -> int:
    found = list(sizes)
    if sum(found) <= alone:
        return 1 if found else 0
    parts, filled = 1, 0
    for size in found:
        if filled + size > part:
            parts, filled = parts + 1, 0
        filled += size
    return parts
