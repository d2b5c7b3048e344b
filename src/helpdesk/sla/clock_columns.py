"""Clocks of many tickets at once: events in columns, and how every run, or every last run, stands."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from helpdesk import _slacore
from helpdesk.kernel.instants import Instant
from helpdesk.sla.clock import ClockProgram

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class ClockColumns(NamedTuple):
    """Where a fold of many tickets writes: a 64-bit row for each ticket and program, ticket by ticket."""

    state: "WriteableBuffer"
    """``State``, or ``NONE_US`` where the ticket has no such clock."""
    due_us: "WriteableBuffer"
    goal_us: "WriteableBuffer"
    elapsed_us: "WriteableBuffer"
    paused_us: "WriteableBuffer"


def fold_many(
    programs: Sequence[ClockProgram],
    *,
    offsets: "ReadableBuffer",
    at_us: "ReadableBuffer",
    codes: "ReadableBuffer",
    levels: "ReadableBuffer | None",
    now: Instant,
    out: ClockColumns,
    threads: int = 0,
) -> int:
    """Fold many tickets' events at once and write each program's last run; return how many calendars did not know.

    Events come ticket after ticket, a 64-bit row each; ``offsets`` holds where each ticket's begin and, last, where all
    end. ``levels`` holds the level that an event sets, plus 64 if it is the first rating, or -1. A request's own time
    begins with its first event; a ticket that goes on after ``now`` is looked at as of its last event. Columns are as
    in ``helpdesk.sla.columns``.

    Raises:
        BadColumn: columns that do not fit together.
    """
    cores = [program.core for program in programs]
    return _slacore.fold_many_clocks(cores, offsets, at_us, codes, levels, now, *out, threads)


class ClockLogs(NamedTuple):
    """Many tickets' events, ticket after ticket, a 64-bit row each."""

    offsets: "ReadableBuffer"
    """Where each ticket's events begin and, last, where all end."""
    at_us: "ReadableBuffer"
    counts_from_us: "ReadableBuffer"
    """From when each counts; a request's own time begins when its first event counts."""
    codes: "ReadableBuffer"
    levels: "ReadableBuffer"
    """The level each sets, plus 64 if it is the first rating; -1 for none."""
    lines: "ReadableBuffer"
    """The line each hands the ticket to; -1 for none."""
    channels: "ReadableBuffer"
    """The channel each came by; -1 for none."""


class ClockRuns(NamedTuple):
    """How runs stand, a row each: ticket by ticket, program by program, in the order they began."""

    tickets: list[int]
    programs: list[int]
    seqs: list[int]
    states: list[int]
    """``State``."""
    dues: list[int]
    """``NONE_US`` for never."""
    goals: list[int]
    """``NONE_US`` for none."""
    requests: list[int]


def fold_runs(
    programs: Sequence[ClockProgram],
    logs: ClockLogs,
    *,
    now: Instant,
    level: int | None = None,
    line: int | None = None,
) -> ClockRuns:
    """Fold many tickets' events at once: every run of every program on tickets it is for, as `fold_clocks` has it.

    A ticket that goes on after ``now`` is looked at as of its last event.

    Raises:
        BadColumn: columns that do not fit together.
        BadAmount: working time or days without a calendar.
        OutOfTime: a result lies outside the years 1 to 9999.
    """
    cores = [program.core for program in programs]
    offsets, at, counts_from, codes, levels, lines, channels = logs
    return ClockRuns(
        *_slacore.fold_runs_of_clocks(cores, offsets, at, codes, counts_from, levels, lines, channels, level, line, now)
    )
