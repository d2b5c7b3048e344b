"""The base of every table of the vocabulary: immutable, named keys only, unknown keys refused."""

from typing import Annotated

from msgspec import Meta, Struct

Place = Annotated[str, Meta(min_length=1)]
"""Where the company's text says it: a clause number or a section's name. A rule without it would prove nothing."""

Text = Annotated[str, Meta(min_length=1)]
"""Words shown to a person."""

Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$", max_length=60)]
"""A name that code, API and log use."""

Id = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9.-]*$", max_length=60)]
"""A company's or an edition's name: part of paths and keys."""

Small = Annotated[int, Meta(ge=0, le=1000)]
"""A count or a rank."""


class Strict(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A table of the vocabulary."""
