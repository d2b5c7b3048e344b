"""Regulations as they were published: immutable snapshots, and which edition is in force when."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import bindparam, func, select

from helpdesk.kernel.errors import Conflict, NotFound
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_leave, insert_or_set
from helpdesk.store.schema import editions, snapshots


class Edition(Struct, frozen=True):
    """One publication."""

    edition_id: str
    snapshot_hash: str
    in_force_from: Instant
    published_at: Instant
    base_hash: str = ""
    """The snapshot without what was announced; the same where nothing was."""
    base_since: Instant = 0
    """From when that was to be in force."""


class Content(Struct, frozen=True):
    """A snapshot's bytes and their hash."""

    hash: str
    body: bytes


_COLUMNS = tuple(editions.c[name] for name in Edition.__struct_fields__)
_IN_FORCE = Prepared(
    steady=True,
    statement=select(editions.c.snapshot_hash)
    .where(editions.c.tenant_id == bindparam("tenant"), editions.c.in_force_from <= bindparam("at"))
    .order_by(editions.c.in_force_from.desc(), editions.c.published_at.desc(), editions.c.edition_id.desc())
    .limit(1),
)
_BODY = select(snapshots.c.body).where(
    snapshots.c.tenant_id == bindparam("tenant"), snapshots.c.hash == bindparam("wanted")
)
_ALL = (
    select(*_COLUMNS)
    .where(editions.c.tenant_id == bindparam("tenant"))
    .order_by(editions.c.in_force_from, editions.c.published_at)
)
_LAST = Prepared(
    select(*_COLUMNS)
    .where(editions.c.tenant_id == bindparam("tenant"), editions.c.in_force_from <= bindparam("at"))
    .order_by(editions.c.in_force_from.desc(), editions.c.published_at.desc(), editions.c.edition_id.desc())
    .limit(1)
)
_KEEP = {
    dialect: insert_or_leave(dialect, snapshots).returning(snapshots.c.hash) for dialect in ("sqlite", "postgresql")
}
_PUBLISH = {
    dialect: insert_or_set(
        dialect,
        editions,
        {
            "published_at": bindparam("new_at"),
            "base_hash": bindparam("new_base"),
            "base_since": bindparam("new_since"),
        },
    )
    for dialect in ("sqlite", "postgresql")
}


def in_force_everywhere(session: Session, at: Instant) -> dict[UUID, str]:
    """Return the hash of the snapshot in force at ``at`` of each company that the session may see, by its id."""
    wanted = (
        select(editions.c.tenant_id, editions.c.snapshot_hash)
        .where(editions.c.in_force_from <= at)
        .order_by(editions.c.in_force_from, editions.c.published_at, editions.c.edition_id)
    )
    return dict(row for row in session.connection.execute(wanted))  # the last one stays


class Editions:
    """The tenant's published editions and their snapshots."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def snapshot_in_force(self, at: Instant) -> str | None:
        """Return the hash of the snapshot in force at ``at``: of the latest edition by then its last publication."""
        row = _IN_FORCE.first(self._session, {"tenant": self._tenant, "at": at})
        return None if row is None else row[0]

    def in_force(self, at: Instant) -> Edition | None:
        """Return the publication whose snapshot is in force at ``at``."""
        row = _LAST.first(self._session, {"tenant": self._tenant, "at": at})
        return None if row is None else Edition(*row)

    def snapshot_body(self, snapshot_hash: str) -> bytes:
        """Return the snapshot's bytes as they were published.

        Raises:
            NotFound: the tenant has no such snapshot.
        """
        body = self._connection.execute(_BODY, {"tenant": self._tenant, "wanted": snapshot_hash}).scalar_one_or_none()
        if body is None:
            raise NotFound("no such snapshot")
        assert isinstance(body, bytes)
        return body

    def publish(
        self,
        edition_id: str,
        snapshot_hash: str,
        body: bytes,
        in_force_from: Instant,
        base: Content | None = None,
        base_since: Instant | None = None,
    ) -> None:
        """Publish a snapshot of an edition. Tickets keep the snapshot they have.

        ``base`` is the same without what was announced (None: nothing was), to be in force from ``base_since`` on
        (None: from the same instant). Publishing it again for the same instant makes it the last published, for another
        instant adds a publication.

        Raises:
            Conflict: other bytes were published under this hash.
        """
        now, content = self._published_at(in_force_from), Content(snapshot_hash, body)
        base = base or content
        since = in_force_from if base_since is None else base_since
        for each in {content.hash: content, base.hash: base}.values():
            self._keep(each)
        self._connection.execute(
            _PUBLISH[self._session.dialect],
            {
                "tenant_id": self._tenant,
                "edition_id": edition_id,
                "snapshot_hash": snapshot_hash,
                "in_force_from": in_force_from,
                "published_at": now,
                "new_at": now,
                "base_hash": base.hash,
                "new_base": base.hash,
                "base_since": since,
                "new_since": since,
            },
        )

    def _published_at(self, in_force_from: Instant) -> Instant:
        """Return the present, or just after what was published last for the same instant: the later one counts."""
        last = select(func.max(editions.c.published_at)).where(
            editions.c.tenant_id == self._tenant, editions.c.in_force_from == in_force_from
        )
        latest: Instant | None = self._connection.execute(last).scalar_one()
        return self._session.now if latest is None else max(self._session.now, latest + 1)

    def _keep(self, content: Content) -> None:
        kept = self._connection.execute(
            _KEEP[self._session.dialect],
            {"tenant_id": self._tenant, "hash": content.hash, "body": content.body, "created_at": self._session.now},
        ).one_or_none()
        if kept is None and self.snapshot_body(content.hash) != content.body:
            raise Conflict(f"snapshot {content.hash} was published with another content")

    def all(self) -> tuple[Edition, ...]:
        """Return every publication, the earliest in force first."""
        return tuple(Edition(*row) for row in self._connection.execute(_ALL, {"tenant": self._tenant}))
