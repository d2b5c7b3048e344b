"""What changes between two editions, rule by rule, and whom it concerns."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

_KEYS = ("name", "code", "reason", "category", "id")
_NARROW = ("channels", "levels", "lines")


class Change(Struct, frozen=True):
    """One difference. ``before`` or ``after`` is None where the rule is new or gone."""

    path: str
    """Where: ``targets.resolution.3.within``."""
    before: Any
    after: Any
    clause: str
    """The clause behind the rule, in the new edition where it is still there."""
    concerns: tuple[str, ...]
    """Levels, channels or lines that the rule names; empty: everybody."""


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return every difference between two editions' data, sorted by path. The order of rules is no matter."""
    old, new = _flatten(before), _flatten(after)
    found = []
    for path in sorted(old.keys() | new.keys()):
        one, two = old.get(path), new.get(path)
        if (one and one.value) != (two and two.value):
            rule = two or one
            assert rule is not None
            found.append(
                Change(path, one.value if one else None, two.value if two else None, rule.clause, rule.concerns)
            )
    return tuple(found)


class _Leaf(Struct, frozen=True):
    value: Any
    clause: str
    concerns: tuple[str, ...]


def _flatten(data: Mapping[str, Any]) -> dict[str, _Leaf]:
    return dict(_walk(data, "", "", ()))


def _walk(data: Any, path: str, clause: str, concerns: tuple[str, ...]) -> Iterator[tuple[str, _Leaf]]:
    if isinstance(data, dict):
        clause = data.get("clause", clause)
        concerns = tuple(name for key in _NARROW for name in _names(data.get(key))) or concerns
        for key, value in data.items():
            yield from _walk(value, f"{path}.{key}" if path else key, clause, concerns)
    elif isinstance(data, list) and data and all(isinstance(item, dict) for item in data):
        for index, item in enumerate(data):
            yield from _walk(item, f"{path}.{_name(item, index)}", clause, concerns)
    else:
        yield path, _Leaf(data, clause, concerns)


def _name(item: Mapping[str, Any], index: int) -> str:
    """Name a table of a list by what it is called and whom it narrows to, so that its place does not matter."""
    own = next((str(item[key]) for key in _KEYS if key in item), "")
    narrow = [name for key in _NARROW for name in _names(item.get(key))]
    if not own:
        return str(item.get("at") or index)
    return ".".join([own, *narrow])


def _names(value: Any) -> list[str]:
    return [str(item) for item in value if isinstance(item, str)] if isinstance(value, list) else []
