"""Instants are exact both ways, and a wall-clock reading without a zone is none."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.kernel.instants import from_datetime, to_datetime, to_iso


@given(st.datetimes(timezones=st.just(UTC)))
def test_there_and_back_is_the_same(moment: datetime) -> None:
    """No microsecond is lost over the whole range of years."""
    assert to_datetime(from_datetime(moment)) == moment


def test_the_offset_is_taken_off() -> None:
    """The same instant in two zones is one number."""
    moscow = datetime(2026, 3, 4, 10, tzinfo=timezone(timedelta(hours=3)))
    assert to_iso(from_datetime(moscow)) == "2026-03-04T07:00:00+00:00"


def test_a_naive_datetime_is_refused() -> None:
    """It names no instant."""
    with pytest.raises(ValueError, match="no zone"):
        from_datetime(datetime(2026, 3, 4))  # noqa: DTZ001 - what is refused
