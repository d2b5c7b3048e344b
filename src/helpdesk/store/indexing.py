"""Bringing messages' words into the index that ``search`` asks: after their transaction, many at once.

What is to be indexed is a row (``unindexed``) of the message's own transaction; it goes in the transaction that brings
the words in. So every message comes in once, whoever does it and whatever dies.
"""

from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import and_, delete, exists, select, tuple_

from helpdesk.store.engine.session import Session
from helpdesk.store.schema import messages, tickets, unindexed
from helpdesk.store.search import Document, Search

BATCH = 100
"""Messages of one transaction."""
_HEAD = ("number", "subject", "requester_name", "organisation", "requester", "contact")
_WAITING = (
    select(
        unindexed.c.tenant_id,
        unindexed.c.message_id,
        messages.c.ticket_id,
        messages.c.subject.label("title"),
        messages.c.text,
        *(tickets.c[name] for name in _HEAD),
    )
    .join(messages, and_(messages.c.tenant_id == unindexed.c.tenant_id, messages.c.id == unindexed.c.message_id))
    .join(tickets, and_(tickets.c.tenant_id == messages.c.tenant_id, tickets.c.id == messages.c.ticket_id))
    .order_by(unindexed.c.tenant_id, unindexed.c.message_id)
    .with_for_update(skip_locked=True, of=unindexed)
)


def waits(session: Session) -> bool:
    """Say whether anything of what the session may see is not indexed yet."""
    wanted = select(exists(select(unindexed.c.message_id).where(*_seen(session))))
    return bool(session.connection.execute(wanted).scalar())


def index_waiting(session: Session, limit: int = BATCH) -> int:
    """Index up to ``limit`` messages of those that the session may see; return how many were."""
    rows = session.connection.execute(_WAITING.where(*_seen(session)).limit(limit)).all()
    if not rows:
        return 0
    for tenant, of_tenant in groupby(rows, key=attrgetter("tenant_id")):
        found = [Document(row.ticket_id, row.message_id, _head(row), f"{row.title} {row.text}") for row in of_tenant]
        Search(session.within(tenant)).add(found)
    done = [(row.tenant_id, row.message_id) for row in rows]
    session.connection.execute(delete(unindexed).where(tuple_(unindexed.c.tenant_id, unindexed.c.message_id).in_(done)))
    return len(rows)


def _head(row: Any) -> str:
    return " ".join(str(getattr(row, name)) for name in _HEAD)


def _seen(session: Session) -> tuple[Any, ...]:
    tenant = session.principal.tenant_id
    return () if tenant is None else (unindexed.c.tenant_id == tenant,)
