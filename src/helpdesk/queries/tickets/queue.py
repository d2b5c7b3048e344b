"""The queue: tickets that need an agent's act, in the order of the company's regulation."""

from typing import Annotated

from msgspec import Meta
from sqlalchemy import select

from helpdesk.domain.attention import Need
from helpdesk.domain.states import State
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.numbers import Count
from helpdesk.queries.paging import decode, encode, page
from helpdesk.queries.views.base import moment
from helpdesk.queries.views.queue import QueueEntry, QueuePage
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import tickets
from helpdesk.store.types import decode_names
from helpdesk.store.waiting import WAITING

_Rank = Annotated[bytes, Meta(max_length=128)]


def list_queue(
    session: Session,
    *,
    limit: int,
    cursor: str | None = None,
    state: State | None = None,
    line: str | None = None,
    assignee: str | None = None,
    unassigned: bool = False,
    needs: Need | None = None,
) -> QueuePage:
    """Return a page of the tenant's queue, most urgent first; without ``state`` what needs an agent's act now.

    The rank is the evaluator's order key, written with every change of the ticket. Between two pages a ticket may move;
    it is then met at its new place.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    wanted = select(tickets).where(tickets.c.tenant_id == session.tenant_id, tickets.c.closed_at.is_(None))
    wanted = wanted.where(tickets.c.needs != "" if state is None else tickets.c.state == state.value)
    if needs is not None:
        wanted = wanted.where(tickets.c.needs == needs.value)
    if line is not None:
        wanted = wanted.where(tickets.c.line == line)
    if unassigned:
        wanted = wanted.where(WAITING)
    if assignee is not None:
        wanted = wanted.where(tickets.c.assignee == assignee)
    if cursor is not None:
        rank, number = decode("queue", cursor, tuple[_Rank, Count])
        wanted = wanted.where(
            (tickets.c.rank > rank) | ((tickets.c.rank == rank) & (tickets.c.number > number)),
        )
    rows, more = page(session, wanted.order_by(tickets.c.rank, tickets.c.number), limit)
    items = tuple(
        QueueEntry(
            number=row.number,
            subject=row.subject,
            channel=row.channel,
            state=State(row.state),
            level=row.level,
            line=row.line,
            assignee=row.assignee,
            expedited=row.expedited,
            received_at=to_datetime(row.received_at),
            next_due=moment(row.next_due),
            needs=Need(row.needs),
            waits=decode_names(row.waits),
            version=row.version,
        )
        for row in rows
    )
    return QueuePage(items, encode("queue", bytes(rows[-1].rank), rows[-1].number) if more else None)
