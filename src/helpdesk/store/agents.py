"""A company's agents and the keys they hold, as one tenant sees them."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from helpdesk.domain.agents import Agent, AgentState, Roster
from helpdesk.domain.clients import name_key
from helpdesk.kernel.errors import Conflict, Invalid, NotFound, VersionConflict
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import agent_keys, agents, credential_tenants, credentials, tickets

_FIELDS = Agent.__struct_fields__
_COLUMNS = tuple(agents.c[name] for name in _FIELDS)
_TENANT = agents.c.tenant_id == bindparam("tenant")
_ANY = Prepared(select(agents.c.id).where(_TENANT).limit(1), steady=True)
_NAMED = Prepared(select(*_COLUMNS).where(_TENANT, agents.c.name_key == bindparam("wanted")), steady=True)
_HELD = Prepared(select(*_COLUMNS).where(_TENANT, agents.c.id == bindparam("wanted")))


class HeldKey(Struct, frozen=True):
    """A key that an agent holds."""

    id: UUID
    agent_id: UUID
    name: str
    revoked: bool


def shared_everywhere(session: Session) -> list[tuple[UUID, Agent]]:
    """Return the operator's agents as each company's list has them, each beside the company's id."""
    wanted = select(agents.c.tenant_id, *_COLUMNS).where(agents.c.shared)
    return [(tenant, _agent(row)) for tenant, *row in session.connection.execute(wanted)]


def keys_of_shared(session: Session) -> dict[UUID, set[UUID]]:
    """Return the keys that the operator's agents hold, whichever companies they count in, by the agent's id."""
    same = and_(agent_keys.c.tenant_id == agents.c.tenant_id, agent_keys.c.agent_id == agents.c.id)
    wanted = select(agents.c.id, agent_keys.c.credential_id).select_from(agents.join(agent_keys, same))
    found: dict[UUID, set[UUID]] = {}
    for agent_id, key_id in session.connection.execute(wanted.where(agents.c.shared)):
        found.setdefault(agent_id, set()).add(key_id)
    return found


