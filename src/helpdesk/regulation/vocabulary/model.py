"""The vocabulary: what ``regulation.toml`` and ``editions/<date>.toml`` may say. Unknown keys are refused.

Conventions: ``clause`` is the place in the company's own text; ``*_ru`` and ``*_en`` are shown to people; amounts are
texts with their unit (``4 working hours``); instants of an edition are local in its zone.
"""

from datetime import datetime
from typing import Any, Literal

from msgspec import field

from helpdesk.regulation.vocabulary.doors import (
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
from helpdesk.regulation.vocabulary.strict import Id, Place, Small, Strict, Text
from helpdesk.regulation.vocabulary.work import (
    Closing,
    Level,
    Line,
    PauseReason,
    QueueOrder,
    Rating,
    Reason,
    RequestOutcome,
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
    """What is missing, in a sentence for the operator."""
    describe_ru: str = ""
    finding: str = ""
    """The name of the gap in the text; empty: the parameter's name with ``-missing``."""
    also: tuple[str, ...] = ()
    """Further clauses that refer to what is missing."""


class Regulation(Strict, frozen=True, kw_only=True):
    """``regulation.toml``: whose regulation it is, and what the operator must or may supply."""

    tenant: Id
    """The tenant's short name, as in addresses of the API: ``siroca``."""
    name: Text
    """The company's name in English."""
    name_ru: Text
    website: str = ""
    """The company's site."""
    product: str = ""
    """What is supported."""
    demonstration: bool = False
    """True for a regulation that nobody has issued."""
    parameters: dict[str, Parameter] = field(default_factory=dict)


class Review(Strict, frozen=True, kw_only=True):
    """How often the edition must be looked at again."""

    min_months: Small | None = None
    """Not sooner than so many months after coming into force."""
    max_months: Small | None = None
    """Not later than so many months; passing it is reported to the operator."""
    clause: Place


class Header(Strict, frozen=True, kw_only=True):
    """``[edition]``: which edition this is. ``in_force_from`` is local in ``zone``; absent: the text gives no date."""

    id: Id
    """The edition's own date or name, unique within the company."""
    title: Text
    """The text's title."""
    zone: str
    """The zone of the edition's own local instants (IANA name)."""
    language: str = "ru"
    """The language that clients are written to in."""
    in_force_from: datetime | None = None
    """From when on requests are judged by it; absent: from its publication."""
    order: str = ""
    """The order or decree that put it into force."""
    published_at_url: str = ""
    """Where the company publishes it."""
    url_clause: str = ""
    """The clause that names that address."""
    review: Review | None = None


class CalendarRule(Strict, frozen=True, kw_only=True):
    """``[calendars.<name>]``: weekly hours, the production calendar they follow, and how they follow it."""

    title_ru: str = ""
    """What the explanation of a deadline calls it, in the text's own words; absent: the company's working calendar."""
    title_en: str = ""
    """The same in English."""
    zone: str
    """The zone of the hours (IANA name)."""
    hours: dict[str, str | tuple[str, ...]] | Literal["unknown"]
    """``{ mon-fri = "09:00-18:00" }``; several intervals as a list; past midnight as ``22:00-06:00``."""
    days: str | None = None
    """The production calendar (``RU``, ``KG``); absent: every week is like the other, holidays included."""
    variant: str = ""
    """A variant that the production calendar's file names (``state_funded``)."""
    working_weekends: Literal["open", "closed"] = "open"
    """Whether weekends that a decree made working days are worked."""
    working_weekend_hours: str | tuple[str, ...] | None = None
    """The hours of a decreed working Saturday; absent: those of a Monday."""
    short_days: Literal["ignore", "honour"] = "ignore"
    """Whether the hour that the law takes off before a holiday shortens the service too."""
    special_nonworking: Literal["ignore", "closed"] = "ignore"
    """Whether days declared non-working with pay (Russia, 2020 and 2021) are closed."""
    breaks: tuple[str, ...] = ()
    """Daily breaks that interrupt the hours: ``13:00-14:00``."""
    extra_dates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Dated hours that win over everything: ``{ "2026-01-01" = () }`` is closed."""
    clause: Place


class Counting(Strict, frozen=True, kw_only=True):
    """``[counting]``: the conventions of counting, by the names of their readings."""

    closing_edge: Literal["same_instant", "next_open"] = "same_instant"
    """Where working time runs out exactly at closing: that instant, or the next opening."""
    day_term: Literal["next_day", "same_day", "business_hours"] = "next_day"
    """Which day is the first of a term in working days: the one after the event, the event's own, or none: a day is a
    nominal working day's time on a running clock."""
    day_term_after_hours: Literal["event_date", "next_open"] = "event_date"
    """For an event after closing: the event's date, or that of the next opening."""
    calendar_days_skip: Literal["weekends_and_holidays", "weekends"] = "weekends_and_holidays"
    """What *calendar days without weekends* leave out."""
    roll: bool = True
    """A plain term in days that ends on a day off ends on the next working day."""
    priority_change: Literal["from_start", "from_change", "from_start_not_before_change"] = "from_start"
    """What a new level does to a running target: count the new amount from the start, from the change, or from the
    start but never to before the change."""
    clock_start: Literal["registered", "received"] = "registered"
    """What ``registered`` stands for: the registration, or the receipt."""


class Clause(Strict, frozen=True, kw_only=True):
    """``[[clauses]]``: a clause of the text, what it became: ``rules`` (key paths), or why it is not software."""

    id: Place
    """The clause's number."""
    title: Text
    """What it is about."""
    says: str = ""
    """What the clause says, in our own words."""
    rules: tuple[str, ...] = ()
    """Key paths of the rules it became: ``targets.reaction``."""
    not_software: str = ""
    """Why it is no rule, where it is none."""
    printed_as: str = ""
    """How the text numbers it, where our id differs."""


class Claim(Strict, frozen=True, kw_only=True):
    """``[[claims]]``: what a clause says of a subject. Two that differ contradict each other.

    With ``calendar`` and ``hours_a_day`` the claim is compared with the hours that the calendar really has.
    """

    clause: Place
    subject: str
    """What the clause speaks of; claims of one subject are compared."""
    says: Text
    """What it says of it, normalised so that equal meanings are equal texts."""
    calendar: str = ""
    """The calendar whose hours the claim is about."""
    hours_a_day: Small = 0
    """How many hours a day the clause says there are."""


class Patch(Strict, frozen=True, kw_only=True):
    """A change to the edition's data: ``set`` keys of all that ``at`` names. ``$value`` is the reading's value."""

    at: str
    """The path of what is changed: ``targets.resolution``, ``calendars.office``."""
    set: dict[str, Any]
    """The keys and their new values."""


class Reading(Strict, frozen=True, kw_only=True):
    """``[readings.<name>]``: an ambiguity, the meaning chosen, and what the others change."""

    clause: Place
    value: str | None = None
    """The meaning chosen; one of the alternatives, or a name for what the data say already."""
    why: Text
    """Why this meaning."""
    basis: Literal["text", "law", "ours"] = "ours"
    """What the choice rests on."""
    alternatives: dict[str, tuple[Patch, ...]] = field(default_factory=dict)
    given: tuple[Patch, ...] = ()
    """For readings that take a value of their own (hours, dates, names): what it changes."""
    shape: Literal["", "interval", "dated_hours", "names"] = ""
    """The form of the value, where it takes one of its own."""


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
    outcomes: tuple[RequestOutcome, ...] = ()
    closing: Closing | None = None
    complaint: Complaint | None = None
    answer_links: AnswerLinks | None = None
    announcements: Announcements | None = None
    numbering: Numbering | None = None
    duties: tuple[Duty, ...] = ()
    clauses: tuple[Clause, ...] = ()
    claims: tuple[Claim, ...] = ()
    readings: dict[str, Reading] = field(default_factory=dict)
