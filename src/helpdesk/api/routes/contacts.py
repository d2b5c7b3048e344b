"""Persons who ask; who a request is from."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath

from helpdesk.api.auth import principal_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of
from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.base import given_or_none
from helpdesk.api.requests.clients import Identity, NewContact, Searching, Verification
from helpdesk.api.routes.clients import REMOVING, keep
from helpdesk.api.routes.registering import normal, ours_of
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.desk.changing.versions import Kept
from helpdesk.desk.people import client_ends as ends
from helpdesk.desk.people import clients as desk
from helpdesk.domain.clients import ContactAddress
from helpdesk.domain.commands import TicketChanged
from helpdesk.domain.states import State
from helpdesk.kernel.errors import Invalid, NotFound
from helpdesk.plugins.registry import Registry
from helpdesk.queries.numbers import MAX_NUMBER
from helpdesk.queries.people import clients
from helpdesk.queries.views.base import Changed, KeptView
from helpdesk.queries.views.clients import ContactPage, ContactView
from helpdesk.store.engine.session import Session


class ContactRoutes(Controller):
    """Persons who ask."""

    path = "/v1/contacts"

    @post(
        "/",
        status_code=201,
        opt=door(*STAFF, body=NewContact, answer=KeptView, answer_headers=("Location", "ETag"), writes=True),
    )
    async def add_contact(self, request: AnyRequest) -> Response[KeptView]:
        """Add a person with the addresses at which they are known."""
        return await keep(request, await _putting(request, None), "/v1/contacts/{}")

    @get("/", opt=door(*STAFF, query=Searching, answer=ContactPage, problems=("bad-cursor",)))
    async def list_contacts(self, request: AnyRequest) -> Response[ContactPage]:
        """List persons by name, those whom `search` finds: by name, organisation, number or address."""
        wanted = asked(request, Searching)
        cursor, search = given_or_none(wanted.cursor), given_or_none(wanted.search)
        work = partial(clients.list_contacts, limit=wanted.limit, cursor=cursor, search=search)
        return Response(await read(request, work))

    @get("/{contact_id:uuid}", opt=door(*STAFF, answer=ContactView, answer_headers=("ETag",)))
    async def get_contact(self, request: AnyRequest, contact_id: FromPath[UUID]) -> Response[ContactView]:
        """Show a person."""
        found = await read(request, partial(clients.get_contact, contact_id=contact_id))
        return Response(found, headers={"ETag": etag(found.version)})

    @put(
        "/{contact_id:uuid}",
        opt=door(*STAFF, body=NewContact, answer=KeptView, answer_headers=("ETag",), writes=True, versioned=True),
    )
    async def change_contact(self, request: AnyRequest, contact_id: FromPath[UUID]) -> Response[KeptView]:
        """Replace all that is known of a person."""
        return await keep(request, await _putting(request, contact_id))

    @delete("/{contact_id:uuid}", status_code=200, opt=REMOVING)
    async def remove_contact(self, request: AnyRequest, contact_id: FromPath[UUID]) -> Response[KeptView]:
        """Take a person away with all addresses. Tickets keep the name and the address they came from."""
        version = expected_version(request)
        return await keep(request, partial(ends.remove_contact, contact_id=contact_id, expected_version=version))

    @post(
        "/{contact_id:uuid}/verification",
        status_code=200,
        opt=door(*STAFF, body=Verification, answer=KeptView, answer_headers=("ETag",), writes=True, versioned=True),
    )
    async def verify_address(self, request: AnyRequest, contact_id: FromPath[UUID]) -> Response[KeptView]:
        """Say that an address is the person's, and how that was made sure of; from now on it says who asks.

        Who said so, when and how is in the audit. A change of the person keeps it as long as the address stays.
        """
        body = given(request, Verification)
        found = services(request)
        near = await ours_of(found, principal_of(request), body.channel_kind)
        address = normal(found.registry, body.channel_kind, body.address, "address", near=near)
        work = partial(
            ends.verify_address,
            contact_id=contact_id,
            address=ContactAddress(body.channel_kind, address, verified=True),
            how=body.how,
            expected_version=expected_version(request),
        )
        return await keep(request, work)


class Identifying(Controller):
    """Who a request is from."""

    path = "/v1/tickets/{number:int}"

    @put(
        "/identity",
        opt=door(*STAFF, body=Identity, answer=Changed, answer_headers=("ETag",), writes=True, versioned=True),
    )
    async def identify(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Say who a request is from; its flag for identification goes down."""
        if not 1 <= number <= MAX_NUMBER:
            raise NotFound
        body, found = given(request, Identity), services(request)
        work = partial(
            desk.identify,
            resources=found.desk.resources,
            number=number,
            contact_id=body.contact_id,
            organisation=body.organisation,
            expected_version=expected_version(request),
        )
        done = await found.desk.keep(principal_of(request), work, TicketChanged, idempotency_of(request))
        changed = Changed(done.number, done.version, State(done.state), done.message_id)
        return Response(changed, headers={"ETag": etag(done.version)})


async def _putting(request: AnyRequest, contact_id: UUID | None) -> Callable[[Session], Kept]:
    body, found, principal = given(request, NewContact), services(request), principal_of(request)
    near = {kind: await ours_of(found, principal, kind) for kind in {each.channel_kind for each in body.addresses}}
    return partial(
        desk.put_contact,
        contact_id=contact_id,
        name=body.name,
        organisation_id=body.organisation_id,
        authorised=body.authorised,
        addresses=_addresses(body, found.registry, near),
        expected_version=None if contact_id is None else expected_version(request),
    )


def _addresses(body: NewContact, registry: Registry, near: Mapping[str, Collection[str]]) -> list[ContactAddress]:
    found = []
    for place, each in enumerate(body.addresses):
        field, kind = f"addresses.{place}.address", each.channel_kind
        address = normal(registry, kind, each.address, field, near=near[kind])
        if not address:
            raise Invalid("An address cannot be read.", fields={field: "is empty"})
        found.append(ContactAddress(each.channel_kind, address, each.verified))
    return found
