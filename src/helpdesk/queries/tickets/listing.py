"""Tickets, and what was written and what happened in them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Row, select

from helpdesk.contracts.event_data import told
from helpdesk.contracts.log import Happened
from helpdesk.domain.attention import Need
from helpdesk.domain.states import State
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.numbers import MAX_NUMBER, Count, ticket_id
from helpdesk.queries.paging import decode, encode, page
from helpdesk.queries.tickets.agents import names_of
from helpdesk.queries.tickets.attachments import files_by_message
from helpdesk.queries.tickets.filter import Wanted
from helpdesk.queries.tickets.waits import waits_of
from helpdesk.queries.views.base import moment
from helpdesk.queries.views.tickets import (
    AttachmentView,
    EventPage,
    EventView,
    FlagView,
    MessagePage,
    MessageView,
    Requester,
    TicketPage,
    TicketView,
    WaitView,
)
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import events, messages, ticket_flags, tickets
from helpdesk.store.tags import Tags

_COLUMNS: tuple[Column[Any], ...] = (
    tickets.c.id,
    tickets.c.number,
    tickets.c.subject,
    tickets.c.channel,
    tickets.c.address,
    tickets.c.state,
    tickets.c.level,
    tickets.c.line,
    tickets.c.assignee,
    tickets.c.requester,
    tickets.c.requester_name,
    tickets.c.organisation,
    tickets.c.contact,
    tickets.c.received_at,
    tickets.c.registered_at,
    tickets.c.closed_at,
    tickets.c.outcome,
    tickets.c.expedited,
    tickets.c.follows,
    tickets.c.next_due,
    tickets.c.language,
    tickets.c.snapshot_hash,
    tickets.c.version,
    tickets.c.category,
    tickets.c.accepted_at,
    tickets.c.planned_release,
    tickets.c.planned_day,
    tickets.c.needs,
    tickets.c.waits,
)


def list_tickets(
    session: Session, which: Wanted, find: FindEvaluator, *, limit: int, cursor: str | None = None
) -> TicketPage:
    """Return a page of those of the tenant's tickets that are wanted, the newest number first.

    ``find`` gives what judges a ticket by its snapshot: the waits' names stand there.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    wanted = which.narrow(session, select(*_COLUMNS).where(tickets.c.tenant_id == session.tenant_id))
    if cursor is not None:
        (before,) = decode("tickets", cursor, tuple[Count])
        wanted = wanted.where(tickets.c.number < before)
    rows, more = page(session, wanted.order_by(tickets.c.number.desc()), limit)
    flags = _flags_of(session, rows)
    waits = waits_of(session, rows, find)
    tags = Tags(session).of_each([row.id for row in rows])
    items = tuple(_ticket_view(row, flags.get(row.id, ()), waits.get(row.id, ()), tags.get(row.id, ())) for row in rows)
    return TicketPage(items, encode("tickets", items[-1].number) if more else None)


def get_ticket(session: Session, number: int, find: FindEvaluator) -> TicketView:
    """Return one ticket.

    Raises:
        NotFound: the tenant has no ticket of this number.
    """
    row = None
    if 1 <= number <= MAX_NUMBER:
        wanted = select(*_COLUMNS).where(tickets.c.tenant_id == session.tenant_id, tickets.c.number == number)
        row = session.connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound
    flags, waits = _flags_of(session, [row]), waits_of(session, [row], find)
    return _ticket_view(row, flags.get(row.id, ()), waits.get(row.id, ()), Tags(session).of(row.id))


