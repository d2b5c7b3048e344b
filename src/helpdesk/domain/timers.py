"""Which timers a ticket's clocks need, and what must change in the stored ones. Pure.

A timer is keyed by its clock and a point on it (``warn:0``, ``goal``, ``due``), or by a wait and its planned end; it
carries an epoch: moving a timer raises the epoch, so that a firing prepared for the old moment finds that it no longer
holds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from helpdesk.contracts.clocks import ClockKind, ClockState, ClockView
from helpdesk.contracts.log import Entry
from helpdesk.kernel.instants import Instant

DUE = "due"
GOAL = "goal"
END = "end"
"""The planned end of a wait; its key has the wait in place of a clock, numbered by the entry that began it."""


class TimerState(StrEnum):
    """What became of a timer."""

    PENDING = "pending"
    FIRED = "fired"
    CANCELLED = "cancelled"


class TimerKey(Struct, frozen=True, order=True):
    """One point of one clock of a ticket."""

    clock: str
    clock_seq: int
    point: str


class StoredTimer(Struct, frozen=True):
    """A timer as the store has it."""

    key: TimerKey
    due_at: Instant
    epoch: int
    state: TimerState


class TimerChange(Struct, frozen=True):
    """A timer to insert (epoch 1), move (epoch raised) or cancel."""

    key: TimerKey
    due_at: Instant
    epoch: int
    state: TimerState


class Armed(Struct, frozen=True):
    """A ticket's timers, whatever became of them, as one transaction leaves them."""

    timers: Mapping[TimerKey, StoredTimer]
    fired: frozenset[TimerKey] = frozenset()
    """Those that it fired, were they armed again since."""

    def due(self, now: Instant) -> StoredTimer | None:
        """Return the earliest timer whose moment has come; None: there is none."""
        found = (each for each in self.timers.values() if each.state is TimerState.PENDING and each.due_at <= now)
        return min(found, key=lambda timer: (timer.due_at, timer.key), default=None)

    def firing(self, timer: StoredTimer) -> "Armed":
        """Return them with ``timer`` fired."""
        fired = StoredTimer(timer.key, timer.due_at, timer.epoch, TimerState.FIRED)
        return Armed({**self.timers, timer.key: fired}, self.fired | {timer.key})

    def changed(self, changes: Iterable[TimerChange]) -> "Armed":
        """Return them with ``changes`` made."""
        made = {each.key: StoredTimer(each.key, each.due_at, each.epoch, each.state) for each in changes}
        return Armed({**self.timers, **made}, self.fired)


_BREACHABLE = frozenset({ClockKind.LIMIT, ClockKind.TERM})
_ARMED = frozenset({ClockState.RUNNING, ClockState.BREACHED, ClockState.EXPIRED})
_GOES_ON = frozenset({ClockState.PAUSED, ClockState.MET})
"""States without timers that a clock may leave again: at the end of a wait, when work is taken up anew."""


def needed(clocks: Iterable[ClockView], ends: Mapping[TimerKey, Instant]) -> dict[TimerKey, Instant]:
    """Return the points at which the service must act, as the clocks stand; ``ends``: the planned ends of waits.

    A running clock needs all its points, and so does one found past its due instant (after a downtime, or when a level
    was raised late): what fired stays fired, the rest fires now, in the order of its moments. A paused clock has no due
    instant yet. A mean is never breached per ticket.
    """
    points: dict[TimerKey, Instant] = dict(ends)
    for clock in clocks:
        if clock.due is None or clock.kind not in _BREACHABLE or clock.state not in _ARMED:
            continue
        for index, moment in enumerate(clock.warn_at):
            points[TimerKey(clock.name, clock.seq, f"warn:{index}")] = moment
        if clock.goal is not None and clock.goal < clock.due:
            points[TimerKey(clock.name, clock.seq, GOAL)] = clock.goal
        points[TimerKey(clock.name, clock.seq, DUE)] = clock.due
    return points


def passed_points(
    log: Sequence[Entry], clocks: Iterable[ClockView], fold: Callable[[Sequence[Entry]], Iterable[ClockView]]
) -> dict[TimerKey, Instant]:
    """Return the points that passed while the log was lived, of those clocks that stand still at its end.

    Here they would have fired then, and must not fire when the clock goes on. ``clocks``: as they stand at the end;
    ``fold`` gives them as of the last entry of a log.
    """
    still = {(clock.name, clock.seq) for clock in clocks if clock.kind in _BREACHABLE and clock.state in _GOES_ON}
    found: dict[TimerKey, Instant] = {}
    for length in range(1, len(log)) if still else ():
        until = log[length].at
        if until > log[length - 1].at:
            points = needed(fold(log[:length]), {})
            found.update((key, moment) for key, moment in points.items() if moment <= until)
    return {key: moment for key, moment in found.items() if (key.clock, key.clock_seq) in still}


def changes(
    stored: Mapping[TimerKey, StoredTimer], clocks: Iterable[ClockView], ends: Mapping[TimerKey, Instant]
) -> list[TimerChange]:
    """Return what must be written so that the stored timers are the needed ones.

    A timer that fired for this very moment stays fired; one that fired for another moment is armed again.
    """
    wanted = needed(clocks, ends)
    found: list[TimerChange] = []
    for key, moment in wanted.items():
        timer = stored.get(key)
        if timer is None:
            found.append(TimerChange(key, moment, 1, TimerState.PENDING))
        elif timer.due_at != moment or timer.state is TimerState.CANCELLED:
            found.append(TimerChange(key, moment, timer.epoch + 1, TimerState.PENDING))
    for key, timer in stored.items():
        if key not in wanted and timer.state is TimerState.PENDING:
            found.append(TimerChange(key, timer.due_at, timer.epoch + 1, TimerState.CANCELLED))
    return found
