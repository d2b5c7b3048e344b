"""Amounts of time: five units, never a bare "day", each with its counting convention."""

from enum import StrEnum

from msgspec import Struct


class Unit(StrEnum):
    """What an amount counts."""

    WORKING = "working"
    """Microseconds of working time."""
    ELAPSED = "elapsed"
    """Microseconds round the clock."""
    WORKING_DAYS = "working_days"
    """Dates with working hours."""
    CALENDAR_DAYS_WITHOUT_WEEKENDS = "calendar_days_without_weekends"
    """Dates without weekends and moved days off (and, by default, without public holidays)."""
    CALENDAR_DAYS = "calendar_days"
    """Dates."""


class DayTerm(StrEnum):
    """Which date is day 1 of a term in working days (reading ``day_term``)."""

    NEXT_DAY = "next_day"
    """The first working day after the local date of the event."""
    SAME_DAY = "same_day"
    """The date of the event, if it is a working day and the event comes before its closing."""
    BUSINESS_HOURS = "business_hours"
    """None: N times the longest day of the weekly hours, as a running clock."""


class AfterHours(StrEnum):
    """The date of an event outside working hours (reading ``day_term_after_hours``)."""

    EVENT_DATE = "event_date"
    NEXT_OPEN = "next_open"


class DayEnd(StrEnum):
    """When the last day of a term ends (reading ``client_day_end``)."""

    CLOSE = "close"
    MIDNIGHT = "midnight"
    """24:00, which is 00:00 of the next date; pauses do not move it."""


class Skip(StrEnum):
    """What calendar days without weekends leave out besides weekends (reading ``calendar_days_skip``)."""

    WEEKENDS_AND_HOLIDAYS = "weekends_and_holidays"
    WEEKENDS = "weekends"


class ClosingEdge(StrEnum):
    """Where a term of working time that runs out exactly at closing is due (reading ``closing_edge``)."""

    SAME_INSTANT = "same_instant"
    NEXT_OPEN = "next_open"


class Amount(Struct, frozen=True):
    """An amount and how it is counted; conventions of other units have no effect."""

    unit: Unit
    value: int
    """Microseconds for working and elapsed time, a count for days."""
    day_term: DayTerm = DayTerm.NEXT_DAY
    after_hours: AfterHours = AfterHours.EVENT_DATE
    day_end: DayEnd | None = None
    """None: the unit's own, which is midnight for calendar days and closing for the others."""
    skip: Skip = Skip.WEEKENDS_AND_HOLIDAYS
    roll: bool = True
    """Whether a last day that is no working day moves to the next working day."""
    closing_edge: ClosingEdge = ClosingEdge.SAME_INSTANT


_UNITS = {unit: code for code, unit in enumerate(Unit)}


def coded(amount: Amount) -> tuple[int, int, int]:
    """The amount as the core takes it: unit, value, counting conventions as bits."""
    end = amount.day_end
    midnight = end is DayEnd.MIDNIGHT or (end is None and amount.unit is Unit.CALENDAR_DAYS)
    counting = (
        (amount.day_term is DayTerm.SAME_DAY) << 0
        | (amount.day_term is DayTerm.BUSINESS_HOURS) << 1
        | (amount.after_hours is AfterHours.NEXT_OPEN) << 2
        | midnight << 3
        | (amount.skip is Skip.WEEKENDS) << 4
        | amount.roll << 5
        | (amount.closing_edge is ClosingEdge.NEXT_OPEN) << 6
    )
    return _UNITS[amount.unit], amount.value, counting
