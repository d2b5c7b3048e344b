"""What clients send to search."""

from typing import Annotated

from msgspec import Meta

from helpdesk.api.requests import Paging


class SearchWish(Paging, frozen=True, kw_only=True):
    """What is searched for."""

    q: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
