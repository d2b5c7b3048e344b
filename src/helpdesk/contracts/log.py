"""The ticket's event log: what happened, in order, and nothing else. It is the truth for clocks."""

from enum import StrEnum
from typing import Any

from msgspec import Struct

from helpdesk.kernel.instants import Instant


class Happened(StrEnum):
    """What can happen to a ticket. Clocks start, stop, pause and restart on these names."""

    RECEIVED = "received"
    """The request reached us; ``data``: channel, sender. Always the first entry."""
    REGISTERED = "registered"
    """It has a number; the acknowledgement is owed."""
    ACKNOWLEDGED = "acknowledged"
    """The automatic letter with the number left."""
    BOUNCED = "bounced"
    """A letter of ours came back; ``data``: message_id."""
    CLIENT_MESSAGE = "client_message"
    """The client wrote again; ``data``: message_id, channel."""
    ANSWER_SENT = "answer_sent"
    """A person answered; ``data``: message_id."""
    QUESTION_SENT = "question_sent"
    """A person asked the client for something (a request for information); ``data``: message_id."""
    NOTICE_SENT = "notice_sent"
    """A person informed the client, e.g. who will work on it; ``data``: message_id, names_engineer (bool)."""
    LEVEL_SET = "level_set"
    """``data``: level, criterion."""
    ASSIGNED = "assigned"
    """``data``: agent."""
    UNASSIGNED = "unassigned"
    """Back in the queue: nobody has it; ``data``: agent who had it, reason."""
    LINE_SET = "line_set"
    """Handed over to a line; ``data``: line (``development`` for the development department)."""
    PAUSED = "paused"
    """A reason to wait began; ``data``: reason, note, until (where its end is planned). One that began with the
    registration has automatic (true), clause, missing (names of what the client is asked for)."""
    RESUMED = "resumed"
    """A reason to wait ended; ``data``: reason, planned (true where its planned end came)."""
    RESOLVED = "resolved"
    """The work is done in the agent's eyes."""
    DISAGREED = "disagreed"
    """The client disagreed with reasons; work goes on; ``data``: message_id."""
    CONFIRMED = "confirmed"
    """The client confirmed the solution; ``data``: message_id, where a message says so."""
    CLOSED = "closed"
    """Final; ``data``: outcome."""
    REOPENED = "reopened"
    """Work goes on though it was said to be done; ``data``: by (``client`` or ``staff``), reason."""
    EXPEDITED = "expedited"
    """Taken out of turn; ``data``: cause."""
    IDENTIFIED = "identified"
    """It became known who asks; ``data``: contact (an id or null), organisation."""
    SUPPLIED = "supplied"
    """Somebody of ours put down what the request lacked; ``data``: details (names), message_id."""
    WITHHELD = "withheld"
    """An automatic letter was not sent, because its address got too many; ``data``: recipient, purpose."""
    NOTE_ADDED = "note_added"
    """An internal note; ``data``: message_id."""
    ATTACHED = "attached"
    """A file was put to it; ``data``: attachment (an id), name, content_type."""
    ATTACHMENT_REFUSED = "attachment_refused"
    """A file is kept aside or not at all; ``data``: name, content_type, state, reason, clause, message_id (maybe)."""
    WARNED = "warned"
    """A target's warning came due; ``data``: clock, clock_seq, at."""
    GOAL_PASSED = "goal_passed"
    """A target's goal passed; ``data``: clock, clock_seq."""
    BREACHED = "breached"
    """A target's limit passed; ``data``: clock, clock_seq, due."""
    EXPIRED = "expired"
    """A term ran out; ``data``: clock, clock_seq, then."""
    PARTICIPANT_ADDED = "participant_added"
    """Somebody else may write into it from outside; ``data``: channel_kind, address, copied."""
    PARTICIPANT_REMOVED = "participant_removed"
    """They may no longer; ``data``: channel_kind, address."""
    TAGGED = "tagged"
    """``data``: tags that it got."""
    UNTAGGED = "untagged"
    """``data``: tags that it lost."""
    LINKED = "linked"
    """Bound to another ticket (``data``: relation, number; if split off, clause, message_id), or to a problem."""
    UNLINKED = "unlinked"
    """That was taken back; ``data``: relation, number or problem."""
    SPLIT = "split"
    """One of its questions became a ticket of its own; ``data``: number, clause."""
    MERGED = "merged"
    """Its work goes on in another ticket, and every clock of it is moot; ``closed`` follows; ``data``: number."""
    ABSORBED = "absorbed"
    """Another ticket was merged into it; ``data``: number, requester, contact."""
    REPAIR_MOVED = "repair_moved"
    """A repair of the client's equipment went on; ``data``: repair, act, state, and once it is known cover, payer."""
    REJUDGED = "rejudged"
    """Another snapshot of the regulation judges it from here on, by an explicit act; ``data``: cause, before, after."""


class Entry(Struct, frozen=True):
    """One line of a ticket's log. ``seq`` counts from 1 without gaps."""

    seq: int
    at: Instant
    what: Happened
    actor: str
    data: dict[str, Any] = {}
