"""What a company no longer keeps of its clients, and what it makes sure of: each an act of its own, audited.

Tickets keep the names that they were registered with.
"""

from collections.abc import Sequence
from uuid import UUID

from helpdesk.desk.changing.versions import Kept, seen
from helpdesk.domain.clients import ContactAddress
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.store.audit import Audit
from helpdesk.store.contacts import Contacts
from helpdesk.store.engine.session import Session
from helpdesk.store.organisations import Organisations

_LONGEST_LABEL = 63


def remove_organisation(session: Session, organisation_id: UUID, expected_version: int | None) -> Kept:
    """Take an organisation away, with its contracts, equipment and product versions.

    The last one is not taken away: without any, nobody's right to support would be checked.

    Raises:
        NotFound: there is none.
        VersionConflict: it is not at ``expected_version``.
        Conflict: it has persons, or repairs of its equipment; or it is the last one.
    """
    organisations = Organisations(session)
    found = organisations.by_id(organisation_id)
    with seen(found.version, expected_version):
        if organisations.is_last(organisation_id):
            raise Conflict(
                "the last organisation: without any nobody's right to support is checked; suspend it instead"
            )
        organisations.remove(found)
        Audit(session).record("organisation.remove", f"organisation:{organisation_id}", {"name": found.name})
        return Kept(found.id, found.version)


def remove_contract(session: Session, organisation_id: UUID, contract_id: UUID, expected_version: int | None) -> Kept:
    """Take away a contract that was entered by mistake; one that ends has a last day.

    Raises:
        NotFound: the organisation has no such contract.
        VersionConflict: the organisation is not at ``expected_version``.
    """
    organisations = Organisations(session)
    with seen(organisations.by_id(organisation_id).version, expected_version):
        contract = next((each for each in organisations.contracts(organisation_id) if each.id == contract_id), None)
        organisations.remove_contract(organisation_id, contract_id)
        assert contract is not None
        version = organisations.change(organisation_id, expected_version).version
        told: dict[str, str | None] = {"contract": str(contract_id), "kind": contract.kind, "number": contract.number}
        told |= {"first_day": contract.first_day, "last_day": contract.last_day}
        Audit(session).record("contract.remove", f"organisation:{organisation_id}", told)
        return Kept(contract_id, version)


def remove_equipment(session: Session, organisation_id: UUID, equipment_id: UUID, expected_version: int | None) -> Kept:
    """Take a piece of equipment away.

    Raises:
        NotFound: the organisation has no such equipment.
        VersionConflict: the organisation is not at ``expected_version``.
        Conflict: a repair refers to it.
    """
    organisations = Organisations(session)
    with seen(organisations.by_id(organisation_id).version, expected_version):
        piece = next((each for each in organisations.equipment(organisation_id) if each.id == equipment_id), None)
        organisations.remove_equipment(organisation_id, equipment_id)
        assert piece is not None
        version = organisations.change(organisation_id, expected_version).version
        told = {"equipment": str(equipment_id), "name": piece.name, "serial": piece.serial}
        Audit(session).record("equipment.remove", f"organisation:{organisation_id}", told)
        return Kept(equipment_id, version)


def forget_version(session: Session, organisation_id: UUID, product: str, expected_version: int | None) -> Kept:
    """Keep no longer which version of a product the organisation runs.

    Raises:
        NotFound: there is no such organisation, or none is kept.
        VersionConflict: the organisation is not at ``expected_version``.
    """
    organisations = Organisations(session)
    with seen(organisations.by_id(organisation_id).version, expected_version):
        organisations.forget_version(organisation_id, product)
        version = organisations.change(organisation_id, expected_version).version
        Audit(session).record("product_version.forget", f"organisation:{organisation_id}", {"product": product})
        return Kept(organisation_id, version)


def set_domains(session: Session, organisation_id: UUID, domains: Sequence[str], expected_version: int | None) -> Kept:
    """Have mail from these domains known as the organisation's, where its author is nobody known.

    Raises:
        NotFound: there is no such organisation.
        VersionConflict: it is not at ``expected_version``.
        Invalid: one of them is no domain.
        Conflict: one of them is another organisation's.
    """
    wanted = [_domain(each, place) for place, each in enumerate(domains)]
    organisations = Organisations(session)
    with seen(organisations.by_id(organisation_id).version, expected_version):
        before = organisations.domains(organisation_id)
        version = organisations.change(organisation_id, expected_version).version
        organisations.set_domains(organisation_id, wanted)
        told = {"domains": wanted, "before": [*before]}
        Audit(session).record("organisation.domains", f"organisation:{organisation_id}", told)
        return Kept(organisation_id, version)


def remove_contact(session: Session, contact_id: UUID, expected_version: int | None) -> Kept:
    """Take a person away with all addresses: what comes from them is nobody's any more.

    Raises:
        NotFound: there is none.
        VersionConflict: it is not at ``expected_version``.
    """
    contacts = Contacts(session)
    found = contacts.by_id(contact_id)
    with seen(found.version, expected_version):
        contacts.remove(found)
        organisation = None if found.organisation_id is None else str(found.organisation_id)
        Audit(session).record("contact.remove", f"contact:{contact_id}", {"organisation": organisation})
        return Kept(found.id, found.version)


def verify_address(
    session: Session, contact_id: UUID, address: ContactAddress, how: str, expected_version: int | None
) -> Kept:
    """Say that an address is the person's, and how that was made sure of: from now on it says who asks.

    Raises:
        NotFound: there is no such contact.
        VersionConflict: it is not at ``expected_version``.
        Invalid: the contact has no such address.
        Conflict: it is verified already.
    """
    contacts = Contacts(session)
    found = contacts.by_id(contact_id)
    with seen(found.version, expected_version):
        mine = [each for each in found.addresses if _same(each, address)]
        if not mine:
            raise Invalid("the contact has no such address", fields={"address": "is none of the contact's"})
        if mine[0].verified:
            raise Conflict("the address is verified already")
        addresses = [address if _same(each, address) else each for each in found.addresses]
        kept = contacts.replace(
            contact_id, found.version, found.name, found.organisation_id,
            authorised=found.authorised, addresses=addresses,
        )  # fmt: skip
        told = {"channel_kind": address.channel_kind, "address": address.address, "how": how.strip()}
        Audit(session).record("contact.verify", f"contact:{contact_id}", told)
        return Kept(kept.id, kept.version)


def _same(one: ContactAddress, other: ContactAddress) -> bool:
    return (one.channel_kind, one.address) == (other.channel_kind, other.address)


def _domain(given: str, place: int) -> str:
    """Return a domain as it is compared: lower case, in ASCII.

    Raises:
        Invalid: it is none.
    """
    domain = given.strip().removeprefix("@").casefold()
    try:
        plain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        plain = ""
    labels = plain.split(".")
    if len(labels) < 2 or not all(label and len(label) <= _LONGEST_LABEL for label in labels) or " " in plain:
        raise Invalid("this is no domain", fields={f"domains[{place}]": "is no domain"})
    return domain
