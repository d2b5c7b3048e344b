"""What clients send: strict types, no unknown fields, every length bounded."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from helpdesk.contracts.messages import Outcome
from helpdesk.domain.attention import Need
from helpdesk.domain.commands import CallOutcome, ReplyKind
from helpdesk.domain.states import State

T = TypeVar("T")

# Text that means something: at least one character that is no white space.
_MEANT = r"\S"

Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=_MEANT)]
Word = Annotated[str, Meta(min_length=1, max_length=100, pattern=_MEANT)]
Line = Annotated[str, Meta(max_length=300)]
Address = Annotated[str, Meta(min_length=1, max_length=320, pattern=_MEANT)]
Text = Annotated[str, Meta(min_length=1, max_length=100_000, pattern=_MEANT)]
LongText = Annotated[str, Meta(max_length=100_000)]
Slug = Annotated[str, Meta(min_length=1, max_length=63, pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Limit = Annotated[int, Meta(ge=1, le=200)]
Cursor = Annotated[str, Meta(min_length=1, max_length=400)]


Missing = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=300, pattern=_MEANT)], ...], Meta(max_length=30)]


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all bodies and queries."""


class NewTicket(Request, frozen=True):
    """A client's request that a person or a program hands in for the client."""

    subject: Annotated[str, Meta(min_length=1, max_length=300, pattern=_MEANT)]
    text: LongText = ""
    channel_kind: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,31}$")] = "web"
    """The transport it reached us by; the regulation says whether it is official."""
    address: Annotated[str, Meta(max_length=320)] = ""
    """Our address that it came to; empty where there is one of that kind only."""
    requester: Annotated[str, Meta(max_length=320)] = ""
    """The client's address on that channel; empty: the key itself asks."""
    requester_name: Line = ""
    organisation: Line = ""
    product: Line = ""
    version: Line = ""
    """Of the product."""
    fields: Annotated[dict[Word, Annotated[str, Meta(max_length=10_000)]], Meta(max_length=50)] = {}
    """What else the client stated, by the regulation's names of fields, e.g. `steps`."""
    contact: Annotated[str, Meta(max_length=320)] = ""
    """The e-mail address that the number is sent to."""
    level: Word | None = None
    category: Word | None = None
    """What it is about, by one of the regulation's categories; it may give the level."""
    repeats: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None
    """The ticket about which the client turns to us once more."""
    criterion: Annotated[str, Meta(max_length=2000)] = ""
    """Why this level, in the regulation's terms."""
    facts: Annotated[tuple[Word, ...], Meta(max_length=16)] = ()
    """What is recorded as true of the request, where the regulation demands it for this level."""
    affected: Count | None = None
    """How many users are affected; a regulation may want it with the level."""
    missing: Missing = ()
    """What the client could not tell and the solution waits for, in words; the letter with the number says so."""
    received_at: Annotated[datetime, Meta(tz=True)] | None = None
    """When it reached us, where that was earlier: at most 7 days."""


class NewCall(Request, frozen=True):
    """A call as the phone agent registers it."""

    dialled: Address
    """Our number. It says which company is meant, among those that the key serves."""
    caller: Address
    summary: Annotated[str, Meta(min_length=1, max_length=300, pattern=_MEANT)]
    description: LongText = ""
    level: Word | None = None
    category: Word | None = None
    """What it is about, by one of the regulation's categories; it may give the level."""
    repeats: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None
    """The ticket about which the client turns to us once more."""
    criterion: Annotated[str, Meta(max_length=2000)] = ""
    facts: Annotated[tuple[Word, ...], Meta(max_length=16)] = ()
    """What is recorded as true of the request, where the regulation demands it for this level."""
    affected: Count | None = None
    """How many users are affected; a regulation may want it with the level."""
    contact: Annotated[str, Meta(max_length=320)] = ""
    """The e-mail address that the number is sent to; empty: it was only spoken."""
    caller_name: Line = ""
    organisation: Line = ""
    product: Line = ""
    version: Line = ""
    """Of the product."""
    fields: Annotated[dict[Word, Annotated[str, Meta(max_length=10_000)]], Meta(max_length=50)] = {}
    """What else the client stated, by the regulation's names of fields, e.g. `steps`."""
    missing: Missing = ()
    """What the client could not tell and the solution waits for, in words; the letter with the number says so."""
    call_id: Annotated[str, Meta(min_length=1, max_length=200, pattern="^[!-~]+$")] | None = None
    """The call's id in the telephone system: makes the registration happen once. Without it `Idempotency-Key` does."""
    started_at: Annotated[datetime, Meta(tz=True)] | None = None
    """When the call began: at most 7 days ago."""
    outcome: CallOutcome = CallOutcome.REGISTERED


