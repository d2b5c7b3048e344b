"""What clients send to search."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from helpdesk.api.requests.base import Paging
from helpdesk.domain.states import State

_DayOrNone = Annotated[str, Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]


class SearchWish(Paging, frozen=True, kw_only=True):
    """What is searched for."""

    q: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
    state: State | UnsetType = UNSET
    organisation: Annotated[str, Meta(max_length=300)] = ""
    """Exactly as the ticket names it."""
    first_day: _DayOrNone = ""
    """Of receipt, in the company's zone; both days are included."""
    last_day: _DayOrNone = ""
