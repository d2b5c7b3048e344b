"""The vocabulary of working on a request: levels, lines, targets, terms, pauses, queue, reasons, closing."""

from typing import Literal

from helpdesk.regulation.vocabulary.strict import Name, Place, Small, Strict, Text


class Level(Strict, frozen=True, kw_only=True):
    """``[levels.<id>]``: a level of urgency; rank 0 is the most urgent."""

    name_ru: Text
    name_en: Text
    rank: Small
    """0 is the most urgent."""
    clause: Place
    criterion_ru: str = ""
    criterion_en: str = ""
    requires: tuple[str, ...] = ()
    """Facts that must be recorded before the level may be set."""


class Rating(Strict, frozen=True, kw_only=True):
    """``[rating]``: how a request gets its level."""

    default: str | None = None
    """The level before anybody rates it; absent: unrated."""
    by: Literal["staff", "client", "nobody"] = "staff"
    """Who gives the level."""
    needs_criterion: bool = False
    """A level is set only with the criterion it rests on."""
    clause: Place


class Line(Strict, frozen=True, kw_only=True):
    """``[[lines]]``: a line of support."""

    name: Name
    """The line's name; ``development`` is the developers'."""
    name_ru: Text
    name_en: Text
    clause: Place
    work: tuple[str, ...] = ()
    """Kinds of work it does; whoever hands it a request says for which, and why. Empty: any."""
    takes_calls: bool = False
    """Calls are registered on this line."""


class Target(Strict, frozen=True, kw_only=True):
    """``[[targets]]``: what support must do within how long. Exactly one of within, average, none is given."""

    name: Name
    """The promise's name: ``reaction``, ``resolution``, …"""
    name_ru: str = ""
    name_en: str = ""
    channels: tuple[str, ...] = ()
    """Only requests that came by these; empty: any."""
    levels: tuple[str, ...] = ()
    """Only requests of these levels; empty: any."""
    lines: tuple[str, ...] = ()
    """Only while one of these lines has the request; empty: any."""
    within: str = ""
    """The limit: an amount with its unit."""
    average: str = ""
    """A mean over a period instead of a limit: shown on a ticket, never breached by one."""
    none: bool = False
    """True: the text promises no time here, and says so."""
    goal: str = ""
    """An amount aimed at before the limit."""
    goal_name: str = ""
    """The name of the goal, where the text names it apart."""
    goal_cap: bool = True
    """The goal is never later than the limit."""
    calendar: str = ""
    """The calendar it is counted by; empty: round the clock."""
    starts_on: tuple[str, ...] = ()
    """What starts it, by the names of the log."""
    counts_from: Literal["start", "request"] = "start"
    """``request``: opened by the start's event, counted from the request itself."""
    stops_on: tuple[str, ...] = ()
    """What fulfils it."""
    resumes_on: tuple[str, ...] = ()
    """What takes a fulfilment back, so that it runs on."""
    pause_on: tuple[str, ...] = ()
    """Reasons to wait (``[[pauses]]``) that stop the clock."""
    repeat: Literal["first", "last", "each"] = "first"
    """Which starts count: the first; the last (a new one replaces the running one); each opens a clock of its own."""
    warn_at: tuple[str, ...] = ()
    """Shares of the amount: ``["50%", "80%"]``."""
    day_end: Literal["", "close", "midnight"] = ""
    """When the last day of a term in days ends; empty: midnight for plain calendar days, closing for the others."""
    population: str = ""
    """Which requests a mean is taken over."""
    period: str = ""
    """Over what time a mean is taken."""
    counts_automatic: bool = False
    """Automatic letters count as fulfilment."""
    clause: Place
    calendar_clause: str = ""
    """The clause that gives the hours, where it is another one."""
    refers_to: str = ""
    """Where the text says the number stands, where it does not give it here."""
    disclaimed_by: str = ""
    """The clause that says that no such time is guaranteed, where the text gives one all the same; it is told too."""


