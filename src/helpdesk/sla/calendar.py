"""Calendars: what they are made of as plain data, and the compiled form that answers.

The semantics: an instant is open if the hours of its local date contain its local time of day, ``[opening, closing)``;
working time is elapsed time in which that holds, so a repeated local hour counts twice and a skipped one not at all;
a term is due at the earliest instant at which its time is used up.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from hashlib import sha256
from threading import Lock
from weakref import WeakValueDictionary

import msgspec
from msgspec import Struct

from helpdesk import _slacore
from helpdesk.kernel.instants import Instant
from helpdesk.sla.amount import Amount, coded
from helpdesk.sla.errors import BadHours
from helpdesk.sla.zones import ZoneTransitions, read_transitions

Hours = tuple[tuple[int, int], ...]
"""The open intervals of one day, ``[from, to)`` in local seconds of the day, ascending; ``to`` may be 86400 (24:00)."""

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAY_S = 86_400


class DateKind(StrEnum):
    """What a date is, whatever its hours."""

    WORKING_DAY = "working_day"
    WEEKEND = "weekend"
    WORKING_WEEKEND = "working_weekend"
    """A Saturday or Sunday decreed a working day."""
    HOLIDAY = "holiday"
    """A public holiday."""
    MOVED_OFF = "moved_off"
    """A day off moved here by decree."""


_KINDS: dict[DateKind | None, int | None] = {None: None} | {kind: code for code, kind in enumerate(DateKind)}
"""The core's codes of kinds."""


class DateRule(Struct, frozen=True):
    """What is said about one date beyond the weekly hours."""

    kind: DateKind | None = None
    """None: weekend on Saturday and Sunday, else working day."""
    hours: Hours | None = None
    """None: the weekly hours; ``()``: closed."""
    shortened_s: int = 0
    """Seconds cut from the end of the day's last interval."""


class CalendarSpec(Struct, frozen=True):
    """Weekly hours, dated rules, and the dates for which they are known; everything local to ``zone``."""

    zone: str
    weekly: tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]
    """Monday to Sunday."""
    dates: Mapping[date, DateRule]
    first: date
    last: date
    """The last known date; past it an answer is refused with ``BeyondCalendar``, never guessed."""


class Calendar(_slacore.Calendar):
    """A compiled calendar: immutable, shared by all who compile the same, safe in any thread.

    Instants are microseconds since the Unix epoch. ``id`` is the SHA-256 of all that its answers depend on (hours,
    dates, known range, zone transitions), ``tzdata`` the zone database's version. Questions outside the known range
    raise ``BeyondCalendar``.
    """

    __slots__ = ("__weakref__", "spec", "zone_transitions")

    spec: CalendarSpec
    zone_transitions: ZoneTransitions
    """Plain data to pin beside the spec: ``compile_calendar(spec, transitions)`` gives this very calendar again."""

    def kind_of(self, day: date) -> DateKind:
        """What the date is."""
        return DateKind(self.kind_of_day(day.toordinal() - _EPOCH_DAY))

    def hours_on(self, day: date) -> Hours:
        """The date's open intervals, local seconds of the day."""
        return tuple(self.hours_of_day(day.toordinal() - _EPOCH_DAY))

    def is_working(self, day: date) -> bool:
        """Whether the date has working hours."""
        return bool(self.hours_of_day(day.toordinal() - _EPOCH_DAY))

    def local_date(self, at_us: Instant) -> date:
        """The date that the zone's clock shows."""
        return date.fromordinal(self.day_of_us(at_us) + _EPOCH_DAY)

    def start_of(self, day: date) -> Instant:
        """The instant of the date's 00:00; where a clock change skips it, the change."""
        return self.midnight_us(day.toordinal() - _EPOCH_DAY)

    def due_us(
        self, start_us: Instant, amount: Amount, pauses: Sequence[tuple[Instant, Instant | None]] = ()
    ) -> Instant | None:
        """The instant at which ``amount`` from ``start_us`` is used up.

        Time inside a pause ``[from, to)`` does not count; a pause without ``to`` never ends, and if the amount is
        not used up before it, there is no such instant (None).
        """
        return _slacore.deadline(self, start_us, *coded(amount), pauses)[0]


_compiled: WeakValueDictionary[tuple[str, str], Calendar] = WeakValueDictionary()
_compiling = Lock()


def compile_calendar(spec: CalendarSpec, transitions: ZoneTransitions | None = None) -> Calendar:
    """Compile ``spec``; equal calendars are one object.

    ``transitions`` defaults to the zone's in the packaged database; pass pinned ones to get yesterday's calendar.

    Raises:
        UnknownZone, BadZone, BadHours, BadRange: the spec is no calendar.
        NoWorkingTime: it is never open.
    """
    known = transitions or read_transitions(spec.zone, spec.first, spec.last)
    dates = _plain_dates(spec.dates)
    first_day, last_day = spec.first.toordinal() - _EPOCH_DAY, spec.last.toordinal() - _EPOCH_DAY
    # All that an answer depends on, in the one form there is of it, whatever the order in which the dates were given.
    content = (spec.zone, spec.weekly, dates, first_day, last_day, known.initial_offset_s, known.changes)
    key = (sha256(msgspec.msgpack.encode(content)).hexdigest(), known.tzdata)
    with _compiling:
        calendar = _compiled.get(key)
        if calendar is None:
            calendar = Calendar(
                id=key[0],
                zone=spec.zone,
                tzdata=known.tzdata,
                initial_offset_s=known.initial_offset_s,
                changes=known.changes,
                weekly=spec.weekly,
                dates=dates,
                first_day=first_day,
                last_day=last_day,
            )
            calendar.spec = spec
            calendar.zone_transitions = known
            _compiled[key] = calendar
        return calendar


def _plain_dates(dates: Mapping[date, DateRule]) -> list[tuple[int, int | None, Hours | None, int]]:
    """The core's form of the dates, ascending: day number, code of the kind, hours, seconds cut."""
    rules = [
        (day.toordinal() - _EPOCH_DAY, _KINDS[rule.kind], rule.hours, rule.shortened_s) for day, rule in dates.items()
    ]
    rules.sort()
    return rules


def split_past_midnight(weekly: Iterable[Iterable[tuple[int, int]]]) -> tuple[Hours, ...]:
    """Hours of a cycle of days, in which an interval that ends at or before its beginning runs into the next day.

    ``(79200, 21600)`` (22:00 to 06:00) becomes ``(79200, 86400)`` and the next day's ``(0, 21600)``; the last day runs
    into the first. Each day's intervals come out ascending.

    Raises:
        BadHours: a time outside the day.
    """
    days = [list(hours) for hours in weekly]
    split: list[list[tuple[int, int]]] = [[] for _ in days]
    for number, hours in enumerate(days):
        for begin, end in hours:
            if not (0 <= begin < _DAY_S and 0 <= end <= _DAY_S):
                raise BadHours(f"hours from {begin} to {end} s: need times of the day, 0 to 86400")
            if begin < end:
                split[number].append((begin, end))
                continue
            split[number].append((begin, _DAY_S))
            if end:
                split[(number + 1) % len(split)].append((0, end))
    return tuple(tuple(sorted(hours)) for hours in split)
