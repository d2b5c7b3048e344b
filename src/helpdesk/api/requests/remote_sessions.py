"""What is said of remote access to a client's objects."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from helpdesk.api.requests.base import Name, Request

Words = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]
Moment = Annotated[datetime, Meta(tz=True)]


class NewRemoteSession(Request, frozen=True):
    """Remote access, while it lasts or after."""

    object: Words
    """What is accessed: the object where the client runs the equipment or the software."""
    consent: Words
    """Who of the client's allowed it, and how: by telephone, in which letter."""
    agent: Name | None = None
    """Who has access; null: the agent whose key it is, else the key."""
    since: Moment | None = None
    """Null: now. Not before the request, and not in the future."""
    until: Moment | None = None
    """Null: it goes on."""


class SessionEnd(Request, frozen=True):
    """The end of remote access."""

    until: Moment | None = None
    """Null: now."""
