"""Time as regulations promise it: calendars, amounts, deadlines. The façade over the Rust core.

The only importer of ``helpdesk._slacore``. Instants are microseconds since the Unix epoch.
"""

from helpdesk.sla.amount import AfterHours, Amount, ClosingEdge, DayEnd, DayTerm, Skip, Unit
from helpdesk.sla.calendar import (
    Calendar,
    CalendarSpec,
    DateKind,
    DateRule,
    Hours,
    compile_calendar,
    split_past_midnight,
)
from helpdesk.sla.due import Deadline, deadline
from helpdesk.sla.errors import (
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
    UnknownZone,
)
from helpdesk.sla.zones import TZDATA_VERSION, ZoneTransitions, read_transitions

__all__ = [
    "TZDATA_VERSION",
    "AfterHours",
    "Amount",
    "BadAmount",
    "BadColumn",
    "BadHours",
    "BadPause",
    "BadProgram",
    "BadRange",
    "BadZone",
    "BeyondCalendar",
    "Calendar",
    "CalendarSpec",
    "ClosingEdge",
    "DateKind",
    "DateRule",
    "DayEnd",
    "DayTerm",
    "Deadline",
    "Hours",
    "NaiveInstant",
    "NoWorkingTime",
    "OutOfTime",
    "Skip",
    "SlaError",
    "Unit",
    "UnknownZone",
    "ZoneTransitions",
    "compile_calendar",
    "deadline",
    "read_transitions",
    "split_past_midnight",
]
