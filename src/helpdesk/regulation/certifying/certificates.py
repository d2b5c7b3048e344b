"""Certificates: one clock's deadline with everything that it follows from, for anybody to check without us.

Only what bears on the clock goes in: of the log the entries that its rule and its level depend on, without names and
texts; of the calendar the dates counted through. ``helpdesk verify`` computes ``derived`` anew from the rest.
"""

from collections.abc import Container, Iterable, Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import msgspec

from helpdesk.contracts.clocks import ClockKind
from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.errors import Conflict
from helpdesk.kernel.instants import DAY, SECOND, Instant
from helpdesk.regulation.certifying.certified import (
    FORMAT,
    ActFacts,
    CalendarFacts,
    Certificate,
    DateFacts,
    DerivedFacts,
    GoalFacts,
    LogFacts,
    ReadingFacts,
    RuleFacts,
    ZoneFacts,
)
from helpdesk.regulation.certifying.seal import Seal
from helpdesk.regulation.compiling.rules import Rule
from helpdesk.regulation.judging.clockwork import Derived
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.explanation import local_iso
from helpdesk.regulation.judging.snapshot import ALWAYS
from helpdesk.regulation.vocabulary.conditions import Condition
from helpdesk.regulation.vocabulary.work import Target, Term
from helpdesk.sla.amount import Amount, DayEnd, DayTerm, Unit
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.due import deadline
from helpdesk.sla.errors import BeyondCalendar


def certify(
    evaluator: Evaluator, seal: Seal, ticket: int | None, log: Sequence[Entry], name: str, seq: int, now: Instant
) -> Certificate:
    """Return the certificate of one clock as it stands at ``now``.

    Raises:
        NotFound: the ticket has no such clock.
        Conflict: no time is promised there, or none that is known; there is nothing to certify.
    """
    now = max([now, *(entry.at for entry in log)])
    derived = evaluator.derived(log, name, seq, now)
    if derived.deadline is None or derived.run is None or derived.counted_from is None:
        raise Conflict(f"{name}: there is nothing to certify: {derived.view.note}")
    kept = tuple(_kept(evaluator, derived, log))
    place = evaluator.calendars[derived.rule.calendar or ALWAYS]
    moments = [now, *(entry.at for entry in kept), *_starts(kept), *_moments(derived)]
    body = {
        "format": FORMAT,
        "tenant": evaluator.snapshot.tenant,
        "ticket": ticket,
        "edition": evaluator.snapshot.edition_id,
        "snapshot": evaluator.snapshot.hash,
        "as_of": local_iso(now, place),
        "zone": _zone(place, min(moments), max(moments)),
        "calendar": _calendar(derived, place),
        "rule": _rule(evaluator, derived),
        "readings": [ReadingFacts(used.name, used.clause, used.value) for used in evaluator.readings_used(derived)],
        "log": [_entry(entry, place) for entry in kept],
        "clock": seq,
        "derived": _derived(derived, place),
    }
    return msgspec.convert(seal.sealed(msgspec.to_builtins(body)), Certificate)


def to_json(certificate: Certificate) -> bytes:
    """Return the certificate as a file for people and programs: indented, keys in their order."""
    return msgspec.json.format(msgspec.json.encode(certificate), indent=1) + b"\n"


def _kept(evaluator: Evaluator, derived: Derived, log: Sequence[Entry]) -> Iterable[Entry]:
    """Yield what the clock depends on, each entry with no more data than that."""
    rule, fold = derived.rule, derived.rule.fold
    conditions = (*fold.starts, *fold.stops, *fold.resumes, *fold.cancels)
    matter = {condition.what for condition in conditions} | {Happened.RECEIVED, Happened.REGISTERED}
    matter |= {Happened.LEVEL_SET} if _by_level(evaluator, rule) else set()
    matter |= {Happened.LINE_SET} if rule.lines else set()
    channels = {channel.name for channel in evaluator.channels}
    for entry in log:
        waits = entry.what in {Happened.PAUSED, Happened.RESUMED} and _reason(entry) in fold.pause_reasons
        if entry.what in matter or waits or entry.what.value == "rejudged":
            data = _said(entry, channels, waits=waits)
            for condition in conditions:
                if condition.key and condition.what is entry.what:
                    found = entry.data.get(condition.key)
                    data[condition.key] = str(found) if condition.value is not None else bool(found)
            yield Entry(entry.seq, entry.at, entry.what, "", data)


