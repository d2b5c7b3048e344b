"""The company's clients, with what gives them a right to support."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from helpdesk.domain.clients import Contract, Day, Equipment, Organisation, ProductVersion, name_key
from helpdesk.kernel.errors import Conflict, NotFound, VersionConflict
from helpdesk.kernel.ids import new_id
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_into, insert_or_set
from helpdesk.store.organisation_aliases import DOMAIN, FORMER_NAME, Aliases
from helpdesk.store.schema import contracts, equipment, organisation_aliases, organisations, product_versions

_COLUMNS = tuple(organisations.c[name] for name in Organisation.__struct_fields__)
_ANY = Prepared(
    select(organisations.c.id).where(organisations.c.tenant_id == bindparam("tenant")).limit(1), steady=True
)

_NAMED = Prepared(
    select(*_COLUMNS).where(
        organisations.c.tenant_id == bindparam("tenant"), organisations.c.name_key == bindparam("wanted")
    )
)
_SAME = and_(
    organisation_aliases.c.tenant_id == organisations.c.tenant_id,
    organisation_aliases.c.organisation_id == organisations.c.id,
)
_KNOWN_AS = Prepared(
    select(*_COLUMNS)
    .select_from(organisations.join(organisation_aliases, _SAME))
    .where(
        organisations.c.tenant_id == bindparam("tenant"),
        organisation_aliases.c.kind == bindparam("of_kind"),
        organisation_aliases.c.alias == bindparam("wanted"),
    )
)


class Organisations:
    """The tenant's organisations. Nothing here decides who is served."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id
        self._aliases = Aliases(session)

    def any(self) -> bool:
        """Say whether the tenant has registered organisations at all."""
        return _ANY.first(self._session, {"tenant": self._tenant}) is not None

    def is_last(self, organisation_id: UUID) -> bool:
        """Say whether the tenant has registered no other."""
        others = select(organisations.c.id).where(
            organisations.c.tenant_id == self._tenant, organisations.c.id != organisation_id
        )
        return self._connection.execute(others.limit(1)).first() is None

    def by_id(self, organisation_id: UUID) -> Organisation:
        """Return one.

        Raises:
            NotFound: this tenant has none of that id.
        """
        return self._one(organisations.c.id == organisation_id)

    def names(self, organisation_ids: Collection[UUID]) -> dict[UUID, str]:
        """Return the names of those of these ids that there are."""
        wanted = select(organisations.c.id, organisations.c.name).where(
            organisations.c.tenant_id == self._tenant, organisations.c.id.in_(organisation_ids)
        )
        return {row.id: row.name for row in self._connection.execute(wanted)}

    def find_name(self, name: str) -> Organisation | None:
        """Return the one of this name, or else the one that had it, whatever its case and blanks."""
        row = _NAMED.first(self._session, {"tenant": self._tenant, "wanted": name_key(name)})
        return self._known_as(FORMER_NAME, name_key(name)) if row is None else Organisation(*row)

    def of_mail(self, address: str) -> Organisation | None:
        """Return the one to whose domains a mail address belongs."""
        domain = address.rpartition("@")[2].casefold()
        return self._known_as(DOMAIN, domain) if domain else None

    def domains(self, organisation_id: UUID) -> tuple[str, ...]:
        """Return the domains of the organisation's people's mail."""
        return self._aliases.of(organisation_id, DOMAIN)

    def set_domains(self, organisation_id: UUID, domains: Sequence[str]) -> None:
        """Have mail from exactly these domains known as the organisation's.

        Raises:
            Conflict: one of them is another organisation's.
        """
        self._aliases.forget(organisation_id, DOMAIN)
        for domain in dict.fromkeys(domains):
            if not self._aliases.add(DOMAIN, domain, organisation_id):
                raise Conflict(f"The domain {domain} is another organisation's.")

    def add(self, name: str) -> Organisation:
        """Add one.

        Raises:
            Conflict: there is one of this name.
        """
        organisation = Organisation(new_id(), name.strip(), None, "", 1, self._session.now)
        values = {field: getattr(organisation, field) for field in Organisation.__struct_fields__}
        values |= {"tenant_id": self._tenant, "name_key": name_key(name)}
        added = (
            insert_into(self._session.dialect, organisations)
            .on_conflict_do_nothing(index_elements=["tenant_id", "name_key"])
            .returning(organisations.c.id)
        )
        if self._connection.execute(added, values).one_or_none() is None:
            raise Conflict("There is an organisation of this name.")
        return organisation

    def change(self, organisation_id: UUID, expected_version: int | None, **fields: Any) -> Organisation:
        """Set ``name``, ``suspended_at`` or ``suspended_why``, raising the version; no fields: only that.

        The version is that of all that is kept of the organisation, contracts, equipment and product versions included.

        Raises:
            NotFound: this tenant has none of that id.
            VersionConflict: it is not at ``expected_version``.
            Conflict: another one has the name.
        """
        if "name" in fields:
            fields["name_key"] = name_key(fields["name"])
            namesake = self._connection.execute(
                self._own().where(organisations.c.name_key == fields["name_key"], organisations.c.id != organisation_id)
            ).one_or_none()
            if namesake is not None:
                raise Conflict("There is an organisation of this name.")
            self._aliases.rename(organisation_id, self.by_id(organisation_id).name, fields["name"])
        condition = [organisations.c.tenant_id == self._tenant, organisations.c.id == organisation_id]
        if expected_version is not None:
            condition.append(organisations.c.version == expected_version)
        changed = (
            update(organisations)
            .where(*condition)
            .values(version=organisations.c.version + 1, **fields)
            .returning(organisations.c.id)
        )
        if self._connection.execute(changed).one_or_none() is None:
            raise VersionConflict(current=self.by_id(organisation_id).version)
        return self.by_id(organisation_id)

    def remove(self, organisation: Organisation) -> None:
        """Take one away with its contracts, equipment, product versions and aliases.

        Raises:
            VersionConflict: it is no longer as it was read.
            Conflict: persons or repairs refer to it.
        """
        own = organisation.id
        try:
            with self._connection.begin_nested():
                for table in (contracts, equipment, product_versions, organisation_aliases):
                    mine = and_(table.c.tenant_id == self._tenant, table.c.organisation_id == own)
                    self._connection.execute(delete(table).where(mine))
                same = and_(organisations.c.tenant_id == self._tenant, organisations.c.id == own)
                gone = delete(organisations).where(same, organisations.c.version == organisation.version)
                found = self._connection.execute(gone.returning(organisations.c.id)).one_or_none()
        except IntegrityError as error:
            raise Conflict("persons of the organisation, or repairs of its equipment, are kept") from error
        if found is None:
            raise VersionConflict(current=self.by_id(own).version)

    def remove_equipment(self, organisation_id: UUID, equipment_id: UUID) -> None:
        """Take a piece of equipment away.

        Raises:
            NotFound: the organisation has no such equipment.
            Conflict: a repair refers to it.
        """
        self._remove(equipment, organisation_id, equipment.c.id == equipment_id)

    def remove_contract(self, organisation_id: UUID, contract_id: UUID) -> None:
        """Take away a contract that was never concluded.

        Raises:
            NotFound: the organisation has no such contract.
        """
        self._remove(contracts, organisation_id, contracts.c.id == contract_id)

    def forget_version(self, organisation_id: UUID, product: str) -> None:
        """Keep no longer which version of a product the organisation runs.

        Raises:
            NotFound: none is kept.
        """
        self._remove(product_versions, organisation_id, product_versions.c.product == product)

    def add_contract(
        self, organisation_id: UUID, kind: str, number: str, first_day: Day, last_day: Day | None
    ) -> Contract:
        """Add a contract or licence.

        Raises:
            NotFound: this tenant has no such organisation.
        """
        self.by_id(organisation_id)
        contract = Contract(new_id(), organisation_id, kind, number, first_day, last_day, self._session.now)
        self._insert(contracts, contract)
        return contract

    def end_contract(self, organisation_id: UUID, contract_id: UUID, last_day: Day) -> Contract:
        """Set the last day of a contract.

        Raises:
            NotFound: the organisation has no such contract.
        """
        changed: Contract = self._changed(contracts, Contract, organisation_id, contract_id, {"last_day": last_day})
        return changed

    def add_equipment(self, organisation_id: UUID, fields: Mapping[str, Any]) -> Equipment:
        """Add a piece of equipment: name, serial, act_number, accepted_on, warranty_until.

        Raises:
            NotFound: this tenant has no such organisation.
        """
        self.by_id(organisation_id)
        piece = Equipment(id=new_id(), organisation_id=organisation_id, created_at=self._session.now, **fields)
        self._insert(equipment, piece)
        return piece

    def change_equipment(self, organisation_id: UUID, equipment_id: UUID, fields: Mapping[str, Any]) -> Equipment:
        """Replace what is known of a piece of equipment.

        Raises:
            NotFound: the organisation has no such equipment.
        """
        changed: Equipment = self._changed(equipment, Equipment, organisation_id, equipment_id, fields)
        return changed

    def note_version(self, organisation_id: UUID, product: str, version: str) -> ProductVersion:
        """Keep which version of ``product`` the organisation runs.

        Raises:
            NotFound: this tenant has no such organisation.
        """
        self.by_id(organisation_id)
        values = {"version": version, "noted_at": self._session.now}
        statement = insert_or_set(self._session.dialect, product_versions, values)
        key = {"tenant_id": self._tenant, "organisation_id": organisation_id, "product": product}
        self._connection.execute(statement, {**key, **values})
        return ProductVersion(product, version, self._session.now)

    def contracts(self, organisation_id: UUID) -> tuple[Contract, ...]:
        """Return the organisation's contracts, the earliest first."""
        found = self._of(contracts, Contract, organisation_id).order_by(contracts.c.first_day, contracts.c.id)
        return tuple(Contract(*row) for row in self._connection.execute(found))

    def equipment(self, organisation_id: UUID) -> tuple[Equipment, ...]:
        """Return the organisation's equipment, in the order it was added."""
        found = self._of(equipment, Equipment, organisation_id).order_by(equipment.c.id)
        return tuple(Equipment(*row) for row in self._connection.execute(found))

    def versions(self, organisation_id: UUID) -> tuple[ProductVersion, ...]:
        """Return the organisation's product versions, by product."""
        found = self._of(product_versions, ProductVersion, organisation_id).order_by(product_versions.c.product)
        return tuple(ProductVersion(*row) for row in self._connection.execute(found))

    def _known_as(self, kind: str, alias: str) -> Organisation | None:
        row = _KNOWN_AS.first(self._session, {"tenant": self._tenant, "of_kind": kind, "wanted": alias})
        return None if row is None else Organisation(*row)

    def _remove(self, table: Table, organisation_id: UUID, which: ColumnElement[bool]) -> None:
        mine = and_(table.c.tenant_id == self._tenant, table.c.organisation_id == organisation_id, which)
        try:
            with self._connection.begin_nested():
                gone = self._connection.execute(delete(table).where(mine).returning(table.c.tenant_id)).first()
        except IntegrityError as error:
            raise Conflict("a repair refers to it") from error
        if gone is None:
            raise NotFound

    def _own(self) -> Select[Any]:
        return select(*_COLUMNS).where(organisations.c.tenant_id == self._tenant)

    def _one(self, condition: Any) -> Organisation:
        row = self._connection.execute(self._own().where(condition)).one_or_none()
        if row is None:
            raise NotFound("There is no such organisation.")
        return Organisation(*row)

    def _of(self, table: Table, kind: Any, organisation_id: UUID) -> Select[Any]:
        columns = [table.c[name] for name in kind.__struct_fields__]
        return select(*columns).where(
            and_(table.c.tenant_id == self._tenant, table.c.organisation_id == organisation_id)
        )

    def _insert(self, table: Table, thing: Contract | Equipment) -> None:
        values = {name: getattr(thing, name) for name in thing.__struct_fields__}
        self._connection.execute(insert(table), {"tenant_id": self._tenant, **values})

    def _changed(
        self, table: Table, kind: Any, organisation_id: UUID, thing_id: UUID, fields: Mapping[str, Any]
    ) -> Any:
        condition = and_(
            table.c.tenant_id == self._tenant, table.c.organisation_id == organisation_id, table.c.id == thing_id
        )
        columns = [table.c[name] for name in kind.__struct_fields__]
        row = self._connection.execute(
            update(table).where(condition).values(**fields).returning(*columns)
        ).one_or_none()
        if row is None:
            raise NotFound
        return kind(*row)
