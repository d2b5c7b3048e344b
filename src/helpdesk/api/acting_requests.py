"""What is sent to take a ticket into work and to say what the client thinks of the solution."""

from typing import Annotated, Literal

from msgspec import Meta

from helpdesk.api.requests import LongText, Name, Request, Word


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
