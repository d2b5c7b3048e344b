"""A ticket as it stands, its log beside it, and the change that a decision makes to both."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.log import Entry, Happened
from helpdesk.contracts.messages import Attachment
from helpdesk.domain.rights import Flag
from helpdesk.domain.states import State, after, taken_up
from helpdesk.kernel.instants import Instant


class Ticket(Struct, frozen=True):
    """One request of one client, as a row. Everything about time lives in its log and clocks."""

    id: UUID
    number: int
    """Unique within the tenant, counted from 1 without gaps."""
    subject: str
    channel: str
    """The regulation's name of the official channel it came through."""
    channel_kind: str
    """The transport of that channel."""
    address: str
    """Our address it came to."""
    state: State
    level: str | None
    line: str
    assignee: str | None
    requester: str
    """The client's address on the channel, normalised."""
    requester_name: str
    contact: str
    """Where letters to the client go: the requester's address, where letters reach it, a mail address, or empty."""
    organisation: str
    received_at: Instant
    registered_at: Instant
    closed_at: Instant | None
    outcome: str | None
    expedited: bool
    follows: int | None
    """The closed ticket that this one continues."""
    language: str
    snapshot_hash: str
    """Hash of the regulation's snapshot that judges it, for ever."""
    version: int
    last_seq: int
    category: str = ""
    """What it is about, by the regulation's categories; empty: nobody said."""
    accepted_at: Instant | None = None
    """When it counts as accepted by the regulation; None: its letter of registration has not left, or came back."""
    planned_release: str = ""
    """The release with which it is to be solved; empty: none is planned."""
    planned_day: str = ""
    """When that release is to come, a date; empty: not known."""


class Letter(Struct, frozen=True):
    """A message to the client or to the staff, decided but not yet rendered into an outbox row."""

    purpose: str
    """``acknowledgement``, ``answer``, ``question``, ``notice``, ``refusal``, ``warning``, ``breach``, ``closed``."""
    recipient: str
    text_key: str
    """The key of the body text, or empty where ``text`` is given."""
    text: str = ""
    arguments: dict[str, Any] = {}
    automatic: bool = True
    message_id: UUID | None = None
    """The stored message it carries."""


class Note(Struct, frozen=True):
    """A message to store with the ticket."""

    id: UUID
    direction: str
    """``in``, ``out`` or ``note``."""
    kind: str
    sender: str
    recipient: str
    subject: str
    text: str
    new_text: str = ""
    message_id: str = ""
    author: str = ""
    raw_hash: bytes | None = None
    attachments: tuple[Attachment, ...] = ()
    """Files that came with it."""
    takes: tuple[UUID, ...] = ()
    """Files of the ticket that it takes along."""


class Change(Struct, frozen=True):
    """What a decision does: the ticket after it, the entries added, messages to store, letters to send."""

    ticket: Ticket
    entries: tuple[Entry, ...] = ()
    notes: tuple[Note, ...] = ()
    letters: tuple[Letter, ...] = ()
    raised: tuple[Flag, ...] = ()
    """What an agent must look at from now on."""
    lowered: tuple[str, ...] = ()
    """Flags that need no look any more."""


class Progress:
    """Collects what happens to a ticket within one decision, checking every step against the state chart."""

    def __init__(self, ticket: Ticket, now: Instant, actor: str, log: tuple[Entry, ...] = ()) -> None:
        self.ticket = ticket
        self.waiting = waiting_reasons(log)
        """The reasons to wait that are in force now; begins with those of ``log``."""
        self._untouched = not any(taken_up(entry.what) for entry in log)
        self.now = now
        self.actor = actor
        self._entries: list[Entry] = []
        self._notes: list[Note] = []
        self._letters: list[Letter] = []
        self._raised: list[Flag] = []
        self._lowered: list[str] = []

    def happened(self, what: Happened, /, **data: Any) -> None:
        """Append one entry and move the ticket's state along the chart.

        Raises:
            Conflict: the chart has no such edge.
        """
        entry = Entry(self.ticket.last_seq + 1, self.now, what, self.actor, data)
        waiting = _waiting_after(self.waiting, entry)
        state = after(self.ticket.state, what, waiting=bool(waiting), untouched=self._untouched)
        self.waiting = waiting
        self._untouched = self._untouched and not taken_up(what)
        self._entries.append(entry)
        self.ticket = replace(self.ticket, state=state, last_seq=entry.seq)

    @property
    def last(self) -> Entry:
        """The last entry that was appended."""
        return self._entries[-1]

    def set(self, **fields: Any) -> None:
        """Change fields of the ticket's row."""
        self.ticket = replace(self.ticket, **fields)

    def store(self, note: Note) -> None:
        """Add a message."""
        self._notes.append(note)

    def send(self, letter: Letter) -> None:
        """Add a letter."""
        self._letters.append(letter)

    def raise_flag(self, flag: Flag) -> None:
        """Have an agent look at it."""
        self._raised.append(flag)

    def lower_flag(self, flag: str) -> None:
        """Say that nobody needs to look at it any more, if anybody did."""
        self._lowered.append(flag)

    def change(self) -> Change:
        """Return everything collected."""
        return Change(
            self.ticket,
            tuple(self._entries),
            tuple(self._notes),
            tuple(self._letters),
            tuple(self._raised),
            tuple(self._lowered),
        )


def waiting_reasons(log: tuple[Entry, ...]) -> frozenset[str]:
    """Return the reasons to wait that are in force at the end of ``log``."""
    reasons: frozenset[str] = frozenset()
    for entry in log:
        reasons = _waiting_after(reasons, entry)
    return reasons


def _waiting_after(reasons: frozenset[str], entry: Entry) -> frozenset[str]:
    match entry.what:
        case Happened.PAUSED:
            return reasons | {str(entry.data["reason"])}
        case Happened.RESUMED:
            return reasons - {str(entry.data["reason"])}
        case Happened.RESOLVED | Happened.CLOSED:
            return frozenset()
    return reasons
