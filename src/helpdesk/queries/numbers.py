"""Tickets' numbers: how large one may be, and which ticket it names."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta
from sqlalchemy import select

from helpdesk.kernel.errors import NotFound
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import tickets

MAX_NUMBER = 2**53 - 1
"""The largest ticket number: what every JSON reader holds exactly, and every database."""

Count = Annotated[int, Meta(ge=0, le=MAX_NUMBER)]


def ticket_id(session: Session, number: int) -> UUID:
    """Return the id of the tenant's ticket with this number.

    Raises:
        NotFound: there is none.
    """
    found = None
    if 1 <= number <= MAX_NUMBER:
        wanted = select(tickets.c.id).where(tickets.c.tenant_id == session.tenant_id, tickets.c.number == number)
        found = session.connection.execute(wanted).scalar_one_or_none()
    if found is None:
        raise NotFound
    return UUID(bytes=found.bytes)
