"""Clocks: how events fold into runs, how runs stand, and many tickets at once."""

import random
from array import array
from datetime import date, datetime
from typing import Any

import pytest

from helpdesk import sla
from helpdesk.kernel.instants import DAY, HOUR, MINUTE, from_datetime
from helpdesk.sla.clock import (
    UNRATED,
    ClockEvent,
    ClockProgram,
    ClockRule,
    Ending,
    OnChange,
    Promise,
    Repeat,
    Standing,
    State,
    fold_clocks,
)
from helpdesk.sla.clock_columns import ClockColumns, ClockLogs, fold_many, fold_runs
from helpdesk.sla.columns import NONE_US

OFFICE = ((32_400, 64_800),)
CALENDAR = sla.compile_calendar(
    sla.CalendarSpec("UTC", (OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, (), ()), {}, date(2026, 1, 1), date(2026, 12, 31))
)
START, STOP, RESUME, CANCEL, WAIT, GO, UPDATE, DONE, OTHER = (1 << n for n in range(9))
NINE = from_datetime(datetime.fromisoformat("2026-03-02T09:00:00+00:00"))  # a Monday


def working(us: int) -> sla.Amount:
    return sla.Amount(sla.Unit.WORKING, us)


def program(**parts: Any) -> ClockProgram:
    rule: dict[str, Any] = {"starts": START, "stops": STOP, "resumes": RESUME, "cancels": CANCEL}
    return ClockProgram(ClockRule(**{**rule, "amount": working(4 * HOUR), **parts}), CALENDAR)


def at(hours: float, codes: int, level: int | None = None, *, first: bool = False, late: float = 0) -> ClockEvent:
    moment = NINE + int(hours * HOUR)
    return ClockEvent(moment, moment + int(late * HOUR), codes, level, first)


def fold(clock: ClockProgram, *events: ClockEvent, now: float = 8.5, **how: Any) -> tuple[Standing, ...]:
    return fold_clocks([clock], events, request_from=NINE, now=NINE + int(now * HOUR), **how)[0]


def hours(instant: int | None) -> float | None:
    return None if instant is None else (instant - NINE) / HOUR


def test_without_a_start_there_is_no_clock() -> None:
    """Other events start nothing."""
    assert fold(program(), at(0, OTHER), at(1, STOP)) == ()


@pytest.mark.parametrize(
    ("events", "now", "state", "elapsed"),
    [
        ((at(0, START),), 1, State.RUNNING, 1),
        ((at(0, START), at(1, STOP)), 2, State.MET, 1),
        ((at(0, START), at(1, CANCEL)), 2, State.CANCELLED, 1),
        ((at(0, START),), 3.9, State.RUNNING, 3.9),
        ((at(0, START),), 4, State.BREACHED, 4),
        ((at(0, START), at(4, STOP)), 5, State.BREACHED, 4),
        ((at(0, START), at(5, STOP)), 6, State.BREACHED, 5),
        ((at(0, START), at(1, WAIT)), 6, State.PAUSED, 1),
        ((at(0, START), at(1, WAIT), at(2, GO)), 4, State.RUNNING, 3),
        ((at(0, START), at(1, WAIT), at(2, STOP)), 9, State.MET, 1),
        ((at(0, START), at(1, STOP), at(3, RESUME)), 4, State.RUNNING, 2),
        ((at(0, START), at(4, WAIT)), 6, State.BREACHED, 4),
    ],
)
def test_how_a_clock_stands(events: tuple[ClockEvent, ...], now: float, state: State, elapsed: float) -> None:
    """Each state and what has counted; time used up comes first, an answer at the very due instant is too late."""
    (standing,) = fold(program(pauses=((WAIT, GO),)), *events, now=now)
    assert (standing.state, standing.elapsed_us) == (state, elapsed * HOUR)
    assert standing.over_since == (NINE + 4 * HOUR if state is State.BREACHED else None)


def test_a_pause_moves_the_due_instant_and_an_endless_one_takes_it_away() -> None:
    """The derivation adds up; the time waited is reported."""
    clock = program(pauses=((WAIT, GO),))
    (moved,) = fold(clock, at(0, START), at(1, WAIT), at(3, GO), now=4)
    assert (hours(moved.due), moved.paused_us) == (6, 2 * HOUR)
    assert moved.limit_trace is not None
    assert [(hours(a), hours(b)) for a, b in moved.limit_trace.counted] == [(0, 1), (3, 6)]
    (still,) = fold(clock, at(0, START), at(1, WAIT), now=4)
    assert (still.due, still.pauses) == (None, ((NINE + HOUR, None),))


