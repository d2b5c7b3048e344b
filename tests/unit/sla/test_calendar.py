"""Calendars: membership by the local label, elapsed time, dated rules, what is not known, what is refused."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from helpdesk import sla
from helpdesk.kernel.instants import HOUR, MINUTE, SECOND, from_datetime
from helpdesk.sla.calendar import CalendarSpec, Hours

OFFICE: Hours = ((32_400, 64_800),)
WEEK = (OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, (), ())
DAILY = (((0, 86_400),),) * 7


def us(text: str) -> int:
    return from_datetime(datetime.fromisoformat(text))


def spec(
    zone: str = "Europe/Berlin",
    weekly: Iterable[Hours] = WEEK,
    dates: Mapping[str, sla.DateRule] | None = None,
    known: tuple[str, str] = ("2026-01-01", "2026-12-31"),
) -> CalendarSpec:
    rules = {date.fromisoformat(day): rule for day, rule in (dates or {}).items()}
    first, last = map(date.fromisoformat, known)
    return CalendarSpec(zone, tuple(weekly), rules, first, last)  # type: ignore[arg-type]  # seven days


def build(**parts: Any) -> sla.Calendar:
    return sla.compile_calendar(spec(**parts))


def test_open_from_opening_until_before_closing() -> None:
    """E1: 09:00:00 is open, 18:00:00 is not."""
    calendar = build()
    assert not calendar.is_open_us(us("2026-03-04T09:00:00+01:00") - 1)
    assert calendar.is_open_us(us("2026-03-04T09:00:00+01:00"))
    assert calendar.is_open_us(us("2026-03-04T18:00:00+01:00") - 1)
    assert not calendar.is_open_us(us("2026-03-04T18:00:00+01:00"))


def test_time_used_up_at_closing_is_due_at_closing() -> None:
    """E2: the earliest instant; one microsecond more is due after the next opening."""
    calendar = build()
    start = us("2026-03-06T10:00:00+01:00")
    assert calendar.add_us(start, 8 * HOUR) == us("2026-03-06T18:00:00+01:00")
    assert calendar.add_us(start, 8 * HOUR + 1) == us("2026-03-09T09:00:00+01:00") + 1


def test_adding_nothing_is_the_same_instant_even_outside_hours() -> None:
    """E3, also where the calendar knows nothing."""
    calendar = build()
    for text in ("2026-03-07T12:00:00+01:00", "2031-01-01T00:00:00Z"):
        assert calendar.add_us(us(text), 0) == us(text)


def test_seconds_and_microseconds_are_kept() -> None:
    """E5: nothing is rounded."""
    assert build().add_us(us("2026-03-04T17:59:59.999999+01:00"), 3) == us("2026-03-05T09:00:00.000002+01:00")


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Africa/Casablanca", "2026-02-15", 25),
        ("Africa/Casablanca", "2026-03-22", 23),
        ("Europe/Berlin", "2026-06-01", 24),
    ],
)
def test_a_day_round_the_clock_has_the_hours_that_pass(zone: str, day: str, hours: float) -> None:
    """E4: a repeated hour counts twice, a skipped one not at all."""
    calendar = build(zone=zone, weekly=DAILY)
    start = calendar.start_of(date.fromisoformat(day))
    end = calendar.start_of(date.fromisoformat(day) + timedelta(days=1))
    assert calendar.between_us(start, end) == end - start == hours * HOUR


def test_an_edge_inside_a_repeated_hour_cuts_the_interval_in_two() -> None:
    """Open until 02:30 on the day that 03:00 becomes 02:00: open, closed for half an hour, open again."""
    calendar = build(weekly=(((0, 9_000),),) * 7)
    day = us("2026-10-25T00:00:00+02:00")
    assert calendar.intervals_us(day, day + 6 * HOUR) == [
        (day, us("2026-10-25T02:30:00+02:00")),
        (us("2026-10-25T02:00:00+01:00"), us("2026-10-25T02:30:00+01:00")),
    ]


def test_an_edge_inside_a_skipped_hour_is_the_change() -> None:
    """Open from 02:30 on the day that 02:00 becomes 03:00: open from the change."""
    calendar = build(weekly=(((9_000, 18_000),),) * 7)
    day = us("2026-03-29T00:00:00+01:00")
    expected = [(us("2026-03-29T03:00:00+02:00"), us("2026-03-29T05:00:00+02:00"))]
    assert calendar.intervals_us(day, day + 12 * HOUR) == expected


def test_nights_to_midnight_and_from_midnight_are_one_interval() -> None:
    """22:00-24:00 and 00:00-06:00 touch; 24:00 of a date is 00:00 of the next."""
    weekly = sla.split_past_midnight([[(79_200, 21_600)]] * 7)
    assert weekly == (((0, 21_600), (79_200, 86_400)),) * 7
    calendar = build(weekly=weekly)
    start = us("2026-06-01T22:00:00+02:00")
    assert calendar.intervals_us(start, start + 12 * HOUR) == [(start, start + 8 * HOUR)]
    assert calendar.add_us(start, 2 * HOUR) == us("2026-06-02T00:00:00+02:00")


def test_hours_past_midnight_run_into_the_next_day_only_where_they_are() -> None:
    """Friday's night shift ends on Saturday morning; one that ends at 24:00 stays."""
    week: list[list[tuple[int, int]]] = [[], [], [], [], [(72_000, 7_200)], [], [(72_000, 0)]]
    assert sla.split_past_midnight(week) == ((), (), (), (), ((72_000, 86_400),), ((0, 7_200),), ((72_000, 86_400),))
    with pytest.raises(sla.BadHours):
        sla.split_past_midnight([[(90_000, 0)]])


