"""What a company announces about its hours, as a change to a snapshot: dated hours, and breaks cut out of them. Pure.

An announcement makes another snapshot, for what is received later; the one before stays as it is. Dated hours are the
value of the reading ``extra_dates``, so that announcing them and publishing the edition with that reading give the same
bytes. A break is cut out of each calendar's own hours.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import MINUTE, Instant, to_datetime
from helpdesk.regulation.judging.snapshot import Body, PinnedCalendar, PinnedRule, Snapshot
from helpdesk.regulation.vocabulary.hours import FULL_DAY, Interval, parse_dated, without_breaks
from helpdesk.regulation.vocabulary.model import CalendarRule, Reading
from helpdesk.sla.calendar import DateKind

READING = "extra_dates"
"""The reading by which a regulation takes announced hours."""

_WEEKEND = 5
_LONGEST_BREAK_DAYS = 31


def takes_hours(snapshot: Snapshot) -> Reading | None:
    """Return the reading by which the regulation takes announced hours, None where it takes none."""
    return snapshot.body().edition.readings.get(READING)


def with_dated_hours(
    snapshot: Snapshot, dated: Mapping[str, Sequence[str]], withdrawn_at: Instant | None = None
) -> Snapshot:
    """Return the snapshot with other hours on these dates (``2026-12-31``: ``["10:00-14:00"]``; none: closed).

    What was ``withdrawn_at`` an instant counts up to its minute only: the dates before it, and of its own date what had
    passed of it by each calendar's clock; from that minute on the date has the hours it had.

    Raises:
        Invalid: the regulation takes no announced hours, or a date or its hours cannot be read.
    """
    body = snapshot.body()
    reading = body.edition.readings.get(READING)
    if reading is None:
        raise Invalid("the regulation takes no announced hours", fields={"hours": "are not for this regulation"})
    hours = {day: tuple(_read(day, given)) for day, given in dated.items()}
    if not hours:
        return snapshot
    rules, pinned, told = dict(body.edition.calendars), dict(body.calendars), dict(dated)
    for name in _named(reading, rules):
        calendar, texts = pinned.get(name), {day: tuple(given) for day, given in dated.items()}
        if withdrawn_at is not None:
            passed = _passed(hours, withdrawn_at, rules[name].zone if calendar is None else calendar.zone, calendar)
            texts = {day: tuple(_text(interval) for interval in intervals) for day, intervals in passed.items()}
            told = {day: given for day, given in told.items() if texts.get(day) == tuple(given)}
        else:
            passed = hours
        rules[name] = replace(rules[name], extra_dates={**rules[name].extra_dates, **texts})
        if calendar is not None:
            pinned[name] = _with_dates(calendar, passed)
    if withdrawn_at is not None and not told and rules == body.edition.calendars:
        return snapshot
    readings = {**(body.readings.get(READING) or {}), **{day: list(given) for day, given in told.items()}}
    return _made(body, rules, pinned, {**body.readings, READING: readings} if told else body.readings)


def with_break(snapshot: Snapshot, since: Instant, until: Instant) -> Snapshot:
    """Return the snapshot with the time from ``since`` to ``until`` cut out of every calendar of the edition.

    Raises:
        Invalid: the break is empty, longer than 31 days, or not in whole minutes.
    """
    if not since < until <= since + _LONGEST_BREAK_DAYS * 24 * 60 * MINUTE:
        raise Invalid("the break's end must follow its beginning, within 31 days", fields={"break": "is too long"})
    if since % MINUTE or until % MINUTE:
        raise Invalid("a break is announced in whole minutes", fields={"break": "must be in whole minutes"})
    body = snapshot.body()
    rules, pinned = dict(body.edition.calendars), dict(body.calendars)
    for name, rule in rules.items():
        if name not in pinned:
            continue
        cut = dict(_cut(pinned[name], since, until))
        if cut:
            texts = {day: tuple(_text(interval) for interval in found.hours or ()) for day, found in cut.items()}
            rules[name] = replace(rule, extra_dates={**rule.extra_dates, **texts})
            pinned[name] = replace(pinned[name], dates={**pinned[name].dates, **cut})
    return _made(body, rules, pinned, body.readings)


def _made(
    body: Body, rules: dict[str, CalendarRule], pinned: dict[str, PinnedCalendar], readings: dict[str, object]
) -> Snapshot:
    edition = replace(body.edition, calendars=rules)
    made = replace(body, edition=edition, calendars=pinned, readings=readings)
    content = msgspec.json.encode(made, order="deterministic")
    return Snapshot(body.tenant, edition.edition.id, hashlib.sha256(content).hexdigest(), content)


def _named(reading: Reading, rules: Mapping[str, CalendarRule]) -> Iterator[str]:
    """Yield the calendars that the reading is about: ``calendars.*`` or ``calendars.<name>``."""
    places = {patch.at.removeprefix("calendars.") for patch in reading.given if patch.at.startswith("calendars.")}
    return (name for name in rules if places & {"*", name})


def _passed(
    hours: Mapping[str, tuple[Interval, ...]], until: Instant, zone: str, calendar: PinnedCalendar | None
) -> dict[str, tuple[Interval, ...]]:
    """Return what of the announced hours has passed at ``until``: whole dates, and a date that goes on as it was."""
    moment = to_datetime(end_of_minute(until)).astimezone(ZoneInfo(zone))
    today, now = moment.date().isoformat(), _seconds(moment)
    found = {day: intervals for day, intervals in hours.items() if day < today}
    if today in hours and now and calendar is not None:
        before = calendar.dates.get(today, PinnedRule()).hours
        usual = calendar.weekly[moment.weekday()] if before is None else before
        # A shift may end after midnight, hence beyond the day's end.
        was, will_be = without_breaks(hours[today], [(now, 2 * FULL_DAY)]), without_breaks(usual, [(0, now)])
        mixed = _joined((*was, *will_be))
        if mixed != tuple(usual):
            found[today] = mixed
    return found


def _joined(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return intervals in their order, those that touch as one."""
    found: list[Interval] = []
    for interval in intervals:
        if found and found[-1][1] == interval[0]:
            found[-1] = (found[-1][0], interval[1])
        else:
            found.append(interval)
    return tuple(found)


