"""Ranges: whether the lower bound of a promise (its goal) can lie after the upper one (its limit)."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from helpdesk.kernel.instants import DAY, HOUR, Instant, to_datetime
from helpdesk.regulation.compiling.calendars import compile_rule
from helpdesk.regulation.compiling.rules import Rule, compile_rules
from helpdesk.regulation.loading.loader import Package
from helpdesk.regulation.vocabulary.amounts import UNKNOWN, in_english
from helpdesk.regulation.vocabulary.model import Edition
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.errors import BeyondCalendar

_SPAN = 366 * DAY
"""How far ahead to look for a witness."""


class Inversion(Struct, frozen=True):
    """An instant at which the goal comes after the limit, as a case to replay."""

    clause: str
    goal: str
    limit: str
    received: str
    case: dict[str, Any]


def find_inversion(edition: Edition, package: Package, since: Instant) -> Inversion | None:
    """Return the first whole hour within a year of ``since`` that shows an inverted range, or None."""
    zone = ZoneInfo(edition.edition.zone)
    for family in compile_rules(edition):
        for rule in family.rules:
            if rule.goal is None or rule.amount is None or edition.calendars[rule.calendar].hours == UNKNOWN:
                continue
            calendar = compile_rule(edition.calendars[rule.calendar], package.production)
            at = _first_inverted(rule, calendar, since)
            if at is not None:
                received = to_datetime(at).astimezone(zone)
                return _inversion(edition, package, rule, received)
    return None


def _first_inverted(rule: Rule, calendar: Calendar, since: Instant) -> Instant | None:
    assert rule.goal is not None
    assert rule.amount is not None
    start = since - since % HOUR
    for at in range(start, start + _SPAN, HOUR):
        try:
            goal, limit = calendar.due_us(at, rule.goal), calendar.due_us(at, rule.amount)
        except BeyondCalendar:
            return None
        if goal is not None and limit is not None and goal > limit:
            return at
    return None


def _inversion(edition: Edition, package: Package, rule: Rule, received: datetime) -> Inversion:
    assert rule.text is not None
    assert rule.goal_text is not None
    case: dict[str, Any] = {
        "id": f"{package.tenant}.range-inverted",
        "company": package.tenant,
        "received": received.isoformat(),
        "channel": edition.channels[0].name,
        "level": rule.levels[0] if rule.levels else None,
        "target": rule.goal_name or rule.name,
        "readings": {},
        "events": [],
    }
    return Inversion(rule.clause, in_english(rule.goal_text), in_english(rule.text), received.isoformat(), case)
