"""Targets that are means over a period: shown on a ticket, promised of all tickets together."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from helpdesk.kernel.instants import Instant
from helpdesk.sla.calendar import Calendar


class Period(StrEnum):
    """Over what a mean is taken; a period begins with the zone's local date."""

    DAY = "day"
    WEEK = "week"
    """From Monday."""
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    def first_of(self, day: date) -> date:
        """Return the first date of the period that ``day`` lies in."""
        match self:
            case Period.DAY:
                return day
            case Period.WEEK:
                return day - timedelta(days=day.weekday())
            case Period.MONTH:
                return day.replace(day=1)
            case Period.QUARTER:
                return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
            case Period.YEAR:
                return date(day.year, 1, 1)


class Mean(Struct, frozen=True):
    """How many clocks, and what they counted together, in microseconds; exact, so that means can be added up."""

    count: int
    total_us: int

    def within(self, amount_us: int) -> bool:
        """Say whether the mean is at most ``amount_us``, without rounding."""
        return self.total_us <= amount_us * self.count

    @property
    def mean_us(self) -> int:
        """The mean, rounded down to a microsecond."""
        return self.total_us // self.count


def averages(calendar: Calendar, clocks: Iterable[tuple[Instant, int]], period: Period) -> dict[date, Mean]:
    """Return the mean of each period by its first date, in order.

    ``clocks`` holds for each clock when it started and what it counted, in microseconds; a clock belongs to the period
    in which it started, on the calendar's local dates.
    """
    found: dict[date, Mean] = {}
    for started_at, elapsed_us in clocks:
        first = period.first_of(calendar.local_date(started_at))
        before = found.get(first, Mean(0, 0))
        found[first] = Mean(before.count + 1, before.total_us + elapsed_us)
    return dict(sorted(found.items()))
