"""What the ledger and the feed show."""

from typing import Any
from uuid import UUID

from helpdesk.contracts.messages import Outcome
from helpdesk.queries.views.base import Moment, View


class LedgerEntry(View, frozen=True):
    """What became of one thing received."""

    id: UUID
    channel_kind: str
    address: str
    sender: str
    received_at: Moment
    day: str
    outcome: Outcome
    clause: str
    reason: str
    hint: str
    number: int | None
    """The ticket's number, where there is one."""
    duplicate_of: UUID | None


class LedgerPage(View, frozen=True):
    """A page of the ledger, newest first."""

    items: tuple[LedgerEntry, ...]
    next: str | None


class LedgerTotal(View, frozen=True):
    """How many things of one day and channel had one outcome."""

    day: str
    channel_kind: str
    outcome: Outcome
    count: int


class LedgerTotals(View, frozen=True):
    """What was received, by day, channel and outcome; ``received`` is the sum."""

    received: int
    items: tuple[LedgerTotal, ...]


class FeedEntry(View, frozen=True):
    """One published event."""

    position: int
    id: UUID
    subject: str
    created_at: Moment
    payload: Any


class FeedPage(View, frozen=True):
    """A page of the feed, oldest first. ``next`` is always given: ask with it again for what comes later."""

    items: tuple[FeedEntry, ...]
    next: str
