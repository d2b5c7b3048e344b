"""How a request gets in: what the regulation says at the door, and the first lines of its log. Pure.

Both the desk, which registers, and the promise, which only says what registering would give, come through here.
"""

from typing import Any

from msgspec import Struct

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.rights import Flag
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.evaluator import Admission, Evaluator


class Way(Struct, frozen=True):
    """The way by which something reaches us."""

    channel_kind: str
    """The transport; with no ``address`` the regulation's own name of a channel."""
    address: str = ""
    """Ours."""
    chat_kind: str = ""


def admit(evaluator: Evaluator, way: Way, at: Instant) -> Admission:
    """Return what the regulation says of a request that comes this way at ``at``.

    Raises:
        BeyondCalendar: whether that day is a holiday is not known.
    """
    if not way.address:
        return evaluator.admit_by_name(way.channel_kind, at)
    return evaluator.admit(channel_kind=way.channel_kind, address=way.address, chat_kind=way.chat_kind, at=at)


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
    flags: tuple[Flag, ...] = ()
    """What an agent must look at."""


def first_entries(beginning: Beginning) -> tuple[Entry, ...]:
    """Return the entries with which a ticket's log begins: received, registered, and rated where a level is given."""
    received: dict[str, Any] = {"channel": beginning.channel, "sender": beginning.sender}
    registered: dict[str, Any] = {"number": beginning.number}
    if beginning.counts_from is not None and beginning.counts_from > beginning.received_at:
        received["counts_from"] = registered["counts_from"] = beginning.counts_from
    if beginning.flags:
        registered["flags"] = [{"flag": each.flag, "clause": each.clause} for each in beginning.flags]
    registered_at = max(beginning.registered_at, beginning.received_at)
    entries = [
        Entry(1, beginning.received_at, Happened.RECEIVED, beginning.actor, received),
        Entry(2, registered_at, Happened.REGISTERED, beginning.actor, registered),
    ]
    if beginning.level is not None:
        data = {"level": beginning.level, "criterion": beginning.criterion, "before": None}
        entries.append(Entry(3, registered_at, Happened.LEVEL_SET, beginning.actor, data))
    return tuple(entries)
