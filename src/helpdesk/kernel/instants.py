"""Instants: whole microseconds since 1970-01-01T00:00:00Z, as plain integers.

Inside the service an instant is an ``int``; at the edges (HTTP, mail, commands) it is an aware ``datetime``.
"""

from datetime import UTC, datetime, timedelta

Instant = int
"""Microseconds since the Unix epoch, UTC."""

SECOND: int = 1_000_000
MINUTE: int = 60 * SECOND
HOUR: int = 60 * MINUTE
DAY: int = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def from_datetime(moment: datetime) -> Instant:
    """Return the instant of an aware ``moment``, exactly.

    Raises:
        ValueError: ``moment`` is naive; a wall-clock reading without a zone names no instant.
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no zone")
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(instant: Instant) -> datetime:
    """Return ``instant`` as an aware datetime in UTC, exactly.

    Raises:
        OverflowError: the instant lies outside the years 1 to 9999.
    """
    return _EPOCH + timedelta(microseconds=instant)


def to_iso(instant: Instant) -> str:
    """Return ``instant`` as ISO 8601 in UTC, e.g. ``2026-03-04T07:10:00+00:00``."""
    return to_datetime(instant).isoformat()
