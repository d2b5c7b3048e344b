"""What a client has open already."""

from sqlalchemy import and_, bindparam, select

from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import tickets

_MOST = 20

_UNCLOSED = Prepared(
    select(tickets.c.number, tickets.c.subject)
    .where(
        and_(
            tickets.c.tenant_id == bindparam("tenant"),
            tickets.c.requester == bindparam("requester"),
            tickets.c.state != "closed",
        )
    )
    .order_by(tickets.c.number.desc())
    .limit(_MOST)
)


def unclosed_of(session: Session, requester: str) -> list[tuple[int, str]]:
    """Return number and subject of the requester's latest tickets that are not closed, the newest first."""
    rows = _UNCLOSED.all(session, {"tenant": session.tenant_id, "requester": requester})
    return [(int(number), str(subject)) for number, subject in rows]
