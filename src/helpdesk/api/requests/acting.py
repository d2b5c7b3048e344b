"""What is sent to work on a ticket: letters, who has it, levels, waits, its end and the client's verdict."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from helpdesk.api.requests.base import (
    MEANT,
    Count,
    Line,
    LongText,
    Missing,
    Name,
    Request,
    Text,
    Word,
)
from helpdesk.domain.commands import ReplyKind


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
    criterion: Annotated[str, Meta(min_length=1, max_length=2000, pattern=MEANT)]
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
            Annotated[str, Meta(min_length=1, max_length=300, pattern=MEANT)],
            Annotated[str, Meta(min_length=1, max_length=10_000, pattern=MEANT)],
        ],
        Meta(min_length=1, max_length=50),
    ]
    """By the regulation's names of fields, or the words of whoever registered the request as incomplete."""


class Resolution(Request, frozen=True):
    """The work is done; a text is sent as the last answer."""

    text: LongText = ""


class FinalClosing(Request, frozen=True):
    """The outcome, as the regulation names it."""

    outcome: Word
    facts: Annotated[dict[Word, Line], Meta(max_length=16)] = {}
    """What the regulation wants said with the outcome, by name."""


class Expediting(Request, frozen=True):
    """Why a ticket is taken out of turn."""

    cause: Annotated[str, Meta(min_length=1, max_length=2000, pattern=MEANT)]
    facts: Annotated[tuple[Word, ...], Meta(max_length=16)] = ()
    """What is recorded as true of the request, where the regulation demands it."""


class Acceptance(Request, frozen=True):
    """Who takes the ticket into work."""

    agent: Name
    """By name or id; where the company keeps a list of its agents, one of them, active, of the ticket's line."""
    inform_client: bool | None = None
    """Send the notice that names the engineer; null: where the regulation measures acceptance by it."""


class Confirmation(Request, frozen=True):
    """The client confirms the solution."""

    text: LongText = ""
    """What the client told us; empty: it stands in the client's last message, or was only said."""
    outcome: Word | None = None
    """Null: the outcome that the regulation names for a confirmation."""


class Disagreement(Request, frozen=True):
    """The client disagrees with the solution."""

    text: LongText = ""
    """The reasons as the client told them; empty: they stand in the client's last message."""


class Reopening(Request, frozen=True):
    """Why the work goes on though it was said to be done."""

    reason: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]


class HoldDecision(Request, frozen=True):
    """What is to become of a doubtful message."""

    resolution: Literal["ticket", "joined", "discarded"]
    """A ticket of its own; part of the ticket `number`; nothing, for a reason."""
    number: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None
    reason: Annotated[str, Meta(max_length=2000)] = ""