class NewPromise(Request, frozen=True):
    """A request that might come: what would be promised to it?"""

    channel_kind: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,31}$")] = "phone"
    """The transport it would come by."""
    address: Annotated[str, Meta(max_length=320)] = ""
    """Our address it would come to, e.g. the number that was dialled; empty where there is one of that kind only."""
    chat_kind: Literal["", "private", "group"] = "private"
    """For messengers."""
    requester: Annotated[str, Meta(max_length=320)] = ""
    """The client's address on that channel."""
    contact: Annotated[str, Meta(max_length=320)] = ""
    """The client's e-mail address."""
    organisation: Line = ""
    product: Line = ""
    version: Line = ""
    """Of the product."""
    level: Word | None = None
    category: Word | None = None
    """What it is about, by one of the regulation's categories; it may give the level."""
    repeats: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None
    """The ticket about which the client turns to us once more."""
    criterion: Annotated[str, Meta(max_length=2000)] = ""
    """Why this level, in the regulation's terms."""
    facts: Annotated[tuple[Word, ...], Meta(max_length=16)] = ()
    """What would be recorded as true of the request."""
    affected: Count | None = None
    """How many users would be affected."""
    fields: Annotated[dict[Word, Annotated[str, Meta(max_length=10_000)]], Meta(max_length=50)] | None = None
    """What the client would state, by the regulation's names of fields, `description` among them; null: not looked at,
    and nothing is said of what the request lacks."""
    missing: Missing = ()
    """What the client cannot tell and the solution would wait for, in the agent's words."""
    at: Annotated[datetime, Meta(tz=True)] | None = None
    """When it would come: at most 7 days back and 366 ahead; null: now."""


def given_or_none(value: T | UnsetType) -> T | None:
    """Return the value of a query parameter, None where it was not given."""
    return None if isinstance(value, UnsetType) else value


class NewReply(Request, frozen=True):
    """A person's letter to the client."""

    kind: ReplyKind
    text: LongText = ""
    """Needed, but for a question that lists what is `missing`."""
    names_engineer: bool = False
    """For a notice: it tells the client who works on the request."""
    resolves: bool = False
    """For an answer: it is the solution."""
    missing: Missing = ()
    """For a question: what the client is asked for, as a list; the letter says that the solution waits for it."""
    postpones: Word | None = None
    """For an answer or a notice: why a solution is put off or impossible, by the regulation's code."""
    to_authorised: bool = False
    """For a notice: it goes to the organisation's authorised persons besides."""
    attachments: Annotated[tuple[UUID, ...], Meta(max_length=50)] = ()
    """Files of the ticket that it takes along, by their ids."""


class NewNote(Request, frozen=True):
    """An internal note; the client never sees it."""

    text: Text


class Assignment(Request, frozen=True):
    """Who works on the ticket."""

    agent: Name
    """By name or id; where the company keeps a list of its agents, one of them, active, of the ticket's line."""
    inform_client: bool = False
    """Send the notice that names the engineer."""


class NextWish(Request, frozen=True):
    """Which work an agent asks for."""

    line: Word | None = None
    """Only of this line; null: of those that the agent works on."""
    agent: Name | None = None
    """Who gets it, by name or id; null: the agent whose key it is, else the key's name."""
    inform_client: bool = False
    """Send the notice that names the engineer."""


class LevelChange(Request, frozen=True):
    """The level, and the regulation's criterion for it in words."""

    level: Word
    criterion: Annotated[str, Meta(min_length=1, max_length=2000, pattern=_MEANT)]
    facts: Annotated[tuple[Word, ...], Meta(max_length=16)] = ()
    """What is recorded as true of the request, where the regulation demands it for this level."""
    affected: Count | None = None
    """How many users are affected; a regulation may want it with the level."""


class LineChange(Request, frozen=True):
    """The line that takes over."""

    line: Word
    reason: Annotated[str, Meta(max_length=2000)] = ""
    """Needed where the regulation says which line does what."""
    work: Word | None = None
    """The kind of work that it is handed over for; needed where the regulation says which line does what."""


class NewPause(Request, frozen=True):
    """A reason to wait, as the regulation names it."""

    reason: Word
    note: Annotated[str, Meta(max_length=2000)] = ""
    until: Annotated[datetime, Meta(tz=True)] | None = None
    """The planned end of an announced window; the wait then ends by itself."""


