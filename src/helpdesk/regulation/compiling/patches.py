"""Readings and parameters as changes to an edition's raw data, before it is checked against the vocabulary.

A path of a patch names tables: ``targets.reaction`` (every target of that name), ``targets.resolution.3`` (those of
level, channel or line ``3``), ``calendars.*`` (all calendars), ``counting``, ``channels.phone``, ``terms.auto_close``.
"""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from helpdesk.regulation.vocabulary.amounts import UNKNOWN
from helpdesk.regulation.vocabulary.model import Patch

VALUE = "$value"
"""In a patch: the value that the reading was given."""

_DEFAULTED = frozenset({"counting"})
"""Tables that an edition may leave to their defaults; a patch makes them."""

_REFERENCE = re.compile(r"\$([a-z][a-z0-9_]*)((?:\.[A-Za-z0-9_]+)*)")


def tables_at(data: Mapping[str, Any], path: str) -> list[dict[str, Any]]:
    """Return the tables of ``data`` that ``path`` names; none where nothing matches."""
    section, *rest = path.split(".")
    found = data.get(section)
    if isinstance(found, list):
        name, narrower = (rest or ["*"])[0], rest[1:]
        return [
            table
            for table in found
            if isinstance(table, dict)
            and (
                name == "*"
                or name in (table.get("name"), table.get("code"), table.get("reason"), table.get("category"))
            )
            and all(_has(table, part) for part in narrower)
        ]
    return list(_walk(found, rest))


def _walk(found: Any, rest: Sequence[str]) -> Iterator[dict[str, Any]]:
    if not isinstance(found, dict):
        return
    if not rest:
        yield found
    elif rest[0] == "*":
        for item in found.values():
            yield from _walk(item, rest[1:])
    else:
        yield from _walk(found.get(rest[0]), rest[1:])


def _has(table: Mapping[str, Any], part: str) -> bool:
    return any(part in table.get(key, ()) for key in ("levels", "channels", "lines"))


def apply_patches(data: dict[str, Any], patches: Sequence[Patch], value: Any = None) -> None:
    """Change ``data`` in place. ``$value`` in a patch stands for ``value``.

    Raises:
        LookupError: a patch names nothing.
    """
    for patch in patches:
        if patch.at in _DEFAULTED:
            data.setdefault(patch.at, {})
        tables = tables_at(data, patch.at)
        if not tables and not patch.at.endswith(".*"):
            raise LookupError(patch.at)
        for table in tables:
            for key, given in patch.set.items():
                table[key] = copy.deepcopy(value if given == VALUE else given)


def references(data: Any) -> set[str]:
    """Return the names of the parameters that ``data`` refers to (``$contacts.phone`` → ``contacts``)."""
    if isinstance(data, str):
        match = _REFERENCE.fullmatch(data)
        return {match[1]} if match and data != VALUE else set()
    if isinstance(data, dict):
        return set().union(*(references(item) for item in data.values())) if data else set()
    if isinstance(data, list):
        return set().union(*(references(item) for item in data)) if data else set()
    return set()


def substitute(data: Any, parameters: Mapping[str, Any]) -> Any:
    """Return ``data`` with every reference replaced by the parameter's value, or ``unknown`` where it was left out.

    A list element that refers to something left out is dropped: an address nobody gave is no address.

    Raises:
        LookupError: the parameter was given, without the part that is referred to.
    """
    if isinstance(data, str):
        match = _REFERENCE.fullmatch(data)
        if match is None or data == VALUE:
            return data
        if parameters.get(match[1]) is None:
            return UNKNOWN
        value = parameters[match[1]]
        for part in match[2].split(".")[1:]:
            if not isinstance(value, Mapping) or part not in value:
                raise LookupError(data.removeprefix("$"))
            value = value[part]
        return copy.deepcopy(value)
    if isinstance(data, dict):
        return {key: substitute(item, parameters) for key, item in data.items()}
    if isinstance(data, list):
        result: list[Any] = []
        for item in data:
            found = substitute(item, parameters)
            if found == UNKNOWN and item != UNKNOWN:
                continue
            # A parameter that is itself a list takes the place of the reference.
            result.extend(found) if isinstance(found, list) and isinstance(item, str) else result.append(found)
        return result
    return data
