"""Deadlines: five units, their conventions, pauses, and derivations that add up."""

from datetime import date, datetime
from typing import Any

import pytest

from helpdesk import sla
from helpdesk.kernel.instants import HOUR, MINUTE, from_datetime

OFFICE = ((32_400, 64_800),)
CALENDAR = sla.compile_calendar(
    sla.CalendarSpec(
        "Europe/Moscow",
        (OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, (), ()),
        {
            date(2026, 3, 9): sla.DateRule(kind=sla.DateKind.MOVED_OFF, hours=()),
            date(2026, 3, 12): sla.DateRule(kind=sla.DateKind.HOLIDAY, hours=()),
            date(2026, 3, 21): sla.DateRule(kind=sla.DateKind.WORKING_WEEKEND, hours=OFFICE),
        },
        date(2026, 1, 1),
        date(2026, 12, 31),
    )
)


def us(text: str) -> int:
    return from_datetime(datetime.fromisoformat(text + "+03:00"))


def due(start: str, unit: sla.Unit, value: int, *pauses: tuple[str, str | None], **how: Any) -> str | None:
    """The due instant as local text; its derivation has to add up and lie outside the pauses."""
    plain = [(us(since), None if until is None else us(until)) for since, until in pauses]
    found = sla.deadline(CALENDAR, us(start), sla.Amount(unit, value, **how), plain)
    assert found.counted_us == sum(until - since for since, until in found.counted)
    if unit is sla.Unit.WORKING and found.due is not None:
        assert found.counted_us == value
    assert found.due == CALENDAR.due_us(us(start), sla.Amount(unit, value, **how), plain)
    return None if found.due is None else CALENDAR.local_iso(found.due).removesuffix("+03:00")


W, E, D = sla.Unit.WORKING, sla.Unit.ELAPSED, sla.Unit.WORKING_DAYS
N, C = sla.Unit.CALENDAR_DAYS_WITHOUT_WEEKENDS, sla.Unit.CALENDAR_DAYS


