"""Links between tickets, as one tenant sees them."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import and_, bindparam, delete, select

from helpdesk.domain.linking import LinkKind
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_leave
from helpdesk.store.schema import messages, ticket_links

_MERGED_INTO = Prepared(
    select(ticket_links.c.other_id).where(
        ticket_links.c.tenant_id == bindparam("tenant"),
        ticket_links.c.ticket_id == bindparam("ticket"),
        ticket_links.c.kind == LinkKind.MERGED_INTO.value,
    )
)


class Ends(Struct, frozen=True):
    """The two tickets of a link, in the order in which its kind is said."""

    ticket_id: UUID
    other_id: UUID
    kind: LinkKind


class Links:
    """The tenant's links. The tickets' logs have them too."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def add(self, ends: Ends) -> bool:
        """Add a link; say whether it is new."""
        added = insert_or_leave(self._session.dialect, ticket_links).returning(ticket_links.c.kind)
        values = {
            "tenant_id": self._tenant,
            "ticket_id": ends.ticket_id,
            "other_id": ends.other_id,
            "kind": ends.kind.value,
            "actor": self._session.principal.actor,
            "created_at": self._session.now,
        }
        return self._connection.execute(added, values).one_or_none() is not None

    def remove(self, ends: Ends) -> bool:
        """Take a link away; say whether it was there."""
        table = ticket_links.c
        same = and_(
            table.tenant_id == self._tenant,
            table.ticket_id == ends.ticket_id,
            table.other_id == ends.other_id,
            table.kind == ends.kind.value,
        )
        removed = delete(ticket_links).where(same).returning(table.kind)
        return self._connection.execute(removed).one_or_none() is not None

    def merged_into(self, ticket_id: UUID) -> UUID | None:
        """Return the ticket that this one was merged into, None where it was not."""
        row = _MERGED_INTO.first(self._session, {"tenant": self._tenant, "ticket": ticket_id})
        return None if row is None else row[0]

    def has_message(self, ticket_id: UUID, message_id: UUID) -> bool:
        """Say whether a message is one of the ticket's."""
        table = messages.c
        same = and_(table.tenant_id == self._tenant, table.id == message_id, table.ticket_id == ticket_id)
        return self._connection.execute(select(table.id).where(same)).one_or_none() is not None
