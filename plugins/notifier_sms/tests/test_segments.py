"""How many SMS a text takes, as networks count."""

import pytest

from helpdesk_notifier_sms.segments import segments


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("{}[]\\~^|" * 10, 1),
        ("ЁΔ"[1] * 160, 1),
        ("`" + "a" * 69, 1),
        ("`" + "a" * 70, 2),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("a" * 69 + "я", 1),
        ("a" * 70 + "я", 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments_are_counted_by_alphabet(text: str, count: int) -> None:
    """TS 23.038: one character outside the GSM alphabet makes all UCS-2; TS 23.040: each of several has a header."""
    assert segments(text) == count


@pytest.mark.parametrize(("character", "size", "part"), [("€", 2, 153), ("😀", 2, 67)])
def test_no_character_is_cut_in_two(character: str, size: int, part: int) -> None:
    """Where a part would end within a character of two places, the place stays empty."""
    in_a_part = part // size
    assert segments(character * in_a_part * 3) == 3
    assert segments(character * in_a_part * 3 + character) == 4
