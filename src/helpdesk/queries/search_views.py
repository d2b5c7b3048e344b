"""What a search shows."""

from datetime import datetime
from uuid import UUID

from helpdesk.domain.states import State
from helpdesk.queries.views import View


class Found(View, frozen=True):
    """A ticket that was found."""

    number: int
    subject: str
    state: State
    requester: str
    requester_name: str
    received_at: datetime
    message: UUID
    """The message that fits best."""
    excerpt: str
    """A part of it about the first word that was asked for."""


class FoundPage(View, frozen=True):
    """A page of what was found, the best first; at most 1,000 tickets in all."""

    items: tuple[Found, ...]
    next: str | None
