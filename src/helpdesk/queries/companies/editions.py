"""What was published of a company's regulation, for operators."""

from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.views.base import Moment, View
from helpdesk.store.editions import Edition, Editions
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenants


class EditionView(View, frozen=True):
    """One publication."""

    edition: str
    snapshot: str
    """The snapshot's hash; its body is at `/v1/operator/tenants/{tenant}/snapshots/{snapshot}`."""
    in_force_from: Moment
    published_at: Moment
    in_force: bool
    """Whether it judges what comes in now."""


class EditionList(View, frozen=True):
    """A company's publications, the earliest in force first."""

    items: tuple[EditionView, ...]


def list_editions(session: Session, slug: str) -> EditionList:
    """Return everything that was published for a company.

    Raises:
        NotFound: there is no such company.
    """
    editions = Editions(session.within(Tenants(session).by_slug(slug).id))
    known = editions.all()
    current = max(
        (found for found in known if found.in_force_from <= session.now),
        key=lambda found: (found.in_force_from, found.published_at, found.edition_id),
        default=None,
    )
    return EditionList(tuple(edition_view(found, in_force=found == current) for found in known))


def edition_view(edition: Edition, *, in_force: bool) -> EditionView:
    """Return a publication as it is shown."""
    since, at = to_datetime(edition.in_force_from), to_datetime(edition.published_at)
    return EditionView(edition.edition_id, edition.snapshot_hash, since, at, in_force)


def snapshot_body(session: Session, slug: str, snapshot_hash: str) -> bytes:
    """Return a snapshot's body, the bytes that its hash names.

    Raises:
        NotFound: there is no such company, or it has no such snapshot.
    """
    return Editions(session.within(Tenants(session).by_slug(slug).id)).snapshot_body(snapshot_hash)
