"""Tickets that wait for an agent: nobody has them, and they need somebody's act."""

from collections.abc import Collection, Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, bindparam, literal_column, select

from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import tickets

# Written out, not bound: only so do the partial indexes of waiting tickets serve.
WAITING: ColumnElement[bool] = literal_column("tickets.assignee IS NULL AND tickets.needs <> ''")
_TENANT = tickets.c.tenant_id == bindparam("tenant")
_FIRST = (
    select(tickets.c.id, tickets.c.rank, tickets.c.number, tickets.c.received_at)
    .where(_TENANT, WAITING)
    .order_by(tickets.c.rank, tickets.c.number)
    .limit(bindparam("most"))
)


def _claim(dialect: str) -> Select[tuple[UUID]]:
    wanted = select(tickets.c.id).where(_TENANT, tickets.c.id == bindparam("wanted"), WAITING)
    return wanted if dialect == "sqlite" else wanted.with_for_update(key_share=True, skip_locked=True)


_ANY_LINE = Prepared(_FIRST)
_ONE_LINE = Prepared(_FIRST.where(tickets.c.line == bindparam("of_line")))
_CLAIM = Prepared(_claim)


class Waiting(Struct, frozen=True):
    """A waiting ticket's place."""

    ticket_id: UUID
    rank: bytes
    """``types.encode_rank`` of the evaluator's order key."""
    number: int
    """Decides between equal ranks."""
    received_at: Instant


def first_waiting(session: Session, lines: Collection[str] | None, limit: int) -> Sequence[Waiting]:
    """Return the first ``limit`` of the tenant's waiting tickets, on some lines or on any, most urgent first."""
    values = {"tenant": session.tenant_id, "most": limit}
    if lines is None:
        rows = _ANY_LINE.all(session, values)
    else:  # one look at the index each, then the first of all
        found = (_ONE_LINE.all(session, {**values, "of_line": line}) for line in sorted(lines))
        rows = sorted((row for each in found for row in each), key=lambda row: (bytes(row[1]), row[2]))[:limit]
    return [Waiting(ticket_id, bytes(rank), number, received_at) for ticket_id, rank, number, received_at in rows]


def claim_waiting(session: Session, ticket_id: UUID) -> bool:
    """Claim a waiting ticket until the transaction's end; False where it waits no more, or another changes it now."""
    return _CLAIM.first(session, {"tenant": session.tenant_id, "wanted": ticket_id}) is not None
