"""The values that readings may take, and the form their own values have."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import ValidationError, convert

from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.vocabulary.hours import parse_dated, parse_interval
from helpdesk.regulation.vocabulary.model import Patch, Reading
from helpdesk.regulation.vocabulary.problems import nearest
from helpdesk.regulation.vocabulary.shapes import fit


def key_of(value: Any) -> str:
    """Return the name under which a value stands among a reading's alternatives."""
    return "none" if value is None else str(value)


def patches_for(name: str, reading: Reading, value: Any) -> tuple[Sequence[Patch], Any]:
    """Return the changes that ``value`` makes, and the value in the data's form. The chosen value changes nothing.

    Raises:
        Invalid: the reading has no such value.
    """
    if value == reading.value or (value in (None, "none") and reading.value in (None, "none")):
        return [], reading.value
    if isinstance(value, str) and value in reading.alternatives:
        return reading.alternatives[value], value
    if reading.given:
        return reading.given, _shaped(name, reading, value)
    known = nearest(key_of(value), [key_of(reading.value), *reading.alternatives])
    raise Invalid(f"the reading {name!r} has no value {value!r}: {known}", fields={f"readings.{name}": known})


def _shaped(name: str, reading: Reading, value: Any) -> Any:
    try:
        if reading.shape == "interval":
            text = value if isinstance(value, str) else _pair(value)
            parse_interval(text)
            return [text]
        if reading.shape == "dated_hours":
            dated = {
                day: [part if isinstance(part, str) else _pair(part) for part in parts] for day, parts in value.items()
            }
            for parts in dated.values():
                parse_dated(parts)
            return dated
        if reading.shape == "names":
            return convert(value, list[str])
    except (ValueError, TypeError, AttributeError, ValidationError) as error:
        raise Invalid(f"the reading {name!r}: {error}", fields={f"readings.{name}": str(error)}) from error
    return value


def _pair(value: Any) -> str:
    """Return ``["12:00", "13:00"]`` as ``12:00-13:00``."""
    first, last = value
    return f"{first}-{last}"


def choose(
    readings: Mapping[str, Reading], chosen: Mapping[str, Any]
) -> tuple[dict[str, Any], list[tuple[Sequence[Patch], Any]]]:
    """Return the value of every reading, and the changes of those that differ from the edition's own.

    Raises:
        Invalid: an unknown reading or value.
    """
    for name in chosen:
        if name not in readings:
            known = nearest(name, readings)
            raise Invalid(f"there is no reading {name!r}: {known}", fields={f"readings.{name}": known})
    values: dict[str, Any] = {}
    changes: list[tuple[Sequence[Patch], Any]] = []
    for name, reading in readings.items():
        patches, value = patches_for(name, reading, chosen[name]) if name in chosen else ([], reading.value)
        values[name] = value
        if patches:
            changes.append((patches, value))
    return values, changes


def readings_of(data: Mapping[str, Any]) -> dict[str, Reading]:
    """Return the readings that an edition's raw data declares."""
    return {name: fit(Reading, given) for name, given in data.get("readings", {}).items()}
