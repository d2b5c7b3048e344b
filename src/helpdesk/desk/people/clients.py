"""Keeping the company's clients: what staff say of organisations and persons, audited, and who a request is from."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from helpdesk.desk.changing.change import opened_at
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.changing.versions import Kept, seen
from helpdesk.domain.clarifying import identified
from helpdesk.domain.clients import ACCEPTANCE_ACT, ContactAddress, Day
from helpdesk.domain.commands import TicketChanged
from helpdesk.kernel.errors import Conflict, Invalid, NotFound, VersionConflict
from helpdesk.store.audit import Audit
from helpdesk.store.contacts import Contacts
from helpdesk.store.engine.session import Session
from helpdesk.store.organisations import Organisations


def add_organisation(session: Session, name: str) -> Kept:
    """Add an organisation. From the first one on the regulation's rights to support are checked.

    Raises:
        Conflict: there is one of this name.
    """
    organisation = Organisations(session).add(name)
    Audit(session).record("organisation.add", f"organisation:{organisation.id}", {"name": organisation.name})
    return Kept(organisation.id, organisation.version)


def rename_organisation(session: Session, organisation_id: UUID, name: str, expected_version: int | None) -> Kept:
    """Change an organisation's name.

    Raises:
        NotFound, VersionConflict, Conflict: see ``Organisations.change``.
    """
    organisations = Organisations(session)
    with seen(organisations.by_id(organisation_id).version, expected_version):
        changed = organisations.change(organisation_id, expected_version, name=name.strip())
    Audit(session).record("organisation.rename", f"organisation:{organisation_id}", {"name": changed.name})
    return Kept(changed.id, changed.version)


def suspend(
    session: Session, resources: Resources, organisation_id: UUID, why: str, expected_version: int | None
) -> Kept:
    """Suspend an organisation: its new requests are refused, its old tickets go on.

    Raises:
        NotFound, VersionConflict: see ``Organisations.change``.
        Conflict: it is suspended already, or the regulation in force does not provide for it.
    """
    organisations = Organisations(session)
    found = organisations.by_id(organisation_id)
    with seen(found.version, expected_version):
        if resources.directory.in_force(session, session.now).edition.admission.suspension is None:
            raise Conflict("The regulation in force does not provide for suspension.")
        if found.suspended_at is not None:
            raise Conflict("The organisation is suspended already.")
        changed = organisations.change(
            organisation_id, found.version, suspended_at=session.now, suspended_why=why.strip()
        )
    Audit(session).record("organisation.suspend", f"organisation:{organisation_id}", {"why": why.strip()})
    return Kept(changed.id, changed.version)


def end_suspension(session: Session, organisation_id: UUID, expected_version: int | None) -> Kept:
    """End an organisation's suspension.

    Raises:
        NotFound, VersionConflict: see ``Organisations.change``.
        Conflict: it is not suspended.
    """
    organisations = Organisations(session)
    found = organisations.by_id(organisation_id)
    with seen(found.version, expected_version):
        if found.suspended_at is None:
            raise Conflict("The organisation is not suspended.")
        changed = organisations.change(organisation_id, found.version, suspended_at=None, suspended_why="")
    Audit(session).record("organisation.end_suspension", f"organisation:{organisation_id}")
    return Kept(changed.id, changed.version)


def add_contract(
    session: Session,
    resources: Resources,
    organisation_id: UUID,
    kind: str,
    number: str,
    first_day: Day,
    last_day: Day | None,
) -> Kept:
    """Add a contract or licence, of a kind that the regulation in force names as a basis.

    Raises:
        NotFound: there is no such organisation.
        Invalid: the regulation names no such basis, or the days are the wrong way round.
    """
    rule = resources.directory.in_force(session, session.now).edition.admission.entitlement
    kinds = [basis for basis in rule.basis if basis != ACCEPTANCE_ACT] if rule is not None else None
    if kinds is not None and kind not in kinds:
        named = ", ".join(kinds) or "an act of acceptance, which belongs to equipment"
        raise Invalid("The regulation names no such basis.", fields={"kind": f"one of {named}"})
    _ordered(first_day, last_day, "last_day")
    organisations = Organisations(session)
    version = organisations.change(organisation_id, None).version
    contract = organisations.add_contract(organisation_id, kind, number.strip(), first_day, last_day)
    data = {"contract": str(contract.id), "kind": kind, "first_day": first_day, "last_day": last_day}
    Audit(session).record("contract.add", f"organisation:{organisation_id}", data)
    return Kept(contract.id, version)


def end_contract(
    session: Session, organisation_id: UUID, contract_id: UUID, last_day: Day, expected_version: int | None
) -> Kept:
    """Set a contract's last day.

    Raises:
        NotFound: the organisation has no such contract.
        VersionConflict: the organisation is not at ``expected_version``.
        Invalid: the day is before the contract's first.
    """
    organisations = Organisations(session)
    contract = next((each for each in organisations.contracts(organisation_id) if each.id == contract_id), None)
    if contract is None:
        raise NotFound
    _ordered(contract.first_day, last_day, "last_day")
    version = organisations.change(organisation_id, expected_version).version
    organisations.end_contract(organisation_id, contract_id, last_day)
    data = {"contract": str(contract_id), "last_day": last_day, "before": contract.last_day}
    Audit(session).record("contract.end", f"organisation:{organisation_id}", data)
    return Kept(contract_id, version)


def put_equipment(
    session: Session,
    organisation_id: UUID,
    equipment_id: UUID | None,
    fields: Mapping[str, Any],
    expected_version: int | None = None,
) -> Kept:
    """Add a piece of equipment, or replace what is known of one; ``fields`` as ``Organisations.add_equipment`` says.

    Raises:
        NotFound: there is no such organisation or equipment.
        VersionConflict: the organisation is not at ``expected_version``.
        Invalid: the warranty ends before the act that begins it.
    """
    organisations = Organisations(session)
    version = organisations.change(organisation_id, expected_version).version
    if equipment_id is None:
        piece = organisations.add_equipment(organisation_id, fields)
    else:
        piece = organisations.change_equipment(organisation_id, equipment_id, fields)
    if piece.accepted_on is not None:
        _ordered(piece.accepted_on, piece.warranty_until, "warranty_until")
    act = "equipment.add" if equipment_id is None else "equipment.change"
    Audit(session).record(act, f"organisation:{organisation_id}", {"equipment": str(piece.id), **fields})
    return Kept(piece.id, version)


def note_version(
    session: Session,
    organisation_id: UUID,
    product: str,
    version: str,
    expected_version: int | None,
    *,
    only_new: bool = False,
) -> Kept:
    """Keep which version of a product the organisation runs; ``only_new``: where none was kept.

    Raises:
        NotFound: there is no such organisation.
        VersionConflict: the organisation is not at ``expected_version``, or a version is kept that was not to be.
    """
    organisations = Organisations(session)
    before = organisations.by_id(organisation_id)
    if only_new and product in {noted.product for noted in organisations.versions(organisation_id)}:
        raise VersionConflict("a version of this product is noted already", current=before.version)
    kept = organisations.change(organisation_id, expected_version)
    organisations.note_version(organisation_id, product, version)
    data = {"product": product, "version": version}
    Audit(session).record("product_version.note", f"organisation:{organisation_id}", data)
    return Kept(organisation_id, kept.version)


def put_contact(
    session: Session,
    contact_id: UUID | None,
    name: str,
    organisation_id: UUID | None,
    *,
    authorised: bool,
    addresses: Sequence[ContactAddress],
    expected_version: int | None = None,
) -> Kept:
    """Add a person, or replace all that is known of one.

    Raises:
        NotFound, VersionConflict: see ``Contacts.replace``.
        Conflict: an address is another person's.
        Invalid: there is no such organisation, or a person authorised by none.
    """
    if organisation_id is not None:
        try:
            Organisations(session).by_id(organisation_id)
        except NotFound:
            raise Invalid("There is no such organisation.", fields={"organisation_id": "names none"}) from None
    elif authorised:
        raise Invalid("A person is authorised by an organisation.", fields={"authorised": "needs an organisation_id"})
    contacts = Contacts(session)
    if contact_id is None:
        kept = contacts.add(name, organisation_id, authorised=authorised, addresses=addresses)
    else:
        with seen(contacts.by_id(contact_id).version, expected_version):
            kept = contacts.replace(
                contact_id, expected_version, name, organisation_id, authorised=authorised, addresses=addresses
            )
    act = "contact.add" if contact_id is None else "contact.change"
    organisation = None if organisation_id is None else str(organisation_id)
    Audit(session).record(act, f"contact:{kept.id}", {"organisation": organisation, "authorised": authorised})
    return Kept(kept.id, kept.version)


def identify(
    session: Session,
    resources: Resources,
    number: int,
    contact_id: UUID | None,
    organisation: str,
    expected_version: int | None,
) -> TicketChanged:
    """Say who a request is from: a contact, an organisation by name, or both; the flag and the wait for it end.

    Raises:
        NotFound: this tenant has no such ticket.
        VersionConflict: the ticket is not at ``expected_version``.
        Invalid: there is no such contact or organisation, or neither is given.
        Conflict: the ticket is closed.
    """
    with opened_at(session, resources, number, expected_version) as opened:
        name, found = _who(session, contact_id, organisation)
        change = identified(opened.known, contact_id, name, found)
        changed = opened.committer.change(opened.ticket, opened.log, change)
        return TicketChanged(changed.number, changed.version, changed.state.value)


def _who(session: Session, contact_id: UUID | None, organisation: str) -> tuple[str, str]:
    """Return the names of the person and of the organisation; empty where not given."""
    organisations = Organisations(session)
    name, found = "", None
    if contact_id is not None:
        try:
            contact = Contacts(session).by_id(contact_id)
        except NotFound:
            raise Invalid("There is no such contact.", fields={"contact_id": "names none"}) from None
        name = contact.name
        found = organisations.by_id(contact.organisation_id) if contact.organisation_id is not None else None
    if organisation.strip():
        found = organisations.find_name(organisation)
        if found is None:
            raise Invalid("There is no such organisation.", fields={"organisation": "names none"})
    if not name and found is None:
        raise Invalid("Nobody is named.", fields={"contact_id": "needed, or an organisation"})
    return name, found.name if found is not None else ""


def _ordered(first_day: Day, last_day: Day | None, field: str) -> None:
    if last_day is not None and last_day < first_day:
        raise Invalid("The last day is before the first.", fields={field: f"must not be before {first_day}"})
