"""Which edition of a company's regulation is in force, where its text stands, and what judges by it."""

from helpdesk.kernel.errors import NotFound
from helpdesk.queries.evaluators import FindInForce
from helpdesk.queries.views.base import View
from helpdesk.regulation.judging.decisions import duty_of
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenants

PUBLIC_TEXT = "public_text"
"""The duty by which anybody may read the text."""


class EditionText(View, frozen=True):
    """An edition in force, and where its text stands."""

    company: str
    company_ru: str
    edition: str
    title: str
    order: str
    """The order or decree that put it into force; empty: the text names none."""
    in_force_from: str
    """Local in the company's zone, as the text says it; empty: the text gives no date."""
    zone: str
    url: str
    """Where the company publishes the text; empty: it names no place."""
    url_clause: str
    snapshot: str
    """Hash of the snapshot that judges what comes in now."""


def public_edition(session: Session, slug: str, evaluator_at: FindInForce) -> EditionText:
    """Return a company's edition in force.

    Raises:
        NotFound: there is no such company, or its text is not open to all.
        Conflict: no edition is in force.
    """
    bound = session.within(Tenants(session).by_slug(slug).id)
    evaluator = evaluator_at(bound, session.now)
    if duty_of(evaluator.edition, PUBLIC_TEXT) is None:
        raise NotFound
    return edition_told(evaluator)


def own_edition(session: Session, evaluator_at: FindInForce) -> EditionText:
    """Return the edition in force of the session's company.

    Raises:
        Conflict: none is in force.
    """
    return edition_told(evaluator_at(session, session.now))


def edition_told(evaluator: Evaluator) -> EditionText:
    """Return what there is to tell of an edition."""
    header = evaluator.edition.edition
    return EditionText(
        company=evaluator.company["en"],
        company_ru=evaluator.company["ru"],
        edition=header.id,
        title=header.title,
        order=header.order,
        in_force_from=header.in_force_from.isoformat() if header.in_force_from is not None else "",
        zone=header.zone,
        url=header.published_at_url,
        url_clause=header.url_clause,
        snapshot=evaluator.snapshot.hash,
    )
