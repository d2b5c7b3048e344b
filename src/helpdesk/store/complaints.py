"""Complaints about staff, as one tenant sees them. Who may see which, `readable` decides for every read."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from helpdesk.domain.complaints import Complaint, ComplaintState, concerns
from helpdesk.kernel.errors import NotFound, VersionConflict
from helpdesk.store.credentials import Credentials
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import complaints

_COLUMNS = tuple(complaints.c[name] for name in Complaint.__struct_fields__)
_KEY = "key:"


class Complaints:
    """The tenant's complaints, but for those about whoever asks."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def add(self, complaint: Complaint) -> None:
        """Keep one."""
        values = {name: getattr(complaint, name) for name in Complaint.__struct_fields__}
        values |= {"tenant_id": self._tenant, "state": complaint.state.value}
        self._connection.execute(insert(complaints), values)

    def by_id(self, complaint_id: UUID) -> Complaint:
        """Return one.

        Raises:
            NotFound: this tenant has none of that id, or it is about whoever asks.
        """
        wanted = select(*_COLUMNS).where(complaints.c.tenant_id == self._tenant, complaints.c.id == complaint_id)
        row = self._connection.execute(wanted).one_or_none()
        found = None if row is None else _complaint(row)
        if found is None or concerns(found, self._names()):
            raise NotFound("There is no such complaint.")
        return found

    def all(self, state: ComplaintState | None = None) -> tuple[Complaint, ...]:
        """Return them, the latest first; those about whoever asks are left out."""
        wanted = select(*_COLUMNS).where(complaints.c.tenant_id == self._tenant)
        if state is not None:
            wanted = wanted.where(complaints.c.state == state.value)
        found = [_complaint(row) for row in self._connection.execute(wanted.order_by(complaints.c.number.desc()))]
        names = self._names() if found else ()
        return tuple(complaint for complaint in found if not concerns(complaint, names))

    def change(self, before: Complaint, **fields: Any) -> Complaint:
        """Change one, raising its version.

        Raises:
            VersionConflict: it is no longer as it was read.
        """
        table = complaints.c
        same = [table.tenant_id == self._tenant, table.id == before.id, table.version == before.version]
        changed = update(complaints).where(*same).values(version=table.version + 1, **fields).returning(table.id)
        if self._connection.execute(changed).one_or_none() is None:
            raise VersionConflict(current=self.by_id(before.id).version)
        return self.by_id(before.id)

    def _names(self) -> tuple[str, ...]:
        """Return what whoever asks goes by: the key's stable name, and the name it was given."""
        asks = self._session.principal
        names = {asks.actor, asks.name, asks.agent}
        try:
            key = Credentials(self._session).by_id(UUID(asks.actor.removeprefix(_KEY)))
        except ValueError:
            key = None
        if key is not None:
            names |= {key.name, key.called}
        return tuple(names - {""})


def _complaint(row: Row[Any]) -> Complaint:
    values = {**row._mapping}
    return Complaint(**{**values, "state": ComplaintState(values["state"])})
