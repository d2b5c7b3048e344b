"""Events as subscribers see them: on the bus under ``hd.v1.<tenant id>.<thing>.<event>``, and in the HTTP feed."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from helpdesk.contracts.log import Happened

VERSION = 1
"""The version of ``Published``. Fields are only ever added within a version."""
EVENTS_SUBJECTS = f"hd.v{VERSION}.>"
"""What the events' stream takes in."""
SHADOW_PREFIX = f"hdshadow.v{VERSION}."
"""Where an event would be published that happened in a company's shadow mode. The bus never has it; the feed does."""


class Thing(StrEnum):
    """What an event is about."""

    TICKET = "ticket"
    EDITION = "edition"
    """An edition of the company's regulation; its events have no number and ``seq`` 0."""
    ANNOUNCEMENT = "announcement"
    """What the company announces; likewise."""


EDITION_PUBLISHED = "edition.published"
"""A snapshot is in force from a given instant on; ``data``: edition, snapshot, in_force_from."""
REVIEW_OVERDUE = "edition.review_overdue"
"""The edition in force is overdue for the review that its text wants; ``data``: edition, snapshot, latest, clause."""
ANNOUNCEMENT_PUBLISHED = "announcement.published"
"""The company announced something; ``data``: texts, clause, hours, break, counts, snapshot, instead_of."""

ANNOUNCEMENT_WITHDRAWN = "announcement.withdrawn"
"""What was announced holds no longer from now on; ``data``: why, counts, snapshot, instead_of."""


class Published(Struct, frozen=True, kw_only=True):
    """One event. Whoever receives it twice can tell by ``id``; per ticket ``seq`` is the order."""

    id: UUID
    """Stable over repeats; the bus's ``Nats-Msg-Id``."""
    tenant_id: UUID
    type: str
    """``<thing>.<event>``, e.g. ``ticket.registered``."""
    subject: str
    """The ticket's id; of an event about an edition the tenant's."""
    occurred_at: Annotated[datetime, Meta(tz=True)]
    """By the service's time source, in UTC to the microsecond; as text RFC 3339, e.g. ``2026-03-04T07:10:00.25Z``."""
    number: int | None
    """The ticket's number."""
    seq: int
    """The ticket's log entry: counts from 1 without gaps, though not every entry need be published."""
    version: int = VERSION
    data: dict[str, Any] = {}
    """The entry's data, its instants like ``occurred_at``; of a confidential company without what may name somebody or
    quote what was written."""
    shadow: bool = False
    """Whether it happened while the company ran in the shadow of another system: nobody must act on it."""


def event_type(event: Happened, thing: Thing = Thing.TICKET) -> str:
    """Return the type of an event, e.g. ``ticket.registered``."""
    return f"{thing.value}.{event.value}"


def bus_subject(event: Published) -> str:
    """Return where ``event`` is published. Made of an id and a type of ours, never of anything received."""
    return f"hd.v{VERSION}.{event.tenant_id}.{event.type}"


def is_shadow(subject: str) -> bool:
    """Say whether an event of this subject happened in shadow mode."""
    return subject.startswith(SHADOW_PREFIX)


def tenant_subjects(tenant_id: UUID) -> str:
    """Return the pattern of all events of a tenant: what its subscribers may be allowed to see."""
    return f"hd.v{VERSION}.{tenant_id}.>"
