"""Complaints about staff: by which clause they go where, and who must not see them. Pure.

A complaint goes past the agent whom it is about: it is a record of its own, and nothing of it stands on a ticket, in a
log, in the feed or in the audit.
"""

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from helpdesk.domain.clients import name_key
from helpdesk.kernel.errors import Conflict
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.vocabulary.amounts import UNKNOWN
from helpdesk.regulation.vocabulary.doors import Complaint as Route
from helpdesk.regulation.vocabulary.model import Edition

CONCERNED = "agent_concerned"
"""Whom a route hides complaints from: the agent whom one is about."""

LETTERS = ("complaint", "complaint_received", "complaint_decided")
"""What letters about complaints are for: no list of letters shows them."""


class ComplaintState(StrEnum):
    """Where a complaint stands."""

    OPEN = "open"
    DECIDED = "decided"


class Complaint(Struct, frozen=True):
    """A client's complaint about an agent."""

    id: UUID
    number: int
    """Counted within the company, apart from tickets."""
    ticket: int | None
    """The ticket's number that it is about, if any."""
    about: str
    """The agent, as tickets are assigned to them."""
    complainant: str
    """Who complains, by name."""
    contact: str
    """Where they are answered: a mail address, or empty."""
    text: str
    state: ComplaintState
    handler: str | None
    """Who looks into it."""
    upheld: bool | None
    decision: str
    clause: str
    told: str
    """The contact that was written to; empty where the regulation gives none."""
    received_at: Instant
    decided_at: Instant | None
    version: int


def route_of(edition: Edition) -> Route:
    """Return the way that the regulation names for complaints.

    Raises:
        Conflict: it names none.
    """
    if edition.complaint is None:
        raise Conflict("the regulation names no way for complaints: register it as a request, or write to the company")
    return edition.complaint


def contact_of(route: Route) -> str:
    """Return where complaints are sent; empty where the operator has not supplied what the text leaves out."""
    return "" if route.contact == UNKNOWN else route.contact


def concerns(complaint: Complaint, names: Collection[str]) -> bool:
    """Say whether a complaint is about somebody who goes by one of ``names``."""
    return name_key(complaint.about) in {name_key(name) for name in names}


def check_handler(route: Route, complaint: Complaint, agent: str) -> None:
    """Keep a complaint from the agent whom it is about.

    Raises:
        Conflict: it would be handed to that very agent, or it is decided; says the clause.
    """
    if complaint.state is ComplaintState.DECIDED:
        raise Conflict("the complaint is decided already")
    if CONCERNED in route.hidden_from and concerns(complaint, [agent]):
        raise Conflict("a complaint is not handed to the agent whom it is about", clause=route.clause)
