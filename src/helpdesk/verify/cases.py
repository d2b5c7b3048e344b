"""Case files evaluated the slow way: questions to one calendar, and tickets under a company's plain policy."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any

from helpdesk.verify.calendar import Calendar
from helpdesk.verify.deadlines import recompute
from helpdesk.verify.specs import read_case_form
from helpdesk.verify.zones import SECOND

Json = Mapping[str, Any]
Answer = Callable[[Json, int, Json, list[tuple[int, int | None]]], int | None]
"""(plain calendar, start, amount, pauses) to the due instant: a stand-in for the engine under test."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"business": "working", "clock": "elapsed", "business_days": "working_days"}


def instant(text: str) -> int:
    """Read an ISO 8601 instant with its offset."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)


def slow_answer(plain: Json, start_us: int, amount: Json, pauses: list[tuple[int, int | None]]) -> int | None:
    """Answer as this package computes it."""
    return recompute(Calendar(read_case_form(plain)), start_us, amount, pauses).due


def random_case(line: Json, plain: Json) -> int | bool | None:
    """Evaluate one question to a calendar: an instant, seconds between two, open or not, or no due time."""
    calendar = Calendar(read_case_form(plain))
    pauses = [(instant(begins), ends and instant(ends)) for begins, ends in line.get("pauses", [])]
    match line["op"]:
        case "is_open":
            return calendar.is_open(instant(line["t"]))
        case "business_between":
            return calendar.working_between(instant(line["a"]), instant(line["b"])) // SECOND
        case "add_business" | "due_with_pauses":
            amount = {"unit": "working", "value": line["seconds"] * SECOND}
        case "add_business_days":
            amount = {"unit": "working_days", "value": line["n"], "day_term": line.get("mode", "next_day")}
            amount |= {key: line[key] for key in ("day_end", "after_hours") if key in line}
        case "add_calendar_days_excluding_weekends":
            amount = {"unit": "calendar_days_without_weekends", "value": line["n"]}
            amount |= {key: line[key] for key in ("day_end", "skip", "roll") if key in line}
        case operation:
            raise ValueError(f"no operation {operation!r}")
    return recompute(calendar, instant(line["start"]), amount, pauses).due


def golden_case(case: Json, policies: Json, specs: Json, answer: Answer = slow_answer) -> tuple[str, int | None]:
    """Evaluate one ticket's target under its company's policy: outcome (and due instant).

    Outcomes: ``due``, ``not_accepted`` (the channel), ``no_target``, ``stopped`` (a pause that never ended).
    """
    policy = policies[case["company"]]
    readings = {**policy["readings"], **case.get("readings", {})}
    plain = {name: _resolved(specs[spec], readings) for name, spec in policy["calendars"].items()}
    received = _received(case, policy, readings, plain[policy["main_calendar"]])
    rule = _rule(case, policy, readings)
    if received is None:
        return "not_accepted", None
    start = _start(case, readings, rule or {}, received)
    if rule is None or start is None:
        return "no_target", None
    pauses = _pauses(case, case.get("readings", {}).get("pause_on", rule.get("pause_on", [])))
    changes = sorted((instant(event["at"]), event["to"]) for event in _events(case, "priority"))
    changed = changes[-1][0] if changes else None
    change = readings.get("priority_change", "from_start")

    def due_of(rule: Json) -> int | None:
        calendar = plain[rule.get("calendar", policy["main_calendar"])]
        begins = changed if changed is not None and change == "from_change" else start
        return answer(calendar, begins, _amount(rule, readings), pauses)

    due = due_of(rule)
    if due is not None and changed is not None and change == "from_start_not_before_change":
        due = max(due, changed)
    if due is not None and "not_after" in rule:
        cap = due_of(rule["not_after"])
        due = due if cap is None else min(due, cap)
    return ("stopped", None) if due is None else ("due", due)


def _amount(rule: Json, readings: Json) -> dict[str, Any]:
    unit = _UNITS.get(rule["kind"], "calendar_days_without_weekends")
    amount = {"unit": unit, "value": rule["n"] if "n" in rule else rule["seconds"] * SECOND}
    if unit == "working":
        return amount | {"closing_edge": readings.get("closing_edge", "same_instant")}
    if unit == "working_days":
        amount |= {"day_term": readings["day_term"], "after_hours": readings["day_term_after_hours"]}
    if unit == "calendar_days_without_weekends":
        amount |= {"skip": readings["calendar_days_skip"]}
    return amount if unit == "elapsed" else amount | {"day_end": rule.get("day_end", "close")}


def _events(case: Json, kind: str) -> list[Json]:
    return [event for event in case.get("events", []) if event["type"] == kind]


def _received(case: Json, policy: Json, readings: Json, main: Json) -> int | None:
    """When the request counts as received; None if its channel is not accepted then."""
    received, channel = instant(case["received"]), case["channel"]
    if channel in policy.get("rejected_channels", []) and readings.get("off_channel_policy", "reject") == "reject":
        return None
    allowed = policy.get("holiday_only_channels")
    calendar = Calendar(read_case_form(main))
    if not allowed or channel in allowed or calendar.kind_of(calendar.date_of(received)) != "holiday":
        return received
    return None if readings["holiday_channel_policy"] == "reject" else calendar.next_open(received)


def _rule(case: Json, policy: Json, readings: Json) -> dict[str, Any] | None:
    """The target's rule for the ticket's channel and its last level, as the readings have it."""
    changes = sorted((instant(event["at"]), event["to"]) for event in _events(case, "priority"))
    level = changes[-1][1] if changes else case["level"]
    rule = policy["targets"].get(case["target"])
    if rule is not None and "by_channel" in rule:
        rule = rule["by_channel"].get(case["channel"])
    if rule is not None and "by_level" in rule:
        rule = rule["by_level"].get(level)
    if rule is None:
        return None
    chosen = dict(rule)
    for key, replaced in rule.items():
        name, _, value = key.removeprefix("if:").partition("=")
        if key.startswith("if:") and str(readings.get(name)) == value:
            chosen |= replaced
    return chosen


def _start(case: Json, readings: Json, rule: Json, received: int) -> int | None:
    if rule.get("start_event"):
        return max((instant(event["at"]) for event in _events(case, rule["start_event"])), default=None)
    if readings.get("clock_start", "registered") == "registered":
        for event in _events(case, "registered"):
            return instant(event["at"])
    return received


def _pauses(case: Json, reasons: list[str]) -> list[tuple[int, int | None]]:
    """The pauses whose reason stops this clock; a reason paused again while paused stays paused."""
    pauses: list[tuple[int, int | None]] = []
    since: dict[str, int] = {}
    for event in sorted(case.get("events", []), key=lambda event: instant(event["at"])):
        reason = event.get("reason", "waiting_client")
        if event["type"] == "pause":
            since.setdefault(reason, instant(event["at"]))
        elif event["type"] == "resume" and reason in since:
            begins = since.pop(reason)
            if reason in reasons:
                pauses.append((begins, instant(event["at"])))
    return pauses + [(begins, None) for reason, begins in since.items() if reason in reasons]


def _resolved(spec: Json, readings: Json) -> dict[str, Any]:
    """The calendar as the readings have it."""
    plain = deepcopy(dict(spec))
    variants = plain.pop("variants", {})
    opened, closed = plain.setdefault("open_dates", {}), plain.setdefault("closed_dates", {})
    if readings.get("short_days") == "honour":
        plain["honour_short_days"] = True
    if readings.get("working_weekends") == "closed":
        for day in [day for day in opened if date.fromisoformat(day).weekday() >= 5]:
            del opened[day]
    if readings.get("kg_calendar") == "state_funded":
        closed |= variants["state_funded"]["closed_dates"]
        for day in variants["state_funded"]["reopened_dates"]:
            closed.pop(day, None)
    if readings.get("lunch_break"):
        for hours in (plain["weekly"], opened):
            hours.update({day: _without(intervals, *readings["lunch_break"]) for day, intervals in hours.items()})
    opened |= readings.get("extra_dates", {})
    if readings.get("special_nonworking") == "closed":
        closed |= dict.fromkeys(plain.get("special_nonworking_dates", []), "moved_off")
    return plain


def _without(intervals: list[list[str]], begins: str, ends: str) -> list[list[str]]:
    """The intervals with a break cut out of those that hold it whole; times as HH:MM compare as text."""
    cut = []
    for a, b in intervals:
        parts = [[a, begins], [ends, b]] if a <= begins and ends <= b else [[a, b]]
        cut += [part for part in parts if part[0] != part[1]]
    return cut
