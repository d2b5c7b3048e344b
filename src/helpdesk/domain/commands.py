"""What a principal may ask of the desk. Each command is checked once, here, and trusted inside."""

from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from helpdesk.contracts.messages import Outcome
from helpdesk.kernel.instants import Instant


class ReplyKind(StrEnum):
    """What a person's letter is; the client's terms start from it."""

    ANSWER = "answer"
    QUESTION = "question"
    NOTICE = "notice"


class CallOutcome(StrEnum):
    """What became of a call in the agent's hands."""

    REGISTERED = "registered"
    CONSULTED = "consulted"


class Idempotency(Struct, frozen=True):
    """A key that makes a write happen once: the same key with the same request gives the stored answer."""

    key: str
    request_hash: bytes
    """SHA-256 of the request's canonical body and its target."""


class RegisterCall(Struct, frozen=True):
    """A phone agent registers a call (the tenant is the principal's)."""

    call_id: str
    dialled: str
    caller: str
    summary: str
    description: str = ""
    level: str | None = None
    criterion: str = ""
    facts: tuple[str, ...] = ()
    """What is recorded as true, where the regulation demands it for the level."""
    affected: int | None = None
    """How many users are affected."""
    contact: str = ""
    """Where the number is sent: an e-mail address; empty means it was only spoken."""
    caller_name: str = ""
    organisation: str = ""
    started_at: Instant | None = None
    outcome: CallOutcome = CallOutcome.REGISTERED
    category: str = ""
    """What it is about, by the regulation's categories; empty: nobody said."""
    repeats: int | None = None
    """The ticket that the client calls about once more."""
    fields: dict[str, str] = {}
    """What the caller stated: product, version."""
    missing: tuple[str, ...] = ()
    """What the caller could not tell and the solution waits for, in the agent's words."""


class Reply(Struct, frozen=True):
    """A person writes to the client."""

    number: int
    kind: ReplyKind
    text: str
    names_engineer: bool = False
    """For a notice: it tells the client who works on the request."""
    resolves: bool = False
    """For an answer: it is the solution."""
    missing: tuple[str, ...] = ()
    """For a question: what the client is asked for, in a list; the letter says that the solution waits for it."""
    postpones: str = ""
    """For an answer or a notice: the regulation's code of a reason to postpone, or not to solve."""
    to_authorised: bool = False
    """For a notice: it goes to the organisation's authorised persons besides."""
    attachments: tuple[UUID, ...] = ()
    """Files of the ticket that it takes along."""


class Assign(Struct, frozen=True):
    """Give the ticket to an agent."""

    number: int
    agent: str
    inform_client: bool = False
    """Send the notice that names the engineer."""


class Unassign(Struct, frozen=True):
    """Give the ticket back to the queue."""

    number: int
    reason: str = ""


class Accept(Struct, frozen=True):
    """Take the ticket into work: an agent becomes responsible, what was awaited since its registration is here."""

    number: int
    agent: str
    inform_client: bool | None = None
    """Send the notice that names the engineer; None: where the regulation measures acceptance by it."""


class SetLevel(Struct, frozen=True):
    """Change the level, by the regulation's criterion."""

    number: int
    level: str
    criterion: str
    facts: tuple[str, ...] = ()
    """What the regulation wants recorded before the level may be set, e.g. ``confirmed_by_staff``."""
    affected: int | None = None
    """How many users are affected."""


class SetLine(Struct, frozen=True):
    """Hand the ticket over to another line."""

    number: int
    line: str
    reason: str = ""
    work: str = ""
    """The kind of work that it is handed over for, where the regulation says what each line does."""


class SetCategory(Struct, frozen=True):
    """Say what the request is about, by the regulation's categories; the category may give the level."""

    number: int
    category: str
    reason: str = ""
    facts: tuple[str, ...] = ()
    """What the regulation wants recorded before the category may give its level."""
    affected: int | None = None
    """How many users are affected."""


