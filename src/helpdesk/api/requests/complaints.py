"""What clients of the API send about complaints."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from helpdesk.api.requests.base import Line, Name, Request, Text
from helpdesk.api.requests.links import Number
from helpdesk.domain.complaints import ComplaintState


class NewComplaint(Request, frozen=True):
    """A client's complaint about an agent."""

    text: Text
    ticket: Number | None = None
    """The ticket's number that it is about."""
    about: Annotated[str, Meta(max_length=100)] = ""
    """The agent, as tickets are assigned to them; empty: whoever has the ticket."""
    complainant: Line = ""
    contact: Annotated[str, Meta(max_length=320)] = ""
    """The e-mail address that is told of the receipt and of the decision."""


class ComplaintFilter(Request, frozen=True):
    """Which complaints."""

    state: ComplaintState | UnsetType = UNSET


class Handling(Request, frozen=True):
    """Who looks into a complaint."""

    agent: Name


class Verdict(Request, frozen=True):
    """The decision about a complaint, as the client is told it."""

    text: Text
    upheld: bool
