"""From a run of a clock to its deadline and its view: the same computation serves the promise and its explanation."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from helpdesk.contracts.clocks import ClockKind, ClockState, ClockView
from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.folding import Pause, Run, last_level_change
from helpdesk.regulation.rules import Family, Rule
from helpdesk.sla.amount import Unit
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.due import Deadline, deadline
from helpdesk.sla.errors import BeyondCalendar

PROMISES_NOTHING = "the regulation promises no time here"
NOT_GIVEN = "the regulation refers to a time that it does not give"


class Derived(Struct, frozen=True):
    """One clock with everything it was derived from."""

    rule: Rule
    view: ClockView
    run: Run | None = None
    deadline: Deadline | None = None
    goal: Deadline | None = None
    goal_capped: bool = False
    counted_from: Instant | None = None
    change: Entry | None = None
    """The change of level that matters, if any."""


class Workings(Struct, frozen=True):
    """What every clock of a snapshot needs."""

    calendars: Mapping[str, Calendar]
    priority_change: str

    def derive(self, family: Family, rule: Rule, run: Run, seq: int, log: Sequence[Entry], now: Instant) -> Derived:
        """Return the clock of ``run`` as it stands at ``now``."""
        change = last_level_change(log, run.end) if family.by_level else None
        start = change.at if change is not None and self.priority_change == "from_change" else run.started_at
        end = run.end.at if run.end is not None else now
        if rule.amount is None:
            view = _unknown(rule, run, seq, end)
            return Derived(rule, view, run, counted_from=start, change=change)
        calendar = self.calendars[rule.calendar] if rule.calendar else None
        try:
            limit = deadline(calendar, start, rule.amount, run.pauses)
            goal = deadline(calendar, start, rule.goal, run.pauses) if rule.goal is not None else None
            elapsed = _elapsed(rule, calendar, limit, start, end, run.pauses)
        except BeyondCalendar as error:
            view = _unknown(rule, run, seq, end, kind=rule.kind, note=str(error))
            return Derived(rule, view, run, counted_from=start, change=change)
        due = limit.due
        if due is not None and change is not None and self.priority_change == "from_start_not_before_change":
            due = max(due, change.at)
        goal_due, capped = _goal(rule, goal, due)
        view = ClockView(
            name=rule.name,
            seq=seq,
            kind=rule.kind,
            state=_state(rule, run, due, end),
            clause=rule.clause,
            started_at=run.started_at,
            stopped_at=run.end.at if run.end is not None else None,
            goal=goal_due,
            due=due,
            warn_at=_warnings(rule, limit, due),
            then=rule.then if run.requests >= rule.min_requests else rule.before_min,
            elapsed_us=elapsed,
            paused_us=_length(_clip(_union(run.pauses, end), start, end)),
            note="" if due is not None else "waiting: the clock stands still",
        )
        return Derived(rule, view, run, limit, goal, capped, start, change)


def promises_nothing(rule: Rule) -> Derived:
    """Return the clock of a rule that promises no time."""
    view = ClockView(rule.name, 0, rule.kind, ClockState.RUNNING, rule.clause, None, None, None, None,
                     note=PROMISES_NOTHING)  # fmt: skip
    return Derived(rule, view)


def _unknown(
    rule: Rule, run: Run, seq: int, end: Instant, kind: ClockKind = ClockKind.UNKNOWN, note: str = NOT_GIVEN
) -> ClockView:
    stopped = run.end.at if run.end is not None else None
    state = _state(rule, run, None, end)
    return ClockView(rule.name, seq, kind, state, rule.clause, run.started_at, stopped, None, None, note=note)


def _state(rule: Rule, run: Run, due: Instant | None, end: Instant) -> ClockState:
    """Time used up comes first: an answer at the very due instant is too late, as a pause would be."""
    if due is not None and due <= end:
        if rule.kind is ClockKind.LIMIT:
            return ClockState.BREACHED
        if rule.kind is ClockKind.TERM:
            return ClockState.EXPIRED
    if run.ended == "stopped":
        return ClockState.MET
    if run.ended == "cancelled":
        return ClockState.CANCELLED
    waiting = any(since <= end and (until is None or until > end) for since, until in run.pauses)
    return ClockState.PAUSED if waiting else ClockState.RUNNING


def _goal(rule: Rule, goal: Deadline | None, due: Instant | None) -> tuple[Instant | None, bool]:
    if goal is None or goal.due is None:
        return None, False
    if rule.goal_cap and due is not None and goal.due > due:
        return due, True
    return goal.due, False


def _warnings(rule: Rule, limit: Deadline, due: Instant | None) -> tuple[Instant, ...]:
    """Return the instants at which the shares of the amount are used up."""
    if due is None:
        return ()
    found: list[Instant] = []
    for share in rule.shares:
        left = limit.counted_us * share // 100
        for since, until in limit.counted:
            if left <= until - since:
                found.append(since + left)
                break
            left -= until - since
    return tuple(moment for moment in found if moment < due)


def _elapsed(
    rule: Rule, calendar: Calendar | None, limit: Deadline, start: Instant, end: Instant, pauses: Sequence[Pause]
) -> int:
    """Return how much has been counted by ``end``; day terms count the working time of their days."""
    assert rule.text is not None
    if rule.text.in_days and limit.counted:
        start = max(start, limit.counted[0][0])
    if end <= start:
        return 0
    left = _clip(_union(pauses, end), start, end)
    if calendar is None or rule.text.unit is Unit.ELAPSED:
        return end - start - _length(left)
    return calendar.between_us(start, end) - sum(calendar.between_us(a, b) for a, b in left)


def _union(pauses: Iterable[Pause], end: Instant) -> list[tuple[Instant, Instant]]:
    merged: list[tuple[Instant, Instant]] = []
    for since, until in sorted((a, end if b is None else b) for a, b in pauses):
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until))
        else:
            merged.append((since, until))
    return merged


def _clip(intervals: Iterable[tuple[Instant, Instant]], a: Instant, b: Instant) -> list[tuple[Instant, Instant]]:
    return [(max(x, a), min(y, b)) for x, y in intervals if min(y, b) > max(x, a)]


def _length(intervals: Iterable[tuple[Instant, Instant]]) -> int:
    return sum(b - a for a, b in intervals)


def channel_of(entry: Entry, request_channel: str, known: frozenset[str]) -> str:
    """Return the channel that a start came by: that of the message where it names one of ours, else the request's."""
    if entry.what is Happened.CLIENT_MESSAGE and entry.data.get("channel") in known:
        return str(entry.data["channel"])
    return request_channel
