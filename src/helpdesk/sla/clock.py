"""Clocks: what a regulation promises, folded from what happened to a ticket.

A program says, as bits of event codes, what starts, stops, resumes, cancels and pauses a clock, and how long it may
run. What the codes mean is the caller's: an event carries the bits of all that it is. The fold is pure; state, deadline
and the intervals counted come from one computation.
"""

from collections.abc import Sequence
from datetime import date
from enum import IntEnum
from typing import NamedTuple

from msgspec import Struct

from helpdesk import _slacore
from helpdesk.kernel.instants import Instant
from helpdesk.sla.amount import Amount, coded
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.due import Deadline

_EPOCH_DAY = date(1970, 1, 1).toordinal()

UNRATED: int = 1 << 63
"""The bit of ``ClockRule.levels`` for a ticket that nobody rated; of lines and channels, for one that has none."""


class Repeat(IntEnum):
    """What becomes of a clock that starts again."""

    FIRST = 0
    """Nothing: the first start counts."""
    LAST = 1
    """It restarts: the run that is on is cancelled."""
    EACH = 2
    """Another run begins beside the others."""


class OnChange(IntEnum):
    """What a change of level does to a deadline (reading ``priority_change``); only the last change counts."""

    FROM_START = 0
    FROM_CHANGE = 1
    FROM_START_NOT_BEFORE_CHANGE = 2


class Promise(IntEnum):
    """What it means that the time is used up."""

    LIMIT = 0
    """A breach."""
    TERM = 1
    """An expiry."""
    AVERAGE = 2
    """Nothing on one ticket."""


class State(IntEnum):
    """How a clock stands."""

    RUNNING = 0
    PAUSED = 1
    MET = 2
    BREACHED = 3
    EXPIRED = 4
    CANCELLED = 5


class Ending(IntEnum):
    """How a run ended."""

    OPEN = 0
    STOPPED = 1
    CANCELLED = 2


class ClockRule(Struct, frozen=True, kw_only=True):
    """A target or a term. Codes are sets of event codes, bit ``n`` for code ``n`` (0 to 63)."""

    starts: int
    stops: int = 0
    resumes: int = 0
    """What lets the last run that ended go on; the time between does not count."""
    cancels: int = 0
    pauses: tuple[tuple[int, int], ...] = ()
    """For each reason that pauses (or whose time is excluded): what begins and what ends it."""
    repeat: Repeat = Repeat.FIRST
    from_request: bool = False
    """Whether time counts from the request's own start, whatever started the clock."""
    min_gap_us: int = 0
    """How far apart starts must lie to count as separate requests."""
    levels: int = 0
    """The levels it is for (bit ``n`` is level ``n``, up to 62; ``UNRATED``); 0 for all."""
    lines: int = 0
    """The lines it is for, likewise."""
    channels: int = 0
    """The channels by which its start may have come, likewise."""
    on_change: OnChange = OnChange.FROM_START
    promise: Promise = Promise.LIMIT
    amount: Amount | None = None
    """None: nobody knows; the clock has no due instant."""
    goal: Amount | None = None
    goal_cap: bool = True
    """Whether the goal is never later than the limit."""
    shares: tuple[int, ...] = ()
    """At which shares of the amount to warn, percent, ascending."""


class ClockProgram:
    """A rule compiled on its calendar (None for elapsed time). Immutable, safe in any thread."""

    __slots__ = ("calendar", "core", "rule")

    def __init__(self, rule: ClockRule, calendar: Calendar | None = None) -> None:
        """Compile ``rule``.

        Raises:
            BadProgram: nothing starts it.
            BadAmount: an amount of no sense.
        """
        self.rule = rule
        self.calendar = calendar
        self.core = _slacore.ClockProgram(
            starts=rule.starts,
            stops=rule.stops,
            resumes=rule.resumes,
            cancels=rule.cancels,
            pauses=rule.pauses,
            repeat=rule.repeat,
            from_request=rule.from_request,
            min_gap_us=rule.min_gap_us,
            levels=rule.levels,
            lines=rule.lines,
            channels=rule.channels,
            on_change=rule.on_change,
            promise=rule.promise,
            amount=None if rule.amount is None else coded(rule.amount),
            goal=None if rule.goal is None else coded(rule.goal),
            goal_cap=rule.goal_cap,
            shares=rule.shares,
            calendar=calendar,
        )