class RecordWork(Struct, frozen=True):
    """Write down work of a kind that the ticket's line did."""

    number: int
    work: str
    text: str = ""


class PlanRelease(Struct, frozen=True):
    """Say with which release the request is to be solved; nothing is promised by it."""

    number: int
    release: str
    """Empty: none is planned any more."""
    day: str = ""
    """When it is to come, a date; empty: not known."""


class TellNumber(Struct, frozen=True):
    """The client was told the ticket's number by another channel than the letter."""

    number: int
    channel: str


class Hold(Struct, frozen=True):
    """Begin to wait for a reason."""

    number: int
    reason: str
    note: str = ""
    until: Instant | None = None
    """The planned end of an announced window; the wait then ends by itself."""


class Release(Struct, frozen=True):
    """End the wait for a reason."""

    number: int
    reason: str


class Resolve(Struct, frozen=True):
    """Say that the work is done."""

    number: int
    text: str = ""


class Confirm(Struct, frozen=True):
    """Close on the client's word that the solution is one."""

    number: int
    text: str = ""
    """What the client said to us; empty: it stands in the client's last letter, or was only told."""
    outcome: str = ""
    """Empty: the one that the regulation names for a confirmation."""


class Disagree(Struct, frozen=True):
    """Go on, because the client disagrees with the solution."""

    number: int
    text: str = ""
    """The reasons as the client told them; empty: they stand in the client's last letter."""


class Reopen(Struct, frozen=True):
    """Go on with a ticket that was done, by our own decision."""

    number: int
    reason: str


class Close(Struct, frozen=True):
    """Close for good, by outcome."""

    number: int
    outcome: str
    facts: dict[str, str] = {}
    """What the regulation wants said with the outcome, e.g. ``vendor``."""


class Supply(Struct, frozen=True):
    """Put down what the client told of what the request lacks."""

    number: int
    details: dict[str, str]
    """By the regulation's names of fields, or the words of whoever registered it as incomplete."""


class Expedite(Struct, frozen=True):
    """Take the ticket out of turn, for a cause."""

    number: int
    cause: str
    facts: tuple[str, ...] = ()


class BeginRemoteSession(Struct, frozen=True):
    """Enter that somebody of ours has, or had, remote access to the client's object."""

    number: int
    agent: str
    """Who had access; empty: who enters it."""
    object: str
    """What was accessed: the object where the client runs the equipment or the software."""
    consent: str
    """Who of the client's allowed it, and how."""
    since: Instant | None = None
    """None: now."""
    until: Instant | None = None
    """None: it goes on."""


class EndRemoteSession(Struct, frozen=True):
    """Enter that remote access is over."""

    number: int
    session: int
    """The log's entry that began it."""
    until: Instant | None = None
    """None: now."""


class AddNote(Struct, frozen=True):
    """Write an internal note."""

    number: int
    text: str


TicketCommand = (
    BeginRemoteSession | EndRemoteSession |
    Reply | AddNote | Assign | Unassign | Accept | SetLevel | SetLine | SetCategory | RecordWork | PlanRelease
    | TellNumber | Expedite | Hold | Release | Supply | Resolve | Confirm | Disagree | Reopen | Close
)  # fmt: skip
"""Everything that changes one existing ticket."""


class TicketChanged(Struct, frozen=True):
    """What a ticket command did."""

    number: int
    version: int
    state: str
    message_id: UUID | None = None


class Taken(Struct, frozen=True):
    """What became of something received."""

    ledger_id: UUID
    outcome: Outcome
    tenant_id: UUID
    tenant: str
    ticket_id: UUID | None = None
    number: int | None = None
    clause: str = ""
    detail: str = ""
    hint: str = ""
    read_first: tuple[str, ...] = ()
    """Where the regulation wants the client to look for an answer."""
    first: Outcome | None = None
    """For a duplicate: what became of it the first time; the other fields are the first time's."""
