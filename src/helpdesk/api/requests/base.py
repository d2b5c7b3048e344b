"""What all bodies and queries are made of: the base, the names of bounded texts, paging."""

from typing import Annotated, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

T = TypeVar("T")

# Text that means something: at least one character that is no white space.
MEANT = r"\S"

Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=MEANT)]
Word = Annotated[str, Meta(min_length=1, max_length=100, pattern=MEANT)]
Line = Annotated[str, Meta(max_length=300)]
Address = Annotated[str, Meta(min_length=1, max_length=320, pattern=MEANT)]
Text = Annotated[str, Meta(min_length=1, max_length=100_000, pattern=MEANT)]
LongText = Annotated[str, Meta(max_length=100_000)]
Slug = Annotated[str, Meta(min_length=1, max_length=63, pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Limit = Annotated[int, Meta(ge=1, le=200)]
Cursor = Annotated[str, Meta(min_length=1, max_length=400)]


Missing = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=300, pattern=MEANT)], ...], Meta(max_length=30)]


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all bodies and queries."""


class Paging(Request, frozen=True):
    """Which part of a list."""

    cursor: Cursor | UnsetType = UNSET
    limit: Limit = 50


def given_or_none(value: T | UnsetType) -> T | None:
    """Return the value of a query parameter, None where it was not given."""
    return None if isinstance(value, UnsetType) else value
