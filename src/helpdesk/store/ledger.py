"""The ledger: what became of everything received; and what is held for an agent's look."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import and_, func, insert, select

from helpdesk.contracts.messages import Outcome
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.additions import Addition
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import holds, ledger

IMPORTED_FROM = "imported from "
"""How the reason of a line begins that another system received; the system's name follows."""

_ENTER = Addition(ledger)


class LedgerEntry(Struct, frozen=True):
    """One thing received and its one outcome."""

    id: UUID
    channel_kind: str
    address: str
    sender: str
    received_at: Instant
    day: str
    """The date of ``received_at`` in the tenant's zone."""
    outcome: Outcome
    source_key: str
    clause: str = ""
    reason: str = ""
    hint: str = ""
    ticket_id: UUID | None = None
    duplicate_of: UUID | None = None


class Ledger:
    """The tenant's ledger."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def enter(self, entry: LedgerEntry) -> None:
        """Write one line; lines are never changed."""
        values = {name: getattr(entry, name) for name in LedgerEntry.__struct_fields__}
        _ENTER.add(self._session, [{"tenant_id": self._tenant, **values, "outcome": entry.outcome.value}])

    def hold(
        self, ledger_id: UUID, cause: str, message: Any, ticket_id: UUID | None, raw_hash: bytes | None = None
    ) -> None:
        """Keep a doubtful message for an agent; ``message`` is what msgspec can encode, ``raw_hash`` its original's."""
        self._connection.execute(
            insert(holds),
            {
                "tenant_id": self._tenant,
                "ledger_id": ledger_id,
                "ticket_id": ticket_id,
                "cause": cause,
                "message": message,
                "created_at": self._session.now,
                "raw_hash": raw_hash,
            },
        )

    def balance(self, day: str) -> dict[tuple[str, Outcome], int]:
        """Return how many things of each channel kind came to each outcome on ``day``."""
        rows = self._connection.execute(
            select(ledger.c.channel_kind, ledger.c.outcome, func.count())
            .where(and_(ledger.c.tenant_id == self._tenant, ledger.c.day == day))
            .group_by(ledger.c.channel_kind, ledger.c.outcome)
        )
        return {(kind, Outcome(outcome)): count for kind, outcome, count in rows}