def _reason(entry: Entry) -> str:
    return str(entry.data.get("reason", "waiting_client"))


def _said(entry: Entry, channels: Container[str], *, waits: bool) -> dict[str, Any]:
    """Return the part of an entry's data that clocks are counted by."""
    counts_from = entry.data.get("counts_from")
    data: dict[str, Any] = {"counts_from": counts_from} if isinstance(counts_from, int) else {}
    if waits:
        data["reason"] = _reason(entry)
    elif entry.what is Happened.RECEIVED:
        data["channel"] = str(entry.data.get("channel", ""))
    elif entry.what is Happened.CLIENT_MESSAGE and entry.data.get("channel") in channels:
        data["channel"] = str(entry.data["channel"])
    elif entry.what is Happened.LEVEL_SET:
        before = entry.data.get("before")
        data |= {"level": str(entry.data["level"]), "before": None if before is None else str(before)}
    elif entry.what is Happened.LINE_SET:
        data["line"] = str(entry.data["line"])
    elif entry.what.value == "rejudged":
        data |= {when: str(entry.data[when]["snapshot"]) for when in ("before", "after")}
    return data


def _entry(entry: Entry, place: Calendar) -> LogFacts:
    data = dict(entry.data)
    if "counts_from" in data:
        data["counts_from"] = local_iso(data["counts_from"], place)
    return LogFacts(entry.seq, local_iso(entry.at, place), entry.what, data)


def _starts(log: Iterable[Entry]) -> list[Instant]:
    return [entry.data["counts_from"] for entry in log if "counts_from" in entry.data]


def _moments(derived: Derived) -> list[Instant]:
    """Return the instants that the derivation names."""
    assert derived.deadline is not None
    assert derived.run is not None
    spans = [*derived.deadline.counted, *derived.run.pauses]
    named = [derived.counted_from, derived.view.due, derived.view.goal, *(each for span in spans for each in span)]
    return [each for each in named if each is not None]


def _zone(place: Calendar, low: Instant, high: Instant) -> ZoneFacts:
    """Return the offsets from two days before ``low`` to two days after ``high``."""
    low, high = low - 2 * DAY, high + 2 * DAY
    changes = tuple((at, offset) for at, offset in place.zone_transitions.changes if low < at <= high)
    return ZoneFacts(place.zone, place.offset_s(low), changes)


def _calendar(derived: Derived, place: Calendar) -> CalendarFacts | None:
    """Return the calendar from the day before the start to the last date that counting looks at."""
    rule, run = derived.rule, derived.run
    amounts = [amount for amount in (rule.amount, rule.goal) if amount is not None]
    if not rule.calendar or all(amount.unit is Unit.ELAPSED for amount in amounts):
        return None
    assert derived.counted_from is not None
    assert run is not None
    # Days are found before pauses are looked at, and a clock stands still at the latest where its last pause begins. A
    # goal that the limit cuts short was counted to its own end.
    ends = [*_moments(derived), *(since for since, _ in run.pauses)]
    for amount, pauses in product(amounts, ((), run.pauses)):
        reached = _reached(place, derived.counted_from, amount, pauses)
        ends += [] if reached is None else [reached]
    first = place.local_date(derived.counted_from) - timedelta(days=1)
    last = place.local_date(max(ends))
    spec = place.spec
    first, last = max(first, spec.first), min(last, spec.last)
    dates = {
        day.isoformat(): DateFacts(None if said.kind is None else str(said.kind), said.hours, said.shortened_s)
        for day, said in sorted(spec.dates.items())
        if first <= day <= last
    }
    return CalendarFacts(rule.calendar, spec.weekly, dates, first.isoformat(), last.isoformat())


def _reached(
    place: Calendar, start: Instant, amount: Amount, pauses: Sequence[tuple[Instant, Instant | None]]
) -> Instant | None:
    """Return when ``amount`` is used up, at the latest the last day that the calendar knows; None: never."""
    try:
        return deadline(place, start, amount, pauses).due
    except BeyondCalendar:
        return place.start_of(place.spec.last)


