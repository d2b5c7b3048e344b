"""A regulation's calendar with its production calendar, as the plain data the core compiles."""

from collections.abc import Mapping
from datetime import date

from helpdesk.regulation.vocabulary.days import ProductionCalendar
from helpdesk.regulation.vocabulary.hours import (
    Interval,
    parse_dated,
    parse_hours,
    parse_interval,
    parse_week,
    without_breaks,
)
from helpdesk.regulation.vocabulary.model import CalendarRule
from helpdesk.sla.calendar import Calendar, CalendarSpec, DateKind, DateRule, compile_calendar
from helpdesk.sla.errors import BadZone, SlaError, UnknownZone
from helpdesk.sla.zones import read_transitions

EVERY_WEEK_FROM = date(2000, 1, 1)
EVERY_WEEK_UNTIL = date(2099, 12, 31)
"""A calendar that follows no production calendar depends on no decree; these bounds only keep it finite."""

_WEEKEND = 5


class CalendarError(ValueError):
    """A calendar rule makes no calendar; ``key`` is the key at fault."""

    def __init__(self, key: str, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.key = key
        self.suggestion = suggestion


def calendar_spec(rule: CalendarRule, production: Mapping[str, ProductionCalendar]) -> CalendarSpec:
    """Return the plain data of ``rule``'s calendar.

    Raises:
        CalendarError: an unknown zone or production calendar, malformed hours, no working time.
    """
    check_zone(rule.zone)
    if isinstance(rule.hours, str):
        raise CalendarError("hours", "the working hours are not given")
    try:
        breaks = [parse_interval(text) for text in rule.breaks]
    except ValueError as error:
        raise CalendarError("breaks", str(error)) from error
    try:
        week = [without_breaks(day, breaks) for day in parse_week(rule.hours)]
    except ValueError as error:
        raise CalendarError("hours", str(error), 'e.g. hours = { mon-fri = "09:00-18:00" }') from error
    if not any(week):
        raise CalendarError("breaks", "the breaks leave no working time")
    rules: dict[date, DateRule] = {}
    first, last = EVERY_WEEK_FROM, EVERY_WEEK_UNTIL
    if rule.days is not None:
        days = production.get(rule.days)
        if days is None:
            known = ", ".join(sorted(production)) or "none; calendars/ stands in the regulation's folder or beside it"
            raise CalendarError("days", f"there is no production calendar {rule.days!r}", f"known: {known}")
        first, last = days.first, days.last
        rules = _state_rules(rule, days, week, breaks)
    _add_dated_hours(rule, rules, (first, last))
    return CalendarSpec(
        zone=rule.zone,
        weekly=(*map(tuple, week),),  # type: ignore[arg-type]  # seven, as `parse_week` makes them
        dates=dict(sorted(rules.items())),
        first=first,
        last=last,
    )


def check_zone(zone: str) -> None:
    """Raise `CalendarError` where the zone database has no such zone."""
    try:
        read_transitions(zone, EVERY_WEEK_FROM, EVERY_WEEK_UNTIL)
    except (UnknownZone, BadZone, ValueError, OSError) as error:
        raise CalendarError("zone", f"there is no zone {zone!r}", "an IANA name, e.g. Europe/Moscow") from error


def compile_rule(rule: CalendarRule, production: Mapping[str, ProductionCalendar]) -> Calendar:
    """Compile ``rule``'s calendar.

    Raises:
        CalendarError: it makes no calendar.
    """
    spec = calendar_spec(rule, production)
    try:
        return compile_calendar(spec)
    except SlaError as error:
        raise CalendarError("hours", str(error)) from error


def _state_rules(
    rule: CalendarRule, days: ProductionCalendar, week: list[list[Interval]], breaks: list[Interval]
) -> dict[date, DateRule]:
    closed = dict.fromkeys(days.moved_off, DateKind.MOVED_OFF) | dict.fromkeys(days.holidays, DateKind.HOLIDAY)
    if rule.variant:
        variant = days.variants.get(rule.variant)
        if variant is None:
            known = ", ".join(sorted(days.variants)) or "none"
            raise CalendarError("variant", f"{days.code} has no variant {rule.variant!r}", f"known: {known}")
        closed |= dict.fromkeys(variant.moved_off, DateKind.MOVED_OFF)
        for day in variant.made_working:
            closed.pop(day, None)
    if rule.special_nonworking == "closed":
        closed |= dict.fromkeys(days.special_nonworking, DateKind.MOVED_OFF)
    rules = {day: DateRule(kind=kind, hours=()) for day, kind in closed.items()}
    if rule.working_weekends == "open":
        try:
            given = rule.working_weekend_hours
            usual = next(day for day in week if day)
            hours = tuple(usual if given is None else without_breaks(parse_hours(given), breaks))
        except ValueError as error:
            raise CalendarError("working_weekend_hours", str(error)) from error
        rules |= {day: DateRule(kind=DateKind.WORKING_WEEKEND, hours=hours) for day in days.working_weekends}
    if rule.short_days == "honour":
        for day, minutes in days.short_days.items():
            before = rules.get(day, DateRule(kind=None, hours=None))
            rules[day] = DateRule(kind=before.kind, hours=before.hours, shortened_s=minutes * 60)
    return rules


def _add_dated_hours(rule: CalendarRule, rules: dict[date, DateRule], known: tuple[date, date]) -> None:
    for text, given in rule.extra_dates.items():
        try:
            day = date.fromisoformat(text)
            hours = parse_dated(given)
        except ValueError as error:
            raise CalendarError("extra_dates", f"{text}: {error}") from error
        if not known[0] <= day <= known[1]:
            raise CalendarError("extra_dates", f"{text} lies outside the calendar ({known[0]} to {known[1]})")
        before = rules.get(day, DateRule(kind=None, hours=None))
        kind = DateKind.WORKING_WEEKEND if day.weekday() >= _WEEKEND else before.kind
        rules[day] = DateRule(kind=kind, hours=tuple(hours), shortened_s=before.shortened_s)