def test_each_reason_pauses_for_itself() -> None:
    """Overlapping reasons unite; a reason that the clock does not know does nothing."""
    clock = program(pauses=((WAIT, GO), (UPDATE, DONE)))
    events = (at(0, START), at(1, WAIT), at(2, UPDATE), at(2.5, WAIT), at(3, GO), at(4, DONE))
    (both,) = fold(clock, *events, now=5)
    assert (hours(both.due), both.paused_us) == (7, 3 * HOUR)
    (one,) = fold(program(pauses=((WAIT, GO),)), *events, now=5)
    assert (hours(one.due), one.paused_us) == (6, 2 * HOUR)


def test_the_time_between_a_stop_and_the_resumption_does_not_count() -> None:
    """It is a pause like any other."""
    (standing,) = fold(program(), at(0, START), at(1, STOP), at(2.5, RESUME), now=3)
    assert (standing.ending, hours(standing.due)) == (Ending.OPEN, 5.5)
    assert standing.pauses == ((NINE + HOUR, NINE + 5 * HOUR // 2),)


@pytest.mark.parametrize(
    ("repeat", "runs"),
    [
        (Repeat.FIRST, [(0, Ending.OPEN, 1)]),
        (Repeat.LAST, [(0, Ending.CANCELLED, 1), (1, Ending.CANCELLED, 1), (3, Ending.OPEN, 2)]),
        (Repeat.EACH, [(0, Ending.OPEN, 1), (1, Ending.OPEN, 1), (3, Ending.OPEN, 2)]),
    ],
)
def test_a_clock_that_starts_again(repeat: Repeat, runs: list[tuple[float, Ending, int]]) -> None:
    """The first start, the last one, or each; starts too near to each other are one request."""
    clock = program(repeat=repeat, min_gap_us=90 * MINUTE)
    found = fold(clock, at(0, START), at(1, START), at(3, START), now=3.5)
    assert [(hours(run.started_at), run.ending, run.requests) for run in found] == runs
    assert [run.seq for run in found] == list(range(len(runs)))


def test_an_event_may_start_and_end_at_once() -> None:
    """What runs ends first, then the new run begins."""
    found = fold(program(repeat=Repeat.EACH), at(0, START), at(1, START | STOP), now=2)
    assert [(run.ending, run.start, run.end) for run in found] == [(Ending.STOPPED, 0, 1), (Ending.OPEN, 1, None)]


def test_time_counts_from_the_event_from_what_it_says_or_from_the_request() -> None:
    """A deferred start counts later, a clock of the request from the request's own start."""
    assert hours(fold(program(), at(1, START))[0].due) == 5
    assert hours(fold(program(), at(1, START, late=1))[0].due) == 6
    assert hours(fold(program(from_request=True), at(1, START))[0].due) == 4


@pytest.mark.parametrize(
    ("on_change", "due", "counted_from"),
    [
        (OnChange.FROM_START, 1, 0),
        (OnChange.FROM_CHANGE, 4, 3),
        (OnChange.FROM_START_NOT_BEFORE_CHANGE, 3, 0),
    ],
)
def test_the_three_readings_of_a_change_of_level(on_change: OnChange, due: float, counted_from: float) -> None:
    """The new level's amount: from the start, from the change, or from the start but not before the change."""
    slow = program(levels=1 << 2, on_change=on_change, amount=working(6 * HOUR))
    quick = program(levels=1 << 1, on_change=on_change, amount=working(HOUR))
    events = (at(0, START), at(0.5, OTHER, 2, first=True), at(3, OTHER, 1))
    assert fold(slow, *events, now=3.2) == ()
    (standing,) = fold(quick, *events, now=3.2)
    assert (hours(standing.due), hours(standing.counted_from), standing.change) == (due, counted_from, 2)
    (before,) = fold(slow, *events[:2], now=1)
    assert (hours(before.due), before.change, before.level) == (6, None, 2)


def test_the_level_that_stood_at_the_end_is_the_clocks() -> None:
    """A change after the end changes nothing; before anybody rated, the given level or none stands."""
    clock = program(levels=1 << 2)
    (standing,) = fold(clock, at(0, START), at(1, STOP), at(2, OTHER, 1), level=2)
    assert (standing.level, standing.change) == (2, None)
    assert fold(program(levels=UNRATED), at(0, START)) != ()
    assert fold(clock, at(0, START)) == ()


@pytest.mark.parametrize(
    ("cap", "goal", "capped"),
    [(True, 4, True), (False, 6, False)],
)
def test_a_goal_is_capped_by_the_limit_where_the_rule_says_so(cap: bool, goal: float, capped: bool) -> None:
    """A goal after the limit would promise what is already broken."""
    (standing,) = fold(program(goal=working(6 * HOUR), goal_cap=cap), at(0, START))
    assert (hours(standing.goal), standing.goal_capped) == (goal, capped)
    assert standing.goal_trace is not None
    assert standing.goal_trace.counted_us == 6 * HOUR


@pytest.mark.parametrize(
    ("promise", "state", "over"),
    [(Promise.LIMIT, State.BREACHED, 4), (Promise.TERM, State.EXPIRED, 4), (Promise.AVERAGE, State.RUNNING, None)],
)
def test_what_used_up_time_means(promise: Promise, state: State, over: float | None) -> None:
    """A breach, an expiry, or on one ticket nothing."""
    (standing,) = fold(program(promise=promise), at(0, START), now=5)
    assert (standing.state, hours(standing.over_since)) == (state, over)


def test_an_unknown_amount_and_an_unknown_calendar_say_so() -> None:
    """No due instant: the one because nobody knows, the other with the reason."""
    (unknown,) = fold(program(amount=None), at(0, START), now=5)
    assert (unknown.due, unknown.beyond, unknown.state) == (None, None, State.RUNNING)
    (beyond,) = fold(program(amount=working(9999 * HOUR)), at(0, START), now=5)
    assert (beyond.due, beyond.elapsed_us) == (None, 0)
    assert beyond.beyond is not None
    assert "2026-12-31" in beyond.beyond


def test_a_term_in_days_counts_from_its_first_day() -> None:
    """What passed on the day of the event does not count yet."""
    clock = program(amount=sla.Amount(sla.Unit.WORKING_DAYS, 2))
    (standing,) = fold(clock, at(0, START), now=8)
    assert standing.elapsed_us == 0
    (later,) = fold(clock, at(0, START), now=26)
    assert later.limit_trace is not None
    assert (later.elapsed_us, later.limit_trace.steps) == (2 * HOUR, (date(2026, 3, 3), date(2026, 3, 4)))


def test_programs_of_no_sense_are_refused() -> None:
    """Nothing that starts it, working time without a calendar, days of no number."""
    with pytest.raises(sla.BadProgram):
        program(starts=0)
    with pytest.raises(sla.BadAmount):
        program(amount=sla.Amount(sla.Unit.WORKING_DAYS, -1))
    clock = ClockProgram(ClockRule(starts=START, amount=working(HOUR)))
    with pytest.raises(sla.BadAmount):
        fold(clock, at(0, START))


@pytest.mark.parametrize("threads", [1, 2])
def test_many_tickets_fold_as_each_alone(threads: int) -> None:
    """The last run of each program on each ticket, whatever the number of threads."""
    rnd = random.Random(5)
    programs = [
        program(pauses=((WAIT, GO),), repeat=Repeat.LAST),
        program(levels=1 << 1, on_change=OnChange.FROM_CHANGE, goal=working(HOUR)),
        program(amount=working(1500 * HOUR), promise=Promise.TERM),
    ]
    codes = (START, STOP, RESUME, CANCEL, WAIT, GO, OTHER)
    tickets = []
    for _ in range(5000):
        moment, events = NINE + rnd.randrange(200) * DAY, []
        for _ in range(rnd.randrange(1, 12)):
            level = rnd.choice((None, None, 1, 2))
            events.append(
                ClockEvent(moment, moment, rnd.choice(codes), level, level is not None and rnd.random() < 0.3)
            )
            moment += rnd.randrange(30 * HOUR)
        tickets.append(events)
    now = NINE + 290 * DAY
    offsets = array("q", [0])
    for events in tickets:
        offsets.append(offsets[-1] + len(events))
    flat = [event for events in tickets for event in events]
    levels = [-1 if e.level is None else e.level + 64 * e.first_level for e in flat]
    out = ClockColumns(*(array("q", bytes(8 * len(tickets) * len(programs))) for _ in range(5)))
    beyond = fold_many(
        programs,
        offsets=offsets,
        at_us=array("q", [e.at for e in flat]),
        codes=array("q", [e.codes for e in flat]),
        levels=array("q", levels),
        now=now,
        out=out,
        threads=threads,
    )
    expected = [
        _row(runs[-1]) if runs else (NONE_US,) * 5
        for events in tickets
        for runs in fold_clocks(programs, events, request_from=events[0].at, now=now)
    ]
    columns: Any = out
    assert list(zip(*columns, strict=True)) == expected
    assert beyond == sum(row[0] != NONE_US and row[3] == NONE_US for row in expected) > 0


def _row(run: Standing) -> tuple[int, ...]:
    due, goal = (NONE_US if instant is None else instant for instant in (run.due, run.goal))
    return run.state, due, goal, NONE_US if run.beyond else run.elapsed_us, run.paused_us


def test_every_run_of_many_tickets_is_as_each_alone() -> None:
    """Levels, lines, channels and deferred starts included; a ticket that goes on after now is looked at at its end."""
    rnd = random.Random(7)
    programs = [
        program(pauses=((WAIT, GO),), repeat=Repeat.EACH, lines=0b110),
        program(levels=1 << 1 | UNRATED, on_change=OnChange.FROM_CHANGE, goal=working(HOUR), from_request=True),
        program(channels=0b1, repeat=Repeat.LAST, promise=Promise.TERM, min_gap_us=HOUR, shares=(50,)),
    ]
    codes = (START, STOP, RESUME, CANCEL, WAIT, GO, OTHER)
    tickets: list[list[ClockEvent]] = []
    for _ in range(400):
        moment, events = NINE + rnd.randrange(200) * DAY, []
        for _ in range(rnd.randrange(12)):
            level, line, channel = (rnd.choice((None, None, 0, 1, 2)) for _ in range(3))
            first = level is not None and rnd.random() < 0.3
            later = moment + rnd.choice((0, 0, 20 * HOUR))
            events.append(ClockEvent(moment, later, rnd.choice(codes), level, first, line, channel))
            moment += rnd.randrange(30 * HOUR)
        tickets.append(events)
    flat = [event for events in tickets for event in events]
    offsets = array("q", [0])
    for events in tickets:
        offsets.append(offsets[-1] + len(events))

    def column(values: list[int | None]) -> "array[int]":
        return array("q", [-1 if value is None else value for value in values])

    logs = ClockLogs(
        offsets,
        column([e.at for e in flat]),
        column([e.counts_from for e in flat]),
        column([e.codes for e in flat]),
        column([None if e.level is None else e.level + 64 * e.first_level for e in flat]),
        column([e.line for e in flat]),
        column([e.channel for e in flat]),
    )
    now = NINE + 150 * DAY
    rows = list(zip(*fold_runs(programs, logs, now=now, level=2, line=1), strict=True))
    expected = []
    for ticket, events in enumerate(tickets):
        if not events:
            continue
        seen = max(now, events[-1].at)
        alone = fold_clocks(
            programs, events, request_from=events[0].counts_from, now=seen, level=2, line=1, traced=False
        )
        for number, runs in enumerate(alone):
            assert all(run.limit_trace is None for run in runs)
            expected += [(ticket, number, run.seq, run.state, *_row(run)[1:3], run.requests) for run in runs]
    assert rows == expected
    assert len(rows) > 300


def test_columns_of_events_that_do_not_fit_are_refused() -> None:
    """Offsets out of order or past the rows, and outcome columns of another size."""
    two, cell = array("q", [NINE, NINE]), array("q", [0])
    for offsets, outcome in ((array("q", [0, 3]), cell), (array("q", [1, 0]), cell), (array("q", [0, 2]), two)):
        with pytest.raises(sla.BadColumn):
            fold_many(
                [program()],
                offsets=offsets,
                at_us=two,
                codes=two,
                levels=None,
                now=NINE,
                out=ClockColumns(*[outcome] * 5),
            )
