"""The core against the second, slow implementation, on random calendars around clock changes; and laws of its own."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from helpdesk import sla
from helpdesk.kernel.instants import DAY, HOUR, MINUTE, SECOND, from_datetime
from helpdesk.sla.plainspec import calendar_spec
from helpdesk.verify.calendar import Calendar as SlowCalendar
from helpdesk.verify.calendar import Unknown
from helpdesk.verify.deadlines import recompute
from helpdesk.verify.specs import read_case_form

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHANGES = {  # a day on which each zone's clock changes
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),
    "Africa/Cairo": ("2026-04-24", "2026-10-29"),
    "Pacific/Apia": ("2011-12-30", "2011-12-31"),
    "Europe/Moscow": ("2014-10-26", "2011-03-27"),
    "UTC": ("2026-02-28", "2026-12-31"),
}
UNITS = tuple(sla.Unit)

slow = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@st.composite
def hours(draw: st.DrawFn) -> list[list[str]]:
    """None, some, or up to 24:00."""
    edges = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return [[clock(a * 15), clock(b * 15)] for a, b in pairs]


@st.composite
def calendars(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    """A plain calendar, and the midnight before a clock change."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    change = date.fromisoformat(draw(st.sampled_from(CHANGES[zone])))
    days = st.integers(-6, 12).map(lambda n: (change + timedelta(days=n)).isoformat())
    weekly = {day: draw(hours()) for day in WEEK}
    assume(any(weekly.values()))
    plain = {
        "id": "drawn",
        "tz": zone,
        "weekly": weekly,
        "closed_dates": draw(st.dictionaries(days, st.sampled_from(["holiday", "moved_off", "weekend"]), max_size=4)),
        "open_dates": draw(st.dictionaries(days, hours(), max_size=3)),
        "short_days": draw(st.dictionaries(days, st.sampled_from([15, 60, 600]), max_size=3)),
        "honour_short_days": draw(st.booleans()),
    }
    return plain, from_datetime(datetime(change.year, change.month, change.day, tzinfo=UTC))


def compiled(plain: dict[str, Any]) -> sla.Calendar:
    return sla.compile_calendar(calendar_spec(plain, (date(2010, 1, 1), date(2029, 12, 31))))


near = st.one_of(
    st.integers(-30 * 60, 54 * 60).map(lambda n: n * MINUTE),
    st.integers(-4 * 86_400, 5 * 86_400).map(lambda n: n * SECOND),
)
spans = st.one_of(st.integers(0, 40).map(lambda n: n * HOUR), st.integers(0, 90_000).map(lambda n: n * SECOND))


@st.composite
def pauses(draw: st.DrawFn) -> list[tuple[int, int | None]]:
    """From a day's midnight: some, overlapping, perhaps one that never ends."""
    found: list[tuple[int, int | None]] = []
    for _ in range(draw(st.integers(0, 3))):
        since = draw(near)
        found.append((since, draw(st.one_of(st.just(None), spans.map(lambda n, since=since: since + n)))))  # type: ignore[misc]
    return found


@st.composite
def amounts(draw: st.DrawFn) -> sla.Amount:
    """Any unit under any convention."""
    unit = draw(st.sampled_from(UNITS))
    value = draw(spans) if unit in {sla.Unit.WORKING, sla.Unit.ELAPSED} else draw(st.integers(1, 4))
    return sla.Amount(
        unit,
        value,
        day_term=draw(st.sampled_from(sla.DayTerm)),
        after_hours=draw(st.sampled_from(sla.AfterHours)),
        day_end=draw(st.sampled_from(sla.DayEnd)),
        skip=draw(st.sampled_from(sla.Skip)),
        roll=draw(st.booleans()),
        closing_edge=draw(st.sampled_from(sla.ClosingEdge)),
    )


def as_plain(amount: sla.Amount) -> dict[str, Any]:
    return {name: getattr(amount, name) for name in amount.__struct_fields__}


