"""What is said of agents."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from helpdesk.api.requests.base import Line, Name, Request, Slug, Word
from helpdesk.domain.agents import AgentState

Lines = Annotated[tuple[Word, ...], Meta(max_length=50)]
Keys = Annotated[tuple[UUID, ...], Meta(max_length=50)]


class AgentChange(Request, frozen=True):
    """All that is said of an agent, but for the name."""

    display_name: Name
    """As letters and notices name them."""
    email: Line = ""
    """Where they are warned of what they have; empty: nowhere."""
    lines: Lines = ()
    """The regulation's lines that they work on; empty: all."""
    state: AgentState = AgentState.ACTIVE
    keys: Keys = ()
    """The keys that they hold, by id."""


class NewAgent(AgentChange, frozen=True, kw_only=True):
    """An agent of the company."""

    name: Name
    """As tickets are assigned to them; unique within the company, and never changed."""


class SharedAgentChange(Request, frozen=True):
    """All that the operator says of an agent; on which lines they work, and when they are away, each company says."""

    display_name: Name
    """As letters and notices name them."""
    email: Line = ""
    """Where they are warned of what they have; empty: nowhere."""
    tenants: Annotated[tuple[Slug, ...], Meta(max_length=1000)] = ()
    """The companies that they serve, by slug. In one that is left out they have left."""
    keys: Keys = ()
    """The keys that they hold, by id; each counts in the companies that it serves."""


class NewSharedAgent(SharedAgentChange, frozen=True, kw_only=True):
    """An agent of the operator's, who may serve several companies."""

    name: Name


class OwnState(Request, frozen=True):
    """Whether the agent can be given work."""

    state: Literal["active", "away"]


class HandBack(Request, frozen=True):
    """Why an agent's tickets go back to the queue."""

    reason: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]


class AgentFilter(Request, frozen=True):
    """Which agents."""

    state: AgentState | UnsetType = UNSET
    line: Word | UnsetType = UNSET
    """Who works on this line."""
