"""What is kept of who asks, gathered for a decision about a right to support."""

from collections.abc import Sequence

from msgspec import Struct

from helpdesk.contracts.transports import EMAIL
from helpdesk.domain.clients import Contact, Organisation, day_of
from helpdesk.domain.rights import Standing, bases_on
from helpdesk.kernel.instants import Instant
from helpdesk.store.contacts import Contacts
from helpdesk.store.engine.session import Session
from helpdesk.store.organisations import Organisations


class Asker(Struct, frozen=True):
    """Who asks, as far as the request says."""

    addresses: tuple[tuple[str, str], ...]
    """Channel kind and address, canonical; the first one that is a contact's counts."""
    organisation: str = ""
    """An organisation's name that a person of the company's staff gave."""


def standing_of(session: Session, asker: Asker, at: Instant, zone: str) -> Standing:
    """Return what is kept of ``asker`` for a request that is received at ``at``, by the day in the company's ``zone``.

    An organisation that staff named goes before the contact's own, where it is one that is kept; of nobody known it is
    the one to whose domains their mail address belongs.
    """
    organisations, contact = Organisations(session), _contact(session, asker.addresses)
    if not organisations.any():
        return Standing(checked=False, at=at, contact=contact)
    organisation: Organisation | None = None
    if asker.organisation.strip():
        organisation = organisations.find_name(asker.organisation)
    if organisation is None and contact is not None and contact.organisation_id is not None:
        organisation = organisations.by_id(contact.organisation_id)
    if organisation is None and contact is None:
        mails = [address for kind, address in asker.addresses if kind == EMAIL]
        organisation = next(filter(None, map(organisations.of_mail, mails)), None)
    if organisation is None:
        return Standing(checked=True, at=at, contact=contact)
    day = day_of(at, zone)
    return Standing(
        checked=True,
        at=at,
        contact=contact,
        organisation=organisation,
        bases=bases_on(day, organisations.contracts(organisation.id), organisations.equipment(organisation.id)),
        versions={each.product: each.version for each in organisations.versions(organisation.id)},
    )


def _contact(session: Session, addresses: Sequence[tuple[str, str]]) -> Contact | None:
    """Return the person one of whose verified addresses is among these."""
    contacts = Contacts(session)
    known = (each for each in addresses if each[1] and contacts.is_verified(*each))
    return next((contacts.at(*each) for each in known), None)
