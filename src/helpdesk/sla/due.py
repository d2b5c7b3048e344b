"""Deadlines with their derivation: the result and its explanation come from one computation."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from helpdesk import _slacore
from helpdesk.kernel.instants import Instant
from helpdesk.sla.amount import Amount, coded
from helpdesk.sla.calendar import Calendar

_EPOCH_DAY = date(1970, 1, 1).toordinal()


class Deadline(Struct, frozen=True):
    """When an amount is used up, and what was counted on the way. Instants are microseconds since the Unix epoch."""

    due: Instant | None
    """None: a pause that never ended stopped the clock first; ``counted`` is what had run until then."""
    counted: tuple[tuple[Instant, Instant], ...]
    """The stretches ``[from, to)`` counted: working (or elapsed) time outside pauses, adding up to the amount; for a
    term to midnight, the counted dates themselves."""
    counted_us: int
    """The length of ``counted``."""
    calendar_id: str | None
    """Content hash of the calendar that counted; None for elapsed time without one."""
    tzdata: str | None
    steps: tuple[date, ...] = ()
    """For a term in days: the dates counted."""


def deadline(
    calendar: Calendar | None,
    start_us: Instant,
    amount: Amount,
    pauses: Sequence[tuple[Instant, Instant | None]] = (),
) -> Deadline:
    """Return when ``amount`` from ``start_us`` is used up.

    Time inside a pause ``[from, to)`` does not count; overlapping pauses unite, one without ``to`` never ends. Without
    a calendar only elapsed time can be counted.

    Raises:
        BadAmount: below zero, no days, or a unit that needs a calendar.
        BadPause: a pause ends before it begins.
        BeyondCalendar: the start or the answer lies outside what the calendar knows.
        OutOfTime: the answer lies outside the years 1 to 9999.
    """
    due, counted, counted_us, days = _slacore.deadline(calendar, start_us, *coded(amount), pauses)
    return Deadline(
        due=due,
        counted=tuple(counted),
        counted_us=counted_us,
        calendar_id=None if calendar is None else calendar.id,
        tzdata=None if calendar is None else calendar.tzdata,
        steps=tuple(date.fromordinal(day + _EPOCH_DAY) for day in days),
    )
