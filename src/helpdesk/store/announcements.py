"""What the company announced, as one tenant sees it."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, Select, and_, insert, select, update

from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import announcements


class Announcement(Struct, frozen=True):
    """One announcement."""

    id: UUID
    published_at: Instant
    actor: str
    clause: str
    """By which the company announces; empty where its text says nothing of it."""
    texts: dict[str, str]
    """By language."""
    hours: dict[str, tuple[str, ...]]
    """By date, local to the company; an empty list is a closed date."""
    break_since: Instant | None
    break_until: Instant | None
    counts: bool
    """Whether it changed a calendar."""
    until: Instant
    """The end of the last time that it is about."""
    snapshot_hash: str
    """In force after it."""
    withdrawn_at: Instant | None = None
    """It changes nothing from then on; what came before it stays."""
    withdrawn_why: str = ""


_COLUMNS = tuple(announcements.c[name] for name in Announcement.__struct_fields__)


class Announcements:
    """The tenant's announcements. A later one about the same date takes its place; one may be withdrawn, once."""

    def __init__(self, session: Session) -> None:
        self._connection = session.connection
        self._tenant = session.tenant_id
        self._now = session.now

    def add(self, announcement: Announcement) -> None:
        """Keep one."""
        values = {name: getattr(announcement, name) for name in Announcement.__struct_fields__}
        self._connection.execute(insert(announcements), {"tenant_id": self._tenant, **values})

    def by_id(self, announcement_id: UUID) -> Announcement:
        """Return one.

        Raises:
            NotFound: this tenant has none of that id.
        """
        row = self._connection.execute(self._own().where(announcements.c.id == announcement_id)).one_or_none()
        if row is None:
            raise NotFound("There is no such announcement.")
        return announcement_of(row)

    def withdraw(self, announcement_id: UUID, why: str) -> bool:
        """Withdraw one now; False where it was before, which stays as it was."""
        table = announcements.c
        same = and_(table.tenant_id == self._tenant, table.id == announcement_id, table.withdrawn_at.is_(None))
        changed = update(announcements).where(same).values(withdrawn_at=self._now, withdrawn_why=why)
        return self._connection.execute(changed.returning(table.id)).one_or_none() is not None

    def standing(self, at: Instant) -> tuple[Announcement, ...]:
        """Return those with calendar overrides that are not over at ``at``, in the order of their publication."""
        wanted = self._own().where(announcements.c.counts, announcements.c.until > at)
        rows = self._connection.execute(wanted.order_by(announcements.c.published_at, announcements.c.id))
        return tuple(announcement_of(row) for row in rows)

    def _own(self) -> Select[tuple[object, ...]]:
        return select(*_COLUMNS).where(announcements.c.tenant_id == self._tenant)


def announcement_of(row: Row[tuple[object, ...]]) -> Announcement:
    """Return the announcement that a row of its columns holds."""
    values = {**row._mapping}
    values["hours"] = {day: tuple(given) for day, given in values["hours"].items()}
    return Announcement(**{name: values[name] for name in Announcement.__struct_fields__})
