"""What another edition changes for whom, with witnesses: instants of receipt at which a promise comes out otherwise.

Requests are made up: by every channel, on every level and line that a promise names, received at hundreds of instants
of a year: at every edge of the hours of two weeks, and of every date that a calendar of either edition treats apart.
Both editions judge each; what comes out otherwise is an effect, and the first instant at which it does is its witness.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import msgspec
from msgspec import Struct

from helpdesk.contracts.clocks import ClockKind
from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.instants import DAY, MINUTE, SECOND, Instant
from helpdesk.regulation.compiling.rules import Family
from helpdesk.regulation.judging.admission import Admission
from helpdesk.regulation.judging.columns import Stood
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.explanation import local_iso
from helpdesk.regulation.judging.snapshot import ALWAYS
from helpdesk.regulation.vocabulary.conditions import Condition
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.errors import BeyondCalendar

ADMISSION = "admission"
"""Stands for a target where it is the door that differs."""
_SPAN = 370
"""Days looked at."""
_WEEKS = 14
"""Days at whose every edge somebody writes."""
_OF_REQUEST = frozenset({Happened.RECEIVED, Happened.REGISTERED})


class Promise(Struct, frozen=True):
    """What one edition says of a request."""

    outcome: str
    """``due``, ``none`` (it promises no time), ``unknown`` or ``no_target``; of the door: ``let_in`` or ``refused``."""
    due: str | None = None
    """ISO 8601 in the later edition's zone; of the door: from when the request counts."""
    goal: str | None = None
    clause: str = ""


class Effect(Struct, frozen=True):
    """One promise that comes out otherwise for some requests."""

    target: str
    """The target or term; ``admission`` where it is the door."""
    channels: tuple[str, ...]
    levels: tuple[str, ...]
    """Empty: there are none, or nobody rated."""
    line: str
    """The line that the ticket is on; empty where lines do not matter."""
    received: str
    """The witness: received then, it comes out otherwise."""
    before: Promise
    after: Promise
    differs: int
    """At how many of the instants tried."""
    of: int


class _Case(Struct, frozen=True):
    target: str
    channel: str
    level: str
    line: str


def effects(before: Evaluator, after: Evaluator, since: Instant) -> tuple[Effect, ...]:
    """Return what ``after`` changes against ``before`` for requests received in the year from ``since`` on."""
    moments = tuple(_moments((before, after), since))
    names = list(dict.fromkeys(channel.name for side in (after, before) for channel in side.channels))
    doors = {side: _doors(side, names, moments) for side in (before, after)}
    found: list[tuple[_Case, int, int, Instant, Promise, Promise]] = []
    for channel in names:
        pairs = [(at, doors[before][channel, at], doors[after][channel, at]) for at in moments]
        told = [(at, _said(one, after), _said(two, after)) for at, one, two in pairs]
        found += _differing(_Case(ADMISSION, channel, "", ""), told)
    for case in _cases(before, after, names):
        let_in = [[_counts_from(doors[side][case.channel, at]) for at in moments] for side in (before, after)]
        both = [each for each in zip(moments, *let_in, strict=True) if None not in each]
        one = _promises(before, case, [(at, counts) for at, counts, _ in both], after)
        two = _promises(after, case, [(at, counts) for at, _, counts in both], after)
        found += _differing(case, list(zip([at for at, *_ in both], one, two, strict=True)))
    return tuple(_merged(found, after))


def _moments(sides: Sequence[Evaluator], since: Instant) -> Iterator[Instant]:
    """Yield instants worth trying, in order: the edges of hours, and a minute before each."""
    place = sides[-1].calendars[ALWAYS]
    calendars = [calendar for side in sides for calendar in side.calendars.values()]
    first = place.local_date(since)
    days = {first + timedelta(days=number) for number in range(_WEEKS)}
    for calendar in calendars:
        for day in calendar.spec.dates:
            if first < day < first + timedelta(days=_SPAN):
                days |= {day - timedelta(days=1), day}
    for day in sorted(days):
        known = [calendar for calendar in calendars if calendar.spec.first <= day <= calendar.spec.last]
        if len(known) < len(calendars):
            continue
        edges = {second for calendar in known for span in calendar.hours_on(day) for second in span}
        midnight = place.start_of(day)
        around = {midnight + second * SECOND + shift for second in edges | {43_200} for shift in (-MINUTE, 0)}
        yield from sorted(at for at in around if since <= at < midnight + DAY)


def _doors(
    side: Evaluator, channels: Iterable[str], moments: Iterable[Instant]
) -> dict[tuple[str, Instant], Admission | None]:
    """Return what the doors of one edition say of every channel at every moment; None: not known."""
    found: dict[tuple[str, Instant], Admission | None] = {}
    for name, at in product(channels, moments):
        try:
            found[name, at] = side.admit_by_name(name, at)
        except BeyondCalendar:
            found[name, at] = None
    return found


