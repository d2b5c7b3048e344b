"""A company's clients: organisations, and what gives them a right to support; persons; who a request is from."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath

from helpdesk.api.auth import principal_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of, only_if_new
from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.base import given_or_none
from helpdesk.api.requests.clients import (
    ContractEnd,
    Domains,
    NewContract,
    NewEquipment,
    NewOrganisation,
    NewSuspension,
    Searching,
    VersionNote,
)
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.desk.changing.versions import Kept
from helpdesk.desk.people import client_ends as ends
from helpdesk.desk.people import clients as desk
from helpdesk.kernel.principal import Role
from helpdesk.queries.people import clients
from helpdesk.queries.views.base import KeptView
from helpdesk.queries.views.clients import OrganisationPage, OrganisationView
from helpdesk.store.engine.session import Session

KEEPERS = (Role.ADMIN, Role.INTEGRATOR)
"""Who says what gives a right to support."""


def _keeping(**demands: Any) -> dict[str, Any]:
    return door(*KEEPERS, answer=KeptView, writes=True, **demands)


REMOVING = door(*KEEPERS, answer=KeptView, answer_headers=("ETag",), writes=True, versioned=True)
"""Takes something away."""


async def keep(request: AnyRequest, work: Callable[[Session], Kept], location: str = "") -> Response[KeptView]:
    """Have the desk run ``work`` once; answer with what was kept, its version as ``ETag`` where it has one."""
    kept = await services(request).desk.keep(principal_of(request), work, Kept, idempotency_of(request))
    headers = {"ETag": etag(kept.version)} if kept.version is not None else {}
    if location:
        headers["Location"] = location.format(kept.id)
    return Response(KeptView(kept.id, kept.version), headers=headers)


class OrganisationRoutes(Controller):
    """Organisations, and what gives them a right to support."""

    path = "/v1/organisations"

    @post("/", status_code=201, opt=_keeping(body=NewOrganisation, answer_headers=("Location", "ETag")))
    async def add_organisation(self, request: AnyRequest) -> Response[KeptView]:
        """Add an organisation.

        While a company has registered none, nobody's right to support is checked; from the first one on it is.
        """
        work = partial(desk.add_organisation, name=given(request, NewOrganisation).name)
        return await keep(request, work, "/v1/organisations/{}")

    @get("/", opt=door(*STAFF, query=Searching, answer=OrganisationPage, problems=("bad-cursor",)))
    async def list_organisations(self, request: AnyRequest) -> Response[OrganisationPage]:
        """List organisations by name, those whose name holds `search`."""
        wanted = asked(request, Searching)
        cursor, search = given_or_none(wanted.cursor), given_or_none(wanted.search)
        work = partial(clients.list_organisations, limit=wanted.limit, cursor=cursor, search=search)
        return Response(await read(request, work))

    @get(
        "/{organisation_id:uuid}",
        opt=door(*STAFF, answer=OrganisationView, answer_headers=("ETag",), problems=("conflict",)),
    )
    async def get_organisation(
        self, request: AnyRequest, organisation_id: FromPath[UUID]
    ) -> Response[OrganisationView]:
        """Show an organisation with all that is known of it, and whether it is entitled to support today."""
        find = services(request).directory.in_force
        work = partial(clients.get_organisation, organisation_id=organisation_id, evaluator_at=find)
        found = await read(request, work)
        return Response(found, headers={"ETag": etag(found.version)})

    @put("/{organisation_id:uuid}", opt=_keeping(body=NewOrganisation, versioned=True, answer_headers=("ETag",)))
    async def rename_organisation(self, request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[KeptView]:
        """Change an organisation's name."""
        name, version = given(request, NewOrganisation).name, expected_version(request)
        work = partial(desk.rename_organisation, organisation_id=organisation_id, name=name, expected_version=version)
        return await keep(request, work)

    @put(
        "/{organisation_id:uuid}/suspension",
        opt=_keeping(body=NewSuspension, versioned=True, answer_headers=("ETag",)),
    )
    async def suspend(self, request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[KeptView]:
        """Suspend an organisation, where the regulation provides for it.

        Its new requests are refused with the clause; tickets that it has go on.
        """
        work = partial(
            desk.suspend,
            resources=services(request).desk.resources,
            organisation_id=organisation_id,
            why=given(request, NewSuspension).why,
            expected_version=expected_version(request),
        )
        return await keep(request, work)

    @delete(
        "/{organisation_id:uuid}/suspension",
        status_code=200,
        opt=_keeping(versioned=True, answer_headers=("ETag",)),
    )
    async def end_suspension(self, request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[KeptView]:
        """End an organisation's suspension."""
        version = expected_version(request)
        work = partial(desk.end_suspension, organisation_id=organisation_id, expected_version=version)
        return await keep(request, work)

    @post("/{organisation_id:uuid}/contracts", status_code=201, opt=_keeping(body=NewContract))
    async def add_contract(self, request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[KeptView]:
        """Add a contract or licence, of a kind that the regulation names as a basis for support."""
        body = given(request, NewContract)
        work = partial(
            desk.add_contract,
            resources=services(request).desk.resources,
            organisation_id=organisation_id,
            kind=body.kind,
            number=body.number,
            first_day=body.first_day.isoformat(),
            last_day=_day(body.last_day),
        )
        return await keep(request, work)

    @put(
        "/{organisation_id:uuid}/contracts/{contract_id:uuid}/end",
        opt=_keeping(body=ContractEnd, versioned=True, answer_headers=("ETag",)),
    )
    async def end_contract(
        self, request: AnyRequest, organisation_id: FromPath[UUID], contract_id: FromPath[UUID]
    ) -> Response[KeptView]:
        """Set a contract's last day; the version is the organisation's."""
        last_day = given(request, ContractEnd).last_day.isoformat()
        work = partial(
            desk.end_contract,
            organisation_id=organisation_id,
            contract_id=contract_id,
            last_day=last_day,
            expected_version=expected_version(request),
        )
        return await keep(request, work)

    @post("/{organisation_id:uuid}/equipment", status_code=201, opt=_keeping(body=NewEquipment))
    async def add_equipment(self, request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[KeptView]:
        """Add a piece of equipment. Where the regulation says so, service begins with its signed act of acceptance."""
        fields = _equipment(given(request, NewEquipment))
        work = partial(desk.put_equipment, organisation_id=organisation_id, equipment_id=None, fields=fields)
        return await keep(request, work)

    @put(
        "/{organisation_id:uuid}/equipment/{equipment_id:uuid}",
        opt=_keeping(body=NewEquipment, versioned=True, answer_headers=("ETag",)),
    )
    async def change_equipment(
        self, request: AnyRequest, organisation_id: FromPath[UUID], equipment_id: FromPath[UUID]
    ) -> Response[KeptView]:
        """Replace what is known of a piece of equipment; the version is the organisation's."""
        fields = _equipment(given(request, NewEquipment))
        work = partial(
            desk.put_equipment,
            organisation_id=organisation_id,
            equipment_id=equipment_id,
            fields=fields,
            expected_version=expected_version(request),
        )
        return await keep(request, work)

    @put(
        "/{organisation_id:uuid}/products/{product:str}",
        opt=_keeping(body=VersionNote, versioned=True, creates=True, answer_headers=("ETag",)),
    )
    async def note_version(
        self, request: AnyRequest, organisation_id: FromPath[UUID], product: FromPath[str]
    ) -> Response[KeptView]:
        """Note which version of a product the organisation runs; `If-Match` is of the organisation's version.

        `If-None-Match: *` instead notes it only where none is noted yet.
        """
        version = given(request, VersionNote).version
        work = partial(
            desk.note_version,
            organisation_id=organisation_id,
            product=product,
            version=version,
            expected_version=expected_version(request),
            only_new=only_if_new(request),
        )
        return await keep(request, work)

    @delete("/{organisation_id:uuid}", status_code=200, opt=REMOVING)
    async def remove_organisation(self, request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[KeptView]:
        """Take an organisation away, with its contracts, equipment and product versions.

        One that has persons, or whose equipment was repaired, is answered 409; so is the last one, because without any
        nobody's right to support is checked. Tickets keep its name.
        """
        version = expected_version(request)
        work = partial(ends.remove_organisation, organisation_id=organisation_id, expected_version=version)
        return await keep(request, work)

    @put(
        "/{organisation_id:uuid}/domains",
        opt=door(*KEEPERS, body=Domains, answer=KeptView, answer_headers=("ETag",), writes=True, versioned=True),
    )
    async def set_domains(self, request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[KeptView]:
        """Say by which domains of mail the organisation is known, where the author is nobody known."""
        domains, version = given(request, Domains).domains, expected_version(request)
        work = partial(ends.set_domains, organisation_id=organisation_id, domains=domains, expected_version=version)
        return await keep(request, work)

    @delete("/{organisation_id:uuid}/contracts/{contract_id:uuid}", status_code=200, opt=REMOVING)
    async def remove_contract(
        self, request: AnyRequest, organisation_id: FromPath[UUID], contract_id: FromPath[UUID]
    ) -> Response[KeptView]:
        """Take away a contract that was entered by mistake; `PUT .../end` ends one."""
        work = partial(
            ends.remove_contract,
            organisation_id=organisation_id,
            contract_id=contract_id,
            expected_version=expected_version(request),
        )
        return await keep(request, work)

    @delete("/{organisation_id:uuid}/equipment/{equipment_id:uuid}", status_code=200, opt=REMOVING)
    async def remove_equipment(
        self, request: AnyRequest, organisation_id: FromPath[UUID], equipment_id: FromPath[UUID]
    ) -> Response[KeptView]:
        """Take a piece of equipment away, unless a repair refers to it."""
        work = partial(
            ends.remove_equipment,
            organisation_id=organisation_id,
            equipment_id=equipment_id,
            expected_version=expected_version(request),
        )
        return await keep(request, work)

    @delete("/{organisation_id:uuid}/products/{product:str}", status_code=200, opt=REMOVING)
    async def forget_version(
        self, request: AnyRequest, organisation_id: FromPath[UUID], product: FromPath[str]
    ) -> Response[KeptView]:
        """Keep no longer which version of a product the organisation runs."""
        version = expected_version(request)
        work = partial(ends.forget_version, organisation_id=organisation_id, product=product, expected_version=version)
        return await keep(request, work)


def _equipment(body: NewEquipment) -> dict[str, str | None]:
    return {
        "name": body.name.strip(),
        "serial": body.serial.strip(),
        "act_number": body.act_number.strip(),
        "accepted_on": _day(body.accepted_on),
        "warranty_until": _day(body.warranty_until),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
