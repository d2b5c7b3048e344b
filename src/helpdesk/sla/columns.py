"""Columns of questions, answered at once: a row costs nanoseconds, the interpreter is let go, all cores are used.

A column is any contiguous buffer: ``array.array``, ``memoryview``, a NumPy array. Instants and amounts are signed
64-bit integers (``array("q")``) in microseconds, numbers of rows and calendars unsigned 32-bit ones (``array("I")``).
A column may be input and output at once. A row that cannot be answered (the calendar does not know, the amount is below
zero) gets ``NONE_US`` and is counted; ask the calendar itself for the reason. While a call runs, nobody else may write
to its columns: rows read meanwhile would be any mixture of old and new.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpdesk import _slacore
from helpdesk.kernel.instants import Instant
from helpdesk.sla.calendar import Calendar

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

NONE_US: int = _slacore.NONE_US
"""What a row without an answer gets: -2**63."""


def add_rows(
    calendars: Calendar | Sequence[Calendar],
    starts_us: "ReadableBuffer",
    amounts_us: "ReadableBuffer",
    out_us: "WriteableBuffer",
    *,
    which: "ReadableBuffer | None" = None,
    threads: int = 0,
) -> int:
    """Write when each amount of working time is used up; return how many rows have no answer.

    With several calendars ``which`` says each row's by its number. ``threads`` of 0 uses every core where
    there are rows enough.

    Raises:
        BadColumn: columns of another type, not contiguous, of unequal length, or a calendar that there is not.
    """
    return _rows(calendars, which, (starts_us, amounts_us, out_us), threads, between=False)


def between_rows(
    calendars: Calendar | Sequence[Calendar],
    a_us: "ReadableBuffer",
    b_us: "ReadableBuffer",
    out_us: "WriteableBuffer",
    *,
    which: "ReadableBuffer | None" = None,
    threads: int = 0,
) -> int:
    """Write how much working time lies in each ``[a, b)``, below zero for ``b`` before ``a``; else as ``add_rows``."""
    return _rows(calendars, which, (a_us, b_us, out_us), threads, between=True)


def _rows(
    calendars: Calendar | Sequence[Calendar],
    which: "ReadableBuffer | None",
    columns: "tuple[ReadableBuffer, ReadableBuffer, WriteableBuffer]",
    threads: int,
    *,
    between: bool,
) -> int:
    if isinstance(calendars, Calendar):
        calendars = (calendars,)
    if which is not None:
        return _slacore.rows_by_calendar(calendars, which, between, *columns, threads)
    if len(calendars) != 1:
        raise _slacore.BadColumn(f"{len(calendars)} calendars, but nothing says which row is whose")
    ask = calendars[0].between_many if between else calendars[0].add_many
    return ask(*columns, threads)


def come_due(due_us: "ReadableBuffer", now: Instant, out: "WriteableBuffer") -> int:
    """Write the numbers of the rows whose due instant has come and return how many; ``NONE_US`` never comes.

    ``out`` has a row for every row. Raises ``BadColumn``.
    """
    return _slacore.come_due(due_us, now, out)


def used_up(
    calendars: Calendar | Sequence[Calendar],
    since_us: "ReadableBuffer",
    left_us: "ReadableBuffer",
    now: Instant,
    out: "WriteableBuffer",
    *,
    which: "ReadableBuffer | None" = None,
) -> int:
    """Write the numbers of the clocks whose time is used up by ``now`` and return how many.

    A clock runs on its calendar since ``since`` and may count ``left`` from then on; one whose ``since`` is ``NONE_US``
    stands still. Rows sorted by calendar are swept fastest.

    Raises:
        BadColumn: as ``add_rows``.
        BeyondCalendar: a calendar does not know ``now``, or the instant since which a clock runs.
    """
    if isinstance(calendars, Calendar):
        calendars = (calendars,)
    return _slacore.used_up(calendars, which, since_us, left_us, now, out)
