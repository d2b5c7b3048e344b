"""The audit, as a company's administrators see it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.paging import decode, encode, page
from helpdesk.queries.views.base import Moment, View
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import audit


class ActView(View, frozen=True):
    """One act: who did what to what, and when."""

    id: UUID
    at: Moment
    actor: str
    """`key:<id>` for a key, `system:<part>` for the service itself."""
    by: str
    """As people knew the actor then: an agent's name to display, a key's name; empty for the service itself."""
    act: str
    """`ticket.read` for a reading of a confidential company's tickets."""
    about: str
    """`ticket:<number>`, `organisation:<id>`, …; of a reading of several tickets `list:<which>`."""
    data: Any
    """What belongs to the act; of a reading the key's name, the way in and the numbers shown."""


class AuditPage(View, frozen=True):
    """A page of the audit, the newest first."""

    items: tuple[ActView, ...]
    next: str | None


def list_audit(
    session: Session, *, limit: int, cursor: str | None = None, act: str | None = None, about: str | None = None
) -> AuditPage:
    """Return a page of the tenant's audit, the newest first.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    wanted = select(audit).where(audit.c.tenant_id == session.tenant_id)
    if act is not None:
        wanted = wanted.where(audit.c.act == act)
    if about is not None:
        wanted = wanted.where(audit.c.object == about)
    if cursor is not None:
        (before,) = decode("audit", cursor, tuple[UUID])
        wanted = wanted.where(audit.c.id < before)
    rows, more = page(session, wanted.order_by(audit.c.id.desc()), limit)
    items = tuple(
        ActView(row.id, to_datetime(row.at), row.actor, row.by, row.act, row.object, row.data or {}) for row in rows
    )
    return AuditPage(items, encode("audit", str(items[-1].id)) if more else None)
