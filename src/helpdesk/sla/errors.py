"""What the core refuses: one class per kind, all under ``SlaError``, which is a ``ValueError``.

::

    SlaError
    ├── BadZone          zone transitions that are no zone
    ├── UnknownZone      the zone database has no such zone
    ├── BadHours         hours reversed, empty, overlapping, outside the day
    ├── BadRange         a known range reversed, outside the years 1 to 9999, or too long
    ├── NoWorkingTime    never open where it must be
    ├── BeyondCalendar   the question or its answer lies outside what the calendar knows
    ├── BadAmount        an amount below zero, of no days, or without its calendar
    ├── BadPause         a pause that ends before it begins
    ├── OutOfTime        the answer lies outside the years 1 to 9999
    ├── BadColumn        columns that do not fit together
    ├── BadProgram       a clock's program or its events make no sense
    └── NaiveInstant     a wall-clock reading without a zone
"""

from helpdesk._slacore import (
    BadAmount,
    BadColumn,
    BadHours,
    BadPause,
    BadProgram,
    BadRange,
    BadZone,
    BeyondCalendar,
    NaiveInstant,
    NoWorkingTime,
    OutOfTime,
    SlaError,
)

__all__ = [
    "BadAmount",
    "BadColumn",
    "BadHours",
    "BadPause",
    "BadProgram",
    "BadRange",
    "BadZone",
    "BeyondCalendar",
    "NaiveInstant",
    "NoWorkingTime",
    "OutOfTime",
    "SlaError",
    "UnknownZone",
]


class UnknownZone(SlaError):
    """The zone database has no such zone."""