def test_dated_rules_win_and_shortening_cuts_the_last_interval_only() -> None:
    """Closed, other hours, shortened; an interval that nothing is left of is dropped, earlier ones stay."""
    lunch: Hours = ((28_800, 43_200), (46_800, 61_200))
    calendar = build(
        weekly=(lunch,) * 5 + ((), ()),
        dates={
            "2026-03-09": sla.DateRule(kind=sla.DateKind.HOLIDAY, hours=()),
            "2026-03-14": sla.DateRule(kind=sla.DateKind.WORKING_WEEKEND, hours=OFFICE),
            "2026-03-10": sla.DateRule(shortened_s=3600),
            "2026-03-11": sla.DateRule(shortened_s=14_400),
            "2026-03-12": sla.DateRule(shortened_s=80_000),
        },
    )
    days = {day: calendar.hours_on(date(2026, 3, day)) for day in range(9, 16)}
    assert days == {
        9: (),
        10: (lunch[0], (46_800, 57_600)),
        11: lunch[:1],
        12: lunch[:1],
        13: lunch,
        14: OFFICE,
        15: (),
    }
    kinds = [calendar.kind_of(date(2026, 3, day)) for day in (9, 10, 14, 15)]
    assert kinds == ["holiday", "working_day", "working_weekend", "weekend"]
    assert calendar.is_working(date(2026, 3, 14))
    assert not calendar.is_working(date(2026, 3, 9))


def test_what_is_not_known_is_refused() -> None:
    """E11: before, after, or an answer past the last date; the instant that ends the range is the last answer."""
    calendar = build(known=("2026-01-05", "2026-01-09"))
    end = us("2026-01-10T00:00:00+01:00")
    assert calendar.known_us == (us("2026-01-05T00:00:00+01:00"), end)
    assert calendar.add_us(us("2026-01-05T00:00:00+01:00"), 45 * HOUR) == us("2026-01-09T18:00:00+01:00")
    assert calendar.between_us(end, us("2026-01-05T00:00:00+01:00")) == -45 * HOUR
    for refused in (
        lambda: calendar.add_us(us("2026-01-05T00:00:00+01:00"), 45 * HOUR + 1),
        lambda: calendar.add_us(us("2026-01-04T23:59:59+01:00"), 1),
        lambda: calendar.between_us(end, end + 1),
        lambda: calendar.is_open_us(end),
        lambda: calendar.next_open_us(us("2026-01-09T18:00:00+01:00")),
        lambda: calendar.kind_of(date(2026, 1, 10)),
        lambda: calendar.intervals_us(0, end),
    ):
        with pytest.raises(sla.BeyondCalendar):
            refused()


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ({"zone": "Mars/Olympus"}, sla.UnknownZone),
        ({"weekly": ((),) * 7}, sla.NoWorkingTime),
        ({"weekly": (((64_800, 32_400),),) * 7}, sla.BadHours),
        ({"weekly": (((0, 0),),) * 7}, sla.BadHours),
        ({"weekly": (((0, 86_401),),) * 7}, sla.BadHours),
        ({"weekly": (((-1, 5),),) * 7}, sla.BadHours),
        ({"weekly": (((0, 10), (9, 20)),) * 7}, sla.BadHours),
        ({"dates": {"2026-01-01": sla.DateRule(hours=((5, 4),))}}, sla.BadHours),
        ({"known": ("2026-01-02", "2026-01-01")}, sla.BadRange),
        ({"known": ("2026-01-01", "9999-12-31")}, sla.BadRange),
        ({"known": ("0001-01-01", "0001-12-31")}, sla.BadRange),
    ],
)
def test_a_calendar_of_no_sense_is_refused(parts: dict[str, Any], error: type[sla.SlaError]) -> None:
    """One class of error per kind, all of them SlaError."""
    with pytest.raises(error) as refused:
        build(**parts)
    assert isinstance(refused.value, sla.SlaError)


