"""Deadlines computed anew from plain data."""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import islice
from typing import Any, NamedTuple

from helpdesk.verify.calendar import Calendar, Clock, Pauses, days_after
from helpdesk.verify.zones import SECOND


class Deadline(NamedTuple):
    """When an amount is used up, what was counted, and for a term in days the dates."""

    due: int | None
    counted: tuple[tuple[int, int], ...]
    dates: tuple[date, ...] = ()


def recompute(calendar: Calendar | None, start_us: int, amount: Mapping[str, Any], pauses: Pauses = ()) -> Deadline:
    """Return the deadline of ``amount`` from ``start_us``.

    ``amount`` has ``unit`` (working, elapsed, working_days, calendar_days_without_weekends, calendar_days), ``value``
    (microseconds, or a number of days) and the conventions that differ from the default: ``day_term``,
    ``after_hours``, ``day_end``, ``skip``, ``roll``, ``closing_edge``. Only elapsed time needs no calendar.

    Raises:
        Unknown: the calendar says nothing about a date that matters.
        ValueError: there is no such unit.
    """
    unit, value = amount["unit"], amount["value"]
    if unit == "elapsed":
        return run(Clock(), start_us, value, pauses)
    if calendar is None:
        raise ValueError(f"{unit} needs a calendar")
    if unit == "working":
        found = run(calendar, start_us, value, pauses)
        if amount.get("closing_edge") == "next_open" and found.due is not None:
            return found._replace(due=calendar.next_open(found.due))
        return found
    if unit == "working_days":
        return _working_days(calendar, start_us, amount, pauses)
    if unit == "calendar_days_without_weekends":
        return _days_without_weekends(calendar, start_us, amount, pauses)
    if unit == "calendar_days":
        return _calendar_days(calendar, start_us, amount, pauses)
    raise ValueError(f"no unit {unit!r}")


def run(calendar: Calendar, start_us: int, amount_us: int, pauses: Pauses) -> Deadline:
    """S3, S5: walk until ``amount_us`` is used up."""
    left, counted = amount_us, list[tuple[int, int]]()
    if left == 0:
        return Deadline(start_us, ())
    for begins, ends in calendar.steps(start_us, pauses):
        if any(to is None and begins >= since for since, to in pauses):
            break
        if calendar.counts(begins, pauses):
            ran = min(left, ends - begins)
            left -= ran
            if counted and counted[-1][1] == begins:
                counted[-1] = (counted[-1][0], begins + ran)
            else:
                counted.append((begins, begins + ran))
            if left == 0:
                return Deadline(begins + ran, tuple(counted))
    return Deadline(None, tuple(counted))


def _working_days(calendar: Calendar, start_us: int, amount: Mapping[str, Any], pauses: Pauses) -> Deadline:
    """S6 and its readings."""
    count, term = amount["value"], amount.get("day_term", "next_day")
    if term == "business_hours":  # so many times the longest day of the week, as a running clock
        longest = max(sum(ends - begins for begins, ends in hours) for hours in calendar.spec.weekly)
        return run(calendar, start_us, count * longest * SECOND, pauses)
    if amount.get("after_hours") == "next_open":
        start_us = calendar.next_open(start_us)
    event = calendar.date_of(start_us)
    same = term == "same_day" and calendar.is_working(event) and start_us < calendar.closing(event)
    later = (day for day in days_after(event) if calendar.is_working(day))
    dates = [event] if same else []
    dates += islice(later, count - len(dates))
    first = start_us if same else calendar.midnight_after(event)
    return _ended(calendar, first, dates, dates[-1], amount.get("day_end") or "close", pauses)


def _days_without_weekends(calendar: Calendar, start_us: int, amount: Mapping[str, Any], pauses: Pauses) -> Deadline:
    """S7 and its readings."""
    skipped = {"weekend", "moved_off"}
    if amount.get("skip", "weekends_and_holidays") == "weekends_and_holidays":
        skipped.add("holiday")
    event = calendar.date_of(start_us)

    def counts(day: date) -> bool:
        calendar.hours_on(day)  # must be known
        kind = calendar.kind_of(day)
        return kind not in skipped and not (kind == "holiday" and day.weekday() >= 5)

    dates = list(islice(filter(counts, days_after(event)), amount["value"]))
    last = _rolled(calendar, dates[-1]) if amount.get("roll", True) else dates[-1]
    first = calendar.midnight_after(event)
    return _ended(calendar, first, dates, last, amount.get("day_end") or "close", pauses)


def _calendar_days(calendar: Calendar, start_us: int, amount: Mapping[str, Any], pauses: Pauses) -> Deadline:
    """Every date counts; a last day that is no working day rolls."""
    event = calendar.date_of(start_us)
    dates = list(islice(days_after(event), amount["value"]))
    last = _rolled(calendar, dates[-1]) if amount.get("roll", True) else dates[-1]
    calendar.hours_on(last)  # must be known
    first = calendar.midnight_after(event)
    return _ended(calendar, first, dates, last, amount.get("day_end") or "midnight", pauses)


def _rolled(calendar: Calendar, day: date) -> date:
    while not calendar.is_working(day):
        day += timedelta(days=1)
    return day


def _ended(calendar: Calendar, first_us: int, dates: list[date], last: date, day_end: str, pauses: Pauses) -> Deadline:
    """The end of a term in days: at midnight whatever was paused, or S8."""
    if day_end == "midnight":
        counted = list[tuple[int, int]]()
        for day in dates:
            begins, ends = calendar.midnight_after(day - timedelta(days=1)), calendar.midnight_after(day)
            if counted and counted[-1][1] == begins:
                counted[-1] = (counted[-1][0], ends)
            else:
                counted.append((begins, ends))
        return Deadline(calendar.midnight_after(last), tuple(counted), tuple(dates))
    budget = calendar.working_between(first_us, calendar.closing(last))
    found = run(calendar, first_us, budget, pauses)
    due = calendar.closing(last) if not pauses else found.due
    return Deadline(due, found.counted, tuple(dates))
