"""A company's clients: lists, one of them, search, and who calls."""

import re
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from helpdesk.contracts.transports import PHONE
from helpdesk.domain.clients import Contact, Contract, Equipment, Organisation, day_of, name_key
from helpdesk.domain.opening import Way
from helpdesk.domain.rights import Standing, bases_on, decide
from helpdesk.domain.states import State
from helpdesk.domain.ways import Ways
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.companies.promise import Question, ask
from helpdesk.queries.evaluators import FindInForce
from helpdesk.queries.organisations import names_on_tickets
from helpdesk.queries.paging import decode, encode, page
from helpdesk.queries.views.base import moment
from helpdesk.queries.views.clients import (
    AddressView,
    CallerList,
    CallerTicket,
    CallerView,
    ContactPage,
    ContactView,
    ContractView,
    EntitlementView,
    EquipmentView,
    OrganisationBrief,
    OrganisationPage,
    OrganisationView,
    ProductVersionView,
)
from helpdesk.regulation.vocabulary.model import Edition
from helpdesk.store.contacts import Contacts
from helpdesk.store.engine.session import Session
from helpdesk.store.organisations import Organisations
from helpdesk.store.schema import contact_addresses, contacts, organisations, tickets
from helpdesk.store.standing import Asker, standing_of

MOST_OPEN_TICKETS = 50

_Key = Annotated[str, Meta(max_length=300)]
_FEWEST_DIGITS = 3
_WITHOUT_TRUNK = 10
"""Digits of a Russian number without what is dialled before it."""
_TRUNK = "8"
"""What is dialled before a number within Russia, where from abroad it is +7; elsewhere it is 0 and nothing."""


def list_organisations(session: Session, *, limit: int, cursor: str | None, search: str | None) -> OrganisationPage:
    """Return a page of organisations by name, those whose name holds ``search``.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    wanted = select(
        organisations.c.id, organisations.c.name, organisations.c.suspended_at, organisations.c.name_key
    ).where(organisations.c.tenant_id == session.tenant_id)
    if search is not None:
        wanted = wanted.where(*_each_word(search, organisations.c.name_key))
    if cursor is not None:
        (after,) = decode("organisations", cursor, tuple[_Key])
        wanted = wanted.where(organisations.c.name_key > after)
    rows, more = page(session, wanted.order_by(organisations.c.name_key), limit)
    items = tuple(OrganisationBrief(row.id, row.name, moment(row.suspended_at)) for row in rows)
    return OrganisationPage(items, encode("organisations", rows[-1].name_key) if more else None)


def list_contacts(session: Session, *, limit: int, cursor: str | None, search: str | None) -> ContactPage:
    """Return a page of persons by name, those whom ``search`` finds: by name, organisation or address.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    wanted = select(contacts.c.id, contacts.c.name_key).where(contacts.c.tenant_id == session.tenant_id)
    if search is not None:
        wanted = _found(wanted, search)
    if cursor is not None:
        key, last = decode("contacts", cursor, tuple[_Key, UUID])
        wanted = wanted.where(or_(contacts.c.name_key > key, and_(contacts.c.name_key == key, contacts.c.id > last)))
    rows, more = page(session, wanted.order_by(contacts.c.name_key, contacts.c.id), limit)
    items = _contact_views(session, [row.id for row in rows])
    return ContactPage(items, encode("contacts", rows[-1].name_key, str(rows[-1].id)) if more else None)


def get_contact(session: Session, contact_id: UUID) -> ContactView:
    """Return one person.

    Raises:
        NotFound: this tenant has none of that id.
    """
    for found in _contact_views(session, [contact_id]):
        return found
    raise NotFound("There is no such contact.")


def get_organisation(session: Session, organisation_id: UUID, evaluator_at: FindInForce) -> OrganisationView:
    """Return one organisation with all that is known of it, as of today.

    Raises:
        NotFound: this tenant has none of that id.
        Conflict: no edition of the regulation is in force.
    """
    kept = Organisations(session)
    organisation = kept.by_id(organisation_id)
    evaluator = evaluator_at(session, session.now)
    day = day_of(session.now, evaluator.zone)
    contracts, equipment = kept.contracts(organisation_id), kept.equipment(organisation_id)
    standing = Standing(checked=True, organisation=organisation, bases=bases_on(day, contracts, equipment))
    return OrganisationView(
        id=organisation.id,
        name=organisation.name,
        suspended_at=moment(organisation.suspended_at),
        suspended_why=organisation.suspended_why,
        domains=kept.domains(organisation_id),
        entitlement=_entitlement(evaluator.edition, standing),
        contacts=tuple(_contact_view(each, organisation.name) for each in Contacts(session).of(organisation_id)),
        contracts=tuple(_contract_view(each, day) for each in contracts),
        equipment=tuple(_equipment_view(each, day) for each in equipment),
        products=tuple(
            ProductVersionView(each.product, each.version, to_datetime(each.noted_at))
            for each in kept.versions(organisation_id)
        ),
        version=organisation.version,
    )


def find_callers(session: Session, *, search: str, limit: int) -> CallerList:
    """Return the persons whom ``search`` finds: each word by name, organisation or address; a part of a number."""
    wanted = _found(select(contacts.c.id).where(contacts.c.tenant_id == session.tenant_id), search)
    ids = session.connection.execute(wanted.order_by(contacts.c.name_key, contacts.c.id).limit(limit)).scalars().all()
    return CallerList(_contact_views(session, ids))


