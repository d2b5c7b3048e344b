"""Numbers as people and telephone systems write them, and what must not pass for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_channel_phone.channel import PhoneChannel


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("8 (495) 324-24-42", "+74953242442"),
        ("+7(495) 324-24-42", "+74953242442"),
        ("4953242442", "+74953242442"),
        (" 84953242442\n", "+74953242442"),
        ("tel:+7-495-324-24-42", "+74953242442"),
        ("８４９５３２４２４４２", "+74953242442"),
        ("+996 755 979 805", "+996755979805"),
        ("00996755979805", "+996755979805"),
        ("8~10 996 755 979 805", "+996755979805"),
        ("8-800-555-35-35 доб. 12", "+78005553535"),
        ("+7 495 324\N{NO-BREAK SPACE}24 42", "+74953242442"),
        ("996755979805", "+996755979805"),
    ],
)
def test_numbers_become_e164(written: str, number: str) -> None:
    """One number has one form, however it is written."""
    assert PhoneChannel("RU").normalise(written) == number


@pytest.mark.parametrize(
    "written",
    ["", " ", "112", "+7", "anonymous", "sip:100@pbx.example", "+" * 20, "1" * 40, "+7" * 100, "номер", "\x00"],
)
def test_what_nobody_could_dial_is_refused(written: str) -> None:
    """Hidden, short, endless or lettered: ValueError, nothing else."""
    with pytest.raises(ValueError, match="number"):
        PhoneChannel("RU").normalise(written)


def test_the_region_reads_national_numbers() -> None:
    """The same digits mean another number in another country."""
    assert PhoneChannel("KG").normalise("0755 979805") == "+996755979805"
    with pytest.raises(ValueError, match="region"):
        PhoneChannel("Russia").listener({})


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0755 97-98-05", "+996755979805"), ("755979805", "+996755979805"), ("996755979805", "+996755979805"),
        ("0312 979805", "+996312979805"), ("+7 495 324-24-42", "+74953242442"), ("84953242442", "+74953242442"),
        ("74953242442", "+74953242442"), ("8-10-996-755-979-805", "+996755979805"),
    ],
)  # fmt: skip
def test_a_clients_number_is_read_in_the_country_of_ours(written: str, number: str) -> None:
    """Who calls Bishkek is shown as Bishkek writes it; what is no number there is read as elsewhere."""
    channel = PhoneChannel("RU")
    assert channel.normalise_near(written, ["+996312979805", "+996755979805"]) == number
    with pytest.raises(ValueError, match="number"):
        channel.normalise_near("112", ["+996312979805"])


@pytest.mark.parametrize("ours", [(), ("+74953242442",), ("+996312979805", "+74953242442"), ("+80012345678",)])
def test_where_our_numbers_say_no_country_the_setting_does(ours: tuple[str, ...]) -> None:
    """None of ours, several countries', or one of no country."""
    assert PhoneChannel("RU").normalise_near("8 495 324 24 42", ours) == "+74953242442"


@given(st.one_of(st.text(max_size=70), st.from_regex(r"\+?[0-9 ()\-]{0,20}", fullmatch=True)))
def test_normalising_twice_is_normalising_once(written: str) -> None:
    """Any text gives E.164 or ValueError, and E.164 stays as it is."""
    channel = PhoneChannel("RU")
    try:
        number = channel.normalise(written)
    except ValueError:
        return
    assert number.startswith("+")
    assert number[1:].isascii()
    assert number[1:].isdigit()
    assert channel.normalise(number) == number
