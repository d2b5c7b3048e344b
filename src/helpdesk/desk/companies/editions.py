"""Publishing an edition, or a new version of one, for a company that is there: what it judges is what comes later."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from helpdesk.contracts.channels import Channel
from helpdesk.contracts.events import EDITION_PUBLISHED
from helpdesk.desk.companies.confidential import demands_confidentiality
from helpdesk.desk.companies.onboarding import in_force_from, official_addresses
from helpdesk.desk.companies.overrides import announce_edition, carried
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import Instant, to_iso
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import ALWAYS, Body, Snapshot, take_snapshot
from helpdesk.regulation.loading.checks import check_edition
from helpdesk.regulation.loading.loader import Package
from helpdesk.regulation.vocabulary.days import ProductionCalendar
from helpdesk.regulation.vocabulary.problems import RegulationError, dotted
from helpdesk.store.addresses import Address, Addresses
from helpdesk.store.audit import Audit
from helpdesk.store.editions import Content, Edition, Editions
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import Outbox
from helpdesk.store.tenants import Tenants

IN_FORCE = "is in the past, and what was promised under another edition stays: name a later instant"


class Supplied(Struct, frozen=True):
    """What the operator decided for the edition in force: parameters, and readings other than the text's own choice."""

    parameters: dict[str, Any]
    readings: dict[str, Any]


class Draft(Struct, frozen=True):
    """An edition ready to be published."""

    slug: str
    snapshot: Snapshot
    in_force_from: Instant | None
    """From when, as the operator says; None: as the text says, or at once for a new version of what is in force."""
    addresses: tuple[Address, ...]


def supplied_now(session: Session, slug: str) -> Supplied:
    """Return what was supplied for the company's edition in force; nothing where none is.

    Raises:
        NotFound: there is no such company.
    """
    editions = Editions(session.within(Tenants(session).by_slug(slug).id))
    found = editions.in_force(session.now)
    if found is None:
        return Supplied({}, {})
    body = Snapshot.from_json(editions.snapshot_body(found.base_hash)).body()  # what was announced nobody supplied
    declared = body.edition.readings
    readings = {
        name: _as_given(value, declared[name].shape) for name, value in body.readings.items()
        if value != declared[name].value
    }  # fmt: skip
    return Supplied(body.parameters, readings)


def draft_of(
    package: Package,
    channels: Mapping[str, Channel],
    *,
    supplied: Supplied,
    edition_id: str | None = None,
    since: Instant | None = None,
) -> Draft:
    """Pin an edition of ``package``, the latest where none is named.

    Raises:
        RegulationError: it is not valid with these parameters.
        Invalid: a required parameter is missing, a parameter or reading is unknown, an address cannot be read.
    """
    snapshot = take_snapshot(package, edition_id=edition_id, parameters=supplied.parameters, readings=supplied.readings)
    return Draft(package.tenant, snapshot, since, official_addresses(Evaluator(snapshot), channels))


def draft_of_snapshot(
    body: object,
    production: Mapping[str, ProductionCalendar],
    channels: Mapping[str, Channel],
    since: Instant | None = None,
) -> Draft:
    """Take a ready snapshot, whose body was given as data; ``production`` has the production calendars it names.

    Raises:
        Invalid: it is no snapshot, or its edition is not valid.
    """
    try:
        contents = msgspec.convert(body, Body)
    except msgspec.ValidationError as error:
        raise Invalid(f"this is no snapshot: {error}", fields={"snapshot": str(error)}) from error
    misfits = list(check_edition(contents.edition, production))
    unpinned = [name for name in (ALWAYS, *contents.edition.calendars) if _missing(contents, name)]
    problems = {f"snapshot.edition.{dotted(misfit.path)}": misfit.message for misfit in misfits}
    problems |= {f"snapshot.calendars.{name}": "is missing" for name in unpinned}
    if problems:
        raise Invalid("the snapshot's edition is not valid", fields=problems)
    snapshot = Snapshot.from_json(msgspec.json.encode(contents, order="deterministic"))
    try:
        evaluator = Evaluator(snapshot)
    except (ValueError, LookupError) as error:
        raise Invalid(f"the snapshot cannot be used: {error}", fields={"snapshot": str(error)}) from error
    return Draft(contents.tenant, snapshot, since, official_addresses(evaluator, channels))


