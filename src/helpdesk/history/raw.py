"""From a record to what happened, in our words: columns, translations and times as the mapping has them. Pure."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from helpdesk.contracts.log import Happened
from helpdesk.history.mapping import EVENT_FIELDS, HAPPENINGS, TICKET_FIELDS, Mapping
from helpdesk.history.records import Fields, Record, field_of
from helpdesk.kernel.instants import Instant, from_datetime
from helpdesk.regulation.vocabulary.problems import nearest


class RejectedError(ValueError):
    """A record that cannot be brought in; the message says why, for the person who exported it."""


class Happening(Struct, frozen=True):
    """One event as the other system told it, in our words."""

    what: Happened
    at: Instant
    said: dict[str, str]
    """By our field: actor, text, level, reason, …"""


class Raw(Struct, frozen=True):
    """A ticket as the other system told it, in our words; nothing is judged yet."""

    source_id: str
    content_hash: bytes
    received_at: Instant
    registered_at: Instant
    said: dict[str, str]
    happenings: tuple[Happening, ...]
    promised: dict[str, Instant]
    """What the other system promised: due instants by our target's name."""


Named = tuple[tuple[str, str, dict[str, str]], ...]
"""Our fields that a rule names a column for, each with the column and the translation of its words."""


class Reader:
    """Reads records by one mapping, which is looked through once."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._zone = ZoneInfo(mapping.file.zone) if mapping.file.zone else None
        self._ticket = self._named(mapping.ticket, TICKET_FIELDS)
        self._columns = [(rule, self._named(rule, EVENT_FIELDS[1:])) for rule in mapping.columns]
        self._events = self._named(mapping.events, EVENT_FIELDS) if mapping.events is not None else ()
        self._dropped = {word for word, what in mapping.values.get("what", {}).items() if what == ""}

    def read(self, record: Record, events: Iterable[Record]) -> Raw:
        """Return a record and its events in our words.

        Raises:
            RejectedError: something is missing, or cannot be read.
        """
        if record.fault:
            raise RejectedError(record.fault)
        events, rule = list(events), self._mapping.ticket
        said = words_of(record.fields, self._ticket, TICKET_FIELDS)
        source_id = said.pop("id")
        if not source_id:
            raise RejectedError(f"no id in {rule.id!r}")
        received_at = self._instant(said.pop("received_at"), rule.received_at)
        registered = said.pop("registered_at")
        registered_at = self._instant(registered, rule.registered_at) if registered else received_at
        happenings = [*self._of_columns(record.fields), *self._of_events(record.fields, events)]
        happenings.sort(key=_at)  # stable: what happened at one instant stays in the order it was told
        told = [record.fields, *(event.fields for event in events)]
        text = json.dumps(told, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
        defaults = self._mapping.defaults
        return Raw(
            source_id, hashlib.sha256(text).digest(), received_at, registered_at,
            {key: value or defaults.get(key, "") for key, value in said.items()}, tuple(happenings),
            self._promised(record.fields),
        )  # fmt: skip

    def _promised(self, fields: Fields) -> dict[str, Instant]:
        found = {}
        for target, column in self._mapping.promised.items():
            if text := _text(field_of(fields, column), column):
                found[target] = self._instant(text, column)
        return found

    def _named(self, rule: Any, names: Sequence[str]) -> Named:
        values = self._mapping.values
        return tuple((name, getattr(rule, name), values.get(name, {})) for name in names if getattr(rule, name))

    def _of_columns(self, fields: Fields) -> Iterable[Happening]:
        for rule, named in self._columns:
            words = words_of(fields, named, EVENT_FIELDS[1:])
            if words["at"]:
                at = self._instant(words["at"], rule.at)
                yield Happening(Happened(rule.what), at, {**words, **rule.set, "at": ""})

    def _of_events(self, fields: Fields, events: Sequence[Record]) -> Iterable[Happening]:
        rule = self._mapping.events
        if rule is None:
            return
        told: list[Any] = [event.fields for event in events]
        if rule.path:
            nested = field_of(fields, rule.path)
            if not isinstance(nested, list | None):
                raise RejectedError(f"{rule.path!r} is no list of events")
            told = nested or []
        for number, each in enumerate(told, 1):
            fault = "" if rule.path else events[number - 1].fault
            if fault or not isinstance(each, dict):
                raise RejectedError(f"event {number}: {fault or 'this is not an object'}")
            words = words_of(each, self._events, EVENT_FIELDS)
            what = words.pop("what")
            if what == "":
                if str(field_of(each, rule.what) or "") in self._dropped:
                    continue  # the mapping drops it
                raise RejectedError(f"event {number}: {rule.what!r} says nothing")
            if what not in HAPPENINGS:
                raise RejectedError(f"event {number}: nothing here is called {what!r}: {nearest(what, HAPPENINGS)}")
            yield Happening(Happened(what), self._instant(words["at"], rule.at), words)

    def _instant(self, text: str, column: str) -> Instant:
        form = self._mapping.file.times
        try:
            found = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007 below
        except ValueError:
            expected = "an instant like 2026-02-07T23:50:00+06:00" if form == "iso" else f"of the form {form}"
            raise RejectedError(f"{column!r}: {text!r} is not {expected}") from None
        if found.tzinfo is None:
            if self._zone is None:
                raise RejectedError(f"{column!r}: {text!r} has no offset, and the mapping names no zone (file.zone)")
            found = found.replace(tzinfo=self._zone)
        return from_datetime(found)


def _at(happening: Happening) -> Instant:
    return happening.at


def words_of(fields: Fields, named: Named, names: Sequence[str]) -> dict[str, str]:
    """Return what a record says of each of our fields, in our words."""
    found = dict.fromkeys(names, "")
    for name, column, translated in named:
        value = fields[column] if column in fields else field_of(fields, column)
        text = _text(value, column)
        found[name] = translated.get(text, text)
    return found


def _text(value: Any, column: str) -> str:
    match value:
        case str():
            if "\0" in value:
                raise RejectedError(f"{column!r} holds a NUL character")
            return value.strip()
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            raise RejectedError(f"{column!r} holds no single value")
