"""A company's clients as they are kept: organisations, their people, and what gives them a right to support."""

from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from helpdesk.kernel.instants import Instant, to_datetime
from helpdesk.kernel.letters import plain

Day = str
"""A date in the company's zone, e.g. ``2026-03-04``: these compare as the dates do."""

ACCEPTANCE_ACT = "acceptance_act"
"""The basis that a signed act of acceptance of equipment gives."""


class Organisation(Struct, frozen=True):
    """A client of the company."""

    id: UUID
    name: str
    suspended_at: Instant | None
    suspended_why: str
    version: int
    created_at: Instant

    def is_suspended(self, at: Instant | None = None) -> bool:
        """Say whether it is suspended (None), and already was at ``at``."""
        return self.suspended_at is not None and (at is None or self.suspended_at <= at)


class ContactAddress(Struct, frozen=True):
    """Where a person is reached, in the channel's canonical form."""

    channel_kind: str
    address: str
    verified: bool = True
    """Whether somebody made sure that it is theirs; an unverified one proves nothing."""


class Contact(Struct, frozen=True):
    """A person who asks."""

    id: UUID
    organisation_id: UUID | None
    name: str
    authorised: bool
    """Notices to the organisation go to its authorised persons."""
    version: int
    created_at: Instant
    addresses: tuple[ContactAddress, ...] = ()


class Contract(Struct, frozen=True):
    """On what basis an organisation is served, both days included; no last day: without end."""

    id: UUID
    organisation_id: UUID
    kind: str
    number: str
    first_day: Day
    last_day: Day | None
    created_at: Instant

    def in_force(self, day: Day) -> bool:
        """Say whether it counts on ``day``."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


class Equipment(Struct, frozen=True):
    """What was delivered; served from the day of its act of acceptance on."""

    id: UUID
    organisation_id: UUID
    name: str
    serial: str
    act_number: str
    accepted_on: Day | None
    warranty_until: Day | None
    created_at: Instant

    def accepted(self, day: Day) -> bool:
        """Say whether the act was signed by ``day``."""
        return self.accepted_on is not None and self.accepted_on <= day

    def under_warranty(self, day: Day) -> bool:
        """Say whether ``day`` is within the term of the warranty, which the act begins; both ends included."""
        return self.accepted(day) and self.warranty_until is not None and day <= self.warranty_until


class ProductVersion(Struct, frozen=True):
    """Which version of a product an organisation runs, as far as it is known."""

    product: str
    version: str
    noted_at: Instant


class Call(Struct, frozen=True):
    """A call as the telephone system tells of it."""

    call_id: str
    dialled: str
    caller: str
    started_at: Instant
    agent: str = ""
    """Who answered, in the telephone system's words; after a transfer, who answered last."""
    answered_at: Instant | None = None
    """When somebody first did."""
    agent_since: Instant | None = None
    ended_at: Instant | None = None
    outcome: str = ""
    """The ledger's, once somebody registered it; empty: nobody did."""
    number: int | None = None
    """The ticket's."""


def day_of(at: Instant, zone: str) -> Day:
    """Return the date that the clocks of ``zone`` show at ``at``."""
    return to_datetime(at).astimezone(ZoneInfo(zone)).date().isoformat()


def name_key(name: str) -> str:
    """Return the form in which names are compared and searched: as ``plain`` letters, between single blanks.

    Without quotation marks, which people put, leave out and draw as they like: ООО «Ромашка» is ООО "Ромашка" and
    ООО Ромашка. A name of nothing else is left as it is.
    """
    key = " ".join(plain(name).split())
    return " ".join(key.translate(_AS_TYPED).split()) or key


_AS_TYPED = str.maketrans(dict.fromkeys("«»„“”‟‹›\"'`‘’‚", "") | dict.fromkeys("‐‑‒–—−", "-"))
"""Quotation marks and dashes as a keyboard has them, or not at all."""
