"""From a run of a clock, as the core folded it, to its view and its derivation."""

from msgspec import Struct

from helpdesk.contracts.clocks import ClockKind, ClockState, ClockView
from helpdesk.contracts.log import Entry
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.compiling.codes import Coded
from helpdesk.regulation.compiling.rules import Family, Rule
from helpdesk.sla.clock import Standing
from helpdesk.sla.due import Deadline

PROMISES_NOTHING = "the regulation promises no time here"
NOT_GIVEN = "the regulation refers to a time that it does not give"
STANDS_STILL = "waiting: the clock stands still"

STATES = (
    ClockState.RUNNING,
    ClockState.PAUSED,
    ClockState.MET,
    ClockState.BREACHED,
    ClockState.EXPIRED,
    ClockState.CANCELLED,
)
"""By the core's number."""


class Run(Struct, frozen=True):
    """One clock of a rule on a ticket: what started and what ended it, and when it waited."""

    start: Entry
    end: Entry | None
    pauses: tuple[tuple[Instant, Instant | None], ...]


class Derived(Struct, frozen=True):
    """One clock with everything it was derived from."""

    rule: Rule
    view: ClockView
    run: Run | None = None
    deadline: Deadline | None = None
    goal_capped: bool = False
    counted_from: Instant | None = None
    change: Entry | None = None
    """The change of level that matters, if any."""


def view_of(rule: Rule, stands: Standing) -> ClockView:
    """Return a clock as every layer sees it."""
    kind, note = rule.kind, ""
    if rule.amount is None:
        kind, note = ClockKind.UNKNOWN, NOT_GIVEN
    elif stands.beyond is not None:
        note = stands.beyond
    elif stands.due is None:
        note = STANDS_STILL
    return ClockView(
        rule.name,
        stands.seq,
        kind,
        STATES[stands.state],
        rule.clause,
        stands.started_at,
        stands.ended_at,
        stands.goal,
        stands.due,
        stands.warnings,
        rule.then if stands.requests >= rule.min_requests else rule.before_min,
        stands.elapsed_us,
        stands.paused_us,
        note,
    )


def derived_of(family: Family, rule: Rule, stands: Standing, coded: Coded) -> Derived:
    """Return a clock with its derivation; ``stands`` must have been folded with it."""
    change = coded.entries[stands.change] if family.by_level and stands.change is not None else None
    end = None if stands.end is None else coded.entries[stands.end]
    return Derived(
        rule,
        view_of(rule, stands),
        Run(coded.entries[stands.start], end, stands.pauses),
        None if rule.amount is None or stands.beyond is not None else stands.limit_trace,
        stands.goal_capped,
        stands.counted_from,
        change,
    )


def promises_nothing(rule: Rule) -> ClockView:
    """Return the clock of a rule that promises no time."""
    return ClockView(rule.name, 0, rule.kind, ClockState.RUNNING, rule.clause, None, None, None, None,
                     note=PROMISES_NOTHING)  # fmt: skip
