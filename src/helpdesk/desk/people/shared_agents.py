"""The operator's agents: one person under one id in the list of each company that they serve.

Who they are and which keys they hold the operator says; on which lines they work, and when they are away, each company.
"""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from helpdesk.desk.changing.versions import seen
from helpdesk.desk.people.agents import Described, new_agent, replace_agent, tell
from helpdesk.domain.agents import Agent, AgentState
from helpdesk.kernel.errors import Invalid, NotFound
from helpdesk.kernel.ids import new_id
from helpdesk.store.agents import Agents, keys_of_shared, shared_everywhere
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenant, Tenants


class Person(Struct, frozen=True):
    """What the operator says of an agent."""

    display_name: str
    email: str
    keys: tuple[UUID, ...]
    tenants: tuple[str, ...]
    """The companies that they serve, by slug."""


class SharedAgent(Struct, frozen=True):
    """The operator's agent, in the lists of companies."""

    id: UUID
    name: str
    display_name: str
    email: str
    tenants: tuple[str, ...]
    """Those that they have not left."""
    keys: tuple[UUID, ...]
    version: int
    """The sum of the versions in the companies' lists: raised by every change in any of them."""


def add_shared(session: Session, name: str, person: Person) -> SharedAgent:
    """Put an agent of the operator's into the lists of companies.

    Raises:
        Conflict: one of the companies has an agent of this name.
        Invalid: no company is named, one is not known, or a key serves none of them.
    """
    agent_id = new_id()
    tenants = _tenants(session, person)
    if not tenants:
        raise Invalid("which companies?", fields={"tenants": "must name one"})
    keys = _keys(session, tenants, person)
    for tenant in tenants:
        bound, what = session.within(tenant.id), Described(person.display_name, person.email, keys=keys[tenant.id])
        tell(bound, "agent.add", new_agent(bound, agent_id, name, what, shared=True), what.keys)
    return get_shared(session, agent_id)


def change_shared(session: Session, agent_id: UUID, person: Person, expected_version: int | None) -> SharedAgent:
    """Replace what the operator says of an agent; in a company that is named no more the agent has left.

    Raises:
        NotFound: there is none.
        VersionConflict: it is not at ``expected_version``.
        Conflict, Invalid: as for ``add_shared``.
    """
    before = get_shared(session, agent_id)
    with seen(before.version, expected_version):
        wanted, rows = _tenants(session, person), _rows(session, agent_id)
        keys = _keys(session, wanted, person)
        for tenant in wanted:
            bound, row = session.within(tenant.id), rows.pop(tenant.id, None)
            if row is None:
                what = Described(person.display_name, person.email, keys=keys[tenant.id])
                changed = new_agent(bound, agent_id, before.name, what, shared=True)
            else:
                state = AgentState.ACTIVE if row.state is AgentState.LEFT else row.state
                what = Described(person.display_name, person.email, row.lines, state, keys[tenant.id])
                changed = replace_agent(bound, row, what)
            tell(bound, "agent.change", changed, what.keys)
        for tenant_id, row in rows.items():
            bound = session.within(tenant_id)
            held = tuple(key.id for key in Agents(bound).held_keys() if key.agent_id == agent_id)
            what = Described(person.display_name, person.email, row.lines, AgentState.LEFT, held)
            if row.state is not AgentState.LEFT:
                tell(bound, "agent.change", replace_agent(bound, row, what), held)
        return get_shared(session, agent_id)


def get_shared(session: Session, agent_id: UUID) -> SharedAgent:
    """Return one of the operator's agents.

    Raises:
        NotFound: there is none.
    """
    found = next((each for each in list_shared(session) if each.id == agent_id), None)
    if found is None:
        raise NotFound("There is no such agent.")
    return found


def list_shared(session: Session) -> tuple[SharedAgent, ...]:
    """Return the operator's agents, by name."""
    served: dict[UUID, list[Agent]] = {}
    for tenant_id, agent in shared_everywhere(session):
        served.setdefault(tenant_id, []).append(agent)
    rows: dict[UUID, list[tuple[Tenant, Agent]]] = {}
    for tenant in Tenants(session).all():
        for agent in served.get(tenant.id, ()):
            rows.setdefault(agent.id, []).append((tenant, agent))
    keys = keys_of_shared(session)
    found = [_of(each, keys.get(agent_id, set())) for agent_id, each in rows.items()]
    return tuple(sorted(found, key=lambda each: (each.name, each.id)))


def _of(rows: Sequence[tuple[Tenant, Agent]], keys: set[UUID]) -> SharedAgent:
    latest = max((agent for _, agent in rows), key=lambda agent: (agent.state is not AgentState.LEFT, agent.version))
    serves = tuple(tenant.slug for tenant, agent in rows if agent.state is not AgentState.LEFT)
    version = sum(agent.version for _, agent in rows)
    return SharedAgent(latest.id, latest.name, latest.display_name, latest.email, serves, tuple(sorted(keys)), version)


def _rows(session: Session, agent_id: UUID) -> dict[UUID, Agent]:
    """Return the agent as each company's list has them, by the company's id."""
    return {tenant_id: agent for tenant_id, agent in shared_everywhere(session) if agent.id == agent_id}


def _tenants(session: Session, person: Person) -> list[Tenant]:
    tenants = Tenants(session)
    try:
        return [tenants.by_slug(slug) for slug in dict.fromkeys(person.tenants)]
    except NotFound:
        raise Invalid("One of the companies is not known.", fields={"tenants": "names no company"}) from None


def _keys(session: Session, tenants: Sequence[Tenant], person: Person) -> dict[UUID, tuple[UUID, ...]]:
    """Return which of the keys count in which company.

    Raises:
        Invalid: one counts in none.
    """
    found = {}
    for tenant in tenants:
        agents = Agents(session.within(tenant.id))
        found[tenant.id] = tuple(key for key in person.keys if agents.serves(key))
    idle = set(person.keys) - {key for keys in found.values() for key in keys}
    if idle:
        raise Invalid("a key serves none of the companies", fields={"keys": f"{min(idle)} serves none of them"})
    return found
