"""What a certificate says, field by field. The names are the document's keys; ``helpdesk.verify`` knows them too."""

from typing import Any

from msgspec import Struct

from helpdesk.contracts.clocks import ClockKind, ClockState
from helpdesk.contracts.log import Happened
from helpdesk.sla.calendar import Hours

FORMAT = "helpdesk-deadline-1"

Span = tuple[str, str]


class ZoneFacts(Struct, frozen=True):
    """The clock of the place: its name, and its offsets over the time that matters."""

    name: str
    initial_offset_s: int
    changes: tuple[tuple[int, int], ...]
    """(microseconds since the Unix epoch, seconds east of UTC from then on)."""


class DateFacts(Struct, frozen=True):
    """A date that differs from its weekday."""

    kind: str | None
    hours: Hours | None
    """Null: the weekly hours."""
    shortened_s: int


class CalendarFacts(Struct, frozen=True):
    """Opening hours, in local seconds of the day, for the dates counted through."""

    name: str
    weekly: tuple[Hours, ...]
    """Monday to Sunday."""
    dates: dict[str, DateFacts]
    first: str
    last: str


class GoalFacts(Struct, frozen=True):
    """What is aimed at."""

    amount: dict[str, Any]
    capped: bool
    """Never later than the limit."""


class ActFacts(Struct, frozen=True):
    """What follows when a term runs out."""

    then: str
    min_requests: int
    before_min: str
    min_gap_seconds: int


class RuleFacts(Struct, frozen=True):
    """The promise: for which requests, from when to when, how much of what time."""

    name: str
    kind: ClockKind
    clause: str
    channels: tuple[str, ...]
    levels: tuple[str, ...]
    lines: tuple[str, ...]
    unrated_level: str | None
    """The level before anybody rates the request, where levels matter."""
    first_line: str
    """The line a request begins on, where lines matter."""
    starts_on: tuple[str, ...]
    stops_on: tuple[str, ...]
    resumes_on: tuple[str, ...]
    cancelled_on: tuple[str, ...]
    pause_on: tuple[str, ...]
    repeat: str
    counts_from: str
    clock_start: str
    level_change: str
    amount: dict[str, Any]
    """The unit, the seconds or days, and every counting convention that the unit knows."""
    goal: GoalFacts | None
    act: ActFacts | None


class ReadingFacts(Struct, frozen=True):
    """The chosen meaning of an ambiguous clause that bears on the deadline."""

    name: str
    clause: str
    value: Any


class LogFacts(Struct, frozen=True):
    """An entry of the ticket's log that bears on the clock."""

    seq: int
    at: str
    what: Happened
    data: dict[str, str | bool | None]


class DerivedFacts(Struct, frozen=True):
    """What follows from all the rest; every value can be computed anew."""

    counted_from: str
    started_by: int
    """The entry's ``seq``, as for the two that follow."""
    ended_by: int | None
    level_change: int | None
    pauses: tuple[tuple[str, str | None], ...]
    counted: tuple[Span, ...]
    days: tuple[str, ...]
    goal: str | None
    goal_capped: bool
    due: str | None
    state: ClockState
    then: str


class Certificate(Struct, frozen=True):
    """A sealed certificate. Instants are ISO 8601 as the zone's clock shows them."""

    format: str
    tenant: str
    ticket: int | None
    """The ticket's number; null for a request that has not been made."""
    edition: str
    snapshot: str
    as_of: str
    zone: ZoneFacts
    calendar: CalendarFacts | None
    """Null: elapsed time only."""
    rule: RuleFacts
    readings: tuple[ReadingFacts, ...]
    log: tuple[LogFacts, ...]
    clock: int
    """0 for the first clock of the rule on the ticket."""
    derived: DerivedFacts
    key: str
    """The public key that signed, in hexadecimal."""
    hash: str
    """SHA-256 of the canonical form of everything but ``hash`` and ``signature``."""
    signature: str
    """Ed25519."""
