"""The feed: every published event of a tenant, in one order, without gaps."""

from sqlalchemy import select

from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.cursors import decode, encode
from helpdesk.queries.tickets import Count, page
from helpdesk.queries.views import FeedEntry, FeedPage
from helpdesk.store.schema import outbox
from helpdesk.store.session import Session


def list_feed(session: Session, *, limit: int, cursor: str | None = None) -> FeedPage:
    """Return the tenant's events after the cursor, oldest first; from the beginning without one.

    Positions are given after commit and in one order, so a reader that goes on from ``next`` misses nothing and meets
    nothing twice. A caught-up reader gets no items and the cursor it came with.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    after = 0
    if cursor is not None:
        (after,) = decode("feed", cursor, tuple[Count])
    wanted = (
        select(outbox.c.position, outbox.c.id, outbox.c.subject, outbox.c.created_at, outbox.c.payload)
        .where(outbox.c.tenant_id == session.tenant_id, outbox.c.kind == "event", outbox.c.position > after)
        .order_by(outbox.c.position)
    )
    rows, _ = page(session, wanted, limit)
    items = tuple(
        FeedEntry(row.position, row.id, row.subject, to_datetime(row.created_at), row.payload) for row in rows
    )
    return FeedPage(items, encode("feed", items[-1].position if items else after))
