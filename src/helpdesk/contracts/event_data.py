"""What the data of a ticket's event holds: codes, numbers and ids; and what may name somebody or quote a message.

An event of a confidential company is published with the first only. Whoever needs the rest reads the ticket through the
API, which records the reading.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from helpdesk.contracts.log import Happened
from helpdesk.kernel.instants import to_datetime


class Holds(Struct, frozen=True):
    """The keys of one event's data."""

    plain: tuple[str, ...] = ()
    """Codes of the regulation, numbers, ids, instants."""
    personal: tuple[str, ...] = ()
    """Names, addresses, and words that somebody wrote."""


_CLOCK = ("clock", "clock_seq", "due", "clause")
_LEVEL = ("level", "before", "facts", "affected", "clause", "by", "category", "expedited")

EVENT_DATA: Mapping[Happened, Holds] = {
    Happened.RECEIVED: Holds(("channel", "counts_from"), ("sender", "imported")),
    Happened.REGISTERED: Holds(("number", "counts_from", "flags")),
    Happened.ACKNOWLEDGED: Holds(("message_id",)),
    Happened.BOUNCED: Holds(("message_id", "purpose", "not_accepted"), ("recipient", "cause")),
    Happened.CLIENT_MESSAGE: Holds(("message_id", "channel", "other_language", "counts_from", "absorbed")),
    Happened.ANSWER_SENT: Holds(("message_id", "postponed", "clause")),
    Happened.QUESTION_SENT: Holds(("message_id", "missing")),
    Happened.NOTICE_SENT: Holds(("message_id", "names_engineer")),
    Happened.LEVEL_SET: Holds(_LEVEL, ("criterion",)),
    Happened.ASSIGNED: Holds((), ("agent",)),
    Happened.UNASSIGNED: Holds((), ("agent", "reason")),
    Happened.CATEGORY_SET: Holds(("category", "clause", "before", "facts", "affected", "expedited"), ("reason",)),
    Happened.LINE_SET: Holds(("line", "before", "work", "clause"), ("reason",)),
    Happened.WORK_RECORDED: Holds(("work", "line", "clause"), ("text",)),
    Happened.RELEASE_PLANNED: Holds(("day",), ("release",)),
    Happened.NUMBER_TOLD: Holds(("channel",)),
    Happened.PAUSED: Holds(("reason", "until", "automatic", "clause", "missing"), ("note",)),
    Happened.RESUMED: Holds(("reason", "planned")),
    Happened.RESOLVED: Holds(),
    Happened.DISAGREED: Holds(("message_id",)),
    Happened.CONFIRMED: Holds(("message_id",)),
    Happened.CLOSED: Holds(("outcome", "facts", "number", "clause")),
    Happened.REOPENED: Holds(("by",), ("reason",)),
    Happened.EXPEDITED: Holds(("facts",), ("cause",)),
    Happened.IDENTIFIED: Holds(("contact",), ("organisation",)),
    Happened.SUPPLIED: Holds(("details", "message_id")),
    Happened.WITHHELD: Holds(("purpose",), ("recipient",)),
    Happened.NOTE_ADDED: Holds(("message_id",)),
    Happened.ATTACHED: Holds(("attachment", "message_id", "content_type"), ("name",)),
    Happened.ATTACHMENT_REFUSED: Holds(("message_id", "content_type", "state", "reason", "clause"), ("name",)),
    Happened.WARNED: Holds((*_CLOCK, "at")),
    Happened.GOAL_PASSED: Holds((*_CLOCK, "goal")),
    Happened.BREACHED: Holds(_CLOCK),
    Happened.EXPIRED: Holds((*_CLOCK, "then")),
    Happened.PARTICIPANT_ADDED: Holds(("channel_kind", "copied"), ("address",)),
    Happened.PARTICIPANT_REMOVED: Holds(("channel_kind",), ("address",)),
    Happened.TAGGED: Holds((), ("tags",)),
    Happened.UNTAGGED: Holds((), ("tags",)),
    Happened.LINKED: Holds(("relation", "number", "problem", "clause", "message_id")),
    Happened.UNLINKED: Holds(("relation", "number", "problem")),
    Happened.SPLIT: Holds(("number", "clause")),
    Happened.MERGED: Holds(("number",)),
    Happened.ABSORBED: Holds(("number",), ("requester", "contact")),
    Happened.REPAIR_MOVED: Holds(("repair", "act", "state", "cover", "payer", "clause")),
    Happened.REMOTE_SESSION: Holds(("since", "until"), ("agent", "object", "consent")),
    Happened.REMOTE_SESSION_ENDED: Holds(("session", "until")),
    Happened.REJUDGED: Holds(("before", "after"), ("cause",)),
}
"""By what happened. A key that is named nowhere here leaves no confidential company."""

INSTANTS: Final = frozenset({"at", "break", "counts_from", "due", "goal", "in_force_from", "since", "until"})
"""Keys of an event's data, at any depth, whose integers are instants."""
PROMISED: Final = "promised"
"""The key under which an imported request's data have what the other system promised: instants by target."""


def told(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event's data as everybody outside sees them: instants as datetimes, all else as it is."""
    return {key: _told(key, value) for key, value in data.items()}


def _told(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {inner: _told(key if key == PROMISED else inner, each) for inner, each in value.items()}
    if isinstance(value, list | tuple):
        return [_told(key, each) for each in value]
    return to_datetime(value) if type(value) is int and (key in INSTANTS or key == PROMISED) else value


def plain(what: Happened, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an entry's data names nobody and quotes nothing."""
    known = EVENT_DATA[what].plain if what in EVENT_DATA else ()
    return {key: value for key, value in data.items() if key in known}
