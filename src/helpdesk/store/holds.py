"""What is held for an agent's look: doubtful messages, each with its one line in the ledger."""

from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select, update

from helpdesk.contracts.messages import Inbound
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import holds, ledger

Resolution = Literal["ticket", "joined", "discarded"]


class Held(Struct, frozen=True):
    """A doubtful message."""

    ledger_id: UUID
    ticket_id: UUID | None
    """The ticket that it may belong to."""
    message: Inbound
    """Without its attachments and its original."""
    received_at: Instant
    raw_hash: bytes | None
    """Its original."""
    resolution: Resolution | None
    """What became of it; None: nobody has looked at it yet."""


class Holds:
    """The tenant's doubtful messages."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def by_ledger_id(self, ledger_id: UUID) -> Held:
        """Return a message that was held; until the transaction ends nobody else resolves it.

        Raises:
            NotFound: nothing was held under that line of the ledger.
        """
        wanted = (
            select(holds.c.ticket_id, holds.c.message, holds.c.raw_hash, holds.c.resolution, ledger.c.received_at)
            .join(ledger, (ledger.c.tenant_id == holds.c.tenant_id) & (ledger.c.id == holds.c.ledger_id))
            .where(holds.c.tenant_id == self._tenant, holds.c.ledger_id == ledger_id)
            .with_for_update(of=holds)
        )
        row = self._connection.execute(wanted).one_or_none()
        if row is None:
            raise NotFound
        message = msgspec.convert(row.message, Inbound)
        return Held(ledger_id, row.ticket_id, message, row.received_at, row.raw_hash, row.resolution)

    def resolve(self, ledger_id: UUID, resolution: Resolution, ticket_id: UUID | None, reason: str) -> None:
        """Write down what became of it, by whom, and which ticket it belongs to now."""
        this = (holds.c.tenant_id == self._tenant, holds.c.ledger_id == ledger_id)
        values = {
            "ticket_id": ticket_id,
            "resolution": resolution,
            "resolved_at": self._session.now,
            "resolved_by": self._session.principal.actor,
            "reason": reason,
        }
        self._connection.execute(update(holds).where(*this).values(values))
