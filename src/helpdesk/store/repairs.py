"""Repairs, as one tenant sees them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, insert, select, update

from helpdesk.domain.clients import Equipment
from helpdesk.domain.repairs import Cover, Payer, Repair, RepairState
from helpdesk.kernel.errors import NotFound, VersionConflict
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import equipment, repairs

_COLUMNS = tuple(repairs.c[name] for name in Repair.__struct_fields__)
_EQUIPMENT = tuple(equipment.c[name] for name in Equipment.__struct_fields__)


class Repairs:
    """The tenant's repairs."""

    def __init__(self, session: Session) -> None:
        self._connection = session.connection
        self._tenant = session.tenant_id

    def add(self, repair: Repair) -> None:
        """Keep one."""
        self._connection.execute(insert(repairs), {"tenant_id": self._tenant, **_values(repair)})

    def by_number(self, number: int) -> Repair:
        """Return one.

        Raises:
            NotFound: this tenant has none of that number.
        """
        wanted = select(*_COLUMNS).where(repairs.c.tenant_id == self._tenant, repairs.c.number == number)
        row = self._connection.execute(wanted).one_or_none()
        if row is None:
            raise NotFound("There is no such repair.")
        return repair_of(row)

    def going_on(self, equipment_id: UUID) -> int | None:
        """Return the number of a repair of a piece that has not ended; None where there is none."""
        same = and_(repairs.c.tenant_id == self._tenant, repairs.c.equipment_id == equipment_id)
        wanted = select(repairs.c.number).where(same, repairs.c.ended_at.is_(None)).limit(1)
        found = self._connection.execute(wanted).scalar_one_or_none()
        return None if found is None else int(found)

    def replace(self, before: Repair, after: Repair) -> Repair:
        """Replace one, raising its version.

        Raises:
            VersionConflict: it is no longer as ``before``.
        """
        table = repairs.c
        same = and_(table.tenant_id == self._tenant, table.id == before.id, table.version == before.version)
        changed = update(repairs).where(same).values(**{**_values(after), "version": before.version + 1})
        if self._connection.execute(changed.returning(table.id)).one_or_none() is None:
            raise VersionConflict(current=self.by_number(before.number).version)
        return self.by_number(before.number)

    def equipment(self, equipment_id: UUID) -> Equipment:
        """Return a piece of equipment, whoever's it is.

        Raises:
            NotFound: this tenant knows none of that id.
        """
        wanted = select(*_EQUIPMENT).where(equipment.c.tenant_id == self._tenant, equipment.c.id == equipment_id)
        row = self._connection.execute(wanted).one_or_none()
        if row is None:
            raise NotFound("There is no such equipment.")
        return Equipment(**row._mapping)


def repair_of(row: Row[Any]) -> Repair:
    """Return the repair that a row of its columns holds."""
    values = {name: row._mapping[name] for name in Repair.__struct_fields__}
    values["state"] = RepairState(values["state"])
    for name, kind in (("cover", Cover), ("payer", Payer), ("transport_payer", Payer)):
        values[name] = None if values[name] is None else kind(values[name])
    return Repair(**values)


def _values(repair: Repair) -> dict[str, Any]:
    values = {name: getattr(repair, name) for name in Repair.__struct_fields__}
    for name in ("state", "cover", "payer", "transport_payer"):
        values[name] = None if values[name] is None else values[name].value
    return values
