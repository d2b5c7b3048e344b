"""An edition's targets and terms, compiled once: conditions parsed, amounts parsed, conventions chosen."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from helpdesk.contracts.clocks import ClockKind
from helpdesk.contracts.log import Happened
from helpdesk.regulation.vocabulary.amounts import UNKNOWN, AmountText, parse_amount
from helpdesk.regulation.vocabulary.conditions import Condition, parse_condition
from helpdesk.regulation.vocabulary.model import Counting, Edition
from helpdesk.regulation.vocabulary.work import Target, Term
from helpdesk.sla.amount import AfterHours, Amount, ClosingEdge, DayEnd, DayTerm, Skip, Unit

_MOOT = (Condition(Happened.MERGED), Condition(Happened.CLOSED))
"""Whatever a rule stops on, its clocks are moot on a ticket that was merged into another one or closed."""


class FoldRule(Struct, frozen=True):
    """When a clock starts, stops and waits."""

    starts: tuple[Condition, ...]
    stops: tuple[Condition, ...] = ()
    resumes: tuple[Condition, ...] = ()
    cancels: tuple[Condition, ...] = ()
    pause_reasons: frozenset[str] = frozenset()
    repeat: Literal["first", "last", "each"] = "first"
    counts_from_request: bool = False
    min_gap_us: int = 0


class Rule(Struct, frozen=True):
    """One target or term, ready to be folded and counted."""

    name: str
    kind: ClockKind
    clause: str
    name_ru: str
    name_en: str
    channels: tuple[str, ...]
    levels: tuple[str, ...]
    lines: tuple[str, ...]
    calendar: str
    """Empty: elapsed time."""
    path: str
    """Where the rule stands in the edition, for people: ``targets.reaction``."""
    fold: FoldRule
    text: AmountText | None = None
    """The amount as written; None where there is none to count."""
    amount: Amount | None = None
    goal: Amount | None = None
    goal_text: AmountText | None = None
    goal_name: str = ""
    goal_cap: bool = True
    shares: tuple[int, ...] = ()
    """At which percentages of the amount to warn."""
    then: str = ""
    min_requests: int = 1
    before_min: str = ""

    def fits(self, channel: str, level: str | None, line: str) -> bool:
        """Say whether the rule is the one for such a request."""
        return (
            (not self.channels or channel in self.channels)
            and (not self.levels or level in self.levels)
            and (not self.lines or line in self.lines)
        )


class Family(Struct, frozen=True):
    """All rules of one name; at most one of them fits a clock."""

    name: str
    rules: tuple[Rule, ...]
    by_level: bool


def compile_rules(edition: Edition) -> tuple[Family, ...]:
    """Return the edition's targets and terms by name, in the order they are written."""
    rules = [_target(edition, target) for target in edition.targets] + [_term(edition, term) for term in edition.terms]
    families: dict[str, list[Rule]] = {}
    for rule in rules:
        families.setdefault(rule.name, []).append(rule)
    return tuple(Family(name, tuple(found), any(rule.levels for rule in found)) for name, found in families.items())


def sla_amount(text: AmountText, counting: Counting, day_end: str) -> Amount:
    """Return the amount as the core counts it, under the edition's conventions."""
    return Amount(
        unit=text.unit,
        value=text.value,
        day_term=DayTerm(counting.day_term),
        after_hours=AfterHours(counting.day_term_after_hours),
        day_end=DayEnd(day_end) if day_end else None,
        skip=Skip(counting.calendar_days_skip),
        roll=counting.roll,
        closing_edge=ClosingEdge(counting.closing_edge),
    )


def _known(edition: Edition, text: str, calendar: str) -> AmountText | None:
    """Return the amount, or None where it, or the hours it is counted in, are not given."""
    if text in {"", UNKNOWN}:
        return None
    amount = parse_amount(text)
    if amount.unit is not Unit.ELAPSED and edition.calendars[calendar].hours == UNKNOWN:
        return None
    return amount


def _conditions(texts: Sequence[str]) -> tuple[Condition, ...]:
    return tuple(parse_condition(text) for text in texts)


def _target(edition: Edition, target: Target) -> Rule:
    counting = edition.counting
    text = _known(edition, target.within or target.average, target.calendar)
    goal = _known(edition, target.goal, target.calendar)
    if target.none:
        kind = ClockKind.NONE
    elif text is None:
        kind = ClockKind.UNKNOWN
    else:
        kind = ClockKind.LIMIT if target.within else ClockKind.AVERAGE
    return Rule(
        name=target.name,
        kind=kind,
        clause=target.clause,
        name_ru=target.name_ru or target.name,
        name_en=target.name_en or target.name,
        channels=tuple(target.channels),
        levels=tuple(target.levels),
        lines=tuple(target.lines),
        calendar=target.calendar if text is None or text.unit is not Unit.ELAPSED else "",
        path=f"targets.{target.name}",
        fold=FoldRule(
            starts=_conditions(target.starts_on),
            stops=_conditions(target.stops_on),
            resumes=_conditions(target.resumes_on),
            cancels=_MOOT,
            pause_reasons=frozenset(target.pause_on),
            repeat=target.repeat,
            counts_from_request=target.counts_from == "request",
        ),
        text=text,
        amount=sla_amount(text, counting, target.day_end) if text else None,
        goal=sla_amount(goal, counting, target.day_end) if goal else None,
        goal_text=goal,
        goal_name=target.goal_name,
        goal_cap=target.goal_cap,
        shares=_shares(target.warn_at),
    )


def _term(edition: Edition, term: Term) -> Rule:
    text = _known(edition, term.within, term.calendar)
    gap = _known(edition, term.min_gap, term.calendar)
    return Rule(
        name=term.name,
        kind=ClockKind.TERM if text else ClockKind.UNKNOWN,
        clause=term.clause,
        name_ru=term.name_ru or term.name,
        name_en=term.name_en or term.name,
        channels=tuple(term.channels),
        levels=tuple(term.levels),
        lines=(),
        calendar=term.calendar if text is None or text.unit is not Unit.ELAPSED else "",
        path=f"terms.{term.name}",
        fold=FoldRule(
            starts=_conditions(term.starts_on),
            cancels=(*_conditions(term.cancelled_on), *_MOOT),
            pause_reasons=frozenset(term.pause_on),
            repeat="last",
            min_gap_us=gap.value if gap else 0,
        ),
        text=text,
        amount=sla_amount(text, edition.counting, term.day_end) if text else None,
        shares=_shares(term.warn_at),
        then=term.then,
        min_requests=term.min_requests,
        before_min=term.before_min,
    )


def _shares(texts: Sequence[str]) -> tuple[int, ...]:
    return tuple(sorted(int(text.removesuffix("%")) for text in texts))
