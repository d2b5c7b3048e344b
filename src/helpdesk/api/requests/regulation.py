"""What is asked about a company's regulation."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from helpdesk.api.requests.base import Request, Word

Instant = Annotated[datetime, Meta(tz=True)]


class AtInstant(Request, frozen=True):
    """Which edition is meant."""

    at: Instant | UnsetType = UNSET
    """The one in force then; absent: now."""


class SupposedEvent(Request, frozen=True):
    """Something that would have happened to the request."""

    what: Literal[
        "client_message", "answer_sent", "question_sent", "notice_sent", "level_set", "line_set", "paused", "resumed",
        "resolved", "disagreed", "reopened", "confirmed", "closed",
    ]  # fmt: skip
    at: Instant
    level: Word | UnsetType = UNSET
    """For `level_set`."""
    line: Word | UnsetType = UNSET
    """For `line_set`."""
    reason: Word | UnsetType = UNSET
    """For `paused` and `resumed`."""
    channel: Word | UnsetType = UNSET
    """For `client_message`: the regulation's name of the channel; absent: the request's own."""
    names_engineer: bool = False
    """For `notice_sent`."""


class SupposedRequest(Request, frozen=True):
    """A request that might have been: what would its deadlines be, and why."""

    channel: Word
    """The regulation's name of the channel."""
    received_at: Instant
    level: Word | None = None
    events: Annotated[tuple[SupposedEvent, ...], Meta(max_length=100)] = ()
    """In the order of their instants."""