def publish(session: Session, draft: Draft) -> Edition:
    """Publish ``draft``; an operator's act, audited and told to subscribers. The same again changes nothing.

    Where the regulation says that a publication is announced it is.

    An edition comes into force at the instant that the operator or its text names. Where that has passed, it is
    refused, unless the company has no edition yet; a new version of an edition that was published already (a decree,
    an announcement with hours) comes into force at once. No ticket that was received before is judged by it.

    Raises:
        NotFound: there is no such company.
        Invalid: the instant lies in the past.
        Conflict: one of its addresses belongs to another company.
    """
    tenant = Tenants(session).held(draft.slug)
    bound = session.within(tenant.id)
    editions, snapshot = Editions(bound), draft.snapshot
    known = editions.all()
    since = _since(draft, known, session.now)
    snapshot = carried(bound, snapshot, since)
    last = editions.snapshot_in_force(since)
    if last == snapshot.hash and (since == session.now or _published(known, snapshot.hash, since)):
        return next(found for found in reversed(known) if found.snapshot_hash == snapshot.hash)
    for address in draft.addresses:
        Addresses(session).assign(tenant.id, address)
    put_in_force(bound, snapshot, since, last, base=draft.snapshot)
    if demands_confidentiality(snapshot):
        Tenants(session).set_confidential(tenant.id, True)
    announce_edition(bound, snapshot, since, last)
    return Edition(snapshot.edition_id, snapshot.hash, since, session.now, draft.snapshot.hash, since)


def put_in_force(
    session: Session,
    snapshot: Snapshot,
    since: Instant,
    instead_of: str | None,
    *,
    base: Snapshot,
    base_since: Instant | None = None,
) -> None:
    """Have a snapshot in force from ``since`` on, audited and told to subscribers; the session is the tenant's.

    ``base`` is the same without what was announced, to be in force from ``base_since`` on; None: from the same instant.
    """
    content = Content(base.hash, base.to_json())
    Editions(session).publish(snapshot.edition_id, snapshot.hash, snapshot.to_json(), since, content, base_since)
    told = {"edition": snapshot.edition_id, "snapshot": snapshot.hash, "in_force_from": since}
    Audit(session).record("edition.publish", f"edition:{snapshot.edition_id}", {**told, "instead_of": instead_of})
    Outbox(session).tell(EDITION_PUBLISHED, session.tenant_id, told)


def _since(draft: Draft, known: tuple[Edition, ...], now: Instant) -> Instant:
    """Return from when the draft is in force.

    Raises:
        Invalid: that lies in the past.
    """
    snapshot, told = draft.snapshot, draft.in_force_from
    wanted = in_force_from(snapshot) if told is None else told
    if wanted >= now or not known or (told is not None and _published(known, snapshot.hash, told)):
        return wanted
    if told is None and any(found.edition_id == snapshot.edition_id for found in known):
        return now
    raise Invalid(f"{to_iso(wanted)} {IN_FORCE}", fields={"in_force_from": "lies in the past"})


def _published(known: Iterable[Edition], snapshot_hash: str, since: Instant) -> bool:
    return any((found.snapshot_hash, found.in_force_from) == (snapshot_hash, since) for found in known)


def _missing(contents: Body, name: str) -> bool:
    rule = contents.edition.calendars.get(name)
    return name not in contents.calendars and (rule is None or rule.hours != "unknown")


def _as_given(value: Any, shape: str) -> Any:
    """Return a reading's pinned value as an operator gives it: one interval stands alone."""
    return value[0] if shape == "interval" and isinstance(value, list) and len(value) == 1 else value


def refused(error: RegulationError, prefix: str = "") -> Invalid:
    """Return the problems of a sent regulation as those of the request, each with its file, line and key path."""
    places = {
        f"{prefix}{found.file}:{found.line} {found.path}".rstrip(): " ".join(
            part for part in (found.message, found.suggestion) if part
        )
        for found in error.problems
    }
    return Invalid("the regulation is not valid", fields=places)
