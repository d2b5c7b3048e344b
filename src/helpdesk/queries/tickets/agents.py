"""A company's agents, and who acted."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import and_, func, select

from helpdesk.domain.agents import Agent, AgentState
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.views.base import Moment, View, moment
from helpdesk.store.agents import Agents, HeldKey
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import agent_keys, agents, credentials, tickets

_KEY = "key:"


class HeldKeyView(View, frozen=True):
    """A key that an agent holds."""

    id: UUID
    name: str
    """Empty for a key that serves several companies."""
    revoked: bool


class AgentView(View, frozen=True):
    """An agent."""

    id: UUID
    name: str
    """As tickets are assigned to them; never changes."""
    display_name: str
    email: str
    lines: tuple[str, ...]
    """Empty: all."""
    state: AgentState
    shared: bool
    """The operator's, who may serve several companies under the same id."""
    keys: tuple[HeldKeyView, ...]
    open_tickets: int
    """How many unclosed tickets they have."""
    created_at: Moment
    left_at: Moment | None
    version: int


class AgentList(View, frozen=True):
    """Agents, by name."""

    items: tuple[AgentView, ...]


def list_agents(session: Session, state: AgentState | None, line: str | None) -> AgentList:
    """Return the company's agents, those of a state or who work on a line."""
    found = [each for each in Agents(session).all(state) if line is None or each.works_on(line)]
    return AgentList(tuple(_views(session, found)))


def get_agent(session: Session, agent_id: UUID) -> AgentView:
    """Return one.

    Raises:
        NotFound: there is none of this id.
    """
    (view,) = _views(session, [Agents(session).by_id(agent_id)])
    return view


def get_own_agent(session: Session) -> AgentView:
    """Return the agent whose key it is.

    Raises:
        NotFound: it is no agent's.
    """
    own = session.principal.agent
    found = Agents(session).find(own) if own else None
    if found is None:
        raise NotFound("This key is no agent's.")
    (view,) = _views(session, [found])
    return view


def _views(session: Session, found: Iterable[Agent]) -> Iterable[AgentView]:
    held, has = Agents(session).held_keys(), _open_tickets(session)
    for agent in found:
        keys = tuple(_key(key) for key in held if key.agent_id == agent.id)
        yield AgentView(
            agent.id, agent.name, agent.display_name, agent.email, agent.lines, agent.state, agent.shared, keys,
            has.get(agent.name, 0), to_datetime(agent.created_at), moment(agent.left_at), agent.version,
        )  # fmt: skip


def _key(key: HeldKey) -> HeldKeyView:
    return HeldKeyView(key.id, key.name, key.revoked)


def _open_tickets(session: Session) -> dict[str, int]:
    table = tickets.c
    counted = (
        select(table.assignee, func.count())
        .where(table.tenant_id == session.tenant_id, table.closed_at.is_(None), table.assignee.is_not(None))
        .group_by(table.assignee)
    )
    return {row[0]: row[1] for row in session.connection.execute(counted)}


def names_of(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Return as whom people know these actors: an agent's name to display, a key's name; others are left out."""
    wanted = {actor: UUID(actor.removeprefix(_KEY)) for actor in actors if actor.startswith(_KEY)}
    if not wanted:
        return {}
    same = and_(agent_keys.c.tenant_id == agents.c.tenant_id, agent_keys.c.agent_id == agents.c.id)
    holders = (
        select(agent_keys.c.credential_id, agents.c.display_name)
        .select_from(agent_keys.join(agents, same))
        .where(agents.c.tenant_id == session.tenant_id, agent_keys.c.credential_id.in_(wanted.values()))
    )
    named = select(credentials.c.id, credentials.c.name).where(credentials.c.id.in_(wanted.values()))
    found = {row[0]: row[1] for query in (named, holders) for row in session.connection.execute(query)}
    return {actor: found[key] for actor, key in wanted.items() if key in found}
