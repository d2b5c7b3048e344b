"""Calendars in the plain JSON form that case files come with.

``tz``; ``weekly`` (``mon`` … ``sun``: local ``["HH:MM", "HH:MM"]`` pairs, ``24:00`` allowed); ``closed_dates`` (date:
kind); ``open_dates`` (date: intervals, win over both); ``short_days`` (date: minutes cut from the end of whatever is
open), counted only if ``honour_short_days``; optional ``valid`` (first and last date).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from helpdesk.sla.calendar import CalendarSpec, DateKind, DateRule, Hours
from helpdesk.sla.errors import BadHours, BadRange

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KINDS = {kind.value: kind for kind in DateKind}
_TIME = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")


def calendar_spec(plain: Mapping[str, Any], window: tuple[date, date]) -> CalendarSpec:
    """Read ``plain``; where it says no ``valid`` range it is known for the ``window``.

    Raises:
        BadHours, BadRange: something in it is no time, no interval or no date.
        KeyError: it has no ``tz`` or no ``weekly``.
    """
    weekly = plain["weekly"]
    if unknown := set(weekly) - set(_WEEK):
        raise BadHours(f"weekly: no such day {min(unknown)!r}")
    first, last = known_range(plain) or window
    return CalendarSpec(
        zone=plain["tz"],
        weekly=tuple(_hours(weekly.get(day, [])) for day in _WEEK),  # type: ignore[arg-type]  # seven of them
        dates=_dates(plain),
        first=first,
        last=last,
    )


def known_range(plain: Mapping[str, Any]) -> tuple[date, date] | None:
    """The ``valid`` range, if the calendar says one."""
    valid = plain.get("valid")
    if valid is None:
        return None
    if len(valid) != 2:
        raise BadRange(f"valid {valid!r}: need the first and the last date")
    return _date(valid[0]), _date(valid[1])


def _dates(plain: Mapping[str, Any]) -> dict[date, DateRule]:
    opened: Mapping[str, Any] = plain.get("open_dates", {})
    closed: Mapping[str, str] = plain.get("closed_dates", {})
    short: Mapping[str, int] = plain.get("short_days", {}) if plain.get("honour_short_days") else {}
    rules = {}
    for text in {**opened, **closed, **short}:
        day = _date(text)
        hours = _hours(opened[text]) if text in opened else () if text in closed else None
        cut = short.get(text, 0) * 60
        if cut < 0:
            raise BadHours(f"short_days {text}: {cut // 60} minutes")
        kind = _kind(day, opened=text in opened, closed=closed.get(text))
        rules[day] = DateRule(kind=kind, hours=hours, shortened_s=cut)
    return rules


def _kind(day: date, *, opened: bool, closed: str | None) -> DateKind | None:
    if opened and day.isoweekday() > 5:
        return DateKind.WORKING_WEEKEND
    if closed is None:
        return None
    # A kind of its own closes the day, and is none of those that terms in days leave out.
    return _KINDS.get(closed, DateKind.WORKING_DAY)


def _hours(pairs: Iterable[Iterable[str]]) -> Hours:
    hours = []
    for pair in pairs:
        begin, end = pair
        hours.append((_second(begin), _second(end)))
    return tuple(hours)


def _second(text: str) -> int:
    found = _TIME.fullmatch(text)
    second = int(found[1]) * 3600 + int(found[2]) * 60 if found else -1
    if not 0 <= second <= 86_400:
        raise BadHours(f"time {text!r}: need HH:MM, at most 24:00")
    return second


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadRange(f"date {text!r}: {error}") from error