class ClockEvent(NamedTuple):
    """One thing that happened to a ticket."""

    at: Instant
    counts_from: Instant
    """From when it counts; ``at``, save for what was deferred."""
    codes: int
    """All that it is, as bits."""
    level: int | None = None
    """The level it sets."""
    first_level: bool = False
    """Whether that is the first rating, which changes nothing."""
    line: int | None = None
    """The line it hands the ticket to."""
    channel: int | None = None
    """The channel it came by."""


class Standing(Struct, frozen=True):
    """One run of a clock as it stands. ``start``, ``end`` and ``change`` are numbers of events."""

    seq: int
    start: int
    started_at: Instant
    ending: Ending
    end: int | None
    ended_at: Instant | None
    requests: int
    """How many starts, this one included, lie far enough apart."""
    level: int | None
    """The level that stands, or stood when the run ended."""
    change: int | None
    """The event that last changed the level before the end."""
    state: State
    counted_from: Instant
    goal: Instant | None
    goal_capped: bool
    due: Instant | None
    over_since: Instant | None
    """Since when it has been breached or expired."""
    elapsed_us: int
    paused_us: int
    warnings: tuple[Instant, ...]
    """When the rule's shares are used up, those before ``due``."""
    beyond: str | None
    """Why there is no due instant though there is an amount: what the calendar does not know."""
    pauses: tuple[tuple[Instant, Instant | None], ...]
    limit_trace: Deadline | None
    """The derivation of ``due``, before a change of level moved it; None where it was not asked for."""
    goal_trace: Deadline | None
    """The derivation of the goal, before the limit capped it; likewise."""


def fold_clocks(
    programs: Sequence[ClockProgram],
    events: Sequence[ClockEvent],
    *,
    request_from: Instant,
    now: Instant,
    level: int | None = None,
    line: int | None = None,
    traced: bool = True,
) -> tuple[tuple[Standing, ...], ...]:
    """Fold ``events``, in the order they happened, under each program: its runs for requests it is for, in order.

    ``request_from`` is when the request's own time begins, ``level`` the level before anybody rated, ``line`` the line
    that the ticket begins on, ``now`` the instant at which the clocks are looked at, not before any event. ``traced``
    says whether derivations are wanted; the same computation gives everything else with and without them.

    Raises:
        BadAmount: working time or days without a calendar.
        OutOfTime: a result lies outside the years 1 to 9999.
    """
    folded = _slacore.fold_clocks([p.core for p in programs], events, request_from, level, line, now, traced)
    return tuple(
        [tuple([_standing(program, *run) for run in runs]) for program, runs in zip(programs, folded, strict=True)]
    )


_STATES = tuple(State)
_ENDINGS = tuple(Ending)


def _standing(
    program: ClockProgram,
    run: "_slacore._Run",
    stands: "_slacore._Standing",
    pauses: "list[_slacore._Pause]",
    limit: "_slacore._Trace | None",
    goal: "_slacore._Trace | None",
) -> Standing:
    seq, start, started_at, ending, end, ended_at, requests, level, change = run
    state, counted_from, goal_at, capped, due, over_since, elapsed, paused, warnings, beyond = stands
    return Standing(
        seq,
        start,
        started_at,
        _ENDINGS[ending],
        end,
        ended_at,
        requests,
        level,
        change,
        _STATES[state],
        counted_from,
        goal_at,
        capped,
        due,
        over_since,
        elapsed,
        paused,
        tuple(warnings),
        beyond,
        tuple(pauses),
        None if limit is None else _trace(program, due, limit),
        None if goal is None else _trace(program, goal_at, goal),
    )


def _trace(program: ClockProgram, due: Instant | None, trace: "_slacore._Trace") -> Deadline:
    counted, length, days = trace
    calendar = program.calendar
    return Deadline(
        due=due,
        counted=tuple(counted),
        counted_us=length,
        calendar_id=None if calendar is None else calendar.id,
        tzdata=None if calendar is None else calendar.tzdata,
        steps=tuple(date.fromordinal(day + _EPOCH_DAY) for day in days),
    )
