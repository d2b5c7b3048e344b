"""What tickets, their messages, log and deadlines show."""

from typing import Any
from uuid import UUID

from helpdesk.contracts.clocks import ClockKind, ClockState
from helpdesk.contracts.log import Happened
from helpdesk.domain.attachments import FileState
from helpdesk.domain.attention import Need
from helpdesk.domain.states import State
from helpdesk.queries.views.base import Moment, View
from helpdesk.regulation.judging.explanation import Explanation


class Requester(View, frozen=True):
    """Who asked."""

    address: str
    name: str
    organisation: str
    contact: str
    """Where letters to the client go; empty where there is nowhere."""


class FlagView(View, frozen=True):
    """What an agent must look at on a request: who asks (`identification_required`), an old version."""

    flag: str
    clause: str
    reason: str
    """The regulation's code of a reason, where it names one."""


class WaitView(View, frozen=True):
    """Something that a ticket waits for."""

    reason: str
    name_ru: str
    name_en: str
    clause: str
    since: Moment
    until: Moment | None
    """The planned end of an announced window; null: until something ends it."""
    automatic: bool
    """It began by itself, with the registration."""
    note: str
    missing: tuple[str, ...]
    """What the client was asked for, where that was listed."""
    message: UUID | None
    """The question or notice that began it; null: the letter of registration told, or nobody was written to."""
    stands_still: tuple[str, ...]
    """The names of the clocks that stand still for it; the others run on."""


class TicketView(View, frozen=True):
    """A ticket as it stands."""

    id: UUID
    number: int
    subject: str
    channel: str
    """The regulation's name of the channel it came through."""
    address: str
    """Ours, that it came to."""
    state: State
    level: str | None
    line: str
    assignee: str | None
    requester: Requester
    received_at: Moment
    registered_at: Moment
    closed_at: Moment | None
    outcome: str | None
    expedited: bool
    flags: tuple[str, ...]
    """What an agent must look at first: `identification_required`, `old_version`, `not_accepted`, …"""
    flagged: tuple[FlagView, ...]
    """The same with clauses and reasons, as the channels that are left to reach a client by."""
    needs: Need
    """Why an agent must act now; empty: nobody must."""
    waits: tuple[WaitView, ...]
    """What it waits for, the oldest wait first."""
    tags: tuple[str, ...]
    """The company's own words on it."""
    category: str
    """What it is about, by the regulation's categories; empty: nobody said."""
    accepted_at: Moment | None
    """When it counts as accepted by the regulation; null: its letter of registration has not left yet, or came back."""
    planned_release: str
    """With which release it is to be solved; nothing is promised by it."""
    planned_day: str
    """When that release is to come, a date; empty: not known."""
    follows: int | None
    """Number of the closed ticket that this one continues."""
    next_due: Moment | None
    """The nearest due instant among its running targets."""
    language: str
    snapshot: str
    """Hash of the regulation's snapshot that judges it."""
    version: int


class TicketPage(View, frozen=True):
    """A page of tickets."""

    items: tuple[TicketView, ...]
    next: str | None
    """The cursor of the next page; null on the last."""


class AttachmentView(View, frozen=True):
    """A file of a ticket."""

    id: UUID
    name: str
    content_type: str
    """What its bytes are."""
    size: int
    """Bytes."""
    sha256: str
    """In hex; empty where the bytes are not kept."""
    state: FileState
    """`quarantined` ones are kept aside and not given out; `refused` ones are in the message's original only."""
    clause: str
    """Of the regulation, on what may be attached."""
    reason: str
    """Why it is not simply kept: `type`, `size`, `count` or `absent` (left with its source)."""
    message: UUID | None
    """What it came with or left with; null: put to the ticket, and taken along by no letter yet."""


class AttachmentList(View, frozen=True):
    """The files of a ticket, the oldest first."""

    items: tuple[AttachmentView, ...]


class AttachmentPut(View, frozen=True):
    """A file that was put to a ticket."""

    number: int
    version: int
    """The ticket's, after it."""
    attachment: AttachmentView


class MessageView(View, frozen=True):
    """One message of a ticket."""

    id: UUID
    seq: int
    """The event that tells of it."""
    direction: str
    kind: str
    channel: str
    sender: str
    recipient: str
    subject: str
    text: str
    author: str
    received_at: Moment
    attachments: tuple[AttachmentView, ...]


class MessagePage(View, frozen=True):
    """A page of messages, oldest first."""

    items: tuple[MessageView, ...]
    next: str | None


class EventView(View, frozen=True):
    """One entry of a ticket's log."""

    seq: int
    at: Moment
    what: Happened
    actor: str
    """`key:<id>` for a key, `system:<part>` for the service itself."""
    by: str
    """As people know the actor now: an agent's name to display, a key's name; empty for the service itself."""
    data: dict[str, Any]
    """By what happened; instants like `at`."""


class EventPage(View, frozen=True):
    """A page of a ticket's log, oldest first."""

    items: tuple[EventView, ...]
    next: str | None


class DeadlineView(View, frozen=True):
    """One promise on a ticket, how it stands and why."""

    name: str
    seq: int
    kind: ClockKind
    state: ClockState
    goal: Moment | None
    due: Moment | None
    breachable: bool
    """Whether passing ``due`` is a breach."""
    clause: str
    started_at: Moment | None
    stopped_at: Moment | None
    elapsed_seconds: int
    paused_seconds: int
    warn_at: tuple[Moment, ...]
    then: str
    """For a term: the act that follows its end."""
    note: str
    """Why there is no ``due``, where there is none."""
    explanation: Explanation
    """The derivation: snapshot, clause, readings, calendar, intervals counted, pauses, and the same in words."""


class Deadlines(View, frozen=True):
    """All promises on a ticket, as its log folds at ``at``."""

    number: int
    at: Moment
    items: tuple[DeadlineView, ...]
