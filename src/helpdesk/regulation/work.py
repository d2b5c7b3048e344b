"""The vocabulary of working on a request: levels, lines, targets, terms, pauses, queue, reasons, closing."""

from typing import Literal

from helpdesk.regulation.strict import Name, Place, Small, Strict, Text


class Level(Strict, frozen=True, kw_only=True):
    """``[levels.<id>]``: a level of urgency; rank 0 is the most urgent."""

    name_ru: Text
    name_en: Text
    rank: Small
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
    needs_criterion: bool = False
    clause: Place


class Line(Strict, frozen=True, kw_only=True):
    """``[[lines]]``: a line of support."""

    name: Name
    name_ru: Text
    name_en: Text
    clause: Place
    work: tuple[str, ...] = ()
    takes_calls: bool = False


class Target(Strict, frozen=True, kw_only=True):
    """``[[targets]]``: what support must do within how long. Exactly one of within, average, none is given."""

    name: Name
    name_ru: str = ""
    name_en: str = ""
    channels: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    within: str = ""
    average: str = ""
    none: bool = False
    """True: the text promises no time here, and says so."""
    goal: str = ""
    goal_name: str = ""
    goal_cap: bool = True
    """The goal is never later than the limit."""
    calendar: str = ""
    starts_on: tuple[str, ...] = ()
    counts_from: Literal["start", "request"] = "start"
    """``request``: opened by the start's event, counted from the request itself."""
    stops_on: tuple[str, ...] = ()
    resumes_on: tuple[str, ...] = ()
    pause_on: tuple[str, ...] = ()
    repeat: Literal["first", "last", "each"] = "first"
    """Which starts count: the first; the last (a new one replaces the running one); each opens a clock of its own."""
    warn_at: tuple[str, ...] = ()
    """Shares of the amount: ``["50%", "80%"]``."""
    day_end: Literal["", "close", "midnight"] = ""
    """When the last day of a term in days ends; empty: midnight for plain calendar days, closing for the others."""
    population: str = ""
    period: str = ""
    counts_automatic: bool = False
    clause: Place
    calendar_clause: str = ""
    refers_to: str = ""
    """Where the text says the number stands, where it does not give it here."""


class Term(Strict, frozen=True, kw_only=True):
    """``[[terms]]``: what the client, or silence, has time for. Running out is an act, never a breach."""

    name: Name
    name_ru: str = ""
    name_en: str = ""
    levels: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    within: str
    calendar: str = ""
    starts_on: tuple[str, ...]
    cancelled_on: tuple[str, ...]
    then: str
    min_requests: Small = 1
    """How many starts are needed before the act may follow."""
    before_min: str = "ask_again"
    """The act until then."""
    min_gap: str = ""
    """Starts nearer to each other than this count as one."""
    pause_on: tuple[str, ...] = ()
    warn_at: tuple[str, ...] = ()
    day_end: Literal["", "close", "midnight"] = ""
    """When the last day of a term in days ends; empty: midnight for plain calendar days, closing for the others."""
    clause: Place


class PauseReason(Strict, frozen=True, kw_only=True):
    """``[[pauses]]``: a reason for which work may wait. Which clocks it stops, each target says."""

    reason: Name
    name_ru: Text
    name_en: Text
    clause: Place
    requires: Literal["", "question", "notice", "announcement"] = ""
    """What must have been sent before the pause may begin."""
    levels: tuple[str, ...] = ()


class QueueOrder(Strict, frozen=True, kw_only=True):
    """``[queue]``: in what order requests are taken; ``expedite_needs`` is recorded when one goes out of turn."""

    order: tuple[Literal["expedited", "level", "arrival", "due"], ...]
    clause: Place
    expedite_needs: tuple[str, ...] = ()
    expedite_levels: tuple[str, ...] = ()
    expedite_clause: str = ""


class Scope(Strict, frozen=True, kw_only=True):
    """``[[scope]]``: a kind of question, and whether it is served."""

    category: Name
    name_ru: Text
    name_en: Text
    served: bool
    clause: Place
    unless: tuple[str, ...] = ()


class Reason(Strict, frozen=True, kw_only=True):
    """``[[reasons]]``: why a solution may be postponed or impossible."""

    code: Name
    name_ru: Text
    name_en: Text
    clause: Place


class Outcome(Strict, frozen=True, kw_only=True):
    """``[[outcomes]]``: how a request may end."""

    code: Name
    name_ru: Text
    name_en: Text
    clause: Place
    needs: tuple[str, ...] = ()


class Closing(Strict, frozen=True, kw_only=True):
    """``[closing]``: what an answer or a resolution does, and what may follow."""

    on: Literal["answer_sent", "resolved", "agent"]
    state: str
    reopens_on: tuple[str, ...] = ()
    disagreement_needs_text: bool = False
    clause: Place
