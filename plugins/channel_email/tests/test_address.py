"""Addresses are read in one way or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_channel_email.address import mailboxes, normalise, single_mailbox


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("Ann <ann@x.example>", "ann@x.example"),
        ("ann@x.example", "ann@x.example"),
        ("<ANN@X.Example>", "ann@x.example"),
        ("ann@x.example (Ann)", "ann@x.example"),
        ('"Ivanova, Ann" <ann@x.example>', "ann@x.example"),
        ('"boss@a.desk.example" <evil@x.example>', "evil@x.example"),
        ('"a \\" quoted" <ann@x.example>', "ann@x.example"),
        ("=?utf-8?b?0JDQvdC90LA=?= <ann@x.example>", "ann@x.example"),
        ("boss@a.example <ann@x.example>", "ann@x.example"),
    ],
)
def test_one_mailbox_is_read(header: str, address: str) -> None:
    """The address is what stands in angle brackets, never the display name."""
    assert single_mailbox(header).address == address


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Ann",
        "a@x.example, b@x.example",
        "a@x.example; b@x.example",
        "alice@a.example)bob@evil.example",
        "alice@a.example(<bob@evil.example>",
        "<a@x.example> <b@x.example>",
        "<a@x.example> trailing",
        "Group: a@x.example;",
        "<@relay.example:a@x.example>",
        '"a@x.example" b@x.example',
        "a@x.example\x00@evil.example",
        "a@x.example@evil.example",
        '"unclosed <a@x.example>',
        "<a@x.example",
        "a(((((((@x.example",
    ],
)
def test_what_can_be_read_in_two_ways_is_not_read(header: str) -> None:
    """Lists, groups, routes, stray brackets and quotes: ValueError (CVE-2023-27043 and its family)."""
    with pytest.raises(ValueError, match=r"."):
        single_mailbox(header)


def test_lists_of_recipients_are_read_as_far_as_they_go() -> None:
    """Groups are opened, junk is left out, at most as many as asked for are read."""
    boxes = mailboxes('Team: a@x.example, "b, c" <d@x.example>;, junk, e@x.example', 100)
    assert [box.address for box in boxes] == ["a@x.example", "d@x.example", "e@x.example"]
    assert mailboxes("undisclosed-recipients:;", 100) == []
    assert len(mailboxes(",".join(f"a{n}@x.example" for n in range(5_000)), 100)) == 100


@given(st.text(max_size=200))
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    """Nothing else comes out; what comes out is stable."""
    try:
        address = normalise(text)
    except ValueError:
        return
    assert normalise(address) == address


@given(st.text(alphabet='ab@.,;:<>()" \\\n', max_size=80))
def test_any_header_is_a_mailbox_or_a_value_error(text: str) -> None:
    """Brackets and quotes in any order raise ValueError at most, and never give two readings."""
    try:
        box = single_mailbox(text)
    except ValueError:
        return
    assert text.count(box.address) >= 1
