"""Complaints about staff: anybody of the company takes one, administrators whom it is not about see it."""

from functools import partial
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath

from helpdesk.api.conditions import etag, expected_version
from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.base import given_or_none
from helpdesk.api.requests.complaints import ComplaintFilter, Handling, NewComplaint, Verdict
from helpdesk.api.routes.clients import keep
from helpdesk.api.routes.registering import normal
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.contracts.transports import EMAIL
from helpdesk.desk.tickets import complaints as desk
from helpdesk.desk.tickets.complaints import Complain
from helpdesk.kernel.principal import Role
from helpdesk.queries.tickets.complaints import ComplaintList, ComplaintView, get_complaint, list_complaints
from helpdesk.queries.views.base import KeptView


class ComplaintRoutes(Controller):
    """Complaints about staff."""

    path = "/v1/complaints"

    @post("/", status_code=201, opt=door(*STAFF, body=NewComplaint, answer=KeptView, writes=True))
    async def complain(self, request: AnyRequest) -> Response[KeptView]:
        """Take a client's complaint about an agent.

        It goes where the regulation says, past the agent concerned: nothing of it stands on a ticket, in a log, in the
        feed or in the audit. Where the regulation names no way for complaints, this is answered 409.
        """
        body, found = given(request, NewComplaint), services(request)
        contact = normal(found.registry, EMAIL, body.contact, "contact")
        command = Complain(body.text, body.ticket, body.about, body.complainant, contact)
        return await keep(request, partial(desk.complain, resources=found.desk.resources, command=command))

    @get("/", opt=door(Role.ADMIN, query=ComplaintFilter, answer=ComplaintList))
    async def list_complaints(self, request: AnyRequest) -> Response[ComplaintList]:
        """List complaints, the latest first; those about whoever asks are left out."""
        state = given_or_none(asked(request, ComplaintFilter).state)
        return Response(await read(request, partial(list_complaints, state=state)))

    @get("/{complaint_id:uuid}", opt=door(Role.ADMIN, answer=ComplaintView, answer_headers=("ETag",)))
    async def get_complaint(self, request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[ComplaintView]:
        """Show a complaint."""
        found = await read(request, partial(get_complaint, complaint_id=complaint_id))
        return Response(found, headers={"ETag": etag(found.version)})

    @put(
        "/{complaint_id:uuid}/handler",
        opt=door(Role.ADMIN, body=Handling, answer=KeptView, answer_headers=("ETag",), writes=True, versioned=True),
    )
    async def hand_complaint(self, request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[KeptView]:
        """Say who looks into a complaint; never the agent whom it is about."""
        work = partial(
            desk.hand,
            resources=services(request).desk.resources,
            complaint_id=complaint_id,
            agent=given(request, Handling).agent,
            expected_version=expected_version(request),
        )
        return await keep(request, work)

    @put(
        "/{complaint_id:uuid}/decision",
        opt=door(Role.ADMIN, body=Verdict, answer=KeptView, answer_headers=("ETag",), writes=True, versioned=True),
    )
    async def decide_complaint(self, request: AnyRequest, complaint_id: FromPath[UUID]) -> Response[KeptView]:
        """Decide a complaint; the client is told."""
        body = given(request, Verdict)
        work = partial(
            desk.decide,
            resources=services(request).desk.resources,
            complaint_id=complaint_id,
            text=body.text,
            upheld=body.upheld,
            expected_version=expected_version(request),
        )
        return await keep(request, work)
