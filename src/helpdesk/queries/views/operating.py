"""What operators and those who bring things in are shown."""

from datetime import date
from uuid import UUID

from helpdesk.contracts.messages import Outcome
from helpdesk.queries.views.base import Moment, View


class ReviewView(View, frozen=True):
    """When the edition in force must be looked at again, as its text says; dates are local to the company."""

    earliest: date | None
    latest: date | None
    overdue: bool
    clause: str


class TenantView(View, frozen=True):
    """A company whose support runs here."""

    id: UUID
    slug: str
    name: str
    alert_address: str
    """Where warnings and breaches are mailed; empty: nowhere."""
    created_at: Moment
    review: ReviewView | None
    """Null where the edition in force sets no review, or no edition is in force."""
    shadow_since: Moment | None
    """Since when it runs in the shadow of another system and sends nothing outward; null: it does not."""
    suppressed: int
    """Letters that shadow mode has kept from leaving."""
    confidential: bool
    """Each reading of its tickets by staff is recorded in the audit."""
    version: int


class TenantList(View, frozen=True):
    """The companies, by slug."""

    items: tuple[TenantView, ...]


class KeyView(View, frozen=True):
    """An API key, without its secret."""

    id: UUID
    role: str
    name: str
    tenants: tuple[str, ...]
    """Slugs of the companies it serves; empty for an operator's."""
    created_at: Moment
    revoked_at: Moment | None


class KeyList(View, frozen=True):
    """The keys, the oldest first."""

    items: tuple[KeyView, ...]


class TakenIn(View, frozen=True):
    """What became of something registered. A repetition is answered with the same bytes."""

    ledger_id: UUID
    outcome: Outcome
    tenant: str
    number: int | None
    """The ticket's number; null where none was made (a call answered on the spot)."""
    read_first: tuple[str, ...]
    """Where the regulation wants clients to look for an answer before they ask: tell them. Nothing waits for it."""


class NewKeyView(View, frozen=True):
    """A new API key; its secret is shown this once."""

    id: UUID
    secret: str
    role: str
    name: str
    tenants: tuple[str, ...]
