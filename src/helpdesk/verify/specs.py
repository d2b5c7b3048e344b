"""What a calendar is made of, read from plain data in either of its two forms."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from helpdesk.verify.zones import NamedZone, PinnedZone, Zone

Hours = tuple[tuple[int, int], ...]
"""Open intervals of one day, [from, to) in local seconds of the day."""

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Rule(NamedTuple):
    """What is said about one date beyond the weekly hours."""

    kind: str | None
    """working_day, weekend, working_weekend, holiday, moved_off; None: weekend on Saturday and Sunday."""
    hours: Hours | None
    """None: the weekly hours."""
    shortened_s: int
    """Seconds cut from the end of the last interval."""


class Spec(NamedTuple):
    """A calendar: zone, hours from Monday to Sunday, dated rules, and the known dates (None: all)."""

    zone: Zone
    weekly: tuple[Hours, ...]
    rules: Mapping[date, Rule]
    known: tuple[date, date] | None


def read_case_form(plain: Mapping[str, Any]) -> Spec:
    """Read the form of the case files.

    ``tz``; ``weekly`` with ``["09:00", "18:00"]`` pairs by ``mon`` to ``sun``; ``closed_dates`` (date: kind);
    ``open_dates`` (date: intervals, which win); ``short_days`` (date: minutes cut), counted only if
    ``honour_short_days``; optional ``valid``.
    """
    rules: dict[date, Rule] = {}
    closed, opened = plain.get("closed_dates", {}), plain.get("open_dates", {})
    short = plain.get("short_days", {}) if plain.get("honour_short_days") else {}
    for text in {**closed, **opened, **short}:
        day = date.fromisoformat(text)
        kind = closed.get(text)
        hours: Hours | None = None
        if text in opened:
            hours = _hours(opened[text])
            kind = "working_weekend" if day.weekday() >= 5 else kind
        elif text in closed:
            hours = ()
        rules[day] = Rule(kind, hours, short.get(text, 0) * 60)
    return Spec(
        NamedZone(plain["tz"]),
        tuple(_hours(plain["weekly"].get(day, [])) for day in _WEEK),
        rules,
        _known(plain.get("valid")),
    )


def read_pinned_form(plain: Mapping[str, Any], zone: Mapping[str, Any]) -> Spec:
    """Read the form that snapshots pin.

    ``weekly`` (Monday to Sunday), ``dates`` (date: ``kind``, ``hours``, ``shortened_s``), ``first``, ``last``; hours
    in seconds. ``zone`` holds ``initial_offset_s`` and ``changes``.
    """
    rules = {
        date.fromisoformat(text): Rule(
            rule.get("kind"),
            None if rule.get("hours") is None else _pairs(rule["hours"]),
            rule.get("shortened_s", 0),
        )
        for text, rule in plain["dates"].items()
    }
    return Spec(
        PinnedZone(zone["initial_offset_s"], zone["changes"]),
        tuple(_pairs(hours) for hours in plain["weekly"]),
        rules,
        _known((plain["first"], plain["last"])),
    )


def _known(bounds: Iterable[str] | None) -> tuple[date, date] | None:
    if bounds is None:
        return None
    first, last = bounds
    return date.fromisoformat(first), date.fromisoformat(last)


def _hours(pairs: Iterable[Iterable[str]]) -> Hours:
    return _pairs([_second(text) for text in pair] for pair in pairs)


def _pairs(pairs: Iterable[Iterable[int]]) -> Hours:
    return tuple((begins, ends) for begins, ends in pairs)


def _second(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 3600 + int(minute) * 60
