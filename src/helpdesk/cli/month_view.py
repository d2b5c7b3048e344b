"""Production calendars for people: months with every special date marked, and what differs between two versions.

The files are those under ``policies/calendars``: years as keys, each with its decree and its lists of dates.
"""

import calendar
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from helpdesk.kernel.errors import Invalid

_LISTS: Mapping[str, tuple[str, str]] = {
    "holidays": ("*", "holiday"),
    "moved_days_off": ("-", "day off moved here"),
    "special_nonworking_days": ("!", "declared non-working"),
    "working_weekends": ("+", "working weekend"),
    "short_days": ("~", "short day"),
}
"""What a list of the file means: its mark in the month, and its name. A date in two lists gets the first one's mark."""

_CELL = 4


class Special(Struct, frozen=True):
    """What a calendar says of one date."""

    mark: str
    kind: str
    details: str
    source: str

    def __str__(self) -> str:
        details = f": {self.details}" if self.details else ""
        return f"{self.kind}{details} [{self.source}]"


def read_dates(path: Path) -> dict[date, tuple[Special, ...]]:
    """Return every special date of the calendar in ``path``, with where it comes from.

    Raises:
        Invalid: there is no such file, or it is not of the form.
    """
    try:
        years = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, Any]])
        found: dict[date, list[Special]] = {}
        for day, special in _specials(years):
            found.setdefault(day, []).append(special)
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"{path} is no production calendar: {error}") from error
    return {day: tuple(found[day]) for day in sorted(found)}


def month(dates: Mapping[date, tuple[Special, ...]], year: int, number: int) -> str:
    """Return one month: the days with their marks, then each special date in words."""
    weekdays = "".join(f"{name:>{_CELL - 1}} " for name in calendar.weekheader(2).split())
    lines = [f"{calendar.month_name[number]} {year}", weekdays.rstrip()]
    weeks = calendar.Calendar().monthdatescalendar(year, number)
    lines += ["".join(_cell(day, dates) if day.month == number else " " * _CELL for day in week) for week in weeks]
    inside = [day for day in dates if (day.year, day.month) == (year, number)]
    lines += [f"  {day:%d %a}: {'; '.join(map(str, dates[day]))}" for day in inside]
    return "\n".join(line.rstrip() for line in lines)


def differences(old: Mapping[date, tuple[Special, ...]], new: Mapping[date, tuple[Special, ...]]) -> Iterator[str]:
    """Yield one line for each date of which the two versions say something different, with the source of each."""
    for day in sorted(old.keys() | new.keys()):
        before, after = old.get(day, ()), new.get(day, ())
        if before != after:
            yield f"{day} {day:%a}: {_words(before)} -> {_words(after)}"


def legend() -> str:
    """Return what the marks mean."""
    return ", ".join(f"{mark} {kind}" for mark, kind in _LISTS.values())


def _specials(years: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[date, Special]]:
    for year, content in years.items():
        decree = str(content.get("decree") or content.get("status") or "no source given")
        for name, (mark, kind) in _LISTS.items():
            for entry in content.get(name, ()):
                own = entry.get("basis") or entry.get("source")
                source = f"{decree}; {own}" if own else decree
                yield date.fromisoformat(entry["date"]), Special(mark, kind, _details(entry), f"{year}: {source}")


def _details(entry: Mapping[str, Any]) -> str:
    parts = [str(entry["name"])] if "name" in entry else []
    parts += [f"from {entry['from']}"] if "from" in entry else []
    parts += [f"{entry['minutes_less']} minutes less"] if "minutes_less" in entry else []
    parts += ["estimated"] if entry.get("estimated") else []
    return ", ".join(parts)


def _cell(day: date, dates: Mapping[date, tuple[Special, ...]]) -> str:
    mark = dates[day][0].mark if day in dates else " "
    return f"{day.day:>{_CELL - 1}}{mark}"


def _words(specials: tuple[Special, ...]) -> str:
    return "; ".join(map(str, specials)) or "nothing special"