def _by_level(evaluator: Evaluator, rule: Rule) -> bool:
    """Say whether any rule of this name depends on the level."""
    promises: list[Target | Term] = [*evaluator.edition.targets, *evaluator.edition.terms]
    return any(promise.levels for promise in promises if promise.name == rule.name)


def _rule(evaluator: Evaluator, derived: Derived) -> RuleFacts:
    rule, fold, edition = derived.rule, derived.rule.fold, evaluator.edition
    assert rule.amount is not None
    term = rule.kind is ClockKind.TERM
    return RuleFacts(
        name=rule.name,
        kind=rule.kind,
        clause=rule.clause,
        channels=rule.channels,
        levels=rule.levels,
        lines=rule.lines,
        unrated_level=edition.rating.default if rule.levels and edition.rating else None,
        first_line=evaluator.lines[0] if rule.lines and evaluator.lines else "",
        starts_on=_texts(fold.starts),
        stops_on=_texts(fold.stops),
        resumes_on=_texts(fold.resumes),
        cancelled_on=_texts(fold.cancels),
        pause_on=tuple(sorted(fold.pause_reasons)),
        repeat=fold.repeat,
        counts_from="request" if fold.counts_from_request else "start",
        clock_start=edition.counting.clock_start,
        level_change=edition.counting.priority_change if _by_level(evaluator, rule) else "ignored",
        amount=_amount(rule.amount),
        goal=GoalFacts(_amount(rule.goal), rule.goal_cap) if rule.goal is not None else None,
        act=ActFacts(rule.then, rule.min_requests, rule.before_min, fold.min_gap_us // SECOND) if term else None,
    )


def _texts(conditions: Iterable[Condition]) -> tuple[str, ...]:
    return tuple(_text(condition) for condition in conditions)


def _text(condition: Condition) -> str:
    if not condition.key:
        return condition.what.value
    value = "" if condition.value is None else f"={condition.value}"
    return f"{condition.what.value}({condition.key}{value})"


def _amount(amount: Amount) -> dict[str, Any]:
    """Return the amount with the conventions that its unit knows, and no others."""
    unit = amount.unit
    if unit in {Unit.ELAPSED, Unit.WORKING}:
        edge = {"closing_edge": amount.closing_edge} if unit is Unit.WORKING else {}
        return {"unit": unit, "seconds": amount.value // SECOND, **edge}
    end = amount.day_end or (DayEnd.MIDNIGHT if unit is Unit.CALENDAR_DAYS else DayEnd.CLOSE)
    said: dict[str, Any] = {"unit": unit, "days": amount.value}
    if unit is Unit.WORKING_DAYS:
        said["day_term"] = amount.day_term
        if amount.day_term is DayTerm.BUSINESS_HOURS:
            return said
        return said | {"after_hours": amount.after_hours, "day_end": end}
    if unit is Unit.CALENDAR_DAYS_WITHOUT_WEEKENDS:
        said["skip"] = amount.skip
    return said | {"roll": amount.roll, "day_end": end}


def _derived(derived: Derived, place: Calendar) -> DerivedFacts:
    view, run = derived.view, derived.run
    assert derived.deadline is not None
    assert derived.counted_from is not None
    assert run is not None
    pauses = sorted(run.pauses, key=lambda pause: (pause[0], pause[1] is None, pause[1] or 0))
    return DerivedFacts(
        counted_from=local_iso(derived.counted_from, place),
        started_by=run.start.seq,
        ended_by=run.end.seq if run.end is not None else None,
        level_change=derived.change.seq if derived.change is not None else None,
        pauses=tuple((local_iso(since, place), _iso(until, place)) for since, until in pauses),
        counted=tuple((local_iso(since, place), local_iso(until, place)) for since, until in derived.deadline.counted),
        days=tuple(day.isoformat() for day in derived.deadline.steps),
        goal=_iso(view.goal, place),
        goal_capped=derived.goal_capped,
        due=_iso(view.due, place),
        state=view.state,
        then=view.then,
    )


def _iso(at: Instant | None, place: Calendar) -> str | None:
    return None if at is None else local_iso(at, place)
