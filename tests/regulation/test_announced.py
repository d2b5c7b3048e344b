"""Announced hours and breaks make another snapshot, and nothing else of it differs."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import HOUR, Instant, from_datetime
from helpdesk.regulation.judging.announced import with_break, with_dated_hours
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import Snapshot, take_snapshot
from helpdesk.regulation.loading.loader import Package, load_package

POLICIES = Path(__file__).parents[2] / "policies"
COMPANIES = ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24")
DATED = {"2026-12-31": ["08:00-12:00", "13:00-15:00"], "2026-11-28": ["10:00-14:00"], "2026-11-30": []}


def package(name: str) -> Package:
    return load_package(POLICIES / name)


def snapshot(name: str, **readings: object) -> Snapshot:
    found = package(name)
    return take_snapshot(found, parameters=found.example, readings=readings)


def moment(text: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text))


@pytest.mark.parametrize("name", COMPANIES)
def test_announcing_hours_is_publishing_with_the_reading(name: str) -> None:
    """Byte for byte, in one announcement or in several."""
    wanted = snapshot(name, extra_dates=DATED)
    assert with_dated_hours(snapshot(name), DATED) == wanted
    step = snapshot(name)
    for day, hours in DATED.items():
        step = with_dated_hours(step, {day: hours})
    assert step == wanted
    assert with_dated_hours(step, {}) == wanted


def test_a_break_takes_its_time_out_of_each_calendar() -> None:
    """TelemedHelp 7.2: four hours of a working Friday are gone from both calendars, and not an instant more."""
    before = snapshot("telemedhelp")
    after = with_break(before, moment("2026-11-27T06:00+03:00"), moment("2026-11-27T12:00+03:00"))
    day = (moment("2026-11-27T00:00+03:00"), moment("2026-11-28T00:00+03:00"))
    for name in ("service", "production"):
        old, new = (Evaluator(each).calendars[name] for each in (before, after))
        assert old.between_us(*day) - new.between_us(*day) == 4 * HOUR
        assert new.between_us(day[1], day[1] + 240 * HOUR) == old.between_us(day[1], day[1] + 240 * HOUR)
    assert after.body().readings == before.body().readings
    assert after.body().edition.calendars["service"].extra_dates == {"2026-11-27": ("12:00-20:00",)}


def test_a_break_over_days_closes_what_it_covers_only() -> None:
    """From Saturday noon to Monday ten: a calendar that is closed at the weekend loses its Monday hours only."""
    after = with_break(
        snapshot("telemedhelp"), moment("2026-11-28T12:00+03:00"), moment("2026-11-30T10:00+03:00")
    ).body()
    assert sorted(after.edition.calendars["service"].extra_dates) == ["2026-11-28", "2026-11-29", "2026-11-30"]
    assert after.edition.calendars["production"].extra_dates == {"2026-11-30": ("10:00-20:00",)}


def test_a_break_out_of_hours_changes_nothing() -> None:
    """The same snapshot, by its hash."""
    before = snapshot("telemedhelp")
    assert with_break(before, moment("2026-11-27T21:00+03:00"), moment("2026-11-28T07:00+03:00")) == before


def test_what_cannot_be_announced_is_told() -> None:
    """A date that is none, one beyond the calendar, hours that are none; a break backwards, endless, in seconds."""
    before = snapshot("pass24")
    wrong: list[dict[str, list[str]]] = [{"2026-02-30": []}, {"2150-01-01": []}, {"2026-11-27": ["9-18"]}]
    for dated in wrong:
        with pytest.raises(Invalid):
            with_dated_hours(before, dated)
    start = from_datetime(datetime(2026, 11, 27, 9, tzinfo=UTC))
    for since, until in ((start, start), (start, start + 800 * HOUR), (start, start + 1_000_000)):
        with pytest.raises(Invalid):
            with_break(before, since, until)
