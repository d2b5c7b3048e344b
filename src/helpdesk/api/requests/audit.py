"""What clients send about the audit and about confidentiality."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from helpdesk.api.requests.base import Paging, Request, Word


class AuditFilter(Paging, frozen=True):
    """Which acts."""

    act: Word | UnsetType = UNSET
    """E.g. `ticket.read`."""
    about: Word | UnsetType = UNSET
    """E.g. `ticket:17`."""


class Confidential(Request, frozen=True):
    """Whether readings of a company's tickets are recorded."""

    on: bool
    cause: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]
    """Why, for the audit."""
