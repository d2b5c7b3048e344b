"""A deadline under every combination of the readings that bear on it: how much hangs on how the text is read."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from msgspec import Struct

from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.examining.replay import Replayer
from helpdesk.regulation.vocabulary.model import Reading

MOST = 4096
"""Combinations tried at most; each takes some milliseconds."""


class Outcome(Struct, frozen=True):
    """One possible result, and the least departures from the chosen readings that lead to it."""

    outcome: str
    due: str | None
    combinations: int
    """How many of all combinations give it."""
    departures: tuple[dict[str, str], ...]
    """The smallest sets of readings, other than chosen, that give it; one empty set for the result as chosen."""


class Spread(Struct, frozen=True):
    """Every result of one case."""

    readings: dict[str, tuple[str, ...]]
    """The readings tried, each with its values, the chosen one first."""
    combinations: int
    outcomes: tuple[Outcome, ...]
    """The result as chosen first, the others by their deadline."""


def under_all_readings(replayer: Replayer, case: Mapping[str, Any], *, most: int = MOST) -> Spread:
    """Evaluate ``case`` (a line as `replay` reads it) under every combination of the readings that bear on it.

    Readings that take a value of their own (dated hours, a break) have no list of values and stay as the case has them.

    Raises:
        Invalid: the case cannot be evaluated, or there are more than ``most`` combinations.
    """
    given = dict(case.get("readings") or {})
    declared = replayer.evaluator(case["company"], {}).edition.readings
    bearing = [name for name in replayer.readings_bearing_on(case) if name not in given and declared[name].alternatives]
    values = {name: _values(declared[name]) for name in bearing}
    total = 1
    for options in values.values():
        total *= len(options)
    if total > most:
        raise Invalid(f"{total} combinations of readings are more than {most}; fix some in the case")
    results: dict[tuple[str, str | None], list[dict[str, str]]] = {}
    for departure in _departures(values):
        result = replayer.evaluate({**case, "readings": given | departure})
        results.setdefault(result, []).append(departure)
    chosen = next(result for result, found in results.items() if {} in found)
    ordered = [chosen, *sorted((key for key in results if key != chosen), key=lambda key: (key[1] or "", key[0]))]
    return Spread(
        values,
        total,
        tuple(Outcome(key[0], key[1], len(results[key]), _smallest(results[key])) for key in ordered),
    )


def _values(reading: Reading) -> tuple[str, ...]:
    return ("none" if reading.value is None else reading.value, *reading.alternatives)


def _departures(values: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, str]]:
    for choice in product(*values.values()):
        yield {
            name: value for (name, options), value in zip(values.items(), choice, strict=True) if value != options[0]
        }


def _smallest(departures: list[dict[str, str]]) -> tuple[dict[str, str], ...]:
    least = min(len(departure) for departure in departures)
    return tuple(departure for departure in departures if len(departure) == least)
