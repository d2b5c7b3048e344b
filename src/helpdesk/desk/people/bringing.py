"""Bringing in a client from a list: what is new is added, what is known is completed, what contradicts it is refused.

An organisation is known by its name, a person by any of their addresses (without one by name within the organisation),
a contract by kind, number and first day, a piece of equipment by its serial number, else by what it is called. So the
same list brought in again changes nothing, and a longer one adds what it has more.
"""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.people.client_ends import set_domains
from helpdesk.desk.people.clients import (
    add_contract,
    add_organisation,
    end_contract,
    note_version,
    put_contact,
    put_equipment,
)
from helpdesk.domain.clients import Contact, ContactAddress, Day, name_key
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.store.contacts import Contacts
from helpdesk.store.engine.session import Session
from helpdesk.store.organisations import Organisations


class Became(StrEnum):
    """What became of a client of a list."""

    ADDED = "added"
    CHANGED = "changed"
    THERE = "there"
    """All of it was kept already."""


class ListedContract(Struct, frozen=True):
    """A contract or licence as a list has it."""

    kind: str
    number: str
    first_day: Day
    last_day: Day | None


class ListedClient(Struct, frozen=True):
    """What a list says of an organisation, of a person, or of a person of an organisation."""

    organisation: str = ""
    domains: tuple[str, ...] = ()
    name: str = ""
    addresses: tuple[ContactAddress, ...] = ()
    authorised: bool | None = None
    """None: the list does not say."""
    contract: ListedContract | None = None
    equipment: Mapping[str, str | None] | None = None
    """name, serial, act_number, accepted_on, warranty_until; empty: the list does not say."""
    product: str = ""
    version: str = ""


def bring_client(session: Session, resources: Resources, listed: ListedClient) -> Became:
    """Bring in one client.

    Raises:
        Invalid: it names neither an organisation nor a person, or says what cannot be kept.
        Conflict: an address is another person's, the person another organisation's, a domain another's.
    """
    if not listed.organisation and not listed.name:
        raise Invalid("neither an organisation nor a person")
    if listed.addresses and not listed.name:
        raise Invalid("addresses of nobody: no person is named")
    became = Became.THERE
    organisation_id = None
    if listed.organisation:
        organisation_id, became = _organisation(session, resources, listed)
    elif listed.contract or listed.equipment or listed.product or listed.domains:
        raise Invalid("contracts, equipment, versions and domains are of an organisation, and none is named")
    if listed.name:
        became = _more(became, _person(session, listed, organisation_id))
    return became


def _organisation(session: Session, resources: Resources, listed: ListedClient) -> tuple[UUID, Became]:
    organisations, became = Organisations(session), Became.THERE
    found = organisations.find_name(listed.organisation)
    if found is None:
        kept_id, became = add_organisation(session, listed.organisation).id, Became.ADDED
    else:
        kept_id = found.id
    domains = organisations.domains(kept_id)
    if not set(listed.domains) <= set(domains):
        set_domains(session, kept_id, [*dict.fromkeys((*domains, *listed.domains))], None)
        became = _more(became, Became.CHANGED)
    if listed.contract is not None:
        became = _more(became, _contract(session, resources, kept_id, listed.contract))
    if listed.equipment is not None:
        became = _more(became, _equipment(session, kept_id, listed.equipment))
    if listed.product and listed.version:
        noted = {each.product: each.version for each in organisations.versions(kept_id)}
        if noted.get(listed.product) != listed.version:
            note_version(session, kept_id, listed.product, listed.version, None)
            became = _more(became, Became.CHANGED)
    return kept_id, became


def _contract(session: Session, resources: Resources, organisation_id: UUID, listed: ListedContract) -> Became:
    wanted = (listed.kind, listed.number, listed.first_day)
    kept = Organisations(session).contracts(organisation_id)
    known = next((each for each in kept if (each.kind, each.number, each.first_day) == wanted), None)
    if known is None:
        add_contract(session, resources, organisation_id, *wanted, listed.last_day)
        return Became.ADDED
    if listed.last_day is None or listed.last_day == known.last_day:
        return Became.THERE
    end_contract(session, organisation_id, known.id, listed.last_day, None)
    return Became.CHANGED


def _equipment(session: Session, organisation_id: UUID, listed: Mapping[str, str | None]) -> Became:
    kept = Organisations(session).equipment(organisation_id)
    key = "serial" if listed["serial"] else "name"
    known = next((each for each in kept if getattr(each, key) == listed[key]), None)
    if known is None:
        put_equipment(session, organisation_id, None, listed)
        return Became.ADDED
    said = {name: value or getattr(known, name) for name, value in listed.items()}
    if all(getattr(known, name) == value for name, value in said.items()):
        return Became.THERE
    put_equipment(session, organisation_id, known.id, said)
    return Became.CHANGED


def _person(session: Session, listed: ListedClient, organisation_id: UUID | None) -> Became:
    contacts, authorised = Contacts(session), bool(listed.authorised)
    known = _known(contacts, listed, organisation_id)
    if known is None:
        put_contact(session, None, listed.name, organisation_id, authorised=authorised, addresses=listed.addresses)
        return Became.ADDED
    if name_key(known.name) != name_key(listed.name):
        raise Conflict(f"an address is that of {known.name}")
    if None not in {known.organisation_id, organisation_id} and known.organisation_id != organisation_id:
        raise Conflict(f"{known.name} is kept as a person of another organisation")
    addresses = {(each.channel_kind, each.address): each for each in known.addresses}
    for each in listed.addresses:
        held = addresses.get((each.channel_kind, each.address), each)
        addresses[each.channel_kind, each.address] = each if each.verified else held
    of = organisation_id or known.organisation_id
    authorised = known.authorised if listed.authorised is None else listed.authorised
    told = (of, authorised, {*addresses.values()})
    if told == (known.organisation_id, known.authorised, {*known.addresses}):
        return Became.THERE
    put_contact(
        session, known.id, known.name, of, authorised=authorised, addresses=[*addresses.values()],
        expected_version=known.version,
    )  # fmt: skip
    return Became.CHANGED


def _known(contacts: Contacts, listed: ListedClient, organisation_id: UUID | None) -> Contact | None:
    for each in listed.addresses:
        found = contacts.at(each.channel_kind, each.address)
        if found is not None:
            return found
    if listed.addresses or organisation_id is None:
        return None
    same = (each for each in contacts.of(organisation_id) if name_key(each.name) == name_key(listed.name))
    return next(same, None)


def _more(one: Became, other: Became) -> Became:
    """Return the one of two that says more."""
    return min(one, other, key=list(Became).index)
