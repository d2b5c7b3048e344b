"""Our addresses: which tenant is reached where."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import bindparam, delete, func, select

from helpdesk.kernel.errors import Conflict, NotAllowed
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_set
from helpdesk.store.schema import addresses


class Address(Struct, frozen=True):
    """One address of ours, normalised by its channel's plugin."""

    channel_kind: str
    address: str
    channel: str
    """The regulation's name of the channel it belongs to; empty where the regulation names none."""
    official: bool
    """Whether the regulation names it."""


_AT = select(addresses.c.tenant_id).where(
    addresses.c.channel_kind == bindparam("kind"), addresses.c.address == bindparam("wanted")
)
_OWN = Prepared(
    select(*(addresses.c[name] for name in Address.__struct_fields__))
    .where(addresses.c.tenant_id == bindparam("tenant"))
    .order_by(addresses.c.channel_kind, addresses.c.address),
    steady=True,
)
_ASSIGN = {
    dialect: insert_or_set(dialect, addresses, {n: bindparam(f"new_{n}") for n in ("channel", "official")})
    for dialect in ("sqlite", "postgresql")
}


class Addresses:
    """Addresses of all tenants for the service and operators, of its own for a bound session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def tenant_of(self, channel_kind: str, address: str) -> UUID | None:
        """Return the tenant that is reached at ``address``, or None. A bound session finds itself only."""
        found = self._session.connection.execute(_AT, {"kind": channel_kind, "wanted": address}).scalars().first()
        own = self._session.principal.tenant_id
        return found if own is None or own == found else None

    def of(self, tenant_id: UUID) -> tuple[Address, ...]:
        """Return the tenant's addresses, by transport; none of a tenant that the session is not bound to."""
        if self._session.principal.tenant_id not in (None, tenant_id):
            return ()
        return tuple(Address(*row) for row in _OWN.all(self._session, {"tenant": tenant_id}))

    def assign(self, tenant_id: UUID, address: Address) -> None:
        """Give the tenant an address, or change what it is. Only one tenant at a time has it.

        Raises:
            NotAllowed: the session is bound to a tenant, so it cannot know who else has the address.
            Conflict: another tenant has it.
        """
        if self._session.principal.tenant_id is not None:
            raise NotAllowed("addresses are assigned by operators")
        connection = self._session.connection
        if self._session.dialect == "postgresql":  # SQLite's writer is alone anyway
            name = f"{address.channel_kind}:{address.address}"
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
        holder = self.tenant_of(address.channel_kind, address.address)
        if holder not in (None, tenant_id):
            raise Conflict(f"{address.address} belongs to another tenant")
        values = {name: getattr(address, name) for name in Address.__struct_fields__}
        changes = {"new_channel": address.channel, "new_official": address.official}
        connection.execute(_ASSIGN[self._session.dialect], {"tenant_id": tenant_id, **values, **changes})

    def release(self, tenant_id: UUID, channel_kind: str, address: str) -> None:
        """Take an address from the tenant; it need not have it."""
        if self._session.principal.tenant_id in (None, tenant_id):
            self._session.connection.execute(
                delete(addresses).where(
                    addresses.c.tenant_id == tenant_id,
                    addresses.c.channel_kind == channel_kind,
                    addresses.c.address == address,
                )
            )