class Agents:
    """The tenant's agents. Nothing here decides who may be given what."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def any(self) -> bool:
        """Say whether the tenant keeps a list of its agents, were they all gone."""
        return _ANY.first(self._session, {"tenant": self._tenant}) is not None

    def find(self, given: str) -> Agent | None:
        """Return the one of this name, whatever its case and blanks, or of this id."""
        row = _NAMED.first(self._session, {"tenant": self._tenant, "wanted": name_key(given)})
        if row is not None:
            return _agent(row)
        try:
            return self.by_id(UUID(given.strip()))
        except (ValueError, NotFound):
            return None

    def by_id(self, agent_id: UUID) -> Agent:
        """Return one.

        Raises:
            NotFound: this tenant has none of that id.
        """
        row = _HELD.first(self._session, {"tenant": self._tenant, "wanted": agent_id})
        if row is None:
            raise NotFound("There is no such agent.")
        return _agent(row)

    def roster(self, *given: str | None) -> Roster:
        """Return what a decision about these (names or ids; None for nobody) needs of the list."""
        if not self.any():
            return Roster()
        found = {each: self.find(each) for each in given if each}
        return Roster(True, tuple(agent for agent in found.values() if agent is not None))

    def display_name(self, name: str) -> str:
        """Return as whom clients are told of somebody; the name itself where the list has nobody of it."""
        found = self.find(name)
        return name if found is None else found.display_name

    def all(self, state: AgentState | None = None) -> tuple[Agent, ...]:
        """Return them by name."""
        wanted = self._own()
        if state is not None:
            wanted = wanted.where(agents.c.state == state.value)
        return tuple(_agent(row) for row in self._connection.execute(wanted.order_by(agents.c.name_key)))

    def add(self, agent: Agent) -> None:
        """Keep one.

        Raises:
            Conflict: there is one of this name.
        """
        values = {name: getattr(agent, name) for name in _FIELDS}
        values |= {"tenant_id": self._tenant, "name_key": name_key(agent.name), "state": agent.state.value}
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(agents), values)
        except IntegrityError as error:
            raise Conflict(f"there is an agent {agent.name}") from error

    def change(self, before: Agent, **fields: Any) -> Agent:
        """Change one, raising the version.

        Raises:
            VersionConflict: it is no longer as it was read.
        """
        table = agents.c
        same = and_(table.tenant_id == self._tenant, table.id == before.id, table.version == before.version)
        changed = update(agents).where(same).values(version=table.version + 1, **fields).returning(table.id)
        if self._connection.execute(changed).one_or_none() is None:
            raise VersionConflict(current=self.by_id(before.id).version)
        return self.by_id(before.id)

    def held_keys(self) -> tuple[HeldKey, ...]:
        """Return whose keys are whose. Of a key that serves several companies neither name nor revocation is known."""
        table = agent_keys.c
        joined = agent_keys.outerjoin(credentials, credentials.c.id == table.credential_id)
        wanted = select(table.credential_id, table.agent_id, credentials.c.name, credentials.c.revoked_at)
        own = wanted.select_from(joined).where(table.tenant_id == self._tenant).order_by(table.credential_id)
        rows = self._connection.execute(own)
        return tuple(HeldKey(key, agent, name or "", revoked is not None) for key, agent, name, revoked in rows)

    def holder(self, key_id: UUID) -> Agent | None:
        """Return whose key it is, of this tenant's agents."""
        same = and_(agent_keys.c.tenant_id == agents.c.tenant_id, agent_keys.c.agent_id == agents.c.id)
        wanted = self._own().select_from(agents.join(agent_keys, same)).where(agent_keys.c.credential_id == key_id)
        row = self._connection.execute(wanted).one_or_none()
        return None if row is None else _agent(tuple(row))

    def give_keys(self, agent_id: UUID, keys: Collection[UUID]) -> None:
        """Have the agent hold exactly these keys of the tenant's.

        Raises:
            Invalid: one of them is no key for this tenant's agents, or another agent's.
        """
        mine = and_(agent_keys.c.tenant_id == self._tenant, agent_keys.c.agent_id == agent_id)
        self._connection.execute(delete(agent_keys).where(mine))
        for key_id in keys:
            if not self.serves(key_id):
                raise Invalid("there is no such key", fields={"keys": f"{key_id} is none of an agent's here"})
            values = {"tenant_id": self._tenant, "credential_id": key_id, "agent_id": agent_id}
            try:
                with self._connection.begin_nested():
                    self._connection.execute(insert(agent_keys), values)
            except IntegrityError as error:
                raise Invalid("the key is another agent's", fields={"keys": f"{key_id} is another's"}) from error

    def assigned(self, name: str, limit: int) -> Sequence[int]:
        """Return the numbers of unclosed tickets that somebody of this name has, the lowest first."""
        table = tickets.c
        mine = and_(table.tenant_id == self._tenant, table.assignee == name, table.closed_at.is_(None))
        wanted = select(table.number).where(mine).order_by(table.number).limit(limit)
        return [number for (number,) in self._connection.execute(wanted)]

    def serves(self, key_id: UUID) -> bool:
        """Say whether this is a key for the tenant's agents."""
        several = select(credential_tenants.c.credential_id).where(
            credential_tenants.c.tenant_id == self._tenant, credential_tenants.c.credential_id == key_id
        )
        own = select(credentials.c.id).where(
            credentials.c.id == key_id,
            credentials.c.revoked_at.is_(None),
            or_(credentials.c.tenant_id == self._tenant, credentials.c.id.in_(several)),
            credentials.c.role.in_(("agent", "admin")),
        )
        return (
            self._connection.execute(own).first() is not None or self._connection.execute(several).first() is not None
        )

    def _own(self) -> Select[Any]:
        return select(*_COLUMNS).where(agents.c.tenant_id == self._tenant)


def _agent(row: Sequence[Any]) -> Agent:
    values = dict(zip(_FIELDS, row, strict=True))
    return Agent(**{**values, "state": AgentState(values["state"]), "lines": tuple(values["lines"])})
