"""What is shown of a company's clients and of who calls."""

from uuid import UUID

from helpdesk.domain.states import State
from helpdesk.queries.views.base import Moment, View
from helpdesk.queries.views.promise import PromiseView


class AddressView(View, frozen=True):
    """Where a person is reached."""

    channel_kind: str
    address: str
    verified: bool
    """Whether somebody made sure that it is theirs; an unverified one proves nothing."""


class ContactView(View, frozen=True):
    """A person who asks."""

    id: UUID
    name: str
    organisation_id: UUID | None
    organisation: str
    authorised: bool
    """Notices to the organisation go to its authorised persons."""
    addresses: tuple[AddressView, ...]
    version: int


class ContactPage(View, frozen=True):
    """A page of persons, by name."""

    items: tuple[ContactView, ...]
    next: str | None


class ContractView(View, frozen=True):
    """On what basis an organisation is served; days in the company's zone, both included."""

    id: UUID
    kind: str
    number: str
    first_day: str
    last_day: str | None
    in_force: bool
    """Today."""


class EquipmentView(View, frozen=True):
    """What was delivered."""

    id: UUID
    name: str
    serial: str
    act_number: str
    accepted_on: str | None
    """The day of the signed act of acceptance."""
    warranty_until: str | None
    under_warranty: bool
    """Today."""


class ProductVersionView(View, frozen=True):
    """Which version of a product an organisation runs, as far as it is known."""

    product: str
    version: str
    noted_at: Moment


class EntitlementView(View, frozen=True):
    """Whether a new request would be let in on account of who asks."""

    checked: bool
    """False while the company has registered no organisations: then nobody's right is checked."""
    entitled: bool
    clause: str
    reason_ru: str
    reason_en: str
    hint_ru: str
    hint_en: str
    bases: tuple[str, ...]
    """On what the right rests today."""


class OrganisationBrief(View, frozen=True):
    """An organisation in a list."""

    id: UUID
    name: str
    suspended_at: Moment | None


class OrganisationPage(View, frozen=True):
    """A page of organisations, by name."""

    items: tuple[OrganisationBrief, ...]
    next: str | None


class OrganisationView(View, frozen=True):
    """An organisation with all that is known of it."""

    id: UUID
    name: str
    suspended_at: Moment | None
    suspended_why: str
    domains: tuple[str, ...]
    """Mail from these, of nobody known, is the organisation's."""
    entitlement: EntitlementView
    contacts: tuple[ContactView, ...]
    contracts: tuple[ContractView, ...]
    equipment: tuple[EquipmentView, ...]
    products: tuple[ProductVersionView, ...]
    version: int


class CallerTicket(View, frozen=True):
    """An open ticket of a caller or of the caller's organisation."""

    number: int
    subject: str
    state: State
    level: str | None
    requester: str
    assignee: str | None
    received_at: Moment
    next_due: Moment | None


class CallerView(View, frozen=True):
    """Who calls, and what may be said to them."""

    number: str
    """In its canonical form; as it was given where it has none."""
    contact: ContactView | None
    organisation: OrganisationBrief | None
    entitlement: EntitlementView
    open_tickets: tuple[CallerTicket, ...]
    """The newest first, at most 50."""
    promise: PromiseView
    """What the regulation promises to a call now."""


class CallerList(View, frozen=True):
    """Persons found by name, organisation or number; at most as many as were asked for, by name."""

    items: tuple[ContactView, ...]


class CallView(View, frozen=True):
    """A call as the telephone system tells of it."""

    call_id: str
    dialled: str
    caller: str
    agent: str
    """Who answered, in the telephone system's words."""
    started_at: Moment
    answered_at: Moment | None
    ended_at: Moment | None
    outcome: str
    """What became of it in the ledger; empty: nobody registered it yet."""
    number: int | None
    """The ticket's."""


class CallPage(View, frozen=True):
    """A page of calls, the latest first."""

    items: tuple[CallView, ...]
    next: str | None


class WebhookView(View, frozen=True):
    """Where a telephone system tells of calls, and the secret it signs with. Both end with the key."""

    path: str
    secret: str
