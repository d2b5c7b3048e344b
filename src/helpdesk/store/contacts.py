"""The persons who ask, by their addresses."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, bindparam, delete, insert, select, update

from helpdesk.domain.clients import Contact, ContactAddress, name_key
from helpdesk.kernel.errors import Conflict, NotFound, VersionConflict
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_leave
from helpdesk.store.schema import contact_addresses, contacts

_FIELDS = ("id", "organisation_id", "name", "authorised", "version", "created_at")
_COLUMNS = tuple(contacts.c[name] for name in _FIELDS)
_VERIFIED = Prepared(
    select(contact_addresses.c.contact_id).where(
        contact_addresses.c.tenant_id == bindparam("tenant"),
        contact_addresses.c.channel_kind == bindparam("channel_kind"),
        contact_addresses.c.address == bindparam("address"),
        contact_addresses.c.verified_at.is_not(None),
    )
)


class Contacts:
    """The tenant's contacts. An address belongs to one of them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def by_id(self, contact_id: UUID) -> Contact:
        """Return one with its addresses.

        Raises:
            NotFound: this tenant has none of that id.
        """
        for found in self.each([contact_id]):
            return found
        raise NotFound("There is no such contact.")

    def each(self, contact_ids: Sequence[UUID]) -> tuple[Contact, ...]:
        """Return those of these ids that there are, in this order, with their addresses."""
        rows = self._connection.execute(self._own().where(contacts.c.id.in_(contact_ids))).all()
        found = {contact.id: contact for contact in self._contacts(rows)}
        return tuple(found[each] for each in contact_ids if each in found)

    def at(self, channel_kind: str, address: str) -> Contact | None:
        """Return whose address this is, verified or not."""
        same = and_(
            contact_addresses.c.tenant_id == contacts.c.tenant_id, contact_addresses.c.contact_id == contacts.c.id
        )
        wanted = (
            self._own()
            .select_from(contacts.join(contact_addresses, same))
            .where(contact_addresses.c.channel_kind == channel_kind, contact_addresses.c.address == address)
        )
        return next(iter(self._contacts(self._connection.execute(wanted).all())), None)

    def is_verified(self, channel_kind: str, address: str) -> bool:
        """Say whether somebody has made sure that the address is one of the tenant's contacts'."""
        values = {"tenant": self._tenant, "channel_kind": channel_kind, "address": address}
        return _VERIFIED.first(self._session, values) is not None

    def of(self, organisation_id: UUID) -> tuple[Contact, ...]:
        """Return an organisation's people, by name."""
        wanted = self._own().where(contacts.c.organisation_id == organisation_id)
        return self._contacts(self._connection.execute(wanted.order_by(contacts.c.name_key, contacts.c.id)).all())

    def add(
        self, name: str, organisation_id: UUID | None, *, authorised: bool, addresses: Sequence[ContactAddress]
    ) -> Contact:
        """Add a person.

        Raises:
            Conflict: one of the addresses is another person's.
        """
        contact_id = new_id()
        self._connection.execute(
            insert(contacts),
            {
                "tenant_id": self._tenant,
                "id": contact_id,
                "organisation_id": organisation_id,
                "name": name.strip(),
                "name_key": name_key(name),
                "authorised": authorised,
                "version": 1,
                "created_at": self._session.now,
            },
        )
        self._set_addresses(contact_id, addresses)
        return self.by_id(contact_id)

    def replace(
        self,
        contact_id: UUID,
        expected_version: int | None,
        name: str,
        organisation_id: UUID | None,
        *,
        authorised: bool,
        addresses: Sequence[ContactAddress],
    ) -> Contact:
        """Replace all that is known of a person, raising the version.

        Raises:
            NotFound: this tenant has none of that id.
            VersionConflict: it is not at ``expected_version``.
            Conflict: one of the addresses is another person's.
        """
        condition = [contacts.c.tenant_id == self._tenant, contacts.c.id == contact_id]
        if expected_version is not None:
            condition.append(contacts.c.version == expected_version)
        changed = (
            update(contacts)
            .where(*condition)
            .values(
                name=name.strip(),
                name_key=name_key(name),
                organisation_id=organisation_id,
                authorised=authorised,
                version=contacts.c.version + 1,
            )
            .returning(contacts.c.id)
        )
        if self._connection.execute(changed).one_or_none() is None:
            raise VersionConflict(current=self.by_id(contact_id).version)
        verified = self._forget_addresses(contact_id)
        self._set_addresses(contact_id, addresses, verified)
        return self.by_id(contact_id)

    def remove(self, contact: Contact) -> None:
        """Take one away with the addresses: what comes from them is nobody's any more.

        Raises:
            VersionConflict: it is no longer as it was read.
        """
        self._forget_addresses(contact.id)
        same = and_(contacts.c.tenant_id == self._tenant, contacts.c.id == contact.id)
        gone = delete(contacts).where(same, contacts.c.version == contact.version).returning(contacts.c.id)
        if self._connection.execute(gone).one_or_none() is None:
            raise VersionConflict(current=self.by_id(contact.id).version)

    def _forget_addresses(self, contact_id: UUID) -> dict[tuple[str, str], Instant]:
        """Take all addresses away; return since when those that were verified are."""
        table = contact_addresses.c
        own = and_(table.tenant_id == self._tenant, table.contact_id == contact_id)
        gone = delete(contact_addresses).where(own).returning(table.channel_kind, table.address, table.verified_at)
        return {(kind, address): at for kind, address, at in self._connection.execute(gone) if at is not None}

    def _set_addresses(
        self,
        contact_id: UUID,
        addresses: Sequence[ContactAddress],
        verified: Mapping[tuple[str, str], Instant] = MappingProxyType({}),
    ) -> None:
        """Add them; what is ``verified`` already stays so since then."""
        added = insert_or_leave(self._session.dialect, contact_addresses).returning(contact_addresses.c.address)
        for given in {(each.channel_kind, each.address): each for each in addresses}.values():
            values = {
                "tenant_id": self._tenant,
                "contact_id": contact_id,
                "channel_kind": given.channel_kind,
                "address": given.address,
                "verified_at": verified.get((given.channel_kind, given.address), self._session.now)
                if given.verified
                else None,
            }
            if self._connection.execute(added, values).one_or_none() is None:
                raise Conflict(f"The address {given.address} is that of another contact.")

    def _own(self) -> Select[Any]:
        return select(*_COLUMNS).where(contacts.c.tenant_id == self._tenant)

    def _contacts(self, rows: Sequence[Row[Any]]) -> tuple[Contact, ...]:
        """Return the persons of these rows, their addresses read together."""
        if not rows:
            return ()
        table = contact_addresses.c
        wanted = (
            select(table.contact_id, table.channel_kind, table.address, table.verified_at)
            .where(table.tenant_id == self._tenant, table.contact_id.in_([row.id for row in rows]))
            .order_by(table.channel_kind, table.address)
        )
        found: dict[UUID, list[ContactAddress]] = {row.id: [] for row in rows}
        for contact, kind, address, verified in self._connection.execute(wanted):
            found[contact].append(ContactAddress(kind, address, verified is not None))
        return tuple(Contact(**row._mapping, addresses=tuple(found[row.id])) for row in rows)