def _counts_from(admission: Admission | None) -> Instant | None:
    return admission.counts_from if admission is not None and admission.accepted else None


def _said(admission: Admission | None, after: Evaluator) -> Promise:
    if admission is None:
        return Promise("unknown")
    if not admission.accepted:
        return Promise("refused", clause=admission.clause)
    return Promise("let_in", due=local_iso(admission.counts_from, after.calendars[ALWAYS]))


def _cases(before: Evaluator, after: Evaluator, channels: Iterable[str]) -> Iterator[_Case]:
    """Yield every kind of request that some promise of either edition may judge by itself."""
    families = {family.name: family for side in (before, after) for family in side.families}
    levels = list(dict.fromkeys(level.id for side in (after, before) for level in side.levels())) or [""]
    for name, channel in product(families, channels):
        rules = [rule for side in (before, after) for family in side.families if family.name == name
                 for rule in family.rules]  # fmt: skip
        named = dict.fromkeys(line for rule in rules for line in rule.lines)
        lines = list(dict.fromkeys((*after.lines[:1], *named))) if named else [""]
        rated = levels if any(rule.levels for rule in rules) else [""]
        for level, line in product(rated, lines):
            yield _Case(name, channel, level, line)


def _promises(
    side: Evaluator, case: _Case, received: Sequence[tuple[Instant, Instant]], after: Evaluator
) -> list[Promise]:
    """Return what one edition promises a request received at each instant, counting from the other beside it."""
    family = next((family for family in side.families if family.name == case.target), None)
    known = not case.level or case.level in {level.id for level in side.levels()}
    if family is None or not known:
        return [Promise("no_target")] * len(received)
    logs = [_log(family, case, at, counts_from) for at, counts_from in received]
    place = after.calendars[ALWAYS]
    begin = min((at for at, _ in received), default=0)
    return [
        _promise([clock for clock in clocks if clock.name == case.target], place) for clocks in side.stand(logs, begin)
    ]


def _promise(clocks: Sequence[Stood], place: Calendar) -> Promise:
    if not clocks:
        return Promise("no_target")
    last = clocks[-1]
    if last.kind is ClockKind.NONE:
        return Promise("none", clause=last.clause)
    if last.due is None:
        return Promise("unknown", clause=last.clause)
    goal = None if last.goal is None else local_iso(last.goal, place)
    return Promise("due", local_iso(last.due, place), goal, last.clause)


def _log(family: Family, case: _Case, at: Instant, counts_from: Instant) -> tuple[Entry, ...]:
    """Return the log of a request that begins the promise at once."""
    begins = [condition for rule in family.rules for condition in rule.fold.starts]
    happened: list[tuple[Happened, dict[str, Any]]] = [
        (Happened.RECEIVED, {"channel": case.channel, "counts_from": counts_from}),
        (Happened.REGISTERED, {"counts_from": counts_from}),
    ]
    if case.level:
        happened.append((Happened.LEVEL_SET, {"level": case.level, "before": None}))
    if case.line:
        happened.append((Happened.LINE_SET, {"line": case.line}))
    if begins and not any(condition.what in _OF_REQUEST for condition in begins):
        happened.append((begins[0].what, _data(begins[0], case)))
    return tuple(Entry(seq, at, what, "diff", data) for seq, (what, data) in enumerate(happened, 1))


def _data(condition: Condition, case: _Case) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if condition.what is Happened.CLIENT_MESSAGE:
        data["channel"] = case.channel
    if condition.what is Happened.LINE_SET:
        data["line"] = case.line
    if condition.what is Happened.LEVEL_SET:
        data |= {"level": case.level, "before": None}
    if condition.key:
        data[condition.key] = True if condition.value is None else condition.value
    return data


def _differing(
    case: _Case, told: Sequence[tuple[Instant, Promise, Promise]]
) -> Iterator[tuple[_Case, int, int, Instant, Promise, Promise]]:
    other = [(at, one, two) for at, one, two in told if _without_clause(one) != _without_clause(two)]
    if other:
        yield case, len(other), len(told), *other[0]


def _without_clause(promise: Promise) -> Promise:
    return msgspec.structs.replace(promise, clause="")


def _merged(found: Iterable[tuple[_Case, int, int, Instant, Promise, Promise]], after: Evaluator) -> Iterator[Effect]:
    """Yield one effect for all channels and levels for which it is the same."""
    place = after.calendars[ALWAYS]
    alike: dict[Any, list[_Case]] = {}
    for case, differs, of, at, one, two in found:
        alike.setdefault((case.target, case.line, differs, of, at, one, two), []).append(case)
    for (target, line, differs, of, at, one, two), cases in alike.items():
        channels = tuple(dict.fromkeys(case.channel for case in cases))
        levels = tuple(dict.fromkeys(case.level for case in cases if case.level))
        yield Effect(target, channels, levels, line, local_iso(at, place), one, two, differs, of)
