"""A cursor comes back as it left, and anything else is refused."""

from base64 import urlsafe_b64encode
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.queries.numbers import MAX_NUMBER, Count
from helpdesk.queries.paging import BadCursor, decode, encode


@given(st.integers(0, MAX_NUMBER), st.binary(max_size=64))
def test_what_is_encoded_is_decoded(number: int, rank: bytes) -> None:
    """Numbers and bytes survive the way to the client and back."""
    assert (number, rank) == decode("queue", encode("queue", number, rank), tuple[Count, bytes])


@given(st.text(max_size=500))
def test_garbage_is_refused(text: str) -> None:
    """No text at all ends in anything but a refusal or a well-typed position."""
    try:
        (number,) = decode("tickets", text, tuple[Count])
    except BadCursor:
        return
    assert 0 <= number <= MAX_NUMBER


@pytest.mark.parametrize(
    "position",
    [["tickets", -1], ["tickets", 2**63], ["tickets"], ["tickets", "1"], ["queue", 1], [], 7, ["tickets", 1, 2]],
)
def test_another_list_s_or_a_forged_position_is_refused(position: object) -> None:
    """A cursor is bound to its list and its types."""
    forged = urlsafe_b64encode(msgspec.msgpack.encode(position)).decode().rstrip("=")
    with pytest.raises(BadCursor):
        decode("tickets", forged, tuple[Count])


def test_ids_are_carried_as_text() -> None:
    """UUIDs come back as UUIDs."""
    assert (UUID(int=5),) == decode("ledger", encode("ledger", str(UUID(int=5))), tuple[UUID])
