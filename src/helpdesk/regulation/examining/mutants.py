"""Every single change of a rule's value: what a company's scenarios must notice.

Amounts, hours, starts and stops, pauses, channels, terms, levels, fields, outcomes …: each leaf of an edition's data is
changed alone. Texts, titles, readings, clauses and claims are left: they describe, and decide nothing.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from msgspec import Struct

from helpdesk.regulation.vocabulary.lines import KeyPath

_DESCRIBES = frozenset({"readings", "clauses", "claims"})
_TEXTS = frozenset(
    {"name_ru", "name_en", "title", "title_ru", "title_en", "hint_ru", "hint_en", "holiday_hint_ru",
     "holiday_hint_en", "criterion_ru", "criterion_en", "does",
     "consultation_only_ru", "consultation_only_en", "id", "population", "language"}
)  # fmt: skip
_CLAUSES = frozenset({"clause", "holiday_clause", "calendar_clause", "expedite_clause", "url_clause", "refers_to",
                      "disclaimed_by", "listed_in"})  # fmt: skip

_OTHERS: Mapping[str, tuple[str, ...]] = {
    "off_channel": ("reject", "register"),
    "on_holiday": ("accept", "reject", "defer"),
    "working_weekends": ("open", "closed"),
    "without": ("refuse", "identify", "register"),
    "older": ("flag", "refuse"),
    "new_requests": ("refuse", "register"),
    "when": ("registered", "letter_relayed"),
    "otherwise": ("quarantine", "accept"),
    "repeat": ("first", "last", "each"),
    "day_end": ("close", "midnight"),
    "requires": ("question", "notice", "authorised_notice"),
    "begins_when": ("unidentified", "incomplete"),
    "letter": ("incomplete-body", "identification-body"),
    "on": ("answer_sent", "resolved"),
    "break_pauses": ("no", "announced_before"),
    "zone": ("Europe/Moscow", "Asia/Bishkek", "Asia/Tokyo"),
    "days": ("RU", "KG"),
}

_AMOUNT = re.compile(r"(\d+) (working|elapsed) (\w+)|(\d+) ([a-z ]*days?.*)")
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_EVENTS = frozenset({"starts_on", "stops_on", "resumes_on", "cancelled_on", "reopens_on"})


class Mutant(Struct, frozen=True):
    """An edition with one value changed."""

    path: KeyPath
    change: str
    data: dict[str, Any]


def mutants(data: dict[str, Any]) -> Iterator[Mutant]:
    """Yield every mutant of an edition's raw data, in the order of the file."""
    for section, content in data.items():
        if section not in _DESCRIBES:
            yield from _of(data, (section,), content)


def _of(data: dict[str, Any], path: KeyPath, content: Any) -> Iterator[Mutant]:
    key = next(part for part in reversed(path) if isinstance(part, str))
    if key in _TEXTS or key in _CLAUSES:
        return
    if isinstance(content, dict):
        for name, inner in content.items():
            if path[-1] == "hours":
                yield from _other_days(data, path, name)
            yield from _of(data, (*path, name), inner)
    elif isinstance(content, list):
        for index, inner in enumerate(content):
            yield _without(data, (*path, index))
            yield from _of(data, (*path, index), inner)
        if key == "pause_on" or key in _EVENTS:
            yield from _more(data, path, key)
        if key == "order" and len(content) > 1:
            yield _with(data, path, content[::-1])
    else:
        for other in _other_values(key, content):
            yield _with(data, path, other)


def _other_values(key: str, value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif not isinstance(value, str):
        yield value.replace(year=value.year - 1)
    elif key in _OTHERS:
        yield from (other for other in _OTHERS[key] if other != value)
    elif match := _AMOUNT.fullmatch(value):
        yield from _other_amounts(match)
    elif match := _HOURS.fullmatch(value):
        a, b, c, d = match.groups()
        yield f"{int(a) + 1:02d}:{b}-{c}:{d}"
        yield f"{a}:{b}-{int(c) - 1:02d}:{d}"
    elif value.endswith("%"):
        yield f"{int(value[:-1]) - 1}%"
    elif key in _EVENTS:
        yield "note_added"
    elif value.startswith("+"):
        yield value + "0"
    elif not value.startswith("$"):
        yield value + "x"


def _other_amounts(match: re.Match[str]) -> Iterator[str]:
    if match[4]:
        yield f"{int(match[4]) + 1} {match[5]}"
        return
    yield f"{int(match[1]) + 1} {match[2]} {match[3]}"
    yield f"{match[1]} {'elapsed' if match[2] == 'working' else 'working'} {match[3]}"


def _other_days(data: dict[str, Any], path: KeyPath, name: str) -> Iterator[Mutant]:
    first, dash, last = name.partition("-")
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    if dash:
        table = _at(data, path)
        for shorter in (f"{first}-{days[days.index(last) - 1]}", f"{days[days.index(first) + 1]}-{last}"):
            yield _with(data, path, {shorter if key == name else key: hours for key, hours in table.items()})


def _more(data: dict[str, Any], path: KeyPath, key: str) -> Iterator[Mutant]:
    given = _at(data, path)
    reasons = [pause["reason"] for pause in data.get("pauses", ())]
    for extra in reasons if key == "pause_on" else ():
        if extra not in given:
            yield _with(data, path, [*given, extra])


def _at(data: Any, path: KeyPath) -> Any:
    for part in path:
        data = data[part]
    return data


def _with(data: dict[str, Any], path: KeyPath, value: Any) -> Mutant:
    changed = deepcopy(data)
    _at(changed, path[:-1])[path[-1]] = value
    return Mutant(path, f"{_at(data, path)!r} → {value!r}", changed)


def _without(data: dict[str, Any], path: KeyPath) -> Mutant:
    changed = deepcopy(data)
    removed = _at(changed, path[:-1]).pop(path[-1])
    name = removed.get("name") or removed.get("code") or removed.get("reason") if isinstance(removed, dict) else removed
    return Mutant(path, f"{name!r} removed", changed)
