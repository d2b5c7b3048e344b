"""What clients send beside a file's bytes."""

from typing import Annotated

from msgspec import Meta

from helpdesk.api.requests.base import Request


class FileName(Request, frozen=True):
    """What the file is called."""

    name: Annotated[str, Meta(min_length=1, max_length=255, pattern=r"\S")]
