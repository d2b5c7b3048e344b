"""Means over a period: exact, by the local date on which a clock started."""

from datetime import date, datetime

import pytest

from helpdesk import sla
from helpdesk.kernel.instants import MINUTE, from_datetime
from helpdesk.sla.averages import Mean, Period, averages

CALENDAR = sla.compile_calendar(
    sla.CalendarSpec("Asia/Bishkek", (((0, 86_400),),) * 7, {}, date(2026, 1, 1), date(2026, 12, 31))
)


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Period.DAY, date(2026, 5, 21)),
        (Period.WEEK, date(2026, 5, 18)),
        (Period.MONTH, date(2026, 5, 1)),
        (Period.QUARTER, date(2026, 4, 1)),
        (Period.YEAR, date(2026, 1, 1)),
    ],
)
def test_a_period_is_known_by_its_first_date(period: Period, expected: date) -> None:
    """Weeks begin on Monday."""
    assert period.first_of(date(2026, 5, 21)) == expected


def test_a_clock_belongs_to_the_period_in_which_it_started_locally() -> None:
    """Late on the 31st in UTC is the 1st in Bishkek."""
    starts = ("2026-04-01T00:00:00+06:00", "2026-03-31T19:00:00+00:00", "2026-03-31T17:59:59+00:00")
    clocks = [(from_datetime(datetime.fromisoformat(text)), n * MINUTE) for n, text in enumerate(starts, 10)]
    assert averages(CALENDAR, clocks, Period.MONTH) == {
        date(2026, 3, 1): Mean(1, 12 * MINUTE),
        date(2026, 4, 1): Mean(2, 21 * MINUTE),
    }


def test_a_mean_is_judged_without_rounding() -> None:
    """One microsecond over the promise is over it."""
    assert Mean(3, 3 * 15 * MINUTE).within(15 * MINUTE)
    assert not Mean(3, 3 * 15 * MINUTE + 1).within(15 * MINUTE)
    assert Mean(3, 3 * 15 * MINUTE + 1).mean_us == 15 * MINUTE