def get_caller(session: Session, *, number: str, dialled: str, evaluator_at: FindInForce, ways: Ways) -> CallerView:
    """Return who calls from ``number``, and what is promised to a call to ``dialled`` now.

    Raises:
        Conflict: no edition of the regulation is in force.
    """
    evaluator = evaluator_at(session, session.now)
    standing = standing_of(session, Asker(((PHONE, number),)), session.now, evaluator.zone)
    organisation = standing.organisation
    name = "" if organisation is None else organisation.name
    promised = ask(session, Question(Way(PHONE, dialled), requester=number), None, evaluator_at, ways)
    return CallerView(
        number=number,
        contact=None if standing.contact is None else _contact_view(standing.contact, name),
        organisation=None if organisation is None else _brief(organisation),
        entitlement=_entitlement(evaluator.edition, standing),
        open_tickets=_open_tickets(session, number, standing),
        promise=promised,
    )


def _found(wanted: Select[Any], search: str) -> Select[Any]:
    """Narrow to persons whose name, organisation's name and addresses hold each word of ``search``, in whatever order.

    What has digits enough is a part of a number, too, however it is written.
    """
    same_organisation = and_(
        organisations.c.tenant_id == contacts.c.tenant_id, organisations.c.id == contacts.c.organisation_id
    )
    own = and_(contact_addresses.c.tenant_id == contacts.c.tenant_id, contact_addresses.c.contact_id == contacts.c.id)

    def at(part: str) -> ColumnElement[bool]:
        return exists().where(own, contact_addresses.c.address.contains(part, autoescape=True))

    words = [
        or_(
            contacts.c.name_key.contains(word, autoescape=True),
            exists().where(same_organisation, organisations.c.name_key.contains(word, autoescape=True)),
            at(word),
        )
        for word in name_key(search).split()
    ]
    return wanted.where(or_(and_(*words), *map(at, _numbers(search))))


def _each_word(search: str, column: ColumnElement[str]) -> list[ColumnElement[bool]]:
    return [column.contains(word, autoescape=True) for word in name_key(search).split()]


def _numbers(search: str) -> set[str]:
    """Return the parts of numbers that ``search`` may be: 8 916… and +7 916… are one number, begun or whole."""
    digits = re.sub(r"[^0-9]", "", search)
    if len(digits) < _FEWEST_DIGITS:
        return set()
    if len(digits) > _WITHOUT_TRUNK:
        return {digits[1:]}
    begun = f"+7{digits[1:]}" if digits[0] == _TRUNK else digits.lstrip("0")
    return {digits, begun} if len(begun) > _FEWEST_DIGITS else {digits}


def _open_tickets(session: Session, number: str, standing: Standing) -> tuple[CallerTicket, ...]:
    addresses = {number} if _tells_apart(number) else set()
    if standing.contact is not None:
        addresses |= {each.address for each in standing.contact.addresses}
    whose: list[ColumnElement[bool]] = [tickets.c.requester.in_(sorted(addresses))]
    if standing.organisation is not None:
        whose.append(tickets.c.organisation.in_(names_on_tickets(session, standing.organisation.name)))
    wanted = (
        select(tickets)
        .where(tickets.c.tenant_id == session.tenant_id, tickets.c.closed_at.is_(None), or_(*whose))
        .order_by(tickets.c.number.desc())
        .limit(MOST_OPEN_TICKETS)
    )
    return tuple(
        CallerTicket(
            number=row.number,
            subject=row.subject,
            state=State(row.state),
            level=row.level,
            requester=row.requester,
            assignee=row.assignee,
            received_at=to_datetime(row.received_at),
            next_due=moment(row.next_due),
        )
        for row in session.connection.execute(wanted)
    )


def _tells_apart(caller: str) -> bool:
    """Say whether it is somebody's, and not the word for whoever withholds their number (RFC 3323 for SIP)."""
    return any(map(str.isdigit, caller)) or ("@" in caller and "anonymous" not in caller.casefold())


def _contact_views(session: Session, contact_ids: Sequence[UUID]) -> tuple[ContactView, ...]:
    """Return the persons of these ids, with their organisations' names."""
    found = Contacts(session).each(contact_ids)
    names = Organisations(session).names({each.organisation_id for each in found if each.organisation_id is not None})
    return tuple(
        _contact_view(each, "" if each.organisation_id is None else names[each.organisation_id]) for each in found
    )


def _contact_view(contact: Contact, organisation: str) -> ContactView:
    return ContactView(
        id=contact.id,
        name=contact.name,
        organisation_id=contact.organisation_id,
        organisation=organisation,
        authorised=contact.authorised,
        addresses=tuple(AddressView(each.channel_kind, each.address, each.verified) for each in contact.addresses),
        version=contact.version,
    )


def _contract_view(contract: Contract, day: str) -> ContractView:
    return ContractView(
        contract.id, contract.kind, contract.number, contract.first_day, contract.last_day, contract.in_force(day)
    )


def _equipment_view(piece: Equipment, day: str) -> EquipmentView:
    said = (piece.serial, piece.act_number, piece.accepted_on, piece.warranty_until)
    return EquipmentView(piece.id, piece.name, *said, piece.under_warranty(day))


def _brief(organisation: Organisation) -> OrganisationBrief:
    return OrganisationBrief(organisation.id, organisation.name, moment(organisation.suspended_at))


def _entitlement(edition: Edition, standing: Standing) -> EntitlementView:
    rights = decide(edition, standing)
    return EntitlementView(
        checked=standing.checked,
        entitled=not rights.refused,
        clause=rights.clause,
        reason_ru=rights.reason_ru,
        reason_en=rights.reason_en,
        hint_ru=rights.hint_ru,
        hint_en=rights.hint_en,
        bases=standing.bases,
    )
