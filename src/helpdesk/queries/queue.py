"""The queue: unclosed tickets in the order of the company's regulation."""

from typing import Annotated

from msgspec import Meta
from sqlalchemy import select

from helpdesk.domain.states import State
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.cursors import decode, encode
from helpdesk.queries.tickets import Count, page
from helpdesk.queries.views import QueueEntry, QueuePage, moment
from helpdesk.store.schema import tickets
from helpdesk.store.session import Session
from helpdesk.store.waiting import WAITING

TO_BE_WORKED_ON = (State.NEW, State.OPEN)

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
) -> QueuePage:
    """Return a page of the tenant's queue, most urgent first; without ``state`` what can be worked on now.

    The rank is the evaluator's order key, written with every change of the ticket. Between two pages a ticket may move;
    it is then met at its new place.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    states = TO_BE_WORKED_ON if state is None else (state,)
    wanted = select(tickets).where(
        tickets.c.tenant_id == session.tenant_id,
        tickets.c.closed_at.is_(None),
        tickets.c.state.in_([one.value for one in states]),
    )
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
            version=row.version,
        )
        for row in rows
    )
    return QueuePage(items, encode("queue", bytes(rows[-1].rank), rows[-1].number) if more else None)
