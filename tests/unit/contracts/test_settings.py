"""Plugins read their settings alike: blanks are nothing, and what is wrong is named."""

import pytest

from helpdesk.contracts.settings import PluginSettings

GIVEN = {
    "X_A": " 7 ",
    "X_B": "  ",
    "X_C": None,
    "X_D": "On",
    "X_E": "[::1]:25",
    "X_F": "25",
    "X_G": "h:65536",
    "Y_A": "9",
}
SETTINGS = PluginSettings(GIVEN, "X_", {"B": "5", "H": "off"})


def test_what_is_left_out_or_blank_has_its_default() -> None:
    """A setting without a default is empty."""
    assert [SETTINGS.text(name) for name in "ABCH"] == ["7", "5", "", "off"]


def test_yes_is_said_in_few_words() -> None:
    """Everything else says no."""
    assert [SETTINGS.yes(name) for name in "DACH"] == [True, False, False, False]


def test_a_number_is_whole_and_within_bounds() -> None:
    """Both bounds count; the error names the setting."""
    assert (SETTINGS.number("A", 7, 7), SETTINGS.number("B", 1, 5)) == (7, 5)
    for name, least, most in (("A", 8, 9), ("A", 1, 6), ("D", 0, 9), ("C", 0, 9)):
        with pytest.raises(ValueError, match=f"X_{name} must be a whole number from {least} to {most}"):
            SETTINGS.number(name, least, most)


def test_an_endpoint_is_a_host_and_a_port() -> None:
    """Brackets are an address's own; what else the caller takes stands in the error."""
    assert SETTINGS.endpoint("E") == ("::1", 25)
    for name in "FGH":
        with pytest.raises(ValueError, match=f"X_{name} must be host:port or off"):
            SETTINGS.endpoint(name, or_else=" or off")
