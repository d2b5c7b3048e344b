"""The fold: a ticket's log and one rule's conditions to the runs of its clock. No calendar, no amounts, no names.

A run begins with an entry that starts the rule, may stop, go on again, and ends for good when something makes it moot.
The time between a stop and the resumption is a pause like any other.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.conditions import Condition

Pause = tuple[Instant, Instant | None]


class FoldRule(Struct, frozen=True):
    """When a clock starts, stops and waits."""

    starts: tuple[Condition, ...]
    stops: tuple[Condition, ...] = ()
    resumes: tuple[Condition, ...] = ()
    cancels: tuple[Condition, ...] = (Condition(Happened.CLOSED),)
    pause_reasons: frozenset[str] = frozenset()
    repeat: Literal["first", "last", "each"] = "first"
    counts_from_request: bool = False
    min_gap_us: int = 0


class Run(Struct):
    """One clock of a rule on a ticket."""

    start: Entry
    started_at: Instant
    """From when time counts; not always the instant of ``start``."""
    requests: int = 1
    """How many starts, this one included, lie far enough apart."""
    ended: Literal["", "stopped", "cancelled"] = ""
    end: Entry | None = None
    gaps: list[Pause] = []
    """From a stop to the resumption."""
    pauses: tuple[Pause, ...] = ()


def counts_from(entry: Entry) -> Instant:
    """Return when what ``entry`` records counts as having happened (a deferred request: at the next opening)."""
    found = entry.data.get("counts_from")
    return found if isinstance(found, int) else entry.at


def request_start(log: Sequence[Entry], clock_start: str) -> Instant:
    """Return the instant from which the request's own clocks count: its registration, or its receipt."""
    received = next(entry for entry in log if entry.what is Happened.RECEIVED)
    if clock_start == "received":
        return counts_from(received)
    registered = next((entry for entry in log if entry.what is Happened.REGISTERED), received)
    return counts_from(registered)


def fold(rule: FoldRule, log: Sequence[Entry], request_from: Instant) -> list[Run]:
    """Return the runs of ``rule`` over the whole ``log``, in the order they began."""
    runs: list[Run] = []
    pauses: list[Pause] = []
    waiting: dict[str, Instant] = {}
    registered = any(entry.what is Happened.REGISTERED for entry in log)
    heard = _heard(rule)
    for entry in log:
        if entry.what not in heard:
            continue
        _note_pause(rule, entry, waiting, pauses)
        _end_runs(rule, entry, runs)
        if _starts(rule, entry, registered=registered):
            of_request = rule.counts_from_request or entry.what in {Happened.REGISTERED, Happened.RECEIVED}
            _begin(rule, runs, entry, request_from if of_request else counts_from(entry))
    pauses += [(since, None) for since in waiting.values()]
    for run in runs:
        run.pauses = _pauses_of(run, pauses)
    return runs


def _heard(rule: FoldRule) -> tuple[Happened, ...]:
    """Return what the rule's clocks listen to; most of a log is nothing to most rules."""
    conditions = (*rule.starts, *rule.stops, *rule.resumes, *rule.cancels)
    pauses = (Happened.PAUSED, Happened.RESUMED) if rule.pause_reasons else ()
    # A tuple: identity is asked first, where a set would call the enumeration's hash.
    return (*dict.fromkeys(condition.what for condition in conditions), *pauses, Happened.RECEIVED)


def _starts(rule: FoldRule, entry: Entry, *, registered: bool) -> bool:
    """Until a request is registered, its receipt stands for its registration."""
    if entry.what is Happened.RECEIVED and not registered:
        return any(condition.what in {Happened.REGISTERED, Happened.RECEIVED} for condition in rule.starts)
    return any(condition.holds(entry) for condition in rule.starts)


def _begin(rule: FoldRule, runs: list[Run], entry: Entry, started_at: Instant) -> None:
    requests = 1
    if runs:
        last = runs[-1]
        if rule.repeat == "first":
            return
        far_enough = entry.at - last.start.at >= rule.min_gap_us
        requests = last.requests + far_enough if last.ended == "" else 1
        if rule.repeat == "last" and last.ended == "":
            last.ended, last.end = "cancelled", entry
    runs.append(Run(entry, started_at, requests))


def _end_runs(rule: FoldRule, entry: Entry, runs: list[Run]) -> None:
    if any(condition.holds(entry) for condition in rule.stops):
        for run in runs:
            if run.ended == "":
                run.ended, run.end = "stopped", entry
    elif any(condition.holds(entry) for condition in rule.cancels):
        for run in runs:
            if run.ended == "":
                run.ended, run.end = "cancelled", entry
    elif runs and any(condition.holds(entry) for condition in rule.resumes):
        last = runs[-1]
        if last.ended and last.end is not None:
            last.gaps.append((last.end.at, entry.at))
            last.ended, last.end = "", None


def _note_pause(rule: FoldRule, entry: Entry, waiting: dict[str, Instant], pauses: list[Pause]) -> None:
    if entry.what not in {Happened.PAUSED, Happened.RESUMED}:
        return
    reason = str(entry.data.get("reason", "waiting_client"))
    if reason not in rule.pause_reasons:
        return
    if entry.what is Happened.PAUSED:
        waiting.setdefault(reason, entry.at)
    elif reason in waiting:
        pauses.append((waiting.pop(reason), entry.at))


def _pauses_of(run: Run, pauses: Sequence[Pause]) -> tuple[Pause, ...]:
    """Return the pauses that touch the run; one still open when the run ended ends with it."""
    end = run.end.at if run.end is not None else None
    kept = list(run.gaps)
    for since, until in pauses:
        if end is None:
            kept.append((since, until))
        elif since < end:
            kept.append((since, end if until is None or until > end else until))
    return tuple(sorted(kept, key=lambda pause: pause[0]))


def level_at(log: Sequence[Entry], end: Entry | None, default: str | None) -> str | None:
    """Return the level that stood when ``end`` happened, or stands now; ``default`` before anybody rated."""
    level = default
    for entry in log:
        if end is not None and entry.seq >= end.seq:
            break
        if entry.what is Happened.LEVEL_SET:
            level = str(entry.data["level"])
    return level


def last_level_change(log: Sequence[Entry], end: Entry | None) -> Entry | None:
    """Return the last change of a level before ``end``; the first rating (``before`` is None) is no change."""
    change: Entry | None = None
    for entry in log:
        if end is not None and entry.seq >= end.seq:
            break
        if entry.what is Happened.LEVEL_SET and entry.data.get("before") is not None:
            change = entry
    return change


def line_at(log: Sequence[Entry], end: Entry | None, default: str) -> str:
    """Return the line the ticket was on when ``end`` happened, or is on now; ``default`` before the first hand-over."""
    line = default
    for entry in log:
        if end is not None and entry.seq >= end.seq:
            break
        if entry.what is Happened.LINE_SET:
            line = str(entry.data["line"])
    return line