class Term(Strict, frozen=True, kw_only=True):
    """``[[terms]]``: what the client, or silence, has time for. Running out is an act, never a breach."""

    name: Name
    """The term's name: ``auto_close``, ``silence``, …"""
    name_ru: str = ""
    name_en: str = ""
    levels: tuple[str, ...] = ()
    """Only requests of these levels; empty: any."""
    channels: tuple[str, ...] = ()
    """Only requests that came by these; empty: any."""
    within: str
    """An amount with its unit."""
    calendar: str = ""
    """The calendar it is counted by; empty: round the clock."""
    starts_on: tuple[str, ...]
    """What starts it, by the names of the log."""
    cancelled_on: tuple[str, ...]
    """What makes it moot."""
    then: str
    """The act that follows: ``close:<outcome>``, or an act by name."""
    min_requests: Small = 1
    """How many starts are needed before the act may follow."""
    before_min: str = "ask_again"
    """The act until then."""
    min_gap: str = ""
    """Starts nearer to each other than this count as one."""
    pause_on: tuple[str, ...] = ()
    """Reasons to wait that stop it."""
    warn_at: tuple[str, ...] = ()
    """Shares of the amount at which to warn: ``["50%"]``."""
    day_end: Literal["", "close", "midnight"] = ""
    """When the last day of a term in days ends; empty: midnight for plain calendar days, closing for the others."""
    clause: Place


class PauseReason(Strict, frozen=True, kw_only=True):
    """``[[pauses]]``: a reason for which work may wait. Which clocks it stops, each target says."""

    reason: Name
    """The reason's name."""
    name_ru: Text
    name_en: Text
    clause: Place
    requires: Literal["", "question", "notice", "authorised_notice", "announcement"] = ""
    """What must have been sent before the pause may begin; ``authorised_notice``: a notice to the client's authorised
    persons."""
    levels: tuple[str, ...] = ()
    """Only for these levels; empty: any."""
    begins_when: Literal["", "unidentified", "incomplete"] = ""
    """Begins by itself, with the registration, when nobody knows who asks, or when the request lacks what is demanded;
    empty: begun by hand alone."""
    demands: tuple[str, ...] = ()
    """The ``[[fields]]`` that the client is asked for; an ``incomplete`` request lacks one of them, or one that is hard
    on its channel."""
    ends_on: tuple[Literal["client_message", "identified", "supplied"], ...] = ()
    """What ends it by itself: a word of the client, that somebody says who asks, that what was missing is there."""
    letter: Literal["", "incomplete-body", "identification-body"] = ""
    """The text that the letter of registration has then; empty: its usual one."""


class QueueOrder(Strict, frozen=True, kw_only=True):
    """``[queue]``: in what order requests are taken; ``expedite_needs`` is recorded when one goes out of turn."""

    order: tuple[Literal["expedited", "level", "arrival", "due"], ...]
    """By what requests are ordered, the most important first."""
    clause: Place
    expedite_needs: tuple[str, ...] = ()
    """Facts to record when a request is taken out of turn."""
    expedite_levels: tuple[str, ...] = ()
    """Levels that may be taken out of turn; empty: any."""
    expedite_categories: tuple[str, ...] = ()
    """Categories (``[[scope]]``) that may be taken out of turn; empty: any."""
    expedite_clause: str = ""
    """The clause that allows it."""


class Scope(Strict, frozen=True, kw_only=True):
    """``[[scope]]``: a kind of question, and whether it is served."""

    category: Name
    """The category's name."""
    name_ru: Text
    name_en: Text
    served: bool
    """Whether it is served."""
    clause: Place
    unless: tuple[str, ...] = ()
    """What makes an exception."""
    level: str = ""
    """The level that requests of this category have; empty: the category says nothing of it."""
    needs: tuple[str, ...] = ()
    """Facts to record when the category gives its level; they stand in for what the level itself requires."""


class Reason(Strict, frozen=True, kw_only=True):
    """``[[reasons]]``: why a solution may be postponed or impossible."""

    code: Name
    """The reason's name."""
    name_ru: Text
    name_en: Text
    clause: Place


class RequestOutcome(Strict, frozen=True, kw_only=True):
    """``[[outcomes]]``: how a request may end."""

    code: Name
    """The outcome's name."""
    name_ru: Text
    name_en: Text
    clause: Place
    needs: tuple[str, ...] = ()
    """Facts to state when a request ends so."""
    declines: bool = False
    """The request is declined: only one of a category that is not served may end so, and its clause is told."""
    category: str = ""
    """The category that a request which ends so turned out to be of."""


class Closing(Strict, frozen=True, kw_only=True):
    """``[closing]``: what an answer or a resolution does, and what may follow."""

    on: Literal["answer_sent", "resolved", "agent"]
    """What brings the request to its preliminary end."""
    state: str
    """What the text calls that state."""
    reopens_on: tuple[str, ...] = ()
    """What brings it back into work, by the names of the log."""
    disagreement_needs_text: bool = False
    """A disagreement counts only with reasons."""
    confirmed: str = ""
    """The outcome with which a confirmation closes; empty: the text names none, and whoever closes says it."""
    clause: Place
