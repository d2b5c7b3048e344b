"""Conditions on a ticket's log: ``answer_sent``, ``line_set(line=development)``, ``notice_sent(names_engineer)``."""

import re

from msgspec import Struct

from helpdesk.contracts.log import Entry, Happened
from helpdesk.regulation.vocabulary.problems import nearest

_GRAMMAR = re.compile(r"([a-z_]+)(?:\(([a-z_]+)(?:=([^()=]+))?\))?")


class Condition(Struct, frozen=True):
    """What an entry must be: its name, and optionally a key of its data that is true or has a value."""

    what: Happened
    key: str = ""
    value: str | None = None

    def holds(self, entry: Entry) -> bool:
        """Say whether ``entry`` is what the condition names."""
        if entry.what is not self.what:
            return False
        if not self.key:
            return True
        found = entry.data.get(self.key)
        return bool(found) if self.value is None else str(found) == self.value


def parse_condition(text: str) -> Condition:
    """Read a condition.

    Raises:
        ValueError: no such event, or not the form ``event``, ``event(key)`` or ``event(key=value)``.
    """
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no condition: write event, event(key) or event(key=value)")
    name, key, value = match.groups()
    if name not in {event.value for event in Happened}:
        raise ValueError(f"there is no event {name!r}: {nearest(name, (event.value for event in Happened))}")
    return Condition(Happened(name), key or "", value)
