"""A ticket's log read anew: when one rule's clock began, waited and ended.

H1  A clock begins with an entry that meets one of ``starts_on``. ``repeat`` says what a further one does: nothing
    (first), it ends the running clock and begins another (last), it begins another beside it (each).
H2  Until a request is registered its receipt stands for its registration. The request's own clocks count from its
    registration, or from its receipt, as ``clock_start`` says; others from their entry, or the instant it names.
H3  ``stops_on`` stops every running clock, ``cancelled_on`` ends it as moot; ``resumes_on`` sets the last one going
    again, and the time between is a pause.
H4  A reason of ``pause_on`` pauses from its first ``paused`` to its ``resumed``; a reason paused again while paused
    stays paused. What is open when the clock ends, ends with it; a pause that begins then or later is none of it.
H5  A start counts as a further request if it lies ``min_gap`` after the start before it, while that clock runs.
H6  The rule is the one for a request if channel, level and line (those that stood when the clock ended, or stand now)
    are among those it names; naming none is naming all.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from helpdesk.verify.zones import SECOND

_CONDITION = re.compile(r"([a-z_]+)(?:\(([a-z_]+)(?:=([^()=]+))?\))?")
_OF_REQUEST = ("received", "registered")


class Entry(NamedTuple):
    """A line of the log; ``counts_from`` is when what it records counts as having happened."""

    seq: int
    at: int
    what: str
    data: Mapping[str, Any]
    counts_from: int


class Clock:
    """A clock of the rule."""

    def __init__(self, start: Entry, since: int, requests: int) -> None:
        self.start = start
        self.since = since
        self.requests = requests
        self.end: Entry | None = None
        self.moot = False
        """Ended as moot, not stopped."""
        self.pauses: list[tuple[int, int | None]] = []

    def finish(self, entry: Entry, *, moot: bool) -> None:
        """End, if it runs."""
        if self.end is None:
            self.end, self.moot = entry, moot


def meets(entry: Entry, conditions: Iterable[str]) -> bool:
    """Return whether an entry meets one of the conditions: ``what``, ``what(key)`` or ``what(key=value)``."""
    for text in conditions:
        match = _CONDITION.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no condition")
        what, key, value = match.groups()
        if entry.what != what:
            continue
        said = entry.data.get(key) if key else True
        if bool(said) if value is None else said == value:
            return True
    return False


def clocks(rule: Mapping[str, Any], log: Sequence[Entry]) -> list[Clock]:
    """H1 to H5: return the rule's clocks, in the order they began."""
    registered = any(entry.what == "registered" for entry in log)
    found: list[Clock] = []
    for entry in log:
        if meets(entry, rule["stops_on"]):
            for clock in found:
                clock.finish(entry, moot=False)
        elif meets(entry, rule["cancelled_on"]):
            for clock in found:
                clock.finish(entry, moot=True)
        elif found and found[-1].end is not None and meets(entry, rule["resumes_on"]):
            found[-1].pauses.append((found[-1].end.at, entry.at))
            found[-1].end = None
        standing_in = entry.what == "received" and not registered
        if meets(entry, rule["starts_on"]) or (standing_in and _begins_with_request(rule)):
            _begin(rule, found, entry, log)
    for clock in found:
        clock.pauses += _waits(rule, log, clock.end)
        clock.pauses.sort(key=lambda pause: (pause[0], pause[1] is None, pause[1] or 0))
    return found


def level_change(log: Sequence[Entry], clock: Clock) -> Entry | None:
    """Return the last change of the level while the clock could still be counted; the first rating is no change."""
    changes = [each for each in before(log, clock) if each.what == "level_set" and each.data["before"] is not None]
    return changes[-1] if changes else None


def fits(rule: Mapping[str, Any], log: Sequence[Entry], clock: Clock) -> bool:
    """H6."""
    levels = [each.data["level"] for each in before(log, clock) if each.what == "level_set"]
    lines = [each.data["line"] for each in before(log, clock) if each.what == "line_set"]
    stands = {
        "channels": clock.start.data.get("channel", log[0].data.get("channel")),
        "levels": levels[-1] if levels else rule["unrated_level"],
        "lines": lines[-1] if lines else rule["first_line"],
    }
    return all(not rule[named] or value in rule[named] for named, value in stands.items())


def before(log: Sequence[Entry], clock: Clock) -> list[Entry]:
    """Return the entries before the clock's end."""
    return [entry for entry in log if clock.end is None or entry.seq < clock.end.seq]


def _begin(rule: Mapping[str, Any], found: list[Clock], entry: Entry, log: Sequence[Entry]) -> None:
    requests = 1
    if found:
        last = found[-1]
        if rule["repeat"] == "first":
            return
        if last.end is None:
            gap = rule["act"]["min_gap_seconds"] * SECOND if rule["act"] else 0
            requests = last.requests + (entry.at - last.start.at >= gap)
            if rule["repeat"] == "last":
                last.finish(entry, moot=True)
    of_request = rule["counts_from"] == "request" or entry.what in _OF_REQUEST
    found.append(Clock(entry, _request_from(rule, log) if of_request else entry.counts_from, requests))


def _begins_with_request(rule: Mapping[str, Any]) -> bool:
    return any(text.partition("(")[0] in _OF_REQUEST for text in rule["starts_on"])


def _request_from(rule: Mapping[str, Any], log: Sequence[Entry]) -> int:
    """H2."""
    wanted = _OF_REQUEST if rule["clock_start"] == "received" else ("registered", "received")
    for what in wanted:
        for entry in log:
            if entry.what == what:
                return entry.counts_from
    raise ValueError("the log has no receipt")


def _waits(rule: Mapping[str, Any], log: Sequence[Entry], end: Entry | None) -> list[tuple[int, int | None]]:
    """H4, all reasons."""
    waits: list[tuple[int, int | None]] = []
    for reason in rule["pause_on"]:
        since: int | None = None
        for entry in log:
            if entry.data.get("reason") != reason:
                continue
            if entry.what == "paused" and since is None:
                since = entry.at
            elif entry.what == "resumed" and since is not None:
                waits.append((since, entry.at))
                since = None
        if since is not None:
            waits.append((since, None))
    if end is None:
        return waits
    return [(begins, end.at if ends is None or ends > end.at else ends) for begins, ends in waits if begins < end.at]
