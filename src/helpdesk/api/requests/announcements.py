"""What an administrator sends about announcements."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, field

from helpdesk.api.requests.base import Day, Request, Text

Interval = Annotated[str, Meta(pattern=r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$")]


class NewBreak(Request, frozen=True):
    """A technical break, in whole minutes."""

    since: Annotated[datetime, Meta(tz=True)]
    until: Annotated[datetime, Meta(tz=True)]


class Withdrawal(Request, frozen=True):
    """Why what was announced holds no longer."""

    why: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]


class NewAnnouncement(Request, frozen=True):
    """What to announce. With neither hours nor a break it is a text alone."""

    texts: Annotated[dict[Literal["ru", "en"], Text], Meta(min_length=1)]
    """By language; the regulation's own is needed."""
    hours: Annotated[dict[Day, Annotated[tuple[Interval, ...], Meta(max_length=10)]], Meta(max_length=62)] = field(
        default_factory=dict
    )
    """Hours by date, local to the company, e.g. `{"2026-12-31": ["10:00-14:00"]}`; an empty list is a closed date."""
    technical_break: NewBreak | None = None
