"""Canned answers: keeping them, checking their links, answering with one."""

from functools import partial
from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath

from helpdesk.api.auth import principal_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of
from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.base import given_or_none
from helpdesk.api.requests.canned import CannedFilter, NewCanned, NewCannedReply
from helpdesk.api.routes.clients import KEEPERS, keep
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.desk.tickets import canned as desk
from helpdesk.desk.tickets.canned import CannedReply, Draft
from helpdesk.domain.commands import TicketChanged
from helpdesk.domain.states import State
from helpdesk.kernel.errors import NotFound
from helpdesk.queries.numbers import MAX_NUMBER
from helpdesk.queries.tickets.canned import CannedList, CannedView, get_canned, list_canned
from helpdesk.queries.views.base import Changed, KeptView


class CannedAnswerRoutes(Controller):
    """Texts that agents send again and again."""

    path = "/v1/canned-answers"

    @post(
        "/",
        status_code=201,
        opt=door(*KEEPERS, body=NewCanned, answer=KeptView, answer_headers=("Location", "ETag"), writes=True),
    )
    async def add_canned_answer(self, request: AnyRequest) -> Response[KeptView]:
        """Add a canned answer.

        Its links are checked: their form, and where the regulation names hosts, that they lead there. None is followed.
        """
        work = partial(
            desk.put,
            resources=services(request).desk.resources,
            answer_id=None,
            draft=_draft(request),
            expected_version=None,
        )
        return await keep(request, work, "/v1/canned-answers/{}")

    @get("/", opt=door(*STAFF, query=CannedFilter, answer=CannedList, problems=("conflict",)))
    async def list_canned_answers(self, request: AnyRequest) -> Response[CannedList]:
        """List canned answers, each with what is wrong with it under the regulation in force."""
        wanted, find = asked(request, CannedFilter), services(request).directory.in_force
        language = given_or_none(wanted.language)
        work = partial(list_canned, evaluator_at=find, language=language, faulty=wanted.faulty)
        return Response(await read(request, work))

    @get("/{answer_id:uuid}", opt=door(*STAFF, answer=CannedView, answer_headers=("ETag",), problems=("conflict",)))
    async def get_canned_answer(self, request: AnyRequest, answer_id: FromPath[UUID]) -> Response[CannedView]:
        """Show a canned answer."""
        find = services(request).directory.in_force
        found = await read(request, partial(get_canned, evaluator_at=find, answer_id=answer_id))
        return Response(found, headers={"ETag": etag(found.version)})

    @put(
        "/{answer_id:uuid}",
        opt=door(*KEEPERS, body=NewCanned, answer=KeptView, answer_headers=("ETag",), writes=True, versioned=True),
    )
    async def change_canned_answer(self, request: AnyRequest, answer_id: FromPath[UUID]) -> Response[KeptView]:
        """Replace a canned answer."""
        work = partial(
            desk.put,
            resources=services(request).desk.resources,
            answer_id=answer_id,
            draft=_draft(request),
            expected_version=expected_version(request),
        )
        return await keep(request, work)

    @delete(
        "/{answer_id:uuid}",
        status_code=200,
        opt=door(*KEEPERS, answer=KeptView, answer_headers=("ETag",), writes=True, versioned=True),
    )
    async def remove_canned_answer(self, request: AnyRequest, answer_id: FromPath[UUID]) -> Response[KeptView]:
        """Take a canned answer away."""
        work = partial(desk.remove, answer_id=answer_id, expected_version=expected_version(request))
        return await keep(request, work)


class CannedReplying(Controller):
    """Answering with a canned answer."""

    path = "/v1/tickets/{number:int}"

    @post(
        "/canned-replies",
        status_code=201,
        opt=door(*STAFF, body=NewCannedReply, answer=Changed, answer_headers=("ETag",), writes=True, versioned=True),
    )
    async def reply_canned(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Write a canned answer to the client, its places filled from the ticket."""
        if not 1 <= number <= MAX_NUMBER:
            raise NotFound
        body, found = given(request, NewCannedReply), services(request).desk
        command = CannedReply(number, body.name, body.language or "", body.kind, body.resolves)
        work = partial(
            desk.reply, resources=found.resources, command=command, expected_version=expected_version(request)
        )
        done = await found.keep(principal_of(request), work, TicketChanged, idempotency_of(request))
        changed = Changed(done.number, done.version, State(done.state), done.message_id)
        return Response(changed, headers={"ETag": etag(done.version)})


def _draft(request: AnyRequest) -> Draft:
    body = given(request, NewCanned)
    return Draft(body.name, body.language, body.title, body.text)
