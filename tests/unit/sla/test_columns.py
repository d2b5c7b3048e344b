"""Columns: every row is answered as one call would, whatever the buffers, calendars and threads."""

import random
from array import array
from datetime import date

import pytest

from helpdesk import sla
from helpdesk.kernel.instants import DAY, HOUR, MINUTE
from helpdesk.sla import columns

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z


def build(opening: int, zone: str = "Europe/Berlin") -> sla.Calendar:
    hours = ((opening, opening + 30_000),)
    week = (hours,) * 5 + ((), ((0, 9_000),))
    return sla.compile_calendar(sla.CalendarSpec(zone, week, {}, date(2026, 1, 1), date(2027, 12, 31)))


def rows(n: int, seed: int = 1) -> tuple["array[int]", "array[int]"]:
    rnd = random.Random(seed)
    starts = array("q", [START + rnd.randrange(-DAY, 760 * DAY) for _ in range(n)])
    amounts = array("q", [rnd.choice((0, 1, MINUTE, HOUR, 100 * HOUR, -1, 2**62)) for _ in range(n)])
    return starts, amounts


def one(calendar: sla.Calendar, start: int, amount: int) -> int:
    try:
        return calendar.add_us(start, amount)
    except (sla.BeyondCalendar, sla.BadAmount):
        return columns.NONE_US


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_rows_are_answered_as_single_calls_are(threads: int) -> None:
    """Also those without an answer, which are counted."""
    calendar = build(32_400)
    starts, amounts = rows(70_000)
    out = array("q", bytes(8 * len(starts)))
    refused = columns.add_rows(calendar, starts, amounts, out, threads=threads)
    assert list(out) == [one(calendar, start, amount) for start, amount in zip(starts, amounts, strict=True)]
    assert refused == out.count(columns.NONE_US) > 0


@pytest.mark.parametrize("order", ["random", "sorted"])
def test_rows_of_many_calendars(order: str) -> None:
    """Sorted rows are swept stretch by stretch, others are brought together first."""
    calendars = [
        build(30_000 + 60 * number, zone) for number, zone in enumerate(("UTC", "America/New_York", "Asia/Tokyo"))
    ]
    starts, amounts = rows(5_000)
    rnd = random.Random(2)
    numbers = [rnd.randrange(3) for _ in starts]
    which = array("I", sorted(numbers) if order == "sorted" else numbers)
    expected = [one(calendars[c], s, a) for c, s, a in zip(which, starts, amounts, strict=True)]
    out = array("q", bytes(8 * len(starts)))
    refused = columns.add_rows(calendars, starts, amounts, out, which=which)
    assert list(out) == expected
    assert refused == expected.count(columns.NONE_US)


def test_time_between_goes_both_ways() -> None:
    """Below zero for a second column before the first; none where either is not known."""
    calendar = build(32_400)
    a, b = array("q", [START + DAY, START + 30 * DAY, START]), array("q", [START + 30 * DAY, START + DAY, 0])
    out = array("q", bytes(24))
    assert columns.between_rows(calendar, a, b, out) == 1
    assert list(out) == [calendar.between_us(a[0], b[0]), -calendar.between_us(a[0], b[0]), columns.NONE_US]


def test_a_column_may_be_input_and_output() -> None:
    """And any contiguous buffer of the type is a column."""
    calendar = build(32_400)
    starts, amounts = rows(100)
    expected = [one(calendar, start, amount) for start, amount in zip(starts, amounts, strict=True)]
    columns.add_rows(calendar, memoryview(starts), memoryview(amounts.tobytes()).cast("q"), starts)
    assert list(starts) == expected


def test_no_rows_are_no_trouble() -> None:
    """Empty columns answer nothing."""
    empty = array("q")
    assert columns.add_rows(build(32_400), empty, empty, array("q")) == 0


def test_columns_that_do_not_fit_are_refused() -> None:
    """Unequal lengths, other types, read-only output, gaps, calendars that there are not."""
    calendar = build(32_400)
    two, three, narrow = array("q", [START] * 2), array("q", [START] * 3), array("i", [1, 1])
    for a, b, out in (
        (two, three, two),
        (two, narrow, two),
        (two, two, bytes(16)),
        (two, two, memoryview(bytes(16)).cast("q")),
        (memoryview(array("q", [1] * 4))[::2], two, two),
        (array("d", [1.0, 2.0]), two, two),
    ):
        with pytest.raises(sla.BadColumn):
            columns.add_rows(calendar, a, b, out)
    with pytest.raises(sla.BadColumn):
        columns.add_rows([calendar], two, two, two, which=array("I", [0, 1]))
    with pytest.raises(sla.BadColumn):
        columns.add_rows([calendar, calendar], two, two, two)


def test_sweeps_find_what_has_come_due() -> None:
    """By stored instants and by what was left; clocks that stand still are never found."""
    calendar, other = build(32_400), build(36_000)
    now = START + 400 * DAY
    rnd = random.Random(3)
    since = array("q", [START + rnd.randrange(390 * DAY) for _ in range(2_000)])
    left = array("q", [rnd.randrange(3_000) * HOUR for _ in since])
    since[7] = columns.NONE_US
    which = array("I", [number % 2 for number in range(len(since))])
    out = array("I", bytes(4 * len(since)))
    for calendars, numbers in (([calendar], None), ([calendar, other], which)):
        expected = [
            row
            for row, (start, budget) in enumerate(zip(since, left, strict=True))
            if row != 7 and calendars[numbers[row] if numbers else 0].between_us(start, now) >= budget
        ]
        found = columns.used_up(calendars, since, left, now, out, which=numbers)
        assert out[:found].tolist() == expected
    due = array("q", [columns.NONE_US, now - 1, now, now + 1])
    found = columns.come_due(due, now, out[:4])
    assert found == 2
    with pytest.raises(sla.BeyondCalendar):
        columns.used_up(calendar, array("q", [0]), array("q", [5]), now, out[:1])
    with pytest.raises(sla.BeyondCalendar):
        columns.used_up(calendar, since, left, START + 9999 * DAY, out)
