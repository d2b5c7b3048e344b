"""Repairs of clients' equipment, beside their tickets."""

from collections.abc import Callable
from functools import partial

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from helpdesk.api.auth import principal_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of
from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.base import given_or_none
from helpdesk.api.requests.repairs import NewRepair, RepairDone, RepairFilter
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.desk.tickets.repairs import RepairKept, act, request_repair
from helpdesk.domain.repairs import Done, RepairState
from helpdesk.kernel.errors import NotFound
from helpdesk.queries.numbers import MAX_NUMBER
from helpdesk.queries.tickets.repairs import RepairPage, RepairView, get_repair, list_repairs
from helpdesk.queries.views.base import View
from helpdesk.store.engine.session import Session


class RepairChanged(View, frozen=True):
    """What an act did to a repair."""

    number: int
    version: int
    state: RepairState


class RepairRoutes(Controller):
    """Diagnosis, warranty, who pays, replacement, return."""

    path = "/v1/repairs"

    @post(
        "/",
        status_code=201,
        opt=door(*STAFF, body=NewRepair, answer=RepairChanged, answer_headers=("Location", "ETag"), writes=True),
    )
    async def request_repair(self, request: AnyRequest) -> Response[RepairChanged]:
        """Begin a repair of a piece of the ticket's organisation's equipment, where the regulation knows repairs."""
        body = given(request, NewRepair)
        work = partial(
            request_repair,
            resources=services(request).desk.resources,
            ticket=body.ticket,
            equipment_id=body.equipment_id,
            fault=body.fault,
        )
        return await _keep(request, work, "/v1/repairs/{}")

    @get("/", opt=door(*STAFF, query=RepairFilter, answer=RepairPage, problems=("bad-cursor",)))
    async def list_repairs(self, request: AnyRequest) -> Response[RepairPage]:
        """List repairs, the latest first."""
        wanted = asked(request, RepairFilter)
        work = partial(
            list_repairs,
            limit=wanted.limit,
            cursor=given_or_none(wanted.cursor),
            state=given_or_none(wanted.state),
            ticket=given_or_none(wanted.ticket),
        )
        return Response(await read(request, work))

    @get("/{repair:int}", opt=door(*STAFF, answer=RepairView, answer_headers=("ETag",)))
    async def get_repair(self, request: AnyRequest, repair: FromPath[int]) -> Response[RepairView]:
        """Show a repair."""
        found = await read(request, partial(get_repair, number=_number(repair)))
        return Response(found, headers={"ETag": etag(found.version)})

    @post(
        "/{repair:int}/acts",
        status_code=200,
        opt=door(*STAFF, body=RepairDone, answer=RepairChanged, answer_headers=("ETag",), writes=True, versioned=True),
    )
    async def act_on_repair(self, request: AnyRequest, repair: FromPath[int]) -> Response[RepairChanged]:
        """Carry a repair on: receive, diagnose, begin, finish, replace, decline, return, cancel.

        The diagnosis says whether the warranty covers the fault, by the equipment's act of acceptance and warranty on
        the day the fault was told; so who pays, and nothing that the client pays begins before they agreed.
        """
        body = given(request, RepairDone)
        done = Done(body.act, body.diagnosis, body.exception, body.approved_by, body.agreed, body.replacement_id)
        work = partial(
            act,
            resources=services(request).desk.resources,
            number=_number(repair),
            done=done,
            expected_version=expected_version(request),
        )
        return await _keep(request, work)


async def _keep(
    request: AnyRequest, work: Callable[[Session], RepairKept], location: str = ""
) -> Response[RepairChanged]:
    kept = await services(request).desk.keep(principal_of(request), work, RepairKept, idempotency_of(request))
    headers = {"ETag": etag(kept.version)}
    if location:
        headers["Location"] = location.format(kept.number)
    return Response(RepairChanged(kept.number, kept.version, RepairState(kept.state)), headers=headers)


def _number(number: int) -> int:
    if not 1 <= number <= MAX_NUMBER:
        raise NotFound
    return number