def merged(stretches: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for since, until in stretches:
        if found and found[-1][1] == since:
            found[-1] = (found[-1][0], until)
        elif since < until:
            found.append((since, until))
    return found


@slow
@given(calendars(), near, amounts(), pauses())
def test_deadlines_are_those_of_the_slow_walk(
    drawn: tuple[dict[str, Any], int], start: int, amount: sla.Amount, waits: list[tuple[int, int | None]]
) -> None:
    """Due instant, dates and (for a running clock) every stretch counted."""
    plain, midnight = drawn
    shifted = [(midnight + since, None if until is None else midnight + until) for since, until in waits]
    try:
        expected = recompute(SlowCalendar(read_case_form(plain)), midnight + start, as_plain(amount), shifted)
    except (Unknown, ValueError, IndexError):
        expected = None
    try:
        found = sla.deadline(compiled(plain), midnight + start, amount, shifted)
    except sla.NoWorkingTime:
        assert expected is None
        return
    assert expected is not None
    assert found.due == expected.due
    assert found.steps == expected.dates
    if amount.unit in {sla.Unit.WORKING, sla.Unit.ELAPSED}:
        assert merged(found.counted) == merged(expected.counted)


@slow
@given(calendars(), near, near)
def test_working_time_is_that_of_the_slow_walk(drawn: tuple[dict[str, Any], int], a: int, b: int) -> None:
    """Between two instants, in either order; and whether each is open, and when it next is."""
    plain, midnight = drawn
    calendar, walk = compiled(plain), SlowCalendar(read_case_form(plain))
    a, b = midnight + a, midnight + b
    assert calendar.between_us(a, b) == walk.working_between(a, b)
    assert calendar.is_open_us(a) == walk.is_open(a)
    assert calendar.next_open_us(a) == walk.next_open(a)


@settings(max_examples=200, deadline=None)
@given(calendars(), near, st.integers(0, 300 * HOUR), st.integers(0, 100))
def test_advancing_and_measuring_undo_each_other(
    drawn: tuple[dict[str, Any], int], start: int, amount: int, percent: int
) -> None:
    """What lies between a start and its due instant is the amount, and an amount may be added in parts."""
    plain, midnight = drawn
    calendar, start = compiled(plain), midnight + start
    due = calendar.add_us(start, amount)
    assert calendar.between_us(start, due) == amount
    part = amount * percent // 100
    if part > 0 or amount == 0:
        assert calendar.add_us(calendar.add_us(start, part), amount - part) == due
    if amount > 0:
        assert calendar.between_us(start, due - 1) == amount - 1


@settings(max_examples=200, deadline=None)
@given(calendars(), near, near, st.integers(0, 300 * HOUR), st.integers(0, 30 * HOUR))
def test_more_is_never_sooner(
    drawn: tuple[dict[str, Any], int], start: int, other: int, amount: int, more: int
) -> None:
    """Monotony in the start and in the amount."""
    plain, midnight = drawn
    calendar = compiled(plain)
    early, late = sorted((midnight + start, midnight + other))
    assert calendar.add_us(early, amount) <= calendar.add_us(late, amount)
    assert calendar.add_us(early, amount) <= calendar.add_us(early, amount + more)


@settings(max_examples=200, deadline=None)
@given(calendars(), near, near, near, st.integers(0, 30 * HOUR))
def test_time_between_adds_up(drawn: tuple[dict[str, Any], int], a: int, b: int, c: int, amount: int) -> None:
    """Between a and c lies what lies between a and b and between b and c; the open stretches are that time."""
    plain, midnight = drawn
    calendar = compiled(plain)
    a, b, c = midnight + a, midnight + b, midnight + c
    assert calendar.between_us(a, c) == calendar.between_us(a, b) + calendar.between_us(b, c)
    stretches = calendar.intervals_us(min(a, b), max(a, b))
    assert sum(until - since for since, until in stretches) == abs(calendar.between_us(a, b))
    found = sla.deadline(calendar, a, sla.Amount(sla.Unit.WORKING, amount))
    assert found.counted_us == amount


@settings(max_examples=200, deadline=None)
@given(calendars(), near, st.integers(1, 30 * HOUR), near)
def test_pauses_outside_working_time_change_nothing(
    drawn: tuple[dict[str, Any], int], start: int, amount: int, since: int
) -> None:
    """A pause is neutral but for the working time it covers before the due instant."""
    plain, midnight = drawn
    calendar, start = compiled(plain), midnight + start
    due = calendar.add_us(start, amount)
    asked = sla.Amount(sla.Unit.WORKING, amount)
    closed = midnight + since
    opening = calendar.next_open_us(closed)
    if closed < opening:
        assert calendar.due_us(start, asked, [(closed, opening)]) == due
    assert calendar.due_us(start, asked, [(due, None)]) == due
    assert calendar.due_us(start, asked, [(start - DAY, start)]) == due
    paused = calendar.due_us(start, asked, [(start, due)])
    assert paused == calendar.add_us(due, amount)
