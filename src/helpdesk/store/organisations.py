"""The company's clients, with what gives them a right to support."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, and_, bindparam, insert, select, update

from helpdesk.domain.clients import Contract, Day, Equipment, Organisation, ProductVersion, name_key
from helpdesk.kernel.errors import Conflict, NotFound, VersionConflict
from helpdesk.kernel.ids import new_id
from helpdesk.store.prepared import Prepared
from helpdesk.store.schema import contracts, equipment, organisations, product_versions
from helpdesk.store.session import Session
from helpdesk.store.statements import insert_into, insert_or_set

_COLUMNS = tuple(organisations.c[name] for name in Organisation.__struct_fields__)
_ANY = Prepared(
    select(organisations.c.id).where(organisations.c.tenant_id == bindparam("tenant")).limit(1), steady=True
)


class Organisations:
    """The tenant's organisations. Nothing here decides who is served."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def any(self) -> bool:
        """Say whether the tenant has registered organisations at all."""
        return _ANY.first(self._session, {"tenant": self._tenant}) is not None

    def by_id(self, organisation_id: UUID) -> Organisation:
        """Return one.

        Raises:
            NotFound: this tenant has none of that id.
        """
        return self._one(organisations.c.id == organisation_id)

    def find_name(self, name: str) -> Organisation | None:
        """Return the one of this name, whatever its case and blanks."""
        wanted = self._own().where(organisations.c.name_key == name_key(name))
        row = self._connection.execute(wanted).one_or_none()
        return None if row is None else Organisation(*row)

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
            namesake = self.find_name(fields["name"])
            if namesake is not None and namesake.id != organisation_id:
                raise Conflict("There is an organisation of this name.")
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
