"""Private chats: which tickets a message of one belongs to, by the messages before it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, select

from helpdesk.contracts.messages import Inbound
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import messages, tickets

MOST_REFERENCES = 20


class Chats:
    """The tenant's chats. One is known by our address and the other side's."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def referred(self, message: Inbound) -> tuple[UUID, ...]:
        """Return the tickets whose messages ``message`` refers to, in the order of its references, at most 20 read."""
        wanted = message.references[:MOST_REFERENCES]
        if not wanted:
            return ()
        rows = self._session.connection.execute(
            select(messages.c.message_id, messages.c.ticket_id)
            .join(tickets, and_(tickets.c.tenant_id == messages.c.tenant_id, tickets.c.id == messages.c.ticket_id))
            .where(messages.c.tenant_id == self._session.tenant_id, messages.c.message_id.in_(wanted))
            .where(tickets.c.channel_kind == message.channel_kind, tickets.c.address == message.address)
            .order_by(messages.c.seq.desc())
        ).all()
        found = {row.message_id: row.ticket_id for row in rows}
        return _distinct([found[each] for each in wanted if each in found])

    def only_open(self, message: Inbound) -> UUID | None:
        """Return the one unclosed ticket that the sender opened here; None where there is none, or more than one."""
        found = self._session.connection.execute(
            select(tickets.c.id)
            .where(
                tickets.c.tenant_id == self._session.tenant_id,
                tickets.c.requester == message.sender,
                tickets.c.channel_kind == message.channel_kind,
                tickets.c.address == message.address,
                tickets.c.closed_at.is_(None),
            )
            .limit(2)
        ).scalars()
        ids = list(found)
        return ids[0] if len(ids) == 1 else None


def _distinct(ids: Sequence[UUID]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(ids))
