"""What a search shows."""

from uuid import UUID

from helpdesk.domain.states import State
from helpdesk.queries.views.base import Moment, View

Mark = tuple[int, int]
"""Where a word that was asked for begins, and where it ends: characters from 0, the end not included."""


class Found(View, frozen=True):
    """A ticket that was found."""

    number: int
    subject: str
    subject_marks: tuple[Mark, ...]
    """The words in it that were asked for, as pairs of begin and end in characters."""
    state: State
    organisation: str
    requester: str
    requester_name: str
    received_at: Moment
    message: UUID
    """The latest message that fits."""
    excerpt: str
    """A part of it about the first word that was asked for; plain text, never markup."""
    excerpt_marks: tuple[Mark, ...]


class FoundPage(View, frozen=True):
    """A page of what was found: by number first, then by subject, person and address, then by text; newer ones first.

    What is written meanwhile moves nothing from one page to another.
    """

    items: tuple[Found, ...]
    next: str | None
