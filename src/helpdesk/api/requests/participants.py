"""What clients of the API send about who takes part in a ticket, and about its tags."""

from typing import Annotated

from msgspec import Meta

from helpdesk.api.requests.base import Address, Request

Tag = Annotated[str, Meta(min_length=1, max_length=50, pattern=r"\S")]


class NewParticipant(Request, frozen=True):
    """Somebody else who may write into the ticket."""

    address: Address
    channel_kind: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,31}$")] = "email"
    copied: bool = False
    """Whether copies of what is written to the client go there; by e-mail only."""


class NewTags(Request, frozen=True):
    """Words of the company's own; large and small letters are the same."""

    tags: Annotated[tuple[Tag, ...], Meta(min_length=1, max_length=50)]
