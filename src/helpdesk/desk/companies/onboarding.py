"""Taking on a company: its row, its addresses and every edition of its regulation, all in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from helpdesk.contracts.channels import Channel
from helpdesk.desk.companies.confidential import demands_confidentiality
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import Instant, from_datetime
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import Snapshot, take_snapshot
from helpdesk.regulation.loading.loader import Package
from helpdesk.store.addresses import Address, Addresses
from helpdesk.store.audit import Audit
from helpdesk.store.editions import Editions
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenant, Tenants

ALWAYS: Instant = 0
"""From when an edition counts whose text gives no date: 1970, before any ticket."""


class Company(Struct, frozen=True):
    """Everything needed to take on a company, checked and pinned."""

    slug: str
    name: str
    alert_address: str
    snapshots: tuple[tuple[Snapshot, Instant], ...]
    """Each edition with the instant from which it is in force."""
    addresses: tuple[Address, ...]
    shadow: bool = False
    """It begins in the shadow of another system: nothing leaves for outside."""


class OtherAddress(Struct, frozen=True):
    """An address at which the company is reached though its regulation does not name it."""

    channel_kind: str
    address: str


def prepare(
    package: Package,
    channels: Mapping[str, Channel],
    *,
    parameters: Mapping[str, Any] | None = None,
    readings: Mapping[str, Any] | None = None,
    alert_address: str = "",
    others: Sequence[OtherAddress] = (),
    shadow: bool = False,
) -> Company:
    """Pin every edition of ``package`` and bring all addresses into their canonical form.

    Raises:
        RegulationError: an edition is not valid with these parameters.
        Invalid: a required parameter is missing, a parameter or reading is unknown, an address cannot be read.
    """
    names = [document.data["edition"]["id"] for document in package.editions]
    snapshots = [take_snapshot(package, edition_id=name, parameters=parameters, readings=readings) for name in names]
    found: dict[tuple[str, str], Address] = {}
    for other in others:
        address = _normal(channels, other.channel_kind, other.address)
        found[other.channel_kind, address] = Address(other.channel_kind, address, "", official=False)
    for snapshot in snapshots:
        for known in official_addresses(Evaluator(snapshot), channels):
            found[known.channel_kind, known.address] = known
    return Company(
        slug=package.tenant,
        name=package.regulation.name,
        alert_address=_normal(channels, "email", alert_address) if alert_address else "",
        snapshots=tuple((snapshot, in_force_from(snapshot)) for snapshot in snapshots),
        addresses=tuple(found.values()),
        shadow=shadow,
    )


def official_addresses(evaluator: Evaluator, channels: Mapping[str, Channel]) -> tuple[Address, ...]:
    """Return the addresses that a regulation names, in their canonical form.

    Raises:
        Invalid: one of them cannot be read.
    """
    return tuple(
        Address(rule.kind, _normal(channels, rule.kind, named), rule.name, official=True)
        for rule in evaluator.channels
        for named in rule.addresses
    )


def take_on(session: Session, company: Company) -> Tenant:
    """Add the company; an operator's act, audited.

    Raises:
        Conflict: there is such a tenant already, or one of the addresses belongs to another.
    """
    tenant = Tenants(session).add(company.slug, company.name, company.alert_address)
    if company.shadow:
        Tenants(session).set_shadow(tenant.id, session.now)
    confidential = any(demands_confidentiality(snapshot) for snapshot, _ in company.snapshots)
    if confidential:
        Tenants(session).set_confidential(tenant.id, True)
    addresses = Addresses(session)
    for address in company.addresses:
        addresses.assign(tenant.id, address)
    bound = session.within(tenant.id)
    editions = Editions(bound)
    for snapshot, since in company.snapshots:
        editions.publish(snapshot.edition_id, snapshot.hash, snapshot.to_json(), since)
    published = {snapshot.edition_id: snapshot.hash for snapshot, _ in company.snapshots}
    told = {"editions": published, "confidential": confidential}
    Audit(bound).record("tenant.add", f"tenant:{company.slug}", {**told, "shadow": company.shadow})
    return Tenants(session).by_id(tenant.id)


def in_force_from(snapshot: Snapshot) -> Instant:
    """Return from when the snapshot's edition counts: local midnight and the like in its own zone."""
    header = snapshot.body().edition.edition
    if header.in_force_from is None:
        return ALWAYS
    return from_datetime(header.in_force_from.replace(tzinfo=ZoneInfo(header.zone)))


def _normal(channels: Mapping[str, Channel], kind: str, address: str) -> str:
    """Return the address as the channel's plugin writes it; as it is where no plugin of this kind is installed."""
    channel = channels.get(kind)
    if channel is None:
        return address.strip()
    try:
        return channel.normalise(address)
    except ValueError as error:
        raise Invalid(f"{address!r} is no address of kind {kind}: {error}") from error
