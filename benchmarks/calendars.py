"""Calendar arithmetic: single calls against ``datetime + timedelta``, columns against the C index, compiling."""

from collections import deque
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from benchmarks.c_limits import Limits
from benchmarks.measure import Result, Row, Skipped, spent, turns
from benchmarks.workload import FIRST, LAST, Plain, Workload, minutes_of
from msgspec import structs

from helpdesk.sla.calendar import Calendar, CalendarSpec, DateKind, DateRule, Hours, compile_calendar

SECOND = 1_000_000
_SINGLE = 50_000
_COMPILES = 20
_YEARS = 5
_FIRST_DAY = 19_358  # where the C program begins: 2023-01-01
_HOLIDAY = list(DateKind).index(DateKind.HOLIDAY)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def spec_of(plain: Plain) -> CalendarSpec:
    """Return a calendar of the workload as the service describes calendars."""
    rules = {day: DateRule(kind=DateKind.HOLIDAY, hours=()) for day in plain.holidays}
    rules |= {day: DateRule(hours=_hours(intervals)) for day, intervals in plain.special.items()}
    weekly = tuple(_hours(day) for day in plain.week)
    return CalendarSpec(plain.zone, weekly, rules, FIRST, LAST)  # type: ignore[arg-type]  # seven of them


def compiled(workload: Workload) -> dict[str, Calendar]:
    """Return the workload's calendars, compiled."""
    return {letter: compile_calendar(spec_of(plain)) for letter, plain in workload.calendars.items()}


def single_rows(workload: Workload, calendar: Calendar, rounds: int) -> list[Result]:
    """Single calls on calendar A."""
    moments = [datetime.fromtimestamp(start, UTC) for start in workload.starts[:_SINGLE]]
    steps = [timedelta(seconds=amount) for amount in workload.amounts[:_SINGLE]]
    amounts = [amount * SECOND for amount in workload.amounts[:_SINGLE]]
    starts = [start * SECOND for start in workload.starts[:_SINGLE]]
    ends = [end * SECOND for end in workload.ends[:_SINGLE]]
    add, add_us, between_us = calendar.add, calendar.add_us, calendar.between_us
    sides: dict[str, Callable[[], object]] = {
        "plain": lambda: [moment + step for moment, step in zip(moments, steps, strict=True)],
        "add": lambda: [add(moment, amount) for moment, amount in zip(moments, amounts, strict=True)],
        "add_us": lambda: [add_us(start, amount) for start, amount in zip(starts, amounts, strict=True)],
        "between_us": lambda: [between_us(start, end) for start, end in zip(starts, ends, strict=True)],
    }
    timed = {name: _timed(side, _SINGLE) for name, side in sides.items()}
    took = turns(timed, rounds)
    group, against = "single calls from Python, calendar A", "datetime + timedelta"
    return [
        Row(group, "calendar.add(datetime) -> aware datetime", took["add"], took["plain"], "ns", against, 2.5, 1.7),
        Row(group, "calendar.add_us", took["add_us"], took["plain"], "ns", against),
        Row(group, "calendar.between_us", took["between_us"], took["plain"], "ns", against),
    ]


def compile_rows(workload: Workload, limits: Limits | None, rounds: int) -> list[Result]:
    """Compiling five years, against C and against a loop with zoneinfo; memory and sharing."""
    group, compiled = "compiling a calendar of five years", _like_c()
    sides: dict[str, Callable[[], float]] = {"ours": _timed(lambda: [compiled() for _ in range(_COMPILES)], _COMPILES)}
    plain, letter = workload.calendars["A"], "A"
    sides["zoneinfo"] = _timed(plain.intervals, 1)
    # In a zone with clock changes, which nobody else holds a calendar of: compiled anew each time.
    spec = structs.replace(spec_of(plain), zone="Europe/Berlin")
    sides["from a spec"] = _timed(
        lambda: deque((compile_calendar(spec) for _ in range(_COMPILES)), maxlen=0), _COMPILES
    )
    if limits is not None:
        sides["C"] = lambda: sum(limits.compile(_YEARS)[0] for _ in range(_COMPILES)) / _COMPILES * 1e9
    took = turns(sides, rounds)
    rows: list[Result] = []
    if limits is None:
        rows.append(Skipped(group, "compile", "no C compiler"))
    else:
        rows.append(Row(group, "compile", took["ours"], took["C"], "ns", "C, intervals and both indexes", 2.5, 1.5))
    against = "a loop with zoneinfo"
    for what, side, goal in (("compile", "ours", 200), ("compile_calendar, a spec to id and all", "from a spec", None)):
        rows.append(Row(group, what, took[side], took["zoneinfo"], "ns", against, goal, at_least=True))
    calendar = compiled()
    held = calendar.heap_bytes()[0] / calendar.interval_count
    rows.append(Row(group, "bytes an interval", held, 24.0, "B", "the bound of 24 bytes", 1.0, 18 / 24))
    one, other = (compile_calendar(spec_of(plain)) for _ in range(2))
    assert one is other, f"calendar {letter} compiled twice is held twice"
    return rows


def _like_c() -> Callable[[], Calendar]:
    """The C program's calendar: Monday to Friday 09-18, 15 holidays and two clock changes a year."""
    days, years = _YEARS * 365, _YEARS
    weekday = [(32_400, 64_800)]
    weekly: list[list[tuple[int, int]]] = [weekday] * 5 + [[], []]
    changes = [((_FIRST_DAY + k * 182) * 86_400 * SECOND, 7200 if k & 1 else 3600) for k in range(1, years * 2 + 1)]
    dates = [(_FIRST_DAY + k * 365 // 15, _HOLIDAY, (), 0) for k in range(years * 15)]

    def compiled() -> Calendar:
        return Calendar(
            id="",
            zone="",
            tzdata="",
            initial_offset_s=3600,
            changes=changes,
            weekly=weekly,
            dates=dates,
            first_day=_FIRST_DAY,
            last_day=_FIRST_DAY + days - 1,
        )

    return compiled


def _timed(work: Callable[[], object], operations: int) -> Callable[[], float]:
    return lambda: spent(work, operations)


def _hours(intervals: list[tuple[str, str]]) -> Hours:
    return tuple((minutes_of(opens) * 60, minutes_of(closes) * 60) for opens, closes in intervals)
