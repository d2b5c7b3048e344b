"""The rule at the end of a zone file: a POSIX ``TZ`` string (POSIX.1-2017 8.3, with the hours RFC 9636 adds)."""

import re
from calendar import isleap
from datetime import date, timedelta

from msgspec import Struct

from helpdesk.sla.errors import BadZone

_NAME = r"(?:<[A-Za-z0-9+-]+>|[A-Za-z]+)"
_OFFSET = r"[+-]?\d{1,3}(?::\d{2}(?::\d{2})?)?"
_RULE = re.compile(
    rf"{_NAME}(?P<std>{_OFFSET})"
    rf"(?:{_NAME}(?P<dst>{_OFFSET})?,(?P<begin>[^,/]+)(?:/(?P<begin_at>{_OFFSET}))?,"
    rf"(?P<end>[^,/]+)(?:/(?P<end_at>{_OFFSET}))?)?"
)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_TWO_O_CLOCK = 7200


class Rule(Struct, frozen=True):
    """Standard offset and, where there is one, daylight offset with the days it begins and ends on."""

    standard_s: int
    daylight_s: int | None = None
    begin: str = ""
    begin_at_s: int = _TWO_O_CLOCK
    end: str = ""
    end_at_s: int = _TWO_O_CLOCK

    def changes(self, year: int) -> list[tuple[int, int]]:
        """The changes of this year: (UTC second, offset in seconds from then on), ascending."""
        if self.daylight_s is None:
            return []
        on = (_day(self.begin, year) * 86_400 + self.begin_at_s - self.standard_s, self.daylight_s)
        off = (_day(self.end, year) * 86_400 + self.end_at_s - self.daylight_s, self.standard_s)
        return sorted((on, off))


def parse_rule(text: str) -> Rule:
    """Return the rule that ``text`` says, e.g. ``CET-1CEST,M3.5.0,M10.5.0/3``.

    Raises:
        BadZone: it says none.
    """
    found = _RULE.fullmatch(text)
    if found is None:
        raise BadZone(f"rule {text!r} is no POSIX TZ string")
    standard = -_seconds(found["std"])  # POSIX counts west of Greenwich
    if found["begin"] is None:
        return Rule(standard)
    return Rule(
        standard_s=standard,
        daylight_s=standard + 3600 if found["dst"] is None else -_seconds(found["dst"]),
        begin=found["begin"],
        begin_at_s=_TWO_O_CLOCK if found["begin_at"] is None else _seconds(found["begin_at"]),
        end=found["end"],
        end_at_s=_TWO_O_CLOCK if found["end_at"] is None else _seconds(found["end_at"]),
    )


def _seconds(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds = (*(int(part) for part in text.lstrip("+-").split(":")), 0, 0)[:3]
    return sign * (hours * 3600 + minutes * 60 + seconds)


def _day(rule: str, year: int) -> int:
    """The day number of ``Mm.w.d`` (day d of week w of month m), ``Jn`` (1 to 365, no leap day) or ``n`` (0 to 365)."""
    january = date(year, 1, 1).toordinal() - _EPOCH_DAY
    if rule.startswith("M"):
        month, week, weekday = (int(part) for part in rule[1:].split("."))
        first = date(year, month, 1)
        day = first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (week - 1))
        if day.month != month:  # week 5 is the last one
            day -= timedelta(days=7)
        return day.toordinal() - _EPOCH_DAY
    if rule.startswith("J"):
        n = int(rule[1:])
        return january + n - (0 if isleap(year) and n >= 60 else 1)
    return january + int(rule)
