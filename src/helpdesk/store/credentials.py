"""API keys: 256 random bits, of which only the SHA-256 is kept."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, Select, and_, bindparam, func, insert, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from helpdesk.domain.agents import AgentState
from helpdesk.kernel.errors import Conflict, Invalid, NotFound
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant
from helpdesk.kernel.principal import Principal, Role
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import agent_keys, agents, credential_tenants, credentials, tenants

NOBODY = Principal(Role.CONTACT, "nobody")
"""Who asks for a key's meaning before being known: sees no tenant, and of the keys the presented one only."""

KEY_PREFIX = "hdk_"
"""So that a leaked key is recognised as one."""


class Served(Struct, frozen=True):
    """A tenant that a key serves."""

    id: UUID
    slug: str
    confidential: bool = False
    """Each reading of its tickets is recorded."""
    agent: str = ""
    """Whose key it is among the tenant's agents, as tickets are assigned to them; empty: nobody's."""
    display_name: str = ""
    """The same, as others are told of them."""
    gone: bool = False
    """That agent has left: the key opens nothing here."""


class Credential(Struct, frozen=True):
    """What a key means. An operator's serves no tenant, a phone agent's may serve several."""

    id: UUID
    role: Role
    name: str
    created_at: Instant
    revoked_at: Instant | None
    tenants: tuple[Served, ...]

    @property
    def called(self) -> str:
        """As whom people know the holder: the agent's name to display where it is one's key, else the key's name."""
        return next((served.display_name for served in self.tenants if served.display_name), self.name)


class NewKey(Struct, frozen=True):
    """A key just made; the secret is shown once and kept nowhere."""

    id: UUID
    secret: str

    def __repr__(self) -> str:
        return f"NewKey({self.id})"


def hash_secret(secret: bytes) -> bytes:
    """Return what is stored of a secret. Plain SHA-256 is enough: nobody can try 256 random bits."""
    return hashlib.sha256(secret).digest()


_FIELDS = (
    credentials.c.id,
    credentials.c.role,
    credentials.c.name,
    credentials.c.created_at,
    credentials.c.revoked_at,
    credentials.c.tenant_id,
    credentials.c.secret_hash,
)
_BY_HASH = select(*_FIELDS).where(credentials.c.secret_hash == bindparam("hash"))
_BY_ID = select(*_FIELDS).where(credentials.c.id == bindparam("wanted"))
_SERVES = or_(
    tenants.c.id == credentials.c.tenant_id,
    tenants.c.id.in_(
        select(credential_tenants.c.tenant_id).where(credential_tenants.c.credential_id == credentials.c.id)
    ),
)
_HOLDS = and_(agent_keys.c.tenant_id == tenants.c.id, agent_keys.c.credential_id == credentials.c.id)
_IS = and_(agents.c.tenant_id == agent_keys.c.tenant_id, agents.c.id == agent_keys.c.agent_id)
_SERVED = (
    select(
        credentials.c.id,
        tenants.c.id,
        tenants.c.slug,
        tenants.c.confidential,
        agents.c.name,
        agents.c.display_name,
        agents.c.state == AgentState.LEFT.value,
    )
    .select_from(credentials.join(tenants, _SERVES).outerjoin(agent_keys, _HOLDS).outerjoin(agents, _IS))
    .order_by(tenants.c.slug)
)
_SHOW_KEY = select(func.set_config("app.key_hash", bindparam("hash"), text("true")))