def end_of_minute(moment: Instant) -> Instant:
    """Return the end of the minute that ``moment`` lies in, or the moment itself where it ends one."""
    return -(-moment // MINUTE) * MINUTE


def _read(day: str, given: Sequence[str]) -> list[Interval]:
    try:
        date.fromisoformat(day)
        return parse_dated(given)
    except ValueError as error:
        raise Invalid(f"{day}: {error}", fields={f"hours.{day}": str(error)}) from error


def _with_dates(calendar: PinnedCalendar, hours: Mapping[str, tuple[Interval, ...]]) -> PinnedCalendar:
    dates = dict(calendar.dates)
    for text, intervals in hours.items():
        day = date.fromisoformat(text)
        if not calendar.first <= day <= calendar.last:
            known = f"{calendar.first} to {calendar.last}"
            raise Invalid(f"{text} lies outside the calendar ({known})", fields={f"hours.{text}": f"not in {known}"})
        before = dates.get(text, PinnedRule())
        kind = DateKind.WORKING_WEEKEND if day.weekday() >= _WEEKEND else before.kind
        dates[text] = PinnedRule(kind, intervals, before.shortened_s)
    return replace(calendar, dates=dates)


def _cut(calendar: PinnedCalendar, since: Instant, until: Instant) -> Iterator[tuple[str, PinnedRule]]:
    """Yield the dates on which the break takes working time away, with what is left."""
    zone = ZoneInfo(calendar.zone)
    first, last = (to_datetime(moment).astimezone(zone) for moment in (since, until))
    day = first.date()
    while day <= last.date():
        rule = calendar.dates.get(day.isoformat(), PinnedRule())
        hours = calendar.weekly[day.weekday()] if rule.hours is None else rule.hours
        span = (_seconds(first) if day == first.date() else 0, _seconds(last) if day == last.date() else FULL_DAY)
        left = tuple(without_breaks(hours, [span]))
        if left != tuple(hours) and calendar.first <= day <= calendar.last:
            yield day.isoformat(), PinnedRule(rule.kind, left, rule.shortened_s)
        day += timedelta(days=1)


def _seconds(moment: datetime) -> int:
    return (moment.hour * 60 + moment.minute) * 60


def _text(interval: Interval) -> str:
    return "-".join(f"{seconds // 3600:02}:{seconds // 60 % 60:02}" for seconds in interval)