@pytest.mark.parametrize(
    ("initial", "changes"),
    [(86_400, ()), (0, ((5, 0),)), (0, ((SECOND, 0), (SECOND, 1))), (0, ((2 * SECOND, 0), (SECOND, 1)))],
)
def test_transitions_of_no_sense_are_refused(initial: int, changes: tuple[tuple[int, int], ...]) -> None:
    """An offset of a day, fractions of a second, out of order."""
    pinned = sla.ZoneTransitions("Europe/Berlin", "x", initial, changes)
    with pytest.raises(sla.BadZone):
        sla.compile_calendar(spec(), pinned)


def test_the_far_ends_of_time_are_answered_or_refused() -> None:
    """The year 9998 works, an amount near 2**63 is refused, nothing wraps."""
    calendar = build(known=("9998-01-01", "9999-12-30"), weekly=DAILY)
    assert calendar.add_us(us("9999-12-30T12:00:00+01:00"), 12 * HOUR) == us("9999-12-31T00:00:00+01:00")
    for amount in (13 * HOUR, 2**63 - 1):
        with pytest.raises(sla.BeyondCalendar):
            calendar.add_us(us("9999-12-30T12:00:00+01:00"), amount)
    with pytest.raises(sla.BadAmount):
        calendar.add_us(us("9999-12-30T12:00:00+01:00"), -(2**63))
    for instant in (-(2**63), 2**63 - 1):
        with pytest.raises(sla.BeyondCalendar):
            calendar.between_us(instant, instant)
        with pytest.raises(sla.OutOfTime):
            calendar.local_iso(instant)


def test_pinned_transitions_outlive_the_zone_database() -> None:
    """A calendar compiled from pinned data answers as it did, whatever the database says."""
    pinned = sla.ZoneTransitions("Europe/Berlin", "2019z", 3600, ())
    calendar = sla.compile_calendar(spec(), pinned)
    assert calendar.local_iso(us("2026-07-01T12:00:00Z")) == "2026-07-01T13:00:00+01:00"
    assert calendar.tzdata == "2019z"
    assert calendar.zone_transitions == pinned
    assert calendar.id != build().id


def test_equal_calendars_are_one_object_and_have_one_id() -> None:
    """The order of dated rules does not matter, any hour does; the id is a SHA-256."""
    one = {"2026-03-09": sla.DateRule(hours=()), "2026-03-10": sla.DateRule(shortened_s=60)}
    first, second = build(dates=one), build(dates=dict(reversed(one.items())))
    assert first is second
    assert len(first.id) == 64
    assert build(dates={**one, "2026-03-10": sla.DateRule(shortened_s=61)}).id != first.id


def test_many_threads_ask_one_calendar() -> None:
    """Calendars are immutable: threads get the same answers."""
    calendar = build()
    start = us("2026-01-05T09:00:00+01:00")
    answers: list[list[int]] = []
    threads = [
        Thread(target=lambda: answers.append([calendar.add_us(start, n * MINUTE) for n in range(2000)]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert all(one == other for one, other in pairwise(answers))


class Moment(datetime):
    """A subclass, which is read the portable way."""


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 3, 6, 9, 30, 15, 250_001, tzinfo=UTC),
        datetime(2026, 3, 6, 10, 30, 15, 250_001, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 3, 6, 4, 0, 14, 250_001, tzinfo=timezone(-timedelta(hours=5, minutes=30, seconds=1))),
        Moment(2026, 3, 6, 9, 30, 15, 250_001, tzinfo=UTC),
    ],
)
def test_datetimes_of_any_zone_are_added_to_exactly(start: datetime) -> None:
    """The answer is the same instant in UTC, whatever the zone of the start."""
    due = build().add(start, 8 * HOUR)
    assert due == datetime(2026, 3, 9, 8, 30, 15, 250_001, tzinfo=UTC)
    assert due.tzinfo is UTC


def test_folds_of_a_start_are_told_apart() -> None:
    """02:30 on the night of the change is two instants."""
    calendar = build(weekly=DAILY)
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert calendar.add(first.replace(fold=1), HOUR) - calendar.add(first, HOUR) == timedelta(hours=1)


def test_a_start_without_a_zone_names_no_instant() -> None:
    """Naive datetimes are refused, other objects too."""
    with pytest.raises(sla.NaiveInstant):
        build().add(datetime(2026, 3, 6), HOUR)  # noqa: DTZ001 - the point
    with pytest.raises(sla.NaiveInstant):
        build().add(Moment(2026, 3, 6), HOUR)
    with pytest.raises((TypeError, AttributeError)):
        build().add("2026-03-06", HOUR)  # type: ignore[arg-type]


def test_memory_per_interval_is_small() -> None:
    """At most 24 bytes an interval over five years, all told."""
    for weekly in (WEEK, (((28_800, 43_200), (46_800, 61_200)),) * 5 + ((), ())):
        calendar = build(weekly=weekly, known=("2023-01-01", "2027-12-31"))
        assert calendar.heap_bytes()[1] <= 24 * calendar.interval_count