class Credentials:
    """Keys: all for the service and operators, its own for a bound session, the presented one for ``NOBODY``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection

    def find(self, secret_hash: bytes) -> Credential | None:
        """Return the key whose secret has this SHA-256; None where there is none or it is revoked."""
        if self._session.dialect == "postgresql":
            self._connection.execute(_SHOW_KEY, {"hash": secret_hash.hex()})
        row = self._connection.execute(_BY_HASH, {"hash": secret_hash}).one_or_none()
        if row is None or row.revoked_at is not None or not hmac.compare_digest(row.secret_hash, secret_hash):
            return None
        return self._in_use(row)

    def by_id(self, key_id: UUID) -> Credential | None:
        """Return the key of this id, for the service itself; None where there is none or it is revoked."""
        row = self._connection.execute(_BY_ID, {"wanted": key_id}).one_or_none()
        return None if row is None or row.revoked_at is not None else self._in_use(row)

    def secret_hash_of(self, key_id: UUID) -> bytes | None:
        """Return the SHA-256 of a key's secret, revoked or not; None where there is no such key."""
        row = self._connection.execute(_BY_ID, {"wanted": key_id}).one_or_none()
        return None if row is None else row.secret_hash

    @staticmethod
    def is_secret(secret_hash: bytes, secret: str) -> bool:
        """Say whether ``secret`` has this SHA-256, in constant time."""
        return hmac.compare_digest(secret_hash, hash_secret(secret.encode()))

    def create(self, role: Role, name: str, tenant_ids: Sequence[UUID] = (), made: NewKey | None = None) -> NewKey:
        """Make a key for the tenants it serves: none for an operator, one or (an agent's) several.

        ``made`` gives id and secret where they are not to be drawn at random.

        Raises:
            Invalid: it has no name, or the role and the number of tenants do not go together.
            NotFound: the session is bound to another tenant.
            Conflict: another transaction made the key that is given.
        """
        if role in (Role.SYSTEM, Role.CONTACT):
            raise Invalid(f"there are no keys for the role {role}", fields={"role": "is none of a key's"})
        if not name.strip():
            raise Invalid("a key has a name, for the log and the audit", fields={"name": "is needed"})
        if (role is Role.OPERATOR) != (not tenant_ids):
            wanted = "must be left out" if tenant_ids else "must name one"
            raise Invalid("an operator's key serves no tenant, every other does", fields={"tenants": wanted})
        if len(tenant_ids) > 1 and role is not Role.AGENT:
            raise Invalid("only an agent's key may serve several tenants", fields={"tenants": "are too many"})
        own = self._session.principal.tenant_id
        if own is not None and tuple(tenant_ids) != (own,):
            raise NotFound("no such tenant")
        made = made or NewKey(new_id(), KEY_PREFIX + secrets.token_urlsafe(32))
        key_id = made.id
        self._insert(
            {
                "id": key_id,
                "tenant_id": tenant_ids[0] if len(tenant_ids) == 1 else None,
                "secret_hash": hash_secret(made.secret.encode()),
                "role": role.value,
                "name": name,
                "created_at": self._session.now,
            }
        )
        if len(tenant_ids) > 1:
            self._connection.execute(
                insert(credential_tenants), [{"tenant_id": each, "credential_id": key_id} for each in tenant_ids]
            )
        return made

    def _insert(self, row: dict[str, Any]) -> None:
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(credentials), row)
        except IntegrityError as error:
            raise Conflict("this key is just being made") from error

    def revoke(self, key_id: UUID) -> None:
        """Revoke a key; revoking it again keeps the first instant.

        Raises:
            NotFound: there is no such key that the session may revoke: a bound one revokes its own tenant's only.
        """
        condition = [credentials.c.id == key_id]
        own = self._session.principal.tenant_id
        if own is not None:
            condition.append(credentials.c.tenant_id == own)
        revoked = (
            update(credentials)
            .where(*condition)
            .values(revoked_at=func.coalesce(credentials.c.revoked_at, self._session.now))
            .returning(credentials.c.id)
        )
        if self._connection.execute(revoked).one_or_none() is None:
            raise NotFound("no such key")

    def all(self) -> tuple[Credential, ...]:
        """Return the keys that the session may manage, the oldest first, revoked ones included."""
        wanted = select(*_FIELDS).order_by(credentials.c.created_at, credentials.c.id)
        served = _SERVED
        own = self._session.principal.tenant_id
        if own is not None:
            wanted, served = (each.where(credentials.c.tenant_id == own) for each in (wanted, served))
        rows, serving = self._connection.execute(wanted).all(), self._served(served)
        return tuple(_credential(row, serving.get(row.id, [])) for row in rows)

    def _in_use(self, row: Row[*tuple[Any, ...]]) -> Credential:
        """Return the key without the tenants whose agent it was and has left."""
        served = self._served(_SERVED.where(credentials.c.id == row.id)).get(row.id, [])
        return _credential(row, [each for each in served if not each.gone])

    def _served(self, wanted: Select[*tuple[Any, ...]]) -> dict[UUID, list[Served]]:
        """Return the tenants served, by key."""
        found: dict[UUID, list[Served]] = {}
        for key, tenant, slug, confidential, agent, name, gone in self._connection.execute(wanted):
            served = Served(tenant, slug, confidential, agent or "", name or "", bool(gone))
            found.setdefault(key, []).append(served)
        return found


def _credential(row: Row[*tuple[Any, ...]], served: Sequence[Served]) -> Credential:
    return Credential(row.id, Role(row.role), row.name, row.created_at, row.revoked_at, tuple(served))
