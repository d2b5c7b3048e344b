"""Case files: lines of questions to calendars, answered one by one.

A line names a calendar and an operation with its parameters; its answer is an instant as ISO 8601 in the calendar's
own offset, a number of seconds, true or false, or None where there is no due time. A line that cannot be answered
yields its error, the others go on.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from helpdesk.kernel.instants import DAY, SECOND, Instant, from_datetime, to_datetime
from helpdesk.sla.amount import AfterHours, Amount, DayEnd, DayTerm, Skip, Unit
from helpdesk.sla.calendar import Calendar, compile_calendar
from helpdesk.sla.errors import BadAmount, BeyondCalendar, SlaError
from helpdesk.sla.plainspec import calendar_spec, known_range

Result = str | int | float | bool | None

HORIZON: int = 800 * DAY
"""Lines in seconds give up (None) when the time is not used up so long after the start."""

_LONGEST_DAYS = 48_000  # a longer ``valid`` range is narrowed to the dates around the line


def replay_files(specs: Path, files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Answer every line of ``files`` on the calendars in the folder ``specs``, in order.

    Yields ``{"id", "result"}``, or ``{"id", "error"}`` for a line that cannot be answered; ``id`` is None where there
    is none.

    Raises:
        OSError: a file or the folder cannot be read.
    """
    calendars = load_specs(specs)
    for file in files:
        with file.open(encoding="utf-8") as lines:
            for text in lines:
                if text.strip():
                    yield _replay_text(text, calendars)


def load_specs(folder: Path) -> dict[str, dict[str, Any]]:
    """The calendars of a folder by their ``id`` (by file name where they have none); other JSON files are left out."""
    calendars = {}
    for file in sorted(folder.glob("*.json")):
        try:
            plain = json.loads(file.read_bytes())
        except ValueError:
            continue  # a line that names it is told that there is no such calendar
        if isinstance(plain, dict) and "tz" in plain:
            calendars[str(plain.get("id", file.stem))] = plain
    return calendars


def replay_case(line: Mapping[str, Any], specs: Mapping[str, Mapping[str, Any]]) -> Result:
    """Answer one line on the plain calendars ``specs``.

    Raises:
        SlaError: the question makes no sense, or the calendar does not know.
        KeyError, TypeError, ValueError: the line is no question.
    """
    name = line["calendar"]
    if name not in specs:
        raise SlaError(f"no calendar {name!r}")
    operation = _OPERATIONS.get(line["op"])
    if operation is None:
        raise SlaError(f"no operation {line['op']!r}")
    return operation(_Question(line, specs[name]))


def _replay_text(text: str, specs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    name = None
    try:
        line = json.loads(text)
        name = line.get("id") if isinstance(line, dict) else None
        return {"id": name, "result": replay_case(line, specs)}
    except KeyError as error:
        return {"id": name, "error": f"missing {error}"}
    except (SlaError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        return {"id": name, "error": f"{type(error).__name__}: {error}"}


class _Question:
    """One line, its parameters read as they are asked for."""

    def __init__(self, line: Mapping[str, Any], plain: Mapping[str, Any]) -> None:
        self._line = line
        self._plain = plain
        instants = [self.instant(key) for key in ("start", "a", "b", "t") if key in line]
        ends = [edge for pause in self.pauses() for edge in pause if edge is not None]
        self.calendar = _calendar(json.dumps(plain, sort_keys=True), *_window(instants + ends, line.get("n", 0)))

    def instant(self, key: str) -> Instant:
        return from_datetime(datetime.fromisoformat(self._line[key]))

    def whole(self, key: str) -> int:
        value = self._line[key]
        if not isinstance(value, int) or isinstance(value, bool):
            raise BadAmount(f"{key} {value!r}: need a whole number")
        return value

    def word(self, key: str, default: str) -> str:
        return str(self._line.get(key, default))

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._line.get(key, default)
        if not isinstance(value, bool):
            raise TypeError(f"{key} {value!r}: need true or false")
        return value

    def pauses(self) -> list[tuple[Instant, Instant | None]]:
        """The line's pauses; one that ends before it begins is empty, as ``[from, to)`` says, and left out."""
        pauses = []
        for begins, ends in self._line.get("pauses", ()):
            begin = from_datetime(datetime.fromisoformat(begins))
            end = None if ends is None else from_datetime(datetime.fromisoformat(ends))
            if end is None or begin < end:
                pauses.append((begin, end))
        return pauses

    def due(self, amount: Amount) -> str | None:
        """The due instant as text."""
        due = self.calendar.due_us(self.instant("start"), amount, self.pauses())
        return None if due is None else self.calendar.local_iso(due)

    def due_in_sight(self, amount: Amount) -> str | None:
        """The same for a running clock, which is not followed past the horizon."""
        start = self.instant("start")
        sight = start + HORIZON
        try:
            due = self.calendar.due_us(start, amount, self.pauses())
        except BeyondCalendar:
            if known_range(self._plain) is not None and sight > self.calendar.known_us[1]:
                raise
            return None
        return None if due is None or due > sight else self.calendar.local_iso(due)


def _add_business(question: _Question) -> Result:
    return question.due_in_sight(Amount(Unit.WORKING, question.whole("seconds") * SECOND))


def _business_between(question: _Question) -> Result:
    us = question.calendar.between_us(question.instant("a"), question.instant("b"))
    return us / SECOND if us % SECOND else us // SECOND


def _is_open(question: _Question) -> Result:
    return question.calendar.is_open_us(question.instant("t"))


def _add_business_days(question: _Question) -> Result:
    amount = Amount(
        Unit.WORKING_DAYS,
        question.whole("n"),
        day_term=DayTerm(question.word("mode", "next_day")),
        day_end=DayEnd(question.word("day_end", "close")),
        after_hours=AfterHours(question.word("after_hours", "event_date")),
    )
    return question.due_in_sight(amount) if amount.day_term is DayTerm.BUSINESS_HOURS else question.due(amount)


def _add_days_without_weekends(question: _Question) -> Result:
    return question.due(
        Amount(
            Unit.CALENDAR_DAYS_WITHOUT_WEEKENDS,
            question.whole("n"),
            skip=Skip(question.word("skip", "weekends_and_holidays")),
            roll=question.flag("roll", default=True),
            day_end=DayEnd(question.word("day_end", "close")),
        )
    )


_OPERATIONS: Mapping[str, Callable[[_Question], Result]] = {
    "add_business": _add_business,
    "due_with_pauses": _add_business,
    "business_between": _business_between,
    "is_open": _is_open,
    "add_business_days": _add_business_days,
    "add_calendar_days_excluding_weekends": _add_days_without_weekends,
}


def _window(instants: list[Instant], days: object) -> tuple[date, date]:
    """Whole decades around the line's instants, with room for the horizon or for a term of ``days``."""
    years = [to_datetime(instant).year for instant in instants]
    room = 4 + (max(days, 0) // 40 if isinstance(days, int) else 0)
    first = max((min(years) - 1) // 10 * 10, 2)
    last = min((max(years) + room) // 10 * 10 + 9, 9998)
    return date(first, 1, 1), date(last, 12, 31)


@lru_cache(maxsize=64)
def _calendar(plain_text: str, first: date, last: date) -> Calendar:
    plain: dict[str, Any] = json.loads(plain_text)
    valid = known_range(plain)
    if valid is not None and (valid[1] - valid[0]).days > _LONGEST_DAYS:
        plain["valid"] = [max(valid[0], first).isoformat(), min(valid[1], last).isoformat()]
    return compile_calendar(calendar_spec(plain, (first, last)))
