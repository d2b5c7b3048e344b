"""What the doubtful messages show that wait for an agent's look."""

from typing import Any, Literal
from uuid import UUID

from helpdesk.queries.views.base import Moment, View


class HoldView(View, frozen=True):
    """Something doubtful that waits for an agent's look."""

    ledger_id: UUID
    number: int | None
    cause: str
    message: Any
    created_at: Moment


class ResolvedHold(View, frozen=True):
    """What became of something doubtful."""

    ledger_id: UUID
    resolution: Literal["ticket", "joined", "discarded"]
    number: int | None
    """The ticket it belongs to now."""


class HoldPage(View, frozen=True):
    """A page of what is held, oldest first."""

    items: tuple[HoldView, ...]
    next: str | None
