"""Repairs beside their tickets."""

from uuid import UUID

from sqlalchemy import and_, select

from helpdesk.domain.repairs import Cover, Payer, Repair, RepairState
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.numbers import Count
from helpdesk.queries.paging import decode, encode, page
from helpdesk.queries.views.base import Moment, View, moment
from helpdesk.store.engine.session import Session
from helpdesk.store.repairs import repair_of
from helpdesk.store.schema import equipment, repairs, tickets


class RepairView(View, frozen=True):
    """A piece of equipment under repair."""

    number: int
    """Counted apart from tickets."""
    ticket: int
    equipment_id: UUID
    equipment: str
    fault: str
    told_on: str
    """The day of the ticket's receipt, in the company's zone; the warranty is asked about this day."""
    state: RepairState
    diagnosis: str
    cover: Cover | None
    """Why the warranty covers the fault, or does not; null before the diagnosis."""
    exception: str
    approved_by: str
    payer: Payer | None
    transport_payer: Payer | None
    agreed: bool
    """The client agreed to pay."""
    replacement_id: UUID | None
    clause: str
    created_at: Moment
    ended_at: Moment | None
    version: int


class RepairPage(View, frozen=True):
    """A page of repairs, the latest first."""

    items: tuple[RepairView, ...]
    next: str | None


_WANTED = (
    select(repairs, tickets.c.number.label("ticket_number"), equipment.c.name.label("equipment_name"))
    .join(tickets, and_(tickets.c.tenant_id == repairs.c.tenant_id, tickets.c.id == repairs.c.ticket_id))
    .join(equipment, and_(equipment.c.tenant_id == repairs.c.tenant_id, equipment.c.id == repairs.c.equipment_id))
)


def list_repairs(
    session: Session, *, limit: int, cursor: str | None, state: RepairState | None, ticket: int | None
) -> RepairPage:
    """Return a page of repairs, the latest first.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    wanted = _WANTED.where(repairs.c.tenant_id == session.tenant_id)
    if state is not None:
        wanted = wanted.where(repairs.c.state == state.value)
    if ticket is not None:
        wanted = wanted.where(tickets.c.number == ticket)
    if cursor is not None:
        (before,) = decode("repairs", cursor, tuple[Count])
        wanted = wanted.where(repairs.c.number < before)
    rows, more = page(session, wanted.order_by(repairs.c.number.desc()), limit)
    items = tuple(_view(repair_of(row), row.ticket_number, row.equipment_name) for row in rows)
    return RepairPage(items, encode("repairs", items[-1].number) if more else None)


def get_repair(session: Session, number: int) -> RepairView:
    """Return one.

    Raises:
        NotFound: the tenant has none of this number.
    """
    wanted = _WANTED.where(repairs.c.tenant_id == session.tenant_id, repairs.c.number == number)
    row = session.connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound
    return _view(repair_of(row), row.ticket_number, row.equipment_name)


def _view(found: Repair, ticket: int, name: str) -> RepairView:
    return RepairView(
        found.number, ticket, found.equipment_id, name, found.fault, found.told_on, found.state, found.diagnosis,
        found.cover, found.exception, found.approved_by, found.payer, found.transport_payer, found.agreed,
        found.replacement_id, found.clause, to_datetime(found.created_at), moment(found.ended_at), found.version,
    )  # fmt: skip
