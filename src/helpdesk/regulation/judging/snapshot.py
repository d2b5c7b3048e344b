"""What a ticket is judged by: one immutable, hashed whole of edition, readings, parameters, calendars and zones.

The body is canonical JSON (keys sorted, no spaces); its SHA-256 is the snapshot's name. A snapshot read back is used
as it was written: neither a newer edition nor a newer tzdata moves a deadline that was promised under it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import Instant, from_datetime
from helpdesk.regulation.compiling.calendars import EVERY_WEEK_FROM, EVERY_WEEK_UNTIL, calendar_spec
from helpdesk.regulation.compiling.patches import apply_patches, substitute
from helpdesk.regulation.compiling.readings import choose, readings_of
from helpdesk.regulation.loading.loader import Document, Package, edition_problems
from helpdesk.regulation.vocabulary.amounts import UNKNOWN
from helpdesk.regulation.vocabulary.model import Edition, Patch
from helpdesk.regulation.vocabulary.problems import RegulationError, nearest
from helpdesk.regulation.vocabulary.shapes import fit
from helpdesk.sla.calendar import CalendarSpec, DateKind, Hours, compile_calendar
from helpdesk.sla.zones import ZoneTransitions

FORMAT = 1

ALWAYS = "always"
"""The calendar that is always open, in the edition's zone; every snapshot has one."""

_ALL_DAY = ((0, 86_400),)

_NOT_JUDGED_BY = ("clauses", "claims")
"""Sections that describe the text and decide nothing."""


class PinnedRule(Struct, frozen=True, omit_defaults=True):
    """One date that differs from its weekday."""

    kind: DateKind | None = None
    hours: Hours | None = None
    shortened_s: int = 0


class PinnedCalendar(Struct, frozen=True):
    """A calendar with everything it depends on."""

    zone: str
    weekly: tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]
    dates: dict[str, PinnedRule]
    """By ISO date."""
    first: date
    last: date
    transitions: ZoneTransitions


class Body(Struct, frozen=True):
    """A snapshot's contents."""

    format: int
    tenant: str
    name: str
    name_ru: str
    edition: Edition
    readings: dict[str, Any]
    parameters: dict[str, Any]
    calendars: dict[str, PinnedCalendar]
    messages: dict[str, str]


class Snapshot(Struct, frozen=True):
    """An immutable snapshot; equal contents have equal hashes."""

    tenant: str
    edition_id: str
    hash: str
    """SHA-256 of the body, in hex."""
    content: bytes

    def to_json(self) -> bytes:
        """Return the canonical body."""
        return self.content

    def body(self) -> Body:
        """Return the contents, decoded."""
        return msgspec.json.decode(self.content, type=Body)

    @classmethod
    def from_json(cls, content: bytes) -> "Snapshot":
        """Return the snapshot whose body is ``content``.

        Raises:
            Invalid: it is not a snapshot's body.
        """
        try:
            body = msgspec.json.decode(content, type=Body)
        except msgspec.DecodeError as error:
            raise Invalid(f"this is no snapshot: {error}") from error
        return cls(body.tenant, body.edition.edition.id, hashlib.sha256(content).hexdigest(), content)


def take_snapshot(
    package: Package,
    *,
    edition_id: str | None = None,
    at: Instant | None = None,
    parameters: Mapping[str, Any] | None = None,
    readings: Mapping[str, Any] | None = None,
) -> Snapshot:
    """Pin an edition: the one named, else the one in force at ``at``, else the latest.

    Raises:
        RegulationError: with these parameters and readings the edition is not valid.
        Invalid: no such edition, a required parameter is missing, an unknown parameter, reading or value.
    """
    document = _choose_edition(package, edition_id, at)
    given = _check_parameters(package, parameters or {})
    data = deepcopy(document.data)
    declared = readings_of(data)
    values, changes = choose(declared, readings or {})
    for patches, value in changes:
        apply_patches(data, patches, value)
    # A list of reasons tried as a reading may name one that the edition does not: then nothing waits for it.
    tried = {key for name in readings or {} if declared[name].shape == "names" for key in _keys(declared[name].given)}
    problems = [
        document.problem(misfit)
        for misfit in edition_problems(data, given, package.production)
        if misfit.path[-1:] not in tried
    ]
    if problems:
        raise RegulationError(problems)
    edition = fit(Edition, substitute({key: data[key] for key in data if key not in _NOT_JUDGED_BY}, given))
    calendars = {
        name: pin_calendar(calendar_spec(rule, package.production))
        for name, rule in edition.calendars.items()
        if rule.hours != UNKNOWN
    }
    if ALWAYS not in edition.calendars:
        calendars[ALWAYS] = pin_calendar(always_open(edition.edition.zone))
    body = Body(
        format=FORMAT,
        tenant=package.tenant,
        name=package.regulation.name,
        name_ru=package.regulation.name_ru,
        edition=edition,
        readings=values,
        parameters=given,
        calendars=calendars,
        messages=package.messages,
    )
    content = msgspec.json.encode(body, order="deterministic")
    return Snapshot(package.tenant, edition.edition.id, hashlib.sha256(content).hexdigest(), content)


def always_open(zone: str) -> CalendarSpec:
    """Return the calendar that is open round the clock in ``zone``."""
    return CalendarSpec(zone=zone, weekly=(_ALL_DAY,) * 7, dates={}, first=EVERY_WEEK_FROM, last=EVERY_WEEK_UNTIL)


def pin_calendar(spec: CalendarSpec) -> PinnedCalendar:
    """Return ``spec`` with the zone's transitions as this machine's tzdata has them."""
    calendar = compile_calendar(spec)
    return PinnedCalendar(
        zone=spec.zone,
        weekly=spec.weekly,
        dates={
            day.isoformat(): PinnedRule(rule.kind, rule.hours, rule.shortened_s) for day, rule in spec.dates.items()
        },
        first=spec.first,
        last=spec.last,
        transitions=calendar.zone_transitions,
    )


def _keys(patches: Iterable[Patch]) -> Iterator[tuple[str]]:
    return ((key,) for patch in patches for key in patch.set)


def _choose_edition(package: Package, edition_id: str | None, at: Instant | None) -> Document:
    if edition_id is not None:
        for document in package.editions:
            if document.data["edition"]["id"] == edition_id:
                return document
        known = nearest(edition_id, (document.data["edition"]["id"] for document in package.editions))
        raise Invalid(f"{package.tenant} has no edition {edition_id!r}: {known}")
    if at is None:
        return package.editions[-1]
    in_force = [document for document in package.editions if _in_force_from(document) <= at]
    if not in_force:
        raise Invalid(f"no edition of {package.tenant} was in force then")
    return in_force[-1]


def _in_force_from(document: Document) -> Instant:
    header = document.data["edition"]
    local: datetime | None = header.get("in_force_from")
    return -(1 << 62) if local is None else from_datetime(local.replace(tzinfo=ZoneInfo(header["zone"])))


def _check_parameters(package: Package, given: Mapping[str, Any]) -> dict[str, Any]:
    declared = package.regulation.parameters
    problems: dict[str, str] = {}
    for name in given:
        if name not in declared:
            problems[f"parameters.{name}"] = f"there is no such parameter; {nearest(name, declared)}"
    for name, parameter in declared.items():
        if parameter.required and given.get(name) is None:
            problems[f"parameters.{name}"] = f"required: {parameter.describe} ({parameter.clause})"
    if problems:
        text = "; ".join(f"{path}: {message}" for path, message in problems.items())
        raise Invalid(f"the parameters of {package.tenant} are not complete: {text}", fields=problems)
    return dict(given)
