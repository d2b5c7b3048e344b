"""The spans that reports count by: months and other periods, as the company's zone has them."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import ColumnElement, case, literal

from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import Instant, to_datetime
from helpdesk.queries.days import day_of_text, midnight
from helpdesk.sla.averages import Period

MOST = 400
"""Periods in one report: a year of days, thirty years of months."""

_STEP_DAYS = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 31, Period.QUARTER: 92, Period.YEAR: 366}
"""From the first date of a period these lead into the next one."""


class Span(Struct, frozen=True):
    """From the first date of one month to the last of another, both included."""

    first: date
    last: date

    @property
    def following(self) -> date:
        """The first date after it."""
        return self.last + timedelta(days=1)

    @classmethod
    def of_months(cls, first: str, last: str, now: Instant, zone: str) -> "Span":
        """Return the months from ``first`` to ``last`` (``2026-03``); empty: the twelve up to the present one.

        Raises:
            Invalid: one of them is no month, or the first comes after the last.
        """
        today = to_datetime(now).astimezone(ZoneInfo(zone)).date()
        end = _month("last_month", last) if last else today.replace(day=1)
        begin = _month("first_month", first) if first else _months_before(end, 11)
        if begin > end:
            raise Invalid("the span of months ends before it begins", fields={"first_month": "is after last_month"})
        return cls(begin, _following(end, Period.MONTH) - timedelta(days=1))


class Buckets(Struct, frozen=True):
    """The periods of one kind that begin within a span, as instants in one zone."""

    firsts: tuple[date, ...]
    end: date
    """The first date after the last of them."""
    edges: tuple[Instant, ...]
    """One more than ``firsts``: where each begins, and where the last ends."""

    def within(self, instant: ColumnElement[int]) -> ColumnElement[bool]:
        """Return the condition that an instant falls into one of the periods."""
        return (instant >= self.edges[0]) & (instant < self.edges[-1])

    def index(self, instant: ColumnElement[int]) -> ColumnElement[int]:
        """Return the number of the period that an instant, which is within them, falls into."""
        inner = list(enumerate(self.edges[1:-1]))
        if not inner:
            return literal(0)
        return case(*((instant < edge, number) for number, edge in inner), else_=len(inner))


def buckets(span: Span, period: Period, zone: str) -> Buckets:
    """Return the periods that begin within ``span``.

    Raises:
        Invalid: they are more than ``MOST``, or there is none.
    """
    first = period.first_of(span.first)
    firsts = [first if first >= span.first else _following(first, period)]
    while firsts[-1] <= span.last:
        firsts.append(_following(firsts[-1], period))
        if len(firsts) > MOST + 1:
            raise Invalid(f"the span holds more than {MOST} periods", fields={"first_month": "is too far back"})
    if len(firsts) == 1:
        raise Invalid(f"no {period.value} begins within the span", fields={"last_month": "is too near"})
    return Buckets(tuple(firsts[:-1]), firsts[-1], tuple(midnight(day, zone) for day in firsts))


def month_text(day: date) -> str:
    """Return the month of ``day`` as reports name it: ``2026-03``."""
    return f"{day.year:04d}-{day.month:02d}"


def percent(part: int, of: int) -> float | None:
    """Return ``part`` in percent to two places, rounded down so that 100 means all; None of nothing."""
    return (part * 10_000 // of) / 100 if of else None


def nearest_rank(ascending: Sequence[int], percentile: int) -> int:
    """Return the smallest of the values that at least ``percentile`` percent of them do not exceed."""
    return ascending[max(0, -(-percentile * len(ascending) // 100) - 1)]


def _month(field: str, text: str) -> date:
    try:
        date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Invalid(f"{text!r} is no month; write it like 2026-03", fields={field: "is no month"}) from None
    return day_of_text(field, f"{text}-01")


def _months_before(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _following(first: date, period: Period) -> date:
    return period.first_of(first + timedelta(days=_STEP_DAYS[period]))
