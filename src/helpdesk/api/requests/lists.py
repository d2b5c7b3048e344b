"""Which part of a list is wanted."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from helpdesk.api.requests.base import (
    Address,
    Day,
    Name,
    Paging,
    Request,
    Word,
)
from helpdesk.contracts.messages import Outcome
from helpdesk.domain.attention import Need
from helpdesk.domain.states import State


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