@pytest.mark.parametrize(
    ("start", "unit", "value", "how", "expected"),
    [
        # E2: a term that runs out at closing, and the reading that moves it.
        ("2026-03-06T10:00:00", W, 8 * HOUR, {}, "2026-03-06T18:00:00"),
        ("2026-03-06T10:00:00", W, 8 * HOUR, {"closing_edge": sla.ClosingEdge.NEXT_OPEN}, "2026-03-10T09:00:00"),
        ("2026-03-06T20:00:00", W, 0, {}, "2026-03-06T20:00:00"),
        ("2026-03-06T20:00:00", E, 4 * HOUR, {}, "2026-03-07T00:00:00"),
        # D1, D2: day 1 follows the date of the event, whatever the hour.
        ("2026-03-02T08:00:00", D, 1, {}, "2026-03-03T18:00:00"),
        ("2026-03-02T19:00:00", D, 1, {}, "2026-03-03T18:00:00"),
        ("2026-03-07T12:00:00", D, 1, {}, "2026-03-10T18:00:00"),
        ("2026-03-07T12:00:00", D, 1, {"after_hours": sla.AfterHours.NEXT_OPEN}, "2026-03-11T18:00:00"),
        ("2026-03-11T12:00:00", D, 2, {}, "2026-03-16T18:00:00"),
        ("2026-03-20T12:00:00", D, 1, {}, "2026-03-21T18:00:00"),
        ("2026-03-02T17:59:59", D, 1, {"day_term": sla.DayTerm.SAME_DAY}, "2026-03-02T18:00:00"),
        ("2026-03-02T18:00:00", D, 1, {"day_term": sla.DayTerm.SAME_DAY}, "2026-03-03T18:00:00"),
        ("2026-03-02T12:00:00", D, 1, {"day_term": sla.DayTerm.BUSINESS_HOURS}, "2026-03-03T12:00:00"),
        # D3: to midnight.
        ("2026-03-02T12:00:00", D, 3, {"day_end": sla.DayEnd.MIDNIGHT}, "2026-03-06T00:00:00"),
        # D5: weekends, moved days off and (by default) holidays are left out; else the last day rolls.
        ("2026-03-06T12:00:00", N, 3, {}, "2026-03-13T18:00:00"),
        ("2026-03-06T12:00:00", N, 3, {"skip": sla.Skip.WEEKENDS}, "2026-03-13T18:00:00"),
        ("2026-03-06T12:00:00", N, 4, {"skip": sla.Skip.WEEKENDS}, "2026-03-13T18:00:00"),
        (
            "2026-03-06T12:00:00", N, 3,
            {"skip": sla.Skip.WEEKENDS, "roll": False, "day_end": sla.DayEnd.MIDNIGHT}, "2026-03-13T00:00:00",
        ),
        # D6: plain days run to midnight, and roll.
        ("2026-03-02T12:00:00", C, 3, {}, "2026-03-06T00:00:00"),
        ("2026-03-06T12:00:00", C, 1, {}, "2026-03-11T00:00:00"),
        ("2026-03-06T12:00:00", C, 1, {"roll": False}, "2026-03-08T00:00:00"),
        ("2026-03-06T12:00:00", C, 1, {"day_end": sla.DayEnd.CLOSE}, "2026-03-10T18:00:00"),
    ],
)  # fmt: skip
def test_each_convention(start: str, unit: sla.Unit, value: int, how: dict[str, Any], expected: str) -> None:
    """One worked example for each convention of each unit."""
    assert due(start, unit, value, **how) == expected


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        ((), "2026-03-03T12:00:00"),
        ((("2026-03-03T10:00:00", "2026-03-03T11:00:00"),), "2026-03-03T13:00:00"),
        ((("2026-03-02T20:00:00", "2026-03-03T09:00:00"),), "2026-03-03T12:00:00"),
        ((("2026-03-01T10:00:00", "2026-03-03T10:00:00"),), "2026-03-03T14:00:00"),
        (
            (
                ("2026-03-03T09:30:00", "2026-03-03T10:30:00"),
                ("2026-03-03T10:00:00", "2026-03-03T11:00:00"),
                ("2026-03-03T10:10:00", "2026-03-03T10:20:00"),
            ),
            "2026-03-03T13:30:00",
        ),
        ((("2026-03-03T12:00:00", None),), "2026-03-03T12:00:00"),
        ((("2026-03-03T11:59:59", None),), None),
        ((("2026-03-03T10:00:00", "2026-03-03T10:00:00"),), "2026-03-03T12:00:00"),
    ],
)
def test_pauses(pauses: tuple[tuple[str, str | None], ...], expected: str | None) -> None:
    """E6: only open time outside pauses counts; they unite; one from the very due instant comes too late."""
    assert due("2026-03-02T17:00:00", W, 4 * HOUR, *pauses) == expected


def test_a_pause_moves_a_term_in_days_by_the_working_time_it_covers() -> None:
    """D4: a pause on the day of receipt changes nothing, one to midnight never does."""
    assert due("2026-03-02T10:00:00", D, 1, ("2026-03-02T11:00:00", "2026-03-02T17:00:00")) == "2026-03-03T18:00:00"
    assert due("2026-03-02T10:00:00", D, 1, ("2026-03-03T17:00:00", "2026-03-04T10:00:00")) == "2026-03-04T11:00:00"
    paused = ("2026-03-03T17:00:00", None)
    assert due("2026-03-02T10:00:00", D, 1, paused) is None
    assert due("2026-03-02T10:00:00", D, 1, paused, day_end=sla.DayEnd.MIDNIGHT) == "2026-03-04T00:00:00"


def test_the_derivation_names_what_was_counted() -> None:
    """Working time: the open stretches. Days: the dates, and their hours or themselves. The versions ride along."""
    timed = sla.deadline(CALENDAR, us("2026-03-06T17:00:00"), sla.Amount(W, 2 * HOUR))
    assert timed.counted == (
        (us("2026-03-06T17:00:00"), us("2026-03-06T18:00:00")),
        (us("2026-03-10T09:00:00"), us("2026-03-10T10:00:00")),
    )
    assert (timed.calendar_id, timed.tzdata, timed.steps) == (CALENDAR.id, CALENDAR.tzdata, ())
    days = sla.deadline(CALENDAR, us("2026-03-06T12:00:00"), sla.Amount(D, 2))
    assert days.steps == (date(2026, 3, 10), date(2026, 3, 11))
    assert days.counted_us == 18 * HOUR
    whole = sla.deadline(CALENDAR, us("2026-03-06T12:00:00"), sla.Amount(D, 2, day_end=sla.DayEnd.MIDNIGHT))
    assert whole.counted == ((us("2026-03-10T00:00:00"), us("2026-03-12T00:00:00")),)


