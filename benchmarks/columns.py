"""Columns: batches against the C index, many calendars, sweeps over a million clocks, folds of tickets' clocks."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import numpy
from benchmarks.c_limits import Column, Limits
from benchmarks.calendars import SECOND, spec_of
from benchmarks.measure import Result, Row, Skipped, spent, turns
from benchmarks.workload import FIRST, Workload
from msgspec import structs

from helpdesk.sla.amount import Amount, Unit
from helpdesk.sla.calendar import Calendar, DateKind, DateRule, compile_calendar
from helpdesk.sla.clock import ClockProgram, ClockRule
from helpdesk.sla.clock_columns import ClockColumns, fold_many
from helpdesk.sla.columns import add_rows, between_rows, come_due, used_up

np: Any = numpy  # to the type checker its arrays have buffers only from Python 3.12 on

_CLOCKS = 1_000_000
_HOUR = 3600
_TICKETS = 20_000
_EVENTS = 20


def batch_rows(workload: Workload, calendars: dict[str, Calendar], limits: Limits | None, rounds: int) -> list[Result]:
    """200,000 rows on calendar A, and the correctness of all seven calendars."""
    group = f"columns of {len(workload.starts):,} rows"
    starts, amounts, ends = (_column(values) for values in (workload.starts, workload.amounts, workload.ends))
    out, rows = np.empty_like(starts), len(starts)
    office = calendars["A"]
    results: list[Result] = []
    if limits is None:
        results.append(Skipped(group, "add, between", "no C compiler"))
    else:
        index = limits.calendar(workload.calendars["A"].intervals())
        plain = [np.array(values, dtype=np.int64) for values in (workload.starts, workload.amounts, workload.ends)]
        took = turns(
            {
                "add": lambda: spent(lambda: add_rows(office, starts, amounts, out, threads=1), rows),
                "C add": lambda: spent(lambda: limits.add(index, plain[0], plain[1], out), rows),
                "between": lambda: spent(lambda: between_rows(office, starts, ends, out, threads=1), rows),
                "C between": lambda: spent(lambda: limits.between(index, plain[0], plain[2], out), rows),
            },
            rounds * 3,
        )
        against = "C direct index, branch-free"
        results += [
            Row(group, f"{what}, calendar A", took[what], took[f"C {what}"], "ns", against, 1.35, 1.1)
            for what in ("add", "between")
        ]
    wrong = 0
    for letter, calendar in calendars.items():
        expected = [_column(values) for values in workload.expected[letter]]
        add_rows(calendar, starts, amounts, out)
        wrong += int((out != expected[0]).sum())
        between_rows(calendar, starts, ends, out)
        wrong += int((out != expected[1]).sum())
    results.append(Row(group, "differences on seven calendars, add and between", wrong + 1, 1, "+1", "none", 1.0))
    big = [np.tile(values, 20) for values in (starts, amounts)]
    target = np.empty_like(big[0])
    walls = [_wall(partial(add_rows, office, big[0], big[1], target, threads=threads)) for threads in (1, 2)]
    note = f"wall time, {len(target):,} rows"
    results.append(
        Row(
            group, "add, two threads", walls[1] * 1e3, walls[0] * 1e3, "ms", "one thread", 1.8, at_least=True, note=note
        )
    )
    return results


def many_rows(workload: Workload, rounds: int) -> list[Result]:
    """Rows over many calendars, none equal to another: grouped by calendar, and in random order."""
    group, rows = "columns of 4,000,000 rows over many calendars", 4_000_000
    starts, amounts = (np.resize(_column(values), rows) for values in (workload.starts, workload.amounts))
    out, chance = np.empty_like(starts), np.random.default_rng(20260103)
    spec = spec_of(workload.calendars["A"])
    calendars: list[Calendar] = []
    for number in range(10_000):
        # Every calendar has a day off of its own: which one, and how much of it.
        day = FIRST + timedelta(days=number % 1_800)
        rule = DateRule(kind=DateKind.HOLIDAY, hours=((0, 60 + number // 1_800),))
        calendars.append(compile_calendar(structs.replace(spec, dates={**spec.dates, day: rule})))
    # Not the first: its odd day comes before all its working time, and gives it a cheaper index than others have.
    typical = calendars[99]
    sides: dict[str, Callable[[], float]] = {
        "1": lambda: spent(lambda: add_rows(typical, starts, amounts, out, threads=1), rows)
    }
    for count in (100, 10_000):
        which: Column = chance.integers(0, count, rows, dtype=np.uint32)
        for order, numbers in (("grouped", np.sort(which)), ("random", which)):
            ask = partial(add_rows, calendars[:count], starts, amounts, out, which=numbers, threads=1)
            sides[f"{count:,} calendars, {order}"] = partial(spent, ask, rows)
    took = turns(sides, rounds)
    # C takes 1.1 and 7 times as long over rows that come grouped, 3 and 28 times over rows in random order.
    goals = {"100 calendars, grouped": 1.5, "10,000 calendars, grouped": 8.0}
    return [
        Row(group, f"add, {name} rows", took[name], took["1"], "ns", "one calendar", goals.get(name))
        for name in sides
        if name != "1"
    ]


def sweep_rows(workload: Workload, calendar: Calendar, limits: Limits | None, rounds: int) -> list[Result]:
    """A million running clocks: which have come due."""
    group = f"sweeps over {_CLOCKS:,} clocks"
    if limits is None:
        return [Skipped(group, "stored and recomputed", "no C compiler")]
    intervals = workload.calendars["A"].intervals()
    index = limits.sweep_calendars(intervals, 1)
    base = limits.sweep_base(index)
    now = intervals[0][0] + 900 * 86_400
    chance = np.random.default_rng(20260104)
    since: Column = now - chance.integers(0, 60 * 86_400, _CLOCKS)
    budget: Column = chance.integers(2, 81, _CLOCKS) * _HOUR
    before: Column = chance.integers(0, 2 * _HOUR, _CLOCKS)
    runs = (chance.integers(0, 10, _CLOCKS) != 0).astype(np.uint8)
    relative = [column.astype(np.uint32) for column in (since - base, budget, before)]
    never = np.iinfo(np.int64).min
    running, left = np.where(runs == 1, since * SECOND, never), (budget - before) * SECOND
    due = np.empty_like(left)
    add_rows(calendar, since * SECOND, left, due)
    due = np.where(runs == 1, due, never)
    out: Column = np.empty(_CLOCKS, dtype=np.uint32)
    plain_due = due // SECOND
    found = [come_due(due, now * SECOND, out), used_up(calendar, running, left, now * SECOND, out)]
    theirs = [
        limits.sweep_stored(plain_due, runs, now)[1],
        limits.sweep_elapsed(index, 1, [*relative, runs], now - base)[1],
    ]
    assert found == theirs, f"the sweeps disagree: {found} and {theirs}"
    took = turns(
        {
            "stored": lambda: spent(lambda: come_due(due, now * SECOND, out), 1),
            "C stored": lambda: limits.sweep_stored(plain_due, runs, now)[0] * 1e9,
            "recomputed": lambda: spent(lambda: used_up(calendar, running, left, now * SECOND, out), 1),
            "C recomputed": lambda: limits.sweep_elapsed(index, 1, [*relative, runs], now - base)[0] * 1e9,
        },
        rounds * 2,
    )
    return [
        Row(group, f"due instants {what}", took[what], took[f"C {what}"], "ns", "C sweep", 1.5, 1.2)
        for what in ("stored", "recomputed")
    ]


def fold_rows(calendar: Calendar, rounds: int) -> list[Result]:
    """Two clocks of every ticket folded from twenty events: reaction, and resolution with pauses."""
    chance = np.random.default_rng(20260105)
    registered, answered, resolved, paused, resumed, other = (1 << bit for bit in range(6))
    reaction = ClockRule(starts=registered, stops=answered, amount=Amount(Unit.WORKING, 4 * _HOUR * SECOND))
    resolution = ClockRule(
        starts=registered,
        stops=resolved,
        pauses=((paused, resumed),),
        amount=Amount(Unit.WORKING, 40 * _HOUR * SECOND),
    )
    programs = [ClockProgram(reaction, calendar), ClockProgram(resolution, calendar)]
    begins: Column = (1_700_000_000 + chance.integers(0, 60_000_000, _TICKETS)) * SECOND
    gaps = chance.integers(0, 4 * _HOUR, (_TICKETS, _EVENTS)) * SECOND
    gaps[:, 0] = 0
    at = (begins[:, None] + gaps.cumsum(axis=1)).ravel()
    codes: Column = chance.choice([answered, paused, resumed, other, other], (_TICKETS, _EVENTS)).astype(np.int64)
    codes[:, 0] = registered
    codes[::2, -1] = resolved
    offsets: Column = np.arange(_TICKETS + 1, dtype=np.int64) * _EVENTS
    out = ClockColumns(*(np.empty(_TICKETS * len(programs), dtype=np.int64) for _ in range(5)))
    now = int(at.max()) + SECOND

    def fold() -> int:
        return fold_many(
            programs, offsets=offsets, at_us=at, codes=codes.ravel(), levels=None, now=now, out=out, threads=1
        )

    assert fold() == 0, "a calendar does not know"
    took = turns({"fold": lambda: spent(fold, _TICKETS)}, rounds)["fold"]
    group = f"folds of {_TICKETS:,} tickets"
    return [Row(group, f"a ticket's two clocks from {_EVENTS} events", took, 1_000.0, "ns", "the bound of 1 us", 1.0)]


def _column(seconds: list[int]) -> Column:
    return np.array(seconds, dtype=np.int64) * SECOND


def _wall(work: Callable[[], object]) -> float:
    """The least wall time of some runs, seconds: other work on the machine only adds."""
    runs = []
    for _ in range(9):
        begins = time.perf_counter()
        work()
        runs.append(time.perf_counter() - begins)
    return min(runs)
