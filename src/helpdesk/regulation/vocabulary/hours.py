"""Hours as a regulation writes them: ``{ mon-fri = "09:00-18:00" }`` to local seconds of the day."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

Interval = tuple[int, int]
"""Local seconds of the day, ``[a, b)``; ``b`` is at most 86400 (24:00)."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FULL_DAY = 86_400

_INTERVAL = re.compile(r"([01]\d|2[0-4]):([0-5]\d)\s*-\s*([01]\d|2[0-4]):([0-5]\d)")


def parse_interval(text: str) -> Interval:
    """Read ``09:00-18:00``. An end at or before the start means past midnight (``22:00-06:00``).

    Raises:
        ValueError: not that form, or an empty interval.
    """
    match = _INTERVAL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no interval; write e.g. '09:00-18:00'")
    a, b = (int(match[i]) * 3600 + int(match[i + 1]) * 60 for i in (1, 3))
    if a == b or a >= FULL_DAY or b > FULL_DAY:
        raise ValueError(f"{text!r} is empty or leaves the day (24:00 is the latest end)")
    return a, b


def parse_hours(given: str | Sequence[str]) -> list[Interval]:
    """Read one interval or several (a list, or separated by commas), in order; they may not overlap.

    Raises:
        ValueError: one is malformed, or two overlap.
    """
    texts = [given] if isinstance(given, str) else list(given)
    intervals = sorted(parse_interval(part) for text in texts for part in text.split(","))
    for (_, end), (start, _) in pairwise(intervals):
        if start < end:
            raise ValueError(f"{', '.join(texts)!r} has intervals that overlap")
    return intervals


def parse_days(text: str) -> list[int]:
    """Read ``mon-fri`` or ``sat`` as weekday indices (0 = Monday).

    Raises:
        ValueError: no such days.
    """
    first, dash, last = text.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        raise ValueError(f"{text!r} names no days; write e.g. 'mon-fri' or 'sat'")
    a = DAYS.index(first)
    b = DAYS.index(last) if dash else a
    return [day % 7 for day in range(a, b + 1 if b >= a else b + 8)]


def parse_week(hours: Mapping[str, str | Sequence[str]]) -> list[list[Interval]]:
    """Read weekly hours, Monday first. What runs past midnight continues on the next weekday.

    Raises:
        ValueError: malformed, a day named twice, overlapping, or no hour in the whole week.
    """
    week: list[list[Interval]] = [[] for _ in DAYS]
    named: set[int] = set()
    for key, given in hours.items():
        for day in parse_days(key):
            if day in named:
                raise ValueError(f"{DAYS[day]} has hours twice")
            named.add(day)
            for a, b in parse_hours(given):
                if b > a:
                    week[day].append((a, b))
                else:
                    week[day].append((a, FULL_DAY))
                    if b:
                        week[(day + 1) % 7].append((0, b))
    for intervals in week:
        intervals.sort()
        if any(start < end for (_, end), (start, _) in pairwise(intervals)):
            raise ValueError("the hours past midnight overlap those of the next day")
    if not any(week):
        raise ValueError("there is no working time in the whole week")
    return week


def parse_dated(given: Iterable[str]) -> list[Interval]:
    """Read the hours of one date; an empty list is a closed date.

    Raises:
        ValueError: malformed, or past midnight (write the rest under the next date).
    """
    intervals = parse_hours(list(given)) if given else []
    if any(b <= a for a, b in intervals):
        raise ValueError("dated hours may not run past midnight; write the rest under the next date")
    return intervals


def without_breaks(intervals: Iterable[Interval], breaks: Iterable[Interval]) -> list[Interval]:
    """Return ``intervals`` with every break cut out."""
    left = list(intervals)
    for start, end in breaks:
        cut: list[Interval] = []
        for a, b in left:
            cut += [piece for piece in ((a, min(b, start)), (max(a, end), b)) if piece[0] < piece[1]]
        left = cut
    return left