def test_elapsed_time_needs_no_calendar() -> None:
    """Nothing but elapsed time can be counted without one."""
    start = us("2026-03-06T20:00:00")
    found = sla.deadline(None, start, sla.Amount(E, HOUR), [(start, start + MINUTE)])
    assert found.counted == ((start + MINUTE, start + HOUR + MINUTE),)
    assert (found.due, found.calendar_id) == (start + HOUR + MINUTE, None)
    for unit in (W, D, N, C):
        with pytest.raises(sla.BadAmount):
            sla.deadline(None, start, sla.Amount(unit, 1))


@pytest.mark.parametrize(
    ("amount", "pauses", "error"),
    [
        (sla.Amount(W, -1), [], sla.BadAmount),
        (sla.Amount(E, -1), [], sla.BadAmount),
        (sla.Amount(D, 0), [], sla.BadAmount),
        (sla.Amount(N, -3), [], sla.BadAmount),
        (sla.Amount(C, 2**40), [], sla.BadAmount),
        (sla.Amount(C, 400), [], sla.BeyondCalendar),
        (sla.Amount(D, 2**32 - 1), [], sla.BeyondCalendar),
        (sla.Amount(D, 2**32 - 1, day_term=sla.DayTerm.BUSINESS_HOURS), [], sla.OutOfTime),
        (sla.Amount(W, 2**62), [], sla.BeyondCalendar),
        (sla.Amount(W, 2**62), [(0, 1)], sla.BeyondCalendar),
        (sla.Amount(E, 2**62), [], sla.OutOfTime),
        (sla.Amount(E, 2**63 - 1), [], sla.OutOfTime),
        (sla.Amount(W, 1), [(5, 4)], sla.BadPause),
        (sla.Amount(N, 4, skip=sla.Skip.WEEKENDS, roll=False), [], None),
    ],
)
def test_what_makes_no_sense_is_refused(
    amount: sla.Amount, pauses: list[tuple[int, int | None]], error: type[sla.SlaError] | None
) -> None:
    """Each with its kind, never a loop, a wrap or a panic."""
    start = us("2026-03-06T20:00:00")
    if error is None:
        assert sla.deadline(CALENDAR, start, amount, pauses).due is not None
    else:
        with pytest.raises(error):
            sla.deadline(CALENDAR, start, amount, pauses)


@pytest.mark.parametrize("unit", [W, D, N, C])
@pytest.mark.parametrize("start", [-(2**63), 2**63 - 1, 0])
def test_a_start_that_is_not_known_is_refused(unit: sla.Unit, start: int) -> None:
    """However far away it lies, and without a walk."""
    with pytest.raises(sla.BeyondCalendar):
        sla.deadline(CALENDAR, start, sla.Amount(unit, 5))


def test_a_last_day_that_is_closed_has_no_closing() -> None:
    """Without rolling, a term to the closing of a holiday makes no sense."""
    amount = sla.Amount(N, 3, skip=sla.Skip.WEEKENDS, roll=False)
    with pytest.raises(sla.NoWorkingTime):
        sla.deadline(CALENDAR, us("2026-03-06T12:00:00"), amount)


def test_a_pause_past_the_known_range_does_not_hide_a_due_instant_inside_it() -> None:
    """The due instant comes first."""
    pauses = [(us("2027-06-01T00:00:00"), us("2027-06-02T00:00:00"))]
    assert sla.deadline(CALENDAR, us("2026-12-31T10:00:00"), sla.Amount(W, HOUR), pauses).due is not None
    with pytest.raises(sla.BeyondCalendar):
        sla.deadline(CALENDAR, us("2026-12-31T10:00:00"), sla.Amount(W, 20 * HOUR), pauses)
