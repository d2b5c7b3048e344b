"""The rules of the second implementation, one by one, and that it stands alone."""

import ast
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import helpdesk.verify
from helpdesk.verify import (
    Calendar,
    Deadline,
    NamedZone,
    PinnedZone,
    Unknown,
    read_case_form,
    read_pinned_form,
    recompute,
)
from helpdesk.verify.cases import instant
from helpdesk.verify.zones import SECOND, local, wall

HOUR = 3600 * SECOND
WORKING_WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def calendar(**plain: Any) -> Calendar:
    return Calendar(read_case_form({"tz": "Europe/Moscow", "weekly": WORKING_WEEK, **plain}))


def at(text: str) -> int:
    return instant(f"{text}+03:00")


def test_it_imports_nothing_of_the_service() -> None:
    """The standard library and itself; and, to check signatures, one library of cryptography."""
    package = Path(helpdesk.verify.__file__).parent
    for file in package.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                foreign = name.partition(".")[0] in sys.stdlib_module_names or (
                    file.name in {"document.py", "evidence.py"} and name.startswith("cryptography.")
                )
                assert name.startswith("helpdesk.verify") or foreign, f"{file.name} imports {name}"


def test_s1_opening_is_open_and_closing_is_closed() -> None:
    office = calendar()
    marks = ["2026-03-02T08:59:59", "2026-03-02T09:00:00", "2026-03-02T17:59:59", "2026-03-02T18:00:00"]
    assert [office.is_open(at(mark)) for mark in marks] == [False, True, True, False]


def test_s2_a_repeated_hour_counts_twice_and_a_skipped_one_not_at_all() -> None:
    nights = Calendar(read_case_form({"tz": "Europe/Berlin", "weekly": {"sun": [["00:00", "06:00"]]}}))
    spring = nights.working_between(instant("2026-03-29T00:00+01:00"), instant("2026-03-29T12:00+02:00"))
    autumn = nights.working_between(instant("2026-10-25T00:00+02:00"), instant("2026-10-25T12:00+01:00"))
    assert (spring, autumn) == (5 * HOUR, 7 * HOUR)


def test_s3_a_term_that_runs_out_at_closing_is_due_at_closing() -> None:
    found = recompute(calendar(), at("2026-03-02T14:00"), {"unit": "working", "value": 4 * HOUR})
    assert found == Deadline(at("2026-03-02T18:00"), ((at("2026-03-02T14:00"), at("2026-03-02T18:00")),))
    tomorrow = {"unit": "working", "value": 4 * HOUR, "closing_edge": "next_open"}
    assert recompute(calendar(), at("2026-03-02T14:00"), tomorrow).due == at("2026-03-03T09:00")


def test_s3_nothing_to_count_is_due_at_once() -> None:
    night = at("2026-03-02T23:00")
    assert recompute(calendar(), night, {"unit": "working", "value": 0}) == Deadline(night, ())


def test_s4_working_time_backwards_is_negative() -> None:
    friday, monday = at("2026-02-27T17:00"), at("2026-03-02T10:00")
    assert (calendar().working_between(friday, monday), calendar().working_between(monday, friday)) == (
        2 * HOUR,
        -2 * HOUR,
    )


