"""How a request gets in: what the regulation says at the door, and the first lines of its log. Pure.

Both the desk, which registers, and the promise, which only says what registering would give, come through here.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from helpdesk.contracts.log import Entry, Happened
from helpdesk.contracts.transports import PHONE
from helpdesk.domain.rights import Flag
from helpdesk.domain.states import State
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.judging.decisions import duty_clause
from helpdesk.regulation.judging.evaluator import Admission, Evaluator
from helpdesk.regulation.judging.waits import Begun
from helpdesk.regulation.vocabulary.model import Edition
from helpdesk.sla.errors import BeyondCalendar

CALENDAR_UNKNOWN = "calendar_unknown"
"""The flag on a request that came on a day which may be a holiday: the calendar does not reach so far."""
SPOKEN_ONLY = "number_only_spoken"
"""The flag on a call whose number could be sent nowhere, where the regulation wants it sent."""
OTHER_LANGUAGE = "other_language"
"""The flag on a request in another language than the regulation is spoken to in."""
REPEATED = "repeated_contact"
"""The flag on a request about what another one is about already."""

_NUMBER_AFTER_CALL = "number_after_call"
"""The duty by which whoever called is sent the number."""


class Way(Struct, frozen=True):
    """The way by which something reaches us."""

    channel_kind: str
    """The transport; with no ``address`` the regulation's own name of a channel."""
    address: str = ""
    """Ours."""
    chat_kind: str = ""


def admit(evaluator: Evaluator, way: Way, at: Instant, *, no_holiday: bool = False) -> Admission:
    """Return what the regulation says of a request that comes this way at ``at``.

    Raises:
        BeyondCalendar: whether that day is a holiday is not known.
    """
    if not way.address:
        return evaluator.admit_by_name(way.channel_kind, at, no_holiday=no_holiday)
    return evaluator.admit(
        channel_kind=way.channel_kind, address=way.address, chat_kind=way.chat_kind, at=at, no_holiday=no_holiday
    )


def admit_or_flag(evaluator: Evaluator, way: Way, at: Instant) -> tuple[Admission, tuple[Flag, ...]]:
    """Return what the regulation says of a request that did come, and the flags that follow.

    Where the calendar does not reach that day, nobody is refused for a holiday that may be none: it is let in, flagged.
    """
    try:
        return admit(evaluator, way, at), ()
    except BeyondCalendar:
        admission = admit(evaluator, way, at, no_holiday=True)
        rule = next((rule for rule in evaluator.edition.channels if rule.name == admission.channel), None)
        clause = rule.holiday_clause if rule is not None else ""
        return admission, (Flag(CALENDAR_UNKNOWN, clause or admission.clause),)


def flags_of_way(edition: Edition, channel_kind: str, contact: str) -> tuple[Flag, ...]:
    """Return the flags that follow from the way by which a request comes, and where its letters can go."""
    clause = duty_clause(edition, _NUMBER_AFTER_CALL)
    return (Flag(SPOKEN_ONLY, clause),) if clause and channel_kind == PHONE and not contact else ()


class Beginning(Struct, frozen=True):
    """What the first entries of a log are made of."""

    channel: str
    """The regulation's name of the channel."""
    sender: str
    number: int
    actor: str
    received_at: Instant
    registered_at: Instant
    counts_from: Instant | None = None
    """From when it counts, where the channel defers; else the receipt, or None."""
    level: str | None = None
    """The level that was asked for and that the regulation knows; None: nobody asked."""
    criterion: str = ""
    facts: tuple[str, ...] = ()
    """What is recorded as true, where the regulation demands it for the level."""
    affected: int | None = None
    """How many users are affected."""
    flags: tuple[Flag, ...] = ()
    """What an agent must look at."""
    missing: tuple[str, ...] = ()
    """What it lacks: names of fields, and words of whoever took it in."""
    waits: tuple[Begun, ...] = ()
    """What it waits for from the beginning."""
    delayed: bool = False
    """It waited with us for its registration, and counts from its receipt all the same."""
    category: str = ""
    """What it is about, where that was said."""
    by_category: bool = False
    """The level follows from the category: nobody asked for it."""
    line: str = ""
    """The line on which it begins, where that is not the first."""


def first_entries(beginning: Beginning) -> tuple[Entry, ...]:
    """Return the entries with which a ticket's log begins.

    Received, registered, rated where a level is given, and what it waits for from the beginning.
    """
    received: dict[str, Any] = {"channel": beginning.channel, "sender": beginning.sender}
    registered: dict[str, Any] = {"number": beginning.number}
    counts_from = beginning.counts_from or beginning.received_at
    if beginning.delayed or counts_from > beginning.received_at:
        received["counts_from"] = registered["counts_from"] = counts_from
    if beginning.flags:
        registered["flags"] = [{"flag": each.flag, "clause": each.clause} for each in beginning.flags]
    said = {"category": beginning.category, "line": beginning.line}
    registered |= {name: value for name, value in said.items() if value}
    if beginning.missing:
        registered["missing"] = [*beginning.missing]
    registered_at = max(beginning.registered_at, beginning.received_at)
    entries = [
        Entry(1, beginning.received_at, Happened.RECEIVED, beginning.actor, received),
        Entry(2, registered_at, Happened.REGISTERED, beginning.actor, registered),
    ]
    if beginning.level is not None:
        data: dict[str, Any] = {"level": beginning.level, "criterion": beginning.criterion, "before": None}
        if beginning.facts:
            data["facts"] = [*beginning.facts]
        if beginning.affected is not None:
            data["affected"] = beginning.affected
        if beginning.by_category:
            data["category"] = beginning.category
        entries.append(Entry(3, registered_at, Happened.LEVEL_SET, beginning.actor, data))
    for wait in beginning.waits:
        data = {"reason": wait.reason, "automatic": True, "clause": wait.clause, "missing": [*wait.missing]}
        entries.append(Entry(len(entries) + 1, registered_at, Happened.PAUSED, beginning.actor, data))
    return tuple(entries)


def state_of(entries: Sequence[Entry]) -> State:
    """Return where a ticket stands after its first entries."""
    return State.WAITING if any(entry.what is Happened.PAUSED for entry in entries) else State.NEW
