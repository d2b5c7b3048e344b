"""Who takes part in a ticket, and which tags a company uses."""

from sqlalchemy import func, select

from helpdesk.domain.participants import CLIENT, COPIED
from helpdesk.queries.numbers import ticket_id
from helpdesk.queries.views.base import View
from helpdesk.store.engine.session import Session
from helpdesk.store.participants import Participants
from helpdesk.store.schema import ticket_tags


class ParticipantView(View, frozen=True):
    """Somebody on the client's side of a ticket."""

    channel_kind: str
    address: str
    asked: bool
    """Whether it is who asked; the others were added."""
    copied: bool
    """Whether copies of what is written to the client go here."""


class ParticipantList(View, frozen=True):
    """All who may write into a ticket from outside, by transport and address."""

    items: tuple[ParticipantView, ...]


class TagCount(View, frozen=True):
    """A tag in use."""

    tag: str
    tickets: int


class TagList(View, frozen=True):
    """The company's tags, by name."""

    items: tuple[TagCount, ...]


def list_participants(session: Session, number: int) -> ParticipantList:
    """Return who takes part in a ticket.

    Raises:
        NotFound: the tenant has no ticket of this number.
    """
    found = Participants(session).of(ticket_id(session, number))
    return ParticipantList(
        tuple(
            ParticipantView(each.channel_kind, each.address, each.role == CLIENT, each.role == COPIED) for each in found
        )
    )


def list_tags(session: Session) -> TagList:
    """Return every tag that a ticket of the tenant has, with how many have it."""
    table = ticket_tags.c
    wanted = (select(table.tag, func.count()).where(table.tenant_id == session.tenant_id).group_by(table.tag)).order_by(
        table.tag
    )
    return TagList(tuple(TagCount(tag, count) for tag, count in session.connection.execute(wanted)))
