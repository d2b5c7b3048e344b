"""What operators and administrators send about editions of a regulation: data, never code."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, field

from helpdesk.api.requests.base import Request, Word

FileName = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Toml = Annotated[str, Meta(max_length=1_000_000)]
Files = Annotated[dict[FileName, Toml], Meta(max_length=100)]
Hash = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class RegulationFiles(Request, frozen=True):
    """A regulation's files as texts."""

    regulation: Toml = ""
    """regulation.toml."""
    editions: Files = field(default_factory=dict)
    """editions/<name>.toml, by name."""
    messages: Files = field(default_factory=dict)
    """messages/<language>.ftl, by language; absent: the service's own texts."""
    calendars: Files = field(default_factory=dict)
    """Production calendars (JSON), by code; those that are not sent are the service's."""


class Draft(RegulationFiles, frozen=True):
    """A regulation to be examined; nothing of it is kept."""

    scenarios: Files = field(default_factory=dict)
    """scenarios/<name>.toml, by name: worked tickets that must come out as they say."""
    example_parameters: Toml = ""
    """example-parameters.toml: what the scenarios are worked with."""
    at: Annotated[datetime, Meta(tz=True)] | None = None
    """Decides which reviews are overdue; absent: now."""


class NewEdition(RegulationFiles, frozen=True):
    """An edition to publish: its files as texts, or a ready snapshot."""

    snapshot: dict[str, Any] | None = None
    """Instead of the files: a snapshot's body, as `GET …/snapshots/{snapshot}` shows one."""
    edition: Word | None = None
    """Which of the editions; default: the latest."""
    parameters: dict[str, Any] | None = None
    """What the regulation leaves to the operator; absent: as for the edition in force."""
    readings: dict[str, Any] | None = None
    """Chosen meanings of ambiguous clauses; absent: as for the edition in force."""
    in_force_from: Annotated[datetime, Meta(tz=True)] | None = None
    """Absent: as the text says; at once for a new version of an edition that is published already."""


class SimulatedEdition(NewEdition, frozen=True):
    """An edition to try on the tickets of a period; ``in_force_from`` is no matter here."""

    received_from: Annotated[datetime, Meta(tz=True)] | None = None
    """The first instant of receipt; absent: the first ticket's."""
    received_before: Annotated[datetime, Meta(tz=True)] | None = None
    """Absent: up to now."""
    most: Annotated[int, Meta(ge=0, le=1000)] = 20
    """How many single deadlines are named."""


class Rejudgement(Request, frozen=True):
    """Why another snapshot is to judge the ticket, and which."""

    cause: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]
    snapshot: Hash | None = None
    """Absent: the one in force now."""
    level: Word | None = None
    """The level under it, where it does not know the ticket's own."""
    line: Word | None = None
    """The line, likewise."""
