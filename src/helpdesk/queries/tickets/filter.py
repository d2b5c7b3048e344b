"""Which tickets a list shows: every condition that is given must hold."""

from typing import Any

from msgspec import Struct
from sqlalchemy import Select, and_, exists

from helpdesk.domain.attention import Need
from helpdesk.domain.states import State
from helpdesk.domain.tags import tag_key
from helpdesk.kernel.instants import Instant
from helpdesk.queries.organisations import names_on_tickets
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import ticket_flags, ticket_tags, tickets
from helpdesk.store.types import encode_names


class Wanted(Struct, frozen=True):
    """The conditions; None: whatever it is."""

    state: State | None = None
    level: str | None = None
    line: str | None = None
    assignee: str | None = None
    channel: str | None = None
    category: str | None = None
    outcome: str | None = None
    requester: str | None = None
    """The client's address on the channel, canonical."""
    organisation: str | None = None
    """Its present name, one that it had, or as it stands on the ticket."""
    tag: str | None = None
    flag: str | None = None
    """One that is up."""
    waiting: str | None = None
    """A reason to wait that is in force."""
    needs: Need | None = None
    """Why an agent must act."""
    received_from: Instant | None = None
    received_before: Instant | None = None
    due_before: Instant | None = None
    """Unclosed, and with a target due before."""

    def narrow(self, session: Session, rows: Select[Any]) -> Select[Any]:
        """Return ``rows`` of the session's tenant's tickets, only those for which every condition holds."""
        table = tickets.c
        same = {
            table.state: self.state, table.level: self.level, table.line: self.line, table.assignee: self.assignee,
            table.channel: self.channel, table.category: self.category, table.outcome: self.outcome,
            table.requester: self.requester, table.needs: self.needs,
        }  # fmt: skip
        rows = rows.where(*(column == str(value) for column, value in same.items() if value is not None))
        if self.organisation is not None:
            rows = rows.where(table.organisation.in_(names_on_tickets(session, self.organisation)))
        if self.tag is not None:
            rows = rows.where(_has(ticket_tags, ticket_tags.c.tag == tag_key(self.tag)))
        if self.flag is not None:
            up = and_(ticket_flags.c.flag == self.flag, ticket_flags.c.cleared_at.is_(None))
            rows = rows.where(_has(ticket_flags, up))
        if self.waiting is not None:
            rows = rows.where(table.waits.contains(encode_names([self.waiting]), autoescape=True))
        if self.received_from is not None:
            rows = rows.where(table.received_at >= self.received_from)
        if self.received_before is not None:
            rows = rows.where(table.received_at < self.received_before)
        if self.due_before is not None:
            rows = rows.where(table.closed_at.is_(None), table.next_due < self.due_before)
        return rows


def _has(others: Any, condition: Any) -> Any:
    """Say that a ticket has a row in ``others`` for which ``condition`` holds."""
    of_ticket = and_(others.c.tenant_id == tickets.c.tenant_id, others.c.ticket_id == tickets.c.id)
    return exists().where(of_ticket, condition).correlate(tickets)