def list_messages(session: Session, number: int, *, limit: int, cursor: str | None = None) -> MessagePage:
    """Return a page of a ticket's messages, oldest first.

    Raises:
        NotFound: the tenant has no ticket of this number.
        BadCursor: the cursor is not one of this list.
    """
    wanted = (
        select(messages)
        .where(messages.c.tenant_id == session.tenant_id, messages.c.ticket_id == ticket_id(session, number))
        .order_by(messages.c.seq, messages.c.id)
    )
    if cursor is not None:
        after_seq, after_id = decode("messages", cursor, tuple[Count, UUID])
        wanted = wanted.where(
            (messages.c.seq > after_seq) | ((messages.c.seq == after_seq) & (messages.c.id > after_id))
        )
    rows, more = page(session, wanted, limit)
    files = files_by_message(session, [row.id for row in rows])
    items = tuple(_message_view(row, files.get(row.id, ())) for row in rows)
    return MessagePage(items, encode("messages", items[-1].seq, str(items[-1].id)) if more else None)


def list_events(session: Session, number: int, *, limit: int, cursor: str | None = None) -> EventPage:
    """Return a page of a ticket's log, oldest first.

    Raises:
        NotFound: the tenant has no ticket of this number.
        BadCursor: the cursor is not one of this list.
    """
    wanted = (
        select(events.c.seq, events.c.at, events.c.what, events.c.actor, events.c.data)
        .where(events.c.tenant_id == session.tenant_id, events.c.ticket_id == ticket_id(session, number))
        .order_by(events.c.seq)
    )
    if cursor is not None:
        (after,) = decode("events", cursor, tuple[Count])
        wanted = wanted.where(events.c.seq > after)
    rows, more = page(session, wanted, limit)
    names = names_of(session, {row.actor for row in rows})
    items = tuple(
        EventView(
            seq=row.seq,
            at=to_datetime(row.at),
            what=Happened(row.what),
            actor=row.actor,
            by=names.get(row.actor, ""),
            data=told(row.data or {}),
        )
        for row in rows
    )
    return EventPage(items, encode("events", items[-1].seq) if more else None)


def _flags_of(session: Session, rows: Sequence[Row[Any]]) -> dict[UUID, tuple[FlagView, ...]]:
    """Return the flags that are up, by ticket."""
    wanted = (
        select(ticket_flags.c.ticket_id, ticket_flags.c.flag, ticket_flags.c.clause, ticket_flags.c.reason)
        .where(
            ticket_flags.c.tenant_id == session.tenant_id,
            ticket_flags.c.ticket_id.in_([row.id for row in rows]),
            ticket_flags.c.cleared_at.is_(None),
        )
        .order_by(ticket_flags.c.flag)
    )
    found: dict[UUID, tuple[FlagView, ...]] = {}
    for ticket, flag, clause, reason in session.connection.execute(wanted):
        found[ticket] = (*found.get(ticket, ()), FlagView(flag, clause, reason))
    return found


def _ticket_view(
    row: Row[Any], flags: tuple[FlagView, ...], waits: tuple[WaitView, ...], tags: tuple[str, ...]
) -> TicketView:
    return TicketView(
        id=row.id,
        number=row.number,
        subject=row.subject,
        channel=row.channel,
        address=row.address,
        state=State(row.state),
        level=row.level,
        line=row.line,
        assignee=row.assignee,
        requester=Requester(row.requester, row.requester_name, row.organisation, row.contact),
        received_at=to_datetime(row.received_at),
        registered_at=to_datetime(row.registered_at),
        closed_at=moment(row.closed_at),
        outcome=row.outcome,
        expedited=row.expedited,
        flags=tuple(each.flag for each in flags),
        flagged=flags,
        needs=Need(row.needs),
        waits=waits,
        tags=tags,
        category=row.category,
        accepted_at=moment(row.accepted_at),
        planned_release=row.planned_release,
        planned_day=row.planned_day,
        follows=row.follows,
        next_due=moment(row.next_due),
        language=row.language,
        snapshot=row.snapshot_hash,
        version=row.version,
    )


def _message_view(row: Row[Any], files: tuple[AttachmentView, ...]) -> MessageView:
    return MessageView(
        id=row.id,
        seq=row.seq,
        direction=row.direction,
        kind=row.kind,
        channel=row.channel,
        sender=row.sender,
        recipient=row.recipient,
        subject=row.subject,
        text=row.text,
        author=row.author,
        received_at=to_datetime(row.received_at),
        attachments=files,
    )
