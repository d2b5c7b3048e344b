"""Stored timers follow the clocks: nothing is forgotten, nothing fires for a moment that no longer holds."""

from helpdesk.contracts.clocks import ClockKind, ClockState, ClockView
from helpdesk.domain.timers import DUE, END, GOAL, StoredTimer, TimerChange, TimerKey, TimerState, changes, needed


def clock(
    state: ClockState = ClockState.RUNNING,
    kind: ClockKind = ClockKind.LIMIT,
    due: int | None = 100,
    goal: int | None = None,
    warn_at: tuple[int, ...] = (),
) -> ClockView:
    return ClockView("resolution", 0, kind, state, "2.6", 0, None, goal, due, warn_at)


def key(point: str) -> TimerKey:
    return TimerKey("resolution", 0, point)


def test_a_running_target_needs_every_point() -> None:
    """Warnings, goal and due instant each have a timer."""
    expected = {key("warn:0"): 50, key("warn:1"): 75, key(GOAL): 80, key(DUE): 100}
    assert expected == needed([clock(goal=80, warn_at=(50, 75))], {})


def test_a_goal_at_the_limit_is_the_limit() -> None:
    """A goal capped by its limit does not fire beside it."""
    assert needed([clock(goal=100)], {}) == {key(DUE): 100}


def test_means_paused_and_unknown_clocks_need_none() -> None:
    """What cannot be breached, or has no due instant, arms nothing."""
    clocks = [
        clock(kind=ClockKind.AVERAGE),
        clock(state=ClockState.PAUSED, due=None),
        clock(kind=ClockKind.UNKNOWN, due=None),
        clock(state=ClockState.MET),
        clock(state=ClockState.CANCELLED),
    ]
    assert needed(clocks, {}) == {}


def test_a_clock_found_past_its_due_instant_still_says_all_of_it() -> None:
    """After a downtime, or a level raised late, nothing that was promised to be said is left out."""
    expected = {key("warn:0"): 50, key(GOAL): 80, key(DUE): 100}
    assert expected == needed([clock(state=ClockState.BREACHED, goal=80, warn_at=(50,))], {})


def test_a_moved_timer_gets_a_higher_epoch() -> None:
    """A firing prepared for the old moment cannot take effect for the new one."""
    stored = {key(DUE): StoredTimer(key(DUE), 90, 3, TimerState.PENDING)}
    assert changes(stored, [clock()], {}) == [TimerChange(key(DUE), 100, 4, TimerState.PENDING)]


def test_a_timer_fired_for_this_moment_stays_fired() -> None:
    """Folding the same log again arms nothing twice."""
    stored = {key(DUE): StoredTimer(key(DUE), 100, 1, TimerState.FIRED)}
    assert changes(stored, [clock(state=ClockState.BREACHED)], {}) == []


def test_a_stopped_clock_cancels_what_was_pending() -> None:
    """After the stop nothing may fire."""
    stored = {key(DUE): StoredTimer(key(DUE), 100, 1, TimerState.PENDING)}
    assert changes(stored, [clock(state=ClockState.MET)], {}) == [TimerChange(key(DUE), 100, 2, TimerState.CANCELLED)]


def test_a_cancelled_timer_is_armed_again_for_the_same_moment() -> None:
    """A pause that took no working time leaves the due instant where it was; the timer must live again."""
    stored = {key(DUE): StoredTimer(key(DUE), 100, 2, TimerState.CANCELLED)}
    assert changes(stored, [clock()], {}) == [TimerChange(key(DUE), 100, 3, TimerState.PENDING)]


def test_a_wait_with_a_planned_end_has_a_timer_of_its_own() -> None:
    """It is armed beside the clocks', and cancelled when the wait ends before."""
    end = TimerKey("pause:update", 3, END)
    armed = TimerChange(end, 90, 1, TimerState.PENDING)
    assert changes({}, [clock(state=ClockState.PAUSED, due=None)], {end: 90}) == [armed]
    stored = {end: StoredTimer(end, 90, 1, TimerState.PENDING)}
    assert changes(stored, [clock(state=ClockState.MET)], {}) == [TimerChange(end, 90, 2, TimerState.CANCELLED)]
