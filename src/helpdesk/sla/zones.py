"""Zone transitions as plain data, read from the packaged zone database.

They become part of a compiled calendar and of whatever pins it: an upgrade of the database moves nothing promised.
"""

import struct
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from importlib import import_module
from importlib.resources import files
from itertools import pairwise

from msgspec import Struct

from helpdesk.kernel.instants import SECOND
from helpdesk.sla.errors import BadZone, UnknownZone
from helpdesk.sla.posix import Rule, parse_rule

TZDATA_VERSION: str = import_module("tzdata").IANA_VERSION
"""The version of the zone database that new calendars are compiled from, e.g. ``2026a``."""

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAY_S = 86_400
_MARGIN = timedelta(days=366)


class ZoneTransitions(Struct, frozen=True):
    """One zone's clock over a stretch of time: the first offset, then every change of it."""

    zone: str
    tzdata: str
    """The version of the zone database these were read from."""
    initial_offset_s: int
    """Seconds east of UTC before the first change."""
    changes: tuple[tuple[int, int], ...]
    """(instant in microseconds, seconds east of UTC from then on), ascending."""


@lru_cache(maxsize=256)
def read_transitions(zone: str, first: date, last: date) -> ZoneTransitions:
    """Return the transitions of ``zone`` from a year before ``first`` to a year after ``last``.

    Raises:
        UnknownZone: the zone database has no such zone.
    """
    start, changes, rule = _read_file(zone)
    low = _second_of(first, -_MARGIN)
    high = _second_of(last, _MARGIN)
    offset = start
    kept: list[tuple[int, int]] = []
    for at, after in _every_change(changes, rule, min(last.year + 2, 9999)):
        if at > high:
            break
        if after == (kept[-1][1] if kept else offset):
            continue
        if at <= low:
            offset = after
        else:
            kept.append((at * SECOND, after))
    return ZoneTransitions(zone=zone, tzdata=TZDATA_VERSION, initial_offset_s=offset, changes=tuple(kept))


def _second_of(day: date, shift: timedelta) -> int:
    return (day.toordinal() - _EPOCH_DAY + shift.days) * _DAY_S


def _every_change(changes: tuple[tuple[int, int], ...], rule: Rule | None, until: int) -> Iterator[tuple[int, int]]:
    """The file's own changes, then those its rule gives, to the end of the year ``until``."""
    yield from changes
    if rule is None:
        return
    last = changes[-1][0] if changes else -(2**62)
    since = max(1970, date.fromordinal(max(1, _EPOCH_DAY + last // _DAY_S)).year) if changes else 1970
    for year in range(since, until + 1):
        yield from (change for change in rule.changes(year) if change[0] > last)


@lru_cache(maxsize=64)
def _read_file(zone: str) -> tuple[int, tuple[tuple[int, int], ...], Rule | None]:
    """First offset, changes (UTC second, offset) and the rule after them, from a TZif file (RFC 9636)."""
    parts = zone.split("/")
    if not all(part and part[0] != "." and "\\" not in part for part in parts):
        raise UnknownZone(f"no zone {zone!r}")
    try:
        data = files("tzdata").joinpath("zoneinfo", *parts).read_bytes()
    except OSError as error:
        raise UnknownZone(f"no zone {zone!r} in the zone database {TZDATA_VERSION}") from error
    if data[:4] != b"TZif":
        raise UnknownZone(f"no zone {zone!r} in the zone database {TZDATA_VERSION}")
    if data[4:5] < b"2":
        raise BadZone(f"zone {zone!r}: the file has only 32-bit data")
    is_ut, is_std, leaps, times, types, chars = struct.unpack_from(">6l", data, 20)
    at = 44 + times * 5 + types * 6 + chars + leaps * 8 + is_std + is_ut  # the first, 32-bit block is skipped
    is_ut, is_std, leaps, times, types, chars = struct.unpack_from(">6l", data, at + 20)
    at += 44
    instants = struct.unpack_from(f">{times}q", data, at)
    kinds = struct.unpack_from(f">{times}B", data, at + times * 8)
    at += times * 9
    offsets = [struct.unpack_from(">lBB", data, at + k * 6)[0] for k in range(types)]
    at += types * 6 + chars + leaps * 12 + is_std + is_ut
    footer = data[at:].strip(b"\n").decode("ascii")
    changes = tuple(zip(instants, (offsets[kind] for kind in kinds), strict=True))
    if any(a[0] >= b[0] for a, b in pairwise(changes)):
        raise BadZone(f"zone {zone!r}: transitions out of order")
    return offsets[0], changes, parse_rule(footer) if footer else None
