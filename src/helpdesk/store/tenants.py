"""Tenants and the numbers they count."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import Insert, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from helpdesk.kernel.errors import Conflict, NotFound
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_set
from helpdesk.store.schema import tenant_counters, tenants


class Tenant(Struct, frozen=True):
    """A company whose support we run."""

    id: UUID
    slug: str
    """Its name in addresses and commands: unique, never changed."""
    name: str
    alert_address: str
    """Where warnings and breaches are mailed; empty: nowhere."""
    created_at: Instant
    shadow_since: Instant | None = None
    """Since when it runs in the shadow of another system, sending nothing outward; None: it does not."""
    confidential: bool = False
    """Each reading of its tickets by staff is recorded in the audit."""
    version: int = 1
    """Raised by every change of what operators decide."""


_ALL = select(*(tenants.c[name] for name in Tenant.__struct_fields__))
_BY_ID = Prepared(_ALL.where(tenants.c.id == bindparam("wanted")), steady=True)
_BY_SLUG = _ALL.where(tenants.c.slug == bindparam("wanted"))


class Tenants:
    """The tenants that the session may see: a bound one its own, the service and operators all."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def own(self) -> Tenant:
        """Return the session's tenant.

        Raises:
            NotAllowed: the principal is bound to none.
            NotFound: it is gone.
        """
        return self.by_id(self._session.tenant_id)

    def by_id(self, tenant_id: UUID) -> Tenant:
        """Return the tenant with this id.

        Raises:
            NotFound: there is none that the session may see.
        """
        return self._one(_BY_ID.first(self._session, {"wanted": self._own_or(tenant_id)}))

    def by_slug(self, slug: str) -> Tenant:
        """Return the tenant of this name.

        Raises:
            NotFound: there is none that the session may see.
        """
        found = self._one(self._session.connection.execute(_BY_SLUG, {"wanted": slug}).one_or_none())
        self._own_or(found.id)
        return found

    def held(self, slug: str) -> Tenant:
        """Return the tenant of this name, kept from other writers until the transaction's end.

        Raises:
            NotFound: there is none that the session may see.
        """
        if self._session.dialect == "postgresql":  # SQLite has one writer
            self._session.connection.execute(_BY_SLUG.with_for_update(key_share=True), {"wanted": slug})
        return self.by_slug(slug)

    def all(self) -> tuple[Tenant, ...]:
        """Return every tenant that the session may see, by slug."""
        if self._session.principal.tenant_id is not None:
            return (self.own(),)
        return tuple(Tenant(*row) for row in self._session.connection.execute(_ALL.order_by(tenants.c.slug)))

    def add(self, slug: str, name: str, alert_address: str = "") -> Tenant:
        """Add a tenant; an act of the service or an operator.

        Raises:
            Conflict: the slug is taken.
        """
        tenant = Tenant(new_id(), slug, name, alert_address, self._session.now)
        try:
            with self._session.connection.begin_nested():
                self._session.connection.execute(
                    insert(tenants), {field: getattr(tenant, field) for field in Tenant.__struct_fields__}
                )
        except IntegrityError as error:
            raise Conflict(f"there is a tenant {slug} already") from error
        return tenant

    def change(self, tenant_id: UUID, *, name: str, alert_address: str) -> None:
        """Change what may change of a tenant.

        Raises:
            NotFound: there is none that the session may see.
        """
        changed = (
            update(tenants)
            .where(tenants.c.id == self._own_or(tenant_id))
            .values(name=name, alert_address=alert_address, version=tenants.c.version + 1)
            .returning(tenants.c.id)
        )
        if self._session.connection.execute(changed).one_or_none() is None:
            raise NotFound("no such tenant")

    def set_shadow(self, tenant_id: UUID, since: Instant | None) -> None:
        """Begin (``since``) or end (None) the tenant's shadow mode.

        Raises:
            NotFound: there is none that the session may see.
        """
        changed = (
            update(tenants)
            .where(tenants.c.id == self._own_or(tenant_id))
            .values(shadow_since=since, version=tenants.c.version + 1)
            .returning(tenants.c.id)
        )
        if self._session.connection.execute(changed).one_or_none() is None:
            raise NotFound("no such tenant")

    def set_confidential(self, tenant_id: UUID, confidential: bool) -> None:
        """Have readings of the tenant's tickets recorded, or no more.

        Raises:
            NotFound: there is none that the session may see.
        """
        changed = (
            update(tenants)
            .where(tenants.c.id == self._own_or(tenant_id))
            .values(confidential=confidential, version=tenants.c.version + 1)
            .returning(tenants.c.id)
        )
        if self._session.connection.execute(changed).one_or_none() is None:
            raise NotFound("no such tenant")

    def _own_or(self, tenant_id: UUID) -> UUID:
        own = self._session.principal.tenant_id
        if own is not None and own != tenant_id:
            raise NotFound("no such tenant")
        return tenant_id

    @staticmethod
    def _one(row: object) -> Tenant:
        if row is None:
            raise NotFound("no such tenant")
        return Tenant(*row)  # type: ignore[misc]  # a row of _ALL's columns


def _hold(dialect: str) -> Insert:
    same = {"value": tenant_counters.c.value}
    return insert_or_set(dialect, tenant_counters, same).returning(tenant_counters.c.value)


# Setting the value to itself locks the row until the transaction ends, whoever made it.
_HOLD = Prepared(_hold, harmless=True)
_REACH = Prepared(
    update(tenant_counters)
    .where(tenant_counters.c.tenant_id == bindparam("tenant"), tenant_counters.c.name == bindparam("called"))
    .values(value=bindparam("reached"))
)


class Counters:
    """The tenant's counters, from 1. A value given out in a work that fails is given out again: no gaps."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def next(self, name: str, count: int = 1) -> int:
        """Take ``count`` values and return the first. Others who count the same wait for this transaction's end."""
        tenant, buffer = self._session.tenant_id, self._session.buffer
        assert buffer is not None
        place = (_REACH, tenant, name)
        if place not in buffer.kept:
            row = _HOLD.first(self._session, {"tenant_id": tenant, "name": name, "value": 0})
            assert row is not None
            buffer.keep(place, {"reached": row[0]})
        last: int = buffer.kept[place]["reached"]
        buffer.kept[place] = {"reached": last + count}
        return last + 1
