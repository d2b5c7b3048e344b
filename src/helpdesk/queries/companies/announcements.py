"""What a company announced."""

from uuid import UUID

from sqlalchemy import select

from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.paging import decode, encode, page
from helpdesk.queries.views.base import Moment, View, moment
from helpdesk.store.announcements import Announcement, Announcements, announcement_of
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import announcements


class BreakView(View, frozen=True):
    """A technical break."""

    since: Moment
    until: Moment


class AnnouncementView(View, frozen=True):
    """An announcement."""

    id: UUID
    published_at: Moment
    clause: str
    """By which the company announces; empty where its text says nothing of it."""
    texts: dict[str, str]
    """By language."""
    hours: dict[str, tuple[str, ...]]
    """Hours by date, local to the company; an empty list is a closed date."""
    technical_break: BreakView | None
    counts: bool
    """Whether what is received from its publication on is judged with other hours."""
    snapshot: str
    """Hash of the regulation's snapshot in force after it."""
    withdrawn_at: Moment | None
    """From then on it changes nothing; what came before it stays."""
    withdrawn_why: str


class AnnouncementPage(View, frozen=True):
    """A page of announcements, the latest first."""

    items: tuple[AnnouncementView, ...]
    next: str | None


def list_announcements(session: Session, *, limit: int, cursor: str | None) -> AnnouncementPage:
    """Return a page of what was announced.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    wanted = select(announcements).where(announcements.c.tenant_id == session.tenant_id)
    if cursor is not None:
        (before,) = decode("announcements", cursor, tuple[UUID])
        wanted = wanted.where(announcements.c.id < before)
    rows, more = page(session, wanted.order_by(announcements.c.id.desc()), limit)
    items = tuple(_view(announcement_of(row)) for row in rows)
    return AnnouncementPage(items, encode("announcements", str(items[-1].id)) if more else None)


def get_announcement(session: Session, announcement_id: UUID) -> AnnouncementView:
    """Return one announcement.

    Raises:
        NotFound: the tenant has none of this id.
    """
    return _view(Announcements(session).by_id(announcement_id))


def _view(found: Announcement) -> AnnouncementView:
    pause = None
    if found.break_since is not None and found.break_until is not None:
        pause = BreakView(to_datetime(found.break_since), to_datetime(found.break_until))
    return AnnouncementView(
        found.id, to_datetime(found.published_at), found.clause, found.texts, found.hours, pause, found.counts,
        found.snapshot_hash, moment(found.withdrawn_at), found.withdrawn_why,
    )  # fmt: skip
