"""Production calendars: which dates a state makes holidays, days off, working Saturdays and short days.

One JSON file per state (``policies/calendars/<code>.json``), years as keys; what each list means stands in
``policies/calendars/README.md``.
"""

from datetime import date
from importlib.resources.abc import Traversable
from typing import Any

import msgspec
from msgspec import Struct


class ProductionCalendar(Struct, frozen=True):
    """The dated facts of one state, sorted; known from ``first`` to ``last``, both included."""

    code: str
    first: date
    last: date
    holidays: tuple[date, ...]
    moved_off: tuple[date, ...]
    working_weekends: tuple[date, ...]
    short_days: dict[date, int]
    """Minutes cut from the end of the date."""
    special_nonworking: tuple[date, ...] = ()
    variants: dict[str, "Variant"] = {}


class Variant(Struct, frozen=True):
    """What a variant of a calendar adds and takes away."""

    moved_off: tuple[date, ...] = ()
    made_working: tuple[date, ...] = ()


def load_days(folder: Traversable) -> dict[str, ProductionCalendar]:
    """Read every production calendar of ``folder``, by its code (``RU``).

    Raises:
        ValueError: a file is not of the form.
    """
    found: dict[str, ProductionCalendar] = {}
    if not folder.is_dir():
        return found
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".json"):
            code = file.name.removesuffix(".json").upper()
            found[code] = _read(code, msgspec.json.decode(file.read_bytes()))
    return found


def _dates(entries: list[dict[str, Any]]) -> list[date]:
    return [date.fromisoformat(entry["date"]) for entry in entries]


def _read(code: str, years: dict[str, Any]) -> ProductionCalendar:
    numbers = sorted(int(year) for year in years)
    if not numbers or numbers != list(range(numbers[0], numbers[-1] + 1)):
        raise ValueError(f"the production calendar {code} has no years, or a gap between them")
    lists: dict[str, list[date]] = {
        key: sorted(day for year in years.values() for day in _dates(year.get(key, [])))
        for key in ("holidays", "moved_days_off", "working_weekends", "special_nonworking_days")
    }
    extras = [year["state_funded_only"] for year in years.values() if "state_funded_only" in year]
    variants = {}
    if extras:
        variants["state_funded"] = Variant(
            tuple(sorted(day for extra in extras for day in _dates(extra["moved_days_off"]))),
            tuple(sorted(day for extra in extras for day in _dates(extra["days_off_made_working"]))),
        )
    return ProductionCalendar(
        code,
        date(numbers[0], 1, 1),
        date(numbers[-1], 12, 31),
        tuple(lists["holidays"]),
        tuple(lists["moved_days_off"]),
        tuple(lists["working_weekends"]),
        {
            date.fromisoformat(entry["date"]): int(entry["minutes_less"])
            for year in years.values()
            for entry in year.get("short_days", [])
        },
        tuple(lists["special_nonworking_days"]),
        variants,
    )