class Details(Request, frozen=True):
    """What the client told of what the request lacks."""

    details: Annotated[
        dict[
            Annotated[str, Meta(min_length=1, max_length=300, pattern=_MEANT)],
            Annotated[str, Meta(min_length=1, max_length=10_000, pattern=_MEANT)],
        ],
        Meta(min_length=1, max_length=50),
    ]
    """By the regulation's names of fields, or the words of whoever registered the request as incomplete."""


class Resolution(Request, frozen=True):
    """The work is done; a text is sent as the last answer."""

    text: LongText = ""


class Closing(Request, frozen=True):
    """The outcome, as the regulation names it."""

    outcome: Word
    facts: Annotated[dict[Word, Line], Meta(max_length=16)] = {}
    """What the regulation wants said with the outcome, by name."""


class Expediting(Request, frozen=True):
    """Why a ticket is taken out of turn."""

    cause: Annotated[str, Meta(min_length=1, max_length=2000, pattern=_MEANT)]
    facts: Annotated[tuple[Word, ...], Meta(max_length=16)] = ()
    """What is recorded as true of the request, where the regulation demands it."""


class Paging(Request, frozen=True):
    """Which part of a list."""

    cursor: Cursor | UnsetType = UNSET
    limit: Limit = 50


class FeedWish(Paging, frozen=True):
    """Which events of the feed."""

    shadow: bool = False
    """Those too that happened while the company ran in the shadow of another system; each is marked so."""


class TicketFilter(Paging, frozen=True):
    """Which tickets: every condition that is given must hold."""

    state: State | UnsetType = UNSET
    level: Word | UnsetType = UNSET
    line: Word | UnsetType = UNSET
    assignee: Name | UnsetType = UNSET
    channel: Word | UnsetType = UNSET
    """The regulation's name of the channel."""
    category: Word | UnsetType = UNSET
    outcome: Word | UnsetType = UNSET
    requester: Address | UnsetType = UNSET
    """The client's address on the channel, in its canonical form."""
    organisation: Annotated[str, Meta(min_length=1, max_length=300)] | UnsetType = UNSET
    """Its name, as it stands on the ticket."""
    tag: Annotated[str, Meta(min_length=1, max_length=50)] | UnsetType = UNSET
    waiting: Word | UnsetType = UNSET
    """A reason to wait that is in force, by the regulation's name of it."""
    flag: Word | UnsetType = UNSET
    """One that is up: `verdict_awaited`, `identification_required`, …"""
    needs: Need | UnsetType = UNSET
    """Why an agent must act."""
    received_from: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    received_before: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    due_before: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    """Unclosed, and with a target due before this instant."""


class QueueFilter(Paging, frozen=True):
    """Which part of the queue; without a state what needs an agent's act now."""

    state: State | UnsetType = UNSET
    line: Word | UnsetType = UNSET
    assignee: Name | UnsetType = UNSET
    """`me` is the agent who asks."""
    needs: Need | UnsetType = UNSET
    """Only what needs an act for this reason."""
    unassigned: bool = False
    """Only what nobody has: what `next` hands out, in its order."""


class LedgerFilter(Paging, frozen=True):
    """Which entries of the ledger."""

    day: Day | UnsetType = UNSET
    """In the company's zone."""
    channel_kind: Word | UnsetType = UNSET
    outcome: Outcome | UnsetType = UNSET


class Days(Request, frozen=True):
    """A span of days in the company's zone, both ends included."""

    first_day: Day
    last_day: Day


class NewAddress(Request, frozen=True):
    """An address at which the company is reached though its regulation does not name it."""

    channel_kind: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,31}$")]
    address: Address


class NewTenant(Request, frozen=True):
    """A company to be taken on, by the name of its regulation's package."""

    regulation: Slug
    alert_address: Annotated[str, Meta(max_length=320)] = ""
    """The e-mail address that warnings and breaches go to."""
    shadow: bool = False
    """Begin in the shadow of another system: everything is computed, nothing is sent outward."""
    parameters: dict[str, Any] = {}
    """What the regulation leaves to the operator, by name."""
    readings: dict[str, Any] = {}
    """Chosen meanings of ambiguous clauses, by name."""
    addresses: Annotated[tuple[NewAddress, ...], Meta(max_length=100)] = ()


class NewKey(Request, frozen=True):
    """An API key to be made."""

    role: Literal["operator", "admin", "agent", "integrator"]
    name: Name
    tenants: Annotated[tuple[Slug, ...], Meta(max_length=100)] = ()
    """Slugs of the companies it serves: none for an operator's, several only for an agent's."""
