"""What is sent about a request that comes in, or might."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from helpdesk.api.requests.base import (
    MEANT,
    Address,
    Count,
    Line,
    LongText,
    Missing,
    Request,
    Word,
)
from helpdesk.domain.commands import CallOutcome


class NewTicket(Request, frozen=True):
    """A client's request that a person or a program hands in for the client."""

    subject: Annotated[str, Meta(min_length=1, max_length=300, pattern=MEANT)]
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
    summary: Annotated[str, Meta(min_length=1, max_length=300, pattern=MEANT)]
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
