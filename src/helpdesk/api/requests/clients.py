"""What clients of the API send about organisations, persons and callers."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from helpdesk.api.requests.base import Address, Limit, Line, Paging, Request, Word
from helpdesk.desk.receiving.calls import Told

Title = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]
Search = Annotated[str, Meta(min_length=2, max_length=100, pattern=r"\S")]


class NewOrganisation(Request, frozen=True):
    """A client of the company."""

    name: Title


class NewSuspension(Request, frozen=True):
    """Why an organisation's support is suspended."""

    why: Annotated[str, Meta(max_length=2000)] = ""


class NewContract(Request, frozen=True):
    """A contract or licence; days in the company's zone, both included."""

    kind: Word
    """A basis, as the regulation names it, e.g. `licence`."""
    first_day: date
    last_day: date | None = None
    """null: without end."""
    number: Line = ""


class ContractEnd(Request, frozen=True):
    """A contract's last day."""

    last_day: date


class NewEquipment(Request, frozen=True):
    """What was delivered to an organisation."""

    name: Title
    serial: Line = ""
    act_number: Line = ""
    accepted_on: date | None = None
    """The day of the signed act of acceptance; null: not signed yet."""
    warranty_until: date | None = None
    """The warranty's last day."""


class VersionNote(Request, frozen=True):
    """The version that an organisation runs."""

    version: Word


class ContactAddress(Request, frozen=True):
    """Where a person is reached."""

    channel_kind: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,31}$")]
    address: Address
    verified: bool = True
    """Whether somebody made sure that it is theirs; an unverified one proves nothing."""


class NewContact(Request, frozen=True):
    """A person who asks."""

    name: Title
    organisation_id: UUID | None = None
    authorised: bool = False
    """Notices to the organisation go to its authorised persons."""
    addresses: Annotated[tuple[ContactAddress, ...], Meta(max_length=20)] = ()


class Domains(Request, frozen=True):
    """The domains of an organisation's mail: its own, never those of public mail services."""

    domains: Annotated[tuple[Annotated[str, Meta(min_length=3, max_length=255)], ...], Meta(max_length=50)]


class Verification(Request, frozen=True):
    """That an address is the person's."""

    channel_kind: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,31}$")]
    address: Address
    how: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]
    """How somebody made sure: called back, shown in person, from the contract."""


class Identity(Request, frozen=True):
    """Who a request is from: a contact, an organisation by its name, or both."""

    contact_id: UUID | None = None
    organisation: Line = ""


class Searching(Paging, frozen=True):
    """Which part of a list, and what its entries hold."""

    search: Search | UnsetType = UNSET


class CallerSearch(Request, frozen=True):
    """Whom to find."""

    search: Search
    """Part of a name, of an organisation's name, of a number or of an address."""
    limit: Limit = 20


class Dialled(Request, frozen=True):
    """Our number that was called."""

    dialled: Address | UnsetType = UNSET


class ToldOfCall(Request, frozen=True):
    """The call that a telephone system tells of."""

    call_id: Annotated[str, Meta(min_length=1, max_length=200, pattern="^[!-~]+$")]
    """The same in everything told of one call, and in `POST /v1/calls`."""
    dialled: Address
    caller: Address
    agent: Line = ""
    """For an answer: who answered."""


class CallEvent(Request, frozen=True):
    """What a telephone system tells, in the form of Standard Webhooks."""

    type: Told
    timestamp: Annotated[datetime, Meta(tz=True)]
    """When it happened."""
    data: ToldOfCall


class CallFilter(Paging, frozen=True):
    """Which calls."""

    state: Literal["open", "closed", "missed"] | UnsetType = UNSET
    """`missed`: over, and nobody registered it."""
