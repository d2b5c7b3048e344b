"""What `lint` reports: a finding, and the witness that shows it: an instant to replay, a date, or the clauses."""

from typing import Any

from msgspec import Struct


class Witness(Struct, frozen=True):
    """Why the finding is true. Where there is a ``case``, `replay` evaluates it."""

    clauses: tuple[str, ...]
    instant: str | None = None
    """ISO 8601 in the regulation's zone."""
    case: dict[str, Any] | None = None
    """A line as `replay` reads it."""
    shows_ru: str = ""
    shows_en: str = ""


class Finding(Struct, frozen=True):
    """One contradiction, gap, inverted range or the like."""

    id: str
    """``<tenant>.<what>``, stable."""
    message_ru: str
    message_en: str
    witness: Witness
