"""The civil clock of a place: from an instant to what the clock on the wall shows, and back."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

SECOND = 1_000_000
DAY_S = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class Zone(Protocol):
    """How far local time is from UTC, at any instant."""

    def offset_s(self, at_us: int) -> int:
        """Return the seconds east of UTC at an instant."""
        ...


class NamedZone:
    """A zone of the zone database that this machine has."""

    def __init__(self, name: str) -> None:
        self._zone = ZoneInfo(name)

    def offset_s(self, at_us: int) -> int:
        """Return the seconds east of UTC at an instant."""
        return _offset_s(self._zone, at_us // SECOND)


@lru_cache(maxsize=100_000)
def _offset_s(zone: ZoneInfo, second: int) -> int:
    offset = (_EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds())


class PinnedZone:
    """A zone as plain data: the offset before the first change, then (instant, offset from then on)."""

    def __init__(self, initial_offset_s: int, changes: Sequence[Sequence[int]]) -> None:
        self._initial = initial_offset_s
        self._changes = [(at, offset) for at, offset in changes]

    def offset_s(self, at_us: int) -> int:
        """Return the seconds east of UTC at an instant."""
        offset = self._initial
        for changed_at, after in self._changes:
            if changed_at <= at_us:
                offset = after
        return offset


def local(zone: Zone, at_us: int) -> tuple[date, int]:
    """Return the local date and the local second of the day at an instant."""
    seconds = at_us // SECOND + zone.offset_s(at_us)
    return date.fromordinal(_EPOCH_DAY + seconds // DAY_S), seconds % DAY_S


def wall(zone: Zone, day: date, second: int) -> int:
    """Return the instant at which the local clock first shows ``second`` of ``day`` (86400 is 24:00).

    A label that a clock change skips is read by the offset before the change, as PEP 495 reads it.
    """
    label = (day.toordinal() - _EPOCH_DAY) * DAY_S + second
    before = zone.offset_s((label - DAY_S) * SECOND)
    after = zone.offset_s((label + DAY_S) * SECOND)
    shown = [(label - offset) * SECOND for offset in (before, after)]
    right = [at for at, offset in zip(shown, (before, after), strict=True) if zone.offset_s(at) == offset]
    return min(right, default=shown[0])