def test_s5_pauses_unite_and_microseconds_are_kept() -> None:
    start = at("2026-03-02T10:00")
    pauses = [(start + 7, start + HOUR), (start + HOUR // 2, start + 2 * HOUR), (start - HOUR, start - 1)]
    found = recompute(calendar(), start, {"unit": "working", "value": HOUR}, pauses)
    assert found == Deadline(start + 3 * HOUR - 7, ((start, start + 7), (start + 2 * HOUR, start + 3 * HOUR - 7)))


def test_s5_a_pause_without_end_stops_the_clock_unless_it_comes_too_late() -> None:
    start = at("2026-03-02T10:00")
    amount = {"unit": "working", "value": HOUR}
    assert recompute(calendar(), start, amount, [(start + 60, None)]) == Deadline(None, ((start, start + 60),))
    assert recompute(calendar(), start, amount, [(start + HOUR, None)]).due == start + HOUR


@pytest.mark.parametrize(
    ("start", "conventions", "due"),
    [
        ("2026-03-02T10:00", {}, "2026-03-04T18:00"),
        ("2026-03-02T19:00", {}, "2026-03-04T18:00"),
        ("2026-03-07T12:00", {}, "2026-03-10T18:00"),
        ("2026-03-07T12:00", {"after_hours": "next_open"}, "2026-03-11T18:00"),
        ("2026-03-02T10:00", {"day_term": "same_day"}, "2026-03-03T18:00"),
        ("2026-03-02T19:00", {"day_term": "same_day"}, "2026-03-04T18:00"),
        ("2026-03-02T10:00", {"day_end": "midnight"}, "2026-03-05T00:00"),
        ("2026-03-02T10:00", {"day_term": "business_hours"}, "2026-03-04T10:00"),
    ],
)
def test_s6_working_days(start: str, conventions: dict[str, str], due: str) -> None:
    amount = {"unit": "working_days", "value": 2, **conventions}
    assert recompute(calendar(), at(start), amount).due == at(due)


def test_s7_calendar_days_leave_out_weekends_and_what_the_reading_says() -> None:
    may = calendar(closed_dates={"2026-05-01": "holiday", "2026-05-11": "moved_off"})
    amount = {"unit": "calendar_days_without_weekends", "value": 1}
    assert recompute(may, at("2026-04-30T10:00"), amount).due == at("2026-05-04T18:00")
    counted = recompute(may, at("2026-04-30T10:00"), amount | {"skip": "weekends"})
    assert (counted.due, counted.dates) == (at("2026-05-04T18:00"), (date(2026, 5, 1),))
    assert recompute(may, at("2026-05-08T10:00"), amount).due == at("2026-05-12T18:00")


def test_plain_calendar_days_end_at_midnight_and_roll() -> None:
    amount = {"unit": "calendar_days", "value": 2}
    assert recompute(calendar(), at("2026-03-02T10:00"), amount).due == at("2026-03-05T00:00")
    assert recompute(calendar(), at("2026-03-05T10:00"), amount).due == at("2026-03-10T00:00")
    assert recompute(calendar(), at("2026-03-05T10:00"), amount | {"roll": False}).due == at("2026-03-08T00:00")


def test_s8_a_pause_moves_a_term_in_days_by_its_working_time() -> None:
    pause = (at("2026-03-03T12:00"), at("2026-03-03T20:00"))
    found = recompute(calendar(), at("2026-03-02T10:00"), {"unit": "working_days", "value": 1}, [pause])
    assert found.due == at("2026-03-04T15:00")
    assert sum(ends - begins for begins, ends in found.counted) == 9 * HOUR


def test_elapsed_time_needs_no_calendar_and_everything_else_does() -> None:
    pauses = [(5, 8), (6, 10), (40, None)]
    assert recompute(None, 0, {"unit": "elapsed", "value": 20}, pauses) == Deadline(25, ((0, 5), (10, 25)))
    with pytest.raises(ValueError, match="needs a calendar"):
        recompute(None, 0, {"unit": "working", "value": 20})


def test_short_days_count_only_when_honoured() -> None:
    short = {"short_days": {"2026-03-02": 60}}
    assert calendar(**short).closing(date(2026, 3, 2)) == at("2026-03-02T18:00")
    assert calendar(**short, honour_short_days=True).closing(date(2026, 3, 2)) == at("2026-03-02T17:00")


def test_outside_the_known_dates_nothing_is_guessed() -> None:
    known = calendar(valid=["2026-03-02", "2026-03-06"])
    amount = {"unit": "working", "value": 40 * HOUR}
    assert recompute(known, at("2026-03-02T09:00"), amount).due == at("2026-03-06T13:00")
    with pytest.raises(Unknown):
        recompute(known, at("2026-03-02T16:00"), amount)
    with pytest.raises(Unknown):
        recompute(calendar(weekly={}), at("2026-03-02T16:00"), {"unit": "working_days", "value": 1})


def test_both_forms_of_a_calendar_say_the_same() -> None:
    weekly = [[[32400, 64800]]] * 5 + [[], []]
    dates = {
        "2026-03-09": {"kind": "holiday", "hours": []},
        "2026-03-07": {"kind": "working_weekend", "hours": [[32400, 64800]], "shortened_s": 3600},
    }
    pinned = {"weekly": weekly, "dates": dates, "first": "2026-01-01", "last": "2026-12-31"}
    one = Calendar(read_pinned_form(pinned, {"initial_offset_s": 10800, "changes": []}))
    other = calendar(
        closed_dates={"2026-03-09": "holiday"},
        open_dates={"2026-03-07": [["09:00", "18:00"]]},
        short_days={"2026-03-07": 60},
        honour_short_days=True,
        valid=["2026-01-01", "2026-12-31"],
    )
    for day in (date(2026, 3, number) for number in range(1, 15)):
        assert (one.hours_on(day), one.kind_of(day)) == (other.hours_on(day), other.kind_of(day))
    amount = {"unit": "working_days", "value": 6}
    assert recompute(one, at("2026-03-02T10:00"), amount) == recompute(other, at("2026-03-02T10:00"), amount)


def test_a_pinned_zone_shows_what_the_named_one_shows() -> None:
    changes = [(instant("2026-03-29T01:00+00:00"), 7200), (instant("2026-10-25T01:00+00:00"), 3600)]
    pinned, named = PinnedZone(3600, changes), NamedZone("Europe/Berlin")
    begins = instant("2026-01-01T00:00+00:00")
    marks = [begins + number * 10_007 * SECOND for number in range(3_000)] + [changed for changed, _ in changes]
    assert [local(pinned, mark) for mark in marks] == [local(named, mark) for mark in marks]


@pytest.mark.parametrize(
    ("day", "second", "shown"),
    [
        (date(2026, 3, 29), 2 * 3600 + 1800, "2026-03-29T01:30+00:00"),  # skipped: read by the offset before
        (date(2026, 10, 25), 2 * 3600 + 1800, "2026-10-25T00:30+00:00"),  # repeated: the first time
        (date(2026, 10, 25), 86400, "2026-10-25T23:00+00:00"),
        (date(2026, 3, 28), 86400, "2026-03-28T23:00+00:00"),
    ],
)
def test_a_label_is_read_where_the_clock_first_shows_it(day: date, second: int, shown: str) -> None:
    assert wall(NamedZone("Europe/Berlin"), day, second) == instant(shown)
