"""A company's agents: who may be given which ticket, and as whom clients are told of them. Pure.

A company that keeps no list of its agents has nobody's assignment checked: an absent list is not an empty one.
"""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from helpdesk.domain.clients import name_key
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import Instant


class AgentState(StrEnum):
    """Whether an agent can be given work."""

    ACTIVE = "active"
    AWAY = "away"
    """Keeps what they have and is given nothing."""
    LEFT = "left"
    """Is given nothing, and their keys open nothing of this company."""


class Agent(Struct, frozen=True):
    """Somebody who works on a company's tickets."""

    id: UUID
    name: str
    """As tickets are assigned to them: unique within the company whatever its case and blanks, never changed."""
    display_name: str
    """As letters and notices name them."""
    email: str
    """Where they are warned of what they have; empty: nowhere."""
    lines: tuple[str, ...]
    """The regulation's lines that they work on; empty: all."""
    state: AgentState
    shared: bool
    """The operator's, who may serve several companies under the same id."""
    version: int
    created_at: Instant
    left_at: Instant | None

    def works_on(self, line: str) -> bool:
        """Say whether the agent works on ``line``."""
        return not self.lines or line in self.lines


class Roster(Struct, frozen=True):
    """The company's agents, as far as a decision is about them."""

    kept: bool = False
    """Whether the company keeps a list at all; without one every name is taken as it is given."""
    agents: Sequence[Agent] = ()

    def find(self, given: str) -> Agent | None:
        """Return the agent of this name or id."""
        wanted = name_key(given)
        return next((each for each in self.agents if wanted in {name_key(each.name), str(each.id)}), None)

    def taker(self, given: str, line: str | None, field: str = "agent") -> str:
        """Return the name under which ``given``, an agent's name or id, is given a ticket of ``line`` (None: of any).

        Raises:
            Invalid: nobody of the list, somebody who left or is away, or who does not work on the line.
        """
        agent = self.find(given)
        if agent is None:
            if not self.kept:
                return given
            raise Invalid("nobody of the company's agents", fields={field: "names none of the company's agents"})
        if agent.state is not AgentState.ACTIVE:
            says = "has left" if agent.state is AgentState.LEFT else "is away"
            raise Invalid(f"{agent.name} {says}", fields={field: says})
        if line is not None and not agent.works_on(line):
            lines = ", ".join(agent.lines)
            raise Invalid(f"{agent.name} does not work on the line {line}", fields={field: f"works on {lines}"})
        return agent.name

    def known(self, given: str, field: str) -> str:
        """Return the name of an agent of whom something is said, gone or not.

        Raises:
            Invalid: nobody of the list.
        """
        agent = self.find(given)
        if agent is None and self.kept:
            raise Invalid("nobody of the company's agents", fields={field: "names none of the company's agents"})
        return given if agent is None else agent.name

    def display_name(self, name: str) -> str:
        """Return as whom clients are told of somebody; the name itself where the list has nobody of it."""
        agent = self.find(name)
        return name if agent is None else agent.display_name

    def may_keep(self, name: str, line: str) -> bool:
        """Say whether who has a ticket keeps it when it comes to ``line``."""
        agent = self.find(name)
        return not self.kept if agent is None else agent.works_on(line)

    def alert_addresses(self, name: str | None) -> tuple[str, ...]:
        """Return where the agent who has a ticket is warned of it."""
        agent = None if name is None else self.find(name)
        return (agent.email,) if agent is not None and agent.email and agent.state is not AgentState.LEFT else ()
