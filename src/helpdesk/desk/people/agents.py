"""Keeping the list of a company's agents: who works on what, who is away, and what becomes of a leaver's tickets."""

from collections.abc import Collection, Sequence
from uuid import UUID

from msgspec import Struct

from helpdesk.desk.changing.change import change_ticket
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.changing.versions import Kept, seen
from helpdesk.domain.agents import Agent, AgentState
from helpdesk.domain.commands import Unassign
from helpdesk.kernel.errors import Conflict, Invalid, NotFound
from helpdesk.kernel.ids import new_id
from helpdesk.store.agents import Agents
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.tickets import Tickets

MOST_HANDED_BACK = 100
"""Tickets that go back to the queue in one transaction."""


class Described(Struct, frozen=True):
    """What is said of an agent."""

    display_name: str
    email: str = ""
    lines: tuple[str, ...] = ()
    state: AgentState = AgentState.ACTIVE
    keys: tuple[UUID, ...] = ()


class HandedBack(Struct, frozen=True):
    """What became of an agent's tickets."""

    numbers: tuple[int, ...]
    """Given back to the queue now."""
    left: int
    """How many the agent still has: ask again."""


def add_agent(session: Session, resources: Resources, name: str, what: Described) -> Kept:
    """Add an agent. From the first one on assignments are held against the list.

    Raises:
        Conflict: there is one of this name, or no edition is in force.
        Invalid: a line that the regulation in force does not name, or a key that is none of the company's agents'.
    """
    _check_lines(session, resources, what.lines)
    agent = new_agent(session, new_id(), name, what)
    tell(session, "agent.add", agent, what.keys)
    return Kept(agent.id, agent.version)


def new_agent(session: Session, agent_id: UUID, name: str, what: Described, *, shared: bool = False) -> Agent:
    """Keep a new agent with their keys.

    Raises:
        Conflict: there is one of this name.
        Invalid: a key that is none of the company's agents', or another agent's.
    """
    agent = Agent(
        id=agent_id,
        name=name.strip(),
        display_name=what.display_name.strip(),
        email=what.email,
        lines=what.lines,
        state=what.state,
        shared=shared,
        version=1,
        created_at=session.now,
        left_at=session.now if what.state is AgentState.LEFT else None,
    )
    agents = Agents(session)
    agents.add(agent)
    agents.give_keys(agent.id, what.keys)
    return agent


def change_agent(
    session: Session, resources: Resources, agent_id: UUID, what: Described, expected_version: int | None
) -> Kept:
    """Replace what is said of an agent; the name, to which tickets are assigned, stays.

    What an agent who goes away or leaves has stays theirs until it is handed back.

    Raises:
        NotFound: there is none.
        VersionConflict: it is not at ``expected_version``.
        Conflict: of the operator's agents a company says only on which lines they work, and whether they are away.
        Invalid: as for ``add_agent``.
    """
    agents = Agents(session)
    before = agents.by_id(agent_id)
    with seen(before.version, expected_version):
        _check_lines(session, resources, [line for line in what.lines if line not in before.lines])
        held = {key.id for key in agents.held_keys() if key.agent_id == agent_id}
        if before.shared:
            own = (what.display_name.strip(), what.email, set(what.keys), what.state is AgentState.LEFT)
            if own != (before.display_name, before.email, held, before.state is AgentState.LEFT):
                raise Conflict("the operator keeps this agent: the company says the lines, and who is away")
        changed = replace_agent(session, before, what)
        tell(session, "agent.change", changed, what.keys)
        return Kept(changed.id, changed.version)


def replace_agent(session: Session, before: Agent, what: Described) -> Agent:
    """Write down what is said of an agent now.

    Raises:
        VersionConflict: it is no longer as it was read.
        Invalid: a key that is none of the company's agents', or another agent's.
    """
    agents = Agents(session)
    left_at = (before.left_at or session.now) if what.state is AgentState.LEFT else None
    fields = {"display_name": what.display_name.strip(), "email": what.email, "lines": what.lines}
    changed = agents.change(before, **fields, state=what.state.value, left_at=left_at)
    agents.give_keys(before.id, what.keys)
    return changed


def set_own_state(session: Session, state: AgentState, expected_version: int | None) -> Kept:
    """Have the agent whose key it is say that they are away, or back.

    Raises:
        NotFound: the key is no agent's.
        VersionConflict: the agent is not at ``expected_version``.
        Invalid: nobody leaves by themselves.
    """
    if state is AgentState.LEFT:
        raise Invalid("an administrator says who left", fields={"state": "must be active or away"})
    agent = own(session)
    with seen(agent.version, expected_version):
        changed = Agents(session).change(agent, state=state.value)
        tell(session, "agent.state", changed, None)
        return Kept(changed.id, changed.version)


def own(session: Session) -> Agent:
    """Return the agent whose key the session's principal holds.

    Raises:
        NotFound: it is no agent's.
    """
    found = Agents(session).find(session.principal.agent) if session.principal.agent else None
    if found is None:
        raise NotFound("This key is no agent's.")
    return found


def hand_back(
    session: Session, resources: Resources, agent_id: UUID, reason: str, *, most: int = MOST_HANDED_BACK
) -> HandedBack:
    """Give what an agent has back to the queue: all of it at once, or the first ``most``. Again it changes nothing.

    An agent who can be given work is handed new tickets meanwhile: who goes is away or has left first.

    Raises:
        NotFound: there is none.
        Conflict: the agent is active.
    """
    agents = Agents(session)
    agent = agents.by_id(agent_id)
    with seen(agent.version, None):
        if agent.state is AgentState.ACTIVE:
            raise Conflict("the agent is active and would be given more: say first that they are away, or have left")
        found = agents.assigned(agent.name, most)
        numbers = [number for number in found if _give_back(session, resources, agent, Unassign(number, reason))]
        left = len(agents.assigned(agent.name, 10_000))
        if numbers:
            told = {"agent": agent.name, "tickets": [*numbers], "left": left, "reason": reason}
            Audit(session).record("agent.hand_back", f"agent:{agent.id}", told)
        return HandedBack(tuple(numbers), left)


def _give_back(session: Session, resources: Resources, agent: Agent, command: Unassign) -> bool:
    """Give one ticket back; False where it is the agent's no more, or what was due on it has closed it."""
    if Tickets(session).by_number(command.number, held=True).assignee != agent.name:
        return False
    try:
        change_ticket(session, resources, command, None)
    except Conflict:
        return False
    return True


def _check_lines(session: Session, resources: Resources, lines: Sequence[str]) -> None:
    if not lines:
        return
    known = resources.directory.in_force(session, session.now).lines
    if unknown := [line for line in lines if line not in known]:
        names = ", ".join(known) or "the regulation names none"
        raise Invalid(f"no line {unknown[0]!r} in this regulation", fields={"lines": f"of {names}"})


def tell(session: Session, act: str, agent: Agent, keys: Collection[UUID] | None) -> None:
    """Record in the audit what is said of an agent now; no keys: nothing was said of them."""
    told = {
        "agent": agent.name,
        "display_name": agent.display_name,
        "lines": [*agent.lines],
        "state": agent.state.value,
    }
    with_keys = told if keys is None else {**told, "keys": sorted(str(key) for key in keys)}
    Audit(session).record(act, f"agent:{agent.id}", with_keys)
