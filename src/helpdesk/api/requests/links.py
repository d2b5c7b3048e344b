"""What clients of the API send about tickets that belong together."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from helpdesk.api.requests.base import LongText, Request
from helpdesk.queries.numbers import MAX_NUMBER

Number = Annotated[int, Meta(ge=1, le=MAX_NUMBER)]


class NewLink(Request, frozen=True):
    """What the ticket is to another one."""

    relation: Literal["related", "duplicate_of", "caused_by"]
    number: Number
    """The other ticket's."""


class Question(Request, frozen=True):
    """One question that becomes a ticket of its own."""

    subject: Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]
    text: LongText = ""
    message_id: UUID | None = None
    """The message of this ticket that holds the question."""


class Splitting(Request, frozen=True):
    """The further questions of a request; the ticket itself keeps the first one."""

    parts: Annotated[tuple[Question, ...], Meta(min_length=1, max_length=20)]


class Merging(Request, frozen=True):
    """Where the ticket's work goes on."""

    into: Number
