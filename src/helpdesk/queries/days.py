"""Days: read from what a caller wrote, and when one begins in a zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import Instant, from_datetime

_EARLIEST, _LATEST = 1970, 2200
"""Years that may be asked for."""


def midnight(day: date, zone: str) -> Instant:
    """Return the instant at which ``day`` begins in ``zone``."""
    return from_datetime(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))


def day_of_text(field: str, text: str) -> date:
    """Return the date that ``text`` names.

    Raises:
        Invalid: it names none, or one that no ticket is from.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{text!r} is no day; write it like 2026-03-04", fields={field: "is no day"}) from None
    if not _EARLIEST <= day.year <= _LATEST:
        raise Invalid(f"the year {day.year} is out of bounds", fields={field: f"from {_EARLIEST} to {_LATEST}"})
    return day
