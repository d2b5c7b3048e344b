"""Tickets' tags, as one tenant sees them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import and_, delete, select

from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_leave
from helpdesk.store.schema import ticket_tags


class Tags:
    """The tags of the tenant's tickets. The logs have them too: as they were put on, and as they were taken off."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def of(self, ticket_id: UUID) -> tuple[str, ...]:
        """Return a ticket's tags, sorted."""
        table = ticket_tags.c
        wanted = (
            select(table.tag).where(table.tenant_id == self._tenant, table.ticket_id == ticket_id).order_by(table.tag)
        )
        return tuple(self._connection.execute(wanted).scalars())

    def of_each(self, ticket_ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
        """Return the tags of those tickets that have any, sorted."""
        table = ticket_tags.c
        wanted = (
            select(table.ticket_id, table.tag)
            .where(table.tenant_id == self._tenant, table.ticket_id.in_(ticket_ids))
            .order_by(table.tag)
        )
        found: dict[UUID, tuple[str, ...]] = {}
        for ticket_id, tag in self._connection.execute(wanted):
            found[ticket_id] = (*found.get(ticket_id, ()), tag)
        return found

    def add(self, ticket_id: UUID, tags: Iterable[str]) -> None:
        """Put tags on a ticket; one that it has stays."""
        rows = [{"tenant_id": self._tenant, "ticket_id": ticket_id, "tag": tag} for tag in tags]
        if rows:
            self._connection.execute(insert_or_leave(self._session.dialect, ticket_tags), rows)

    def remove(self, ticket_id: UUID, tag: str) -> None:
        """Take a tag off a ticket."""
        table = ticket_tags.c
        same = and_(table.tenant_id == self._tenant, table.ticket_id == ticket_id, table.tag == tag)
        self._connection.execute(delete(ticket_tags).where(same))
