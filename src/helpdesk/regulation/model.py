"""The vocabulary: what ``regulation.toml`` and ``editions/<date>.toml`` may say. Unknown keys are refused.

Conventions: ``clause`` is the place in the company's own text; ``*_ru`` and ``*_en`` are shown to people; amounts are
texts with their unit (``4 working hours``); instants of an edition are local in its zone.
"""

from datetime import datetime
from typing import Any, Literal

from msgspec import field

from helpdesk.regulation.doors import (
    Acceptance,
    Admission,
    Announcements,
    AnswerLinks,
    Attachments,
    Channel,
    Complaint,
    Duty,
    FieldRule,
    Numbering,
    Refusal,
)
from helpdesk.regulation.strict import Id, Place, Small, Strict, Text
from helpdesk.regulation.work import (
    Closing,
    Level,
    Line,
    Outcome,
    PauseReason,
    QueueOrder,
    Rating,
    Reason,
    Scope,
    Target,
    Term,
)


class Parameter(Strict, frozen=True, kw_only=True):
    """What the operator supplies, because the text does not give it."""

    required: bool
    """True: the regulation cannot be activated without it. False: what hangs on it is unknown when it is left out."""
    clause: Place
    describe: Text
    describe_ru: str = ""
    finding: str = ""
    """The name of the gap in the text; empty: the parameter's name with ``-missing``."""
    also: tuple[str, ...] = ()
    """Further clauses that refer to what is missing."""


class Regulation(Strict, frozen=True, kw_only=True):
    """``regulation.toml``: whose regulation it is, and what the operator must or may supply."""

    tenant: Id
    name: Text
    name_ru: Text
    website: str = ""
    product: str = ""
    demonstration: bool = False
    """True for a regulation that nobody has issued."""
    parameters: dict[str, Parameter] = field(default_factory=dict)


class Review(Strict, frozen=True, kw_only=True):
    """How often the edition must be looked at again."""

    min_months: Small | None = None
    max_months: Small | None = None
    clause: Place


class Header(Strict, frozen=True, kw_only=True):
    """``[edition]``: which edition this is. ``in_force_from`` is local in ``zone``; absent: the text gives no date."""

    id: Id
    title: Text
    zone: str
    language: str = "ru"
    in_force_from: datetime | None = None
    order: str = ""
    published_at_url: str = ""
    url_clause: str = ""
    review: Review | None = None


class CalendarRule(Strict, frozen=True, kw_only=True):
    """``[calendars.<name>]``: weekly hours, the production calendar they follow, and how they follow it."""

    zone: str
    hours: dict[str, str | tuple[str, ...]] | Literal["unknown"]
    """``{ mon-fri = "09:00-18:00" }``; several intervals as a list; past midnight as ``22:00-06:00``."""
    days: str | None = None
    """The production calendar (``RU``, ``KG``); absent: every week is like the other, holidays included."""
    variant: str = ""
    """A variant that the production calendar's file names (``state_funded``)."""
    working_weekends: Literal["open", "closed"] = "open"
    working_weekend_hours: str | tuple[str, ...] | None = None
    """The hours of a decreed working Saturday; absent: those of a Monday."""
    short_days: Literal["ignore", "honour"] = "ignore"
    special_nonworking: Literal["ignore", "closed"] = "ignore"
    breaks: tuple[str, ...] = ()
    extra_dates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Dated hours that win over everything: ``{ "2026-01-01" = () }`` is closed."""
    clause: Place


class Counting(Strict, frozen=True, kw_only=True):
    """``[counting]``: the conventions of counting, by the names of their readings."""

    closing_edge: Literal["same_instant", "next_open"] = "same_instant"
    day_term: Literal["next_day", "same_day", "business_hours"] = "next_day"
    day_term_after_hours: Literal["event_date", "next_open"] = "event_date"
    calendar_days_skip: Literal["weekends_and_holidays", "weekends"] = "weekends_and_holidays"
    roll: bool = True
    priority_change: Literal["from_start", "from_change", "from_start_not_before_change"] = "from_start"
    clock_start: Literal["registered", "received"] = "registered"


class Clause(Strict, frozen=True, kw_only=True):
    """``[[clauses]]``: a clause of the text, what it became: ``rules`` (key paths), or why it is not software."""

    id: Place
    title: Text
    says: str = ""
    """What the clause says, in our own words."""
    rules: tuple[str, ...] = ()
    not_software: str = ""
    printed_as: str = ""
    """How the text numbers it, where our id differs."""


class Claim(Strict, frozen=True, kw_only=True):
    """``[[claims]]``: what a clause says of a subject. Two that differ contradict each other.

    With ``calendar`` and ``hours_a_day`` the claim is compared with the hours that the calendar really has.
    """

    clause: Place
    subject: str
    says: Text
    calendar: str = ""
    hours_a_day: Small = 0


class Patch(Strict, frozen=True, kw_only=True):
    """A change to the edition's data: ``set`` keys of all that ``at`` names. ``$value`` is the reading's value."""

    at: str
    set: dict[str, Any]


class Reading(Strict, frozen=True, kw_only=True):
    """``[readings.<name>]``: an ambiguity, the meaning chosen, and what the others change."""

    clause: Place
    value: str | None = None
    why: Text
    basis: Literal["text", "law", "ours"] = "ours"
    alternatives: dict[str, tuple[Patch, ...]] = field(default_factory=dict)
    given: tuple[Patch, ...] = ()
    """For readings that take a value of their own (hours, dates, names): what it changes."""
    shape: Literal["", "interval", "dated_hours", "names"] = ""


class Edition(Strict, frozen=True, kw_only=True):
    """One dated, complete version of a regulation."""

    edition: Header
    calendars: dict[str, CalendarRule] = field(default_factory=dict)
    counting: Counting = field(default_factory=Counting)
    channels: tuple[Channel, ...]
    refusals: tuple[Refusal, ...] = ()
    admission: Admission
    acceptance: Acceptance | None = None
    fields: tuple[FieldRule, ...] = ()
    attachments: Attachments | None = None
    levels: dict[str, Level] = field(default_factory=dict)
    rating: Rating | None = None
    lines: tuple[Line, ...] = ()
    targets: tuple[Target, ...] = ()
    terms: tuple[Term, ...] = ()
    pauses: tuple[PauseReason, ...] = ()
    queue: QueueOrder
    scope: tuple[Scope, ...] = ()
    reasons: tuple[Reason, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    closing: Closing | None = None
    complaint: Complaint | None = None
    answer_links: AnswerLinks | None = None
    announcements: Announcements | None = None
    numbering: Numbering | None = None
    duties: tuple[Duty, ...] = ()
    clauses: tuple[Clause, ...] = ()
    claims: tuple[Claim, ...] = ()
    readings: dict[str, Reading] = field(default_factory=dict)
