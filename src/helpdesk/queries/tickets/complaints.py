"""Complaints about staff, for administrators whom they are not about."""

from uuid import UUID

from helpdesk.domain.complaints import Complaint, ComplaintState
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.views.base import Moment, View, moment
from helpdesk.store.complaints import Complaints
from helpdesk.store.engine.session import Session


class ComplaintView(View, frozen=True):
    """A complaint."""

    id: UUID
    number: int
    """Counted apart from tickets."""
    ticket: int | None
    about: str
    """The agent. Whoever goes by this name is shown nothing of it."""
    complainant: str
    contact: str
    text: str
    state: ComplaintState
    handler: str | None
    upheld: bool | None
    decision: str
    clause: str
    told: str
    """The contact that it was sent to; empty where the regulation gives none."""
    due: None
    """No regulation here sets a term for complaints."""
    received_at: Moment
    decided_at: Moment | None
    version: int


class ComplaintList(View, frozen=True):
    """Complaints, the latest first."""

    items: tuple[ComplaintView, ...]


def list_complaints(session: Session, state: ComplaintState | None) -> ComplaintList:
    """Return the complaints that whoever asks may see."""
    return ComplaintList(tuple(_view(found) for found in Complaints(session).all(state)))


def get_complaint(session: Session, complaint_id: UUID) -> ComplaintView:
    """Return one.

    Raises:
        NotFound: there is none, or it is about whoever asks.
    """
    return _view(Complaints(session).by_id(complaint_id))


def _view(found: Complaint) -> ComplaintView:
    return ComplaintView(
        found.id, found.number, found.ticket, found.about, found.complainant, found.contact, found.text, found.state,
        found.handler, found.upheld, found.decision, found.clause, found.told, None, to_datetime(found.received_at),
        moment(found.decided_at), found.version,
    )  # fmt: skip
