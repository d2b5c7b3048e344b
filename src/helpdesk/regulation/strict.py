"""The base of every table of the vocabulary: immutable, named keys only, unknown keys refused."""

from msgspec import Struct


class Strict(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A table of the vocabulary."""
