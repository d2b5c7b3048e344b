"""The feed: every published event of a tenant, in one order, without gaps."""

from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.numbers import Count
from helpdesk.queries.paging import decode, encode
from helpdesk.queries.views.records import FeedEntry, FeedPage
from helpdesk.store.engine.session import Session
from helpdesk.store.feed import read_feed


def list_feed(session: Session, *, limit: int, cursor: str | None = None, shadow: bool = False) -> FeedPage:
    """Return the tenant's events after the cursor, oldest first; from the beginning without one.

    Positions are given after commit and in one order, so a reader that goes on from ``next`` misses nothing and meets
    nothing twice. A caught-up reader gets no items and the cursor it came with. ``shadow``: with what happened in the
    company's shadow mode.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    after = 0
    if cursor is not None:
        (after,) = decode("feed", cursor, tuple[Count])
    found = read_feed(session, after, limit, shadow=shadow)
    items = tuple(
        FeedEntry(item.position, item.id, item.subject, to_datetime(item.created_at), item.payload) for item in found
    )
    return FeedPage(items, encode("feed", items[-1].position if items else after))
