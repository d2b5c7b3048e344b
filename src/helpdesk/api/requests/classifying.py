"""What is sent to say what a ticket is about, what was done, and with which release it is to be solved."""

from typing import Annotated

from msgspec import Meta

from helpdesk.api.requests.base import Count, Line, LongText, Request, Word


class CategoryChange(Request, frozen=True):
    """What the ticket is about, by one of the regulation's categories."""

    category: Word
    reason: Annotated[str, Meta(max_length=2000)] = ""
    facts: Annotated[tuple[Word, ...], Meta(max_length=16)] = ()
    """What is recorded as true of the request, where the regulation demands it for the category's level."""
    affected: Count | None = None
    """How many users are affected; a regulation may want it with the level."""


class NewWork(Request, frozen=True):
    """Work that the ticket's line did."""

    work: Word
    """Its kind, as the regulation names it."""
    text: LongText = ""


class PlannedRelease(Request, frozen=True):
    """The release with which the ticket is to be solved: information, nothing is promised by it."""

    release: Line
    """Its name; empty: none is planned any more."""
    day: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = None
    """When it is to come; null: not known."""


class NumberTold(Request, frozen=True):
    """By which channel the client was told the ticket's number."""

    channel: Word
    """The regulation's name of it."""
