"""Amounts of time as a regulation writes them: ``4 working hours``, ``24 elapsed hours``, ``3 working days``.

A bare "24 hours" or "3 days" is refused: which hours, which days, is exactly what regulations are argued about.
"""

import re

from msgspec import Struct

from helpdesk.kernel.instants import DAY, HOUR, MINUTE, SECOND
from helpdesk.sla.amount import Unit

UNKNOWN = "unknown"
"""The amount a regulation promises without giving it."""

_TIMES = {"second": SECOND, "minute": MINUTE, "hour": HOUR}
_LONGEST = 3660
"""Days; ten years. Nothing promised to a client lasts longer."""

_TIME = re.compile(r"(\d{1,12}) (working|elapsed) (second|minute|hour)s?")
_DAYS = re.compile(r"(\d{1,12}) (working days?|calendar days? without weekends|calendar days?)")


class AmountText(Struct, frozen=True):
    """A parsed amount: ``value`` in microseconds for working and elapsed time, a count for days."""

    unit: Unit
    value: int

    @property
    def in_days(self) -> bool:
        """Whether the amount counts days."""
        return self.unit not in {Unit.WORKING, Unit.ELAPSED}


def parse_amount(text: str) -> AmountText:
    """Read an amount.

    Raises:
        ValueError: it is not one; the message says what one looks like.
    """
    if match := _TIME.fullmatch(text):
        count, kind, size = match.groups()
        unit, value = (Unit.WORKING if kind == "working" else Unit.ELAPSED), int(count) * _TIMES[size]
        longest = _LONGEST * DAY
    elif match := _DAYS.fullmatch(text):
        value, longest = int(match[1]), _LONGEST
        if match[2].startswith("working"):
            unit = Unit.WORKING_DAYS
        elif match[2].endswith("weekends"):
            unit = Unit.CALENDAR_DAYS_WITHOUT_WEEKENDS
        else:
            unit = Unit.CALENDAR_DAYS
    elif re.fullmatch(r"-?\d+ (second|minute|hour)s?", text):
        raise ValueError(f"{text!r} does not say which time: write 'working' or 'elapsed' before the unit")
    elif re.fullmatch(r"-?\d+ days?", text):
        raise ValueError(f"{text!r} does not say which days: working, calendar, or calendar … without weekends")
    elif text.startswith("-"):
        raise ValueError(f"{text!r} is negative")
    else:
        raise ValueError(f"{text!r} is no amount; write e.g. '4 working hours', '24 elapsed hours', '3 working days'")
    if value == 0:
        raise ValueError(f"{text!r} is zero: a promise of no time at all")
    if value > longest:
        raise ValueError(f"{text!r} is longer than ten years")
    return AmountText(unit, value)


_RU_FORMS = {
    "second": ("секунда", "секунды", "секунд"),
    "minute": ("минута", "минуты", "минут"),
    "hour": ("час", "часа", "часов"),
    "day": ("день", "дня", "дней"),
}
_RU_ADJECTIVES = {
    ("working", "m"): ("рабочий", "рабочих", "рабочих"),
    ("working", "f"): ("рабочая", "рабочие", "рабочих"),
    ("calendar", "m"): ("календарный", "календарных", "календарных"),
}


def _form(count: int) -> int:
    if count % 10 == 1 and count % 100 != 11:
        return 0
    return 1 if count % 10 in {2, 3, 4} and count % 100 not in {12, 13, 14} else 2


def _largest(value: int) -> tuple[int, str]:
    for name, size in (("hour", HOUR), ("minute", MINUTE)):
        if value % size == 0:
            return value // size, name
    return value // SECOND, "second"


def in_russian(amount: AmountText) -> str:
    """Return the amount in Russian words: ``4 рабочих часа``, ``24 часа, круглосуточно``."""
    if amount.unit in {Unit.WORKING, Unit.ELAPSED}:
        count, name = _largest(amount.value)
        noun = _RU_FORMS[name][_form(count)]
        if amount.unit is Unit.ELAPSED:
            return f"{count} {noun}, круглосуточно"
        adjective = _RU_ADJECTIVES["working", "m" if name == "hour" else "f"][_form(count)]
        return f"{count} {adjective} {noun}"
    count = amount.value
    kind = "working" if amount.unit is Unit.WORKING_DAYS else "calendar"
    text = f"{count} {_RU_ADJECTIVES[kind, 'm'][_form(count)]} {_RU_FORMS['day'][_form(count)]}"
    return text + (", не считая выходные" if amount.unit is Unit.CALENDAR_DAYS_WITHOUT_WEEKENDS else "")


def in_english(amount: AmountText) -> str:
    """Return the amount as a regulation writes it: ``4 working hours``."""
    if amount.unit in {Unit.WORKING, Unit.ELAPSED}:
        count, name = _largest(amount.value)
        return f"{count} {amount.unit} {name}{'' if count == 1 else 's'}"
    kind = "working" if amount.unit is Unit.WORKING_DAYS else "calendar"
    text = f"{amount.value} {kind} day{'' if amount.value == 1 else 's'}"
    return text + (" without weekends" if amount.unit is Unit.CALENDAR_DAYS_WITHOUT_WEEKENDS else "")
