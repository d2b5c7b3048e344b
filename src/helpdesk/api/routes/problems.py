"""Problems behind tickets: describing them, grouping tickets, answering all of them at once."""

from collections.abc import Callable
from functools import partial
from typing import Any

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath

from helpdesk.api.auth import principal_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of
from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.base import Request, given_or_none
from helpdesk.api.requests.problems import (
    Grouping,
    NewProblem,
    ProblemDescription,
    ProblemFilter,
    ProblemResolution,
)
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.desk.answering import Answers, answer_tickets
from helpdesk.desk.tickets import problems as desk
from helpdesk.desk.tickets.problems import Described, ProblemKept
from helpdesk.domain.problems import ProblemState
from helpdesk.kernel.errors import NotFound
from helpdesk.queries.numbers import MAX_NUMBER
from helpdesk.queries.tickets.problems import ProblemPage, ProblemView, get_problem, list_problems
from helpdesk.queries.views.base import View
from helpdesk.store.engine.session import Session


class ProblemChanged(View, frozen=True):
    """What a change did to a problem."""

    number: int
    version: int
    state: ProblemState


class UnansweredView(View, frozen=True):
    """A ticket that could not be answered."""

    number: int
    why: str


class AnswersView(View, frozen=True):
    """What became of answering a problem's tickets."""

    answered: tuple[int, ...]
    """Numbers of the tickets answered by this call."""
    unanswered: tuple[UnansweredView, ...]
    left: int
    """Unclosed tickets that are not answered yet; ask again."""


def _changing(body: type[Request] | None = None, **more: Any) -> dict[str, Any]:
    return door(*STAFF, body=body, answer=ProblemChanged, answer_headers=("ETag",), writes=True, versioned=True, **more)


class ProblemRoutes(Controller):
    """One cause behind several tickets."""

    path = "/v1/problems"

    @post(
        "/",
        status_code=201,
        opt=door(*STAFF, body=NewProblem, answer=ProblemChanged, answer_headers=("Location", "ETag"), writes=True),
    )
    async def open_problem(self, request: AnyRequest) -> Response[ProblemChanged]:
        """Keep a problem and put tickets under it; their logs tell of it."""
        body = given(request, NewProblem)
        what = Described(body.title, body.cause, body.workaround)
        resources = services(request).desk.resources
        work = partial(desk.open_problem, resources=resources, what=what, tickets=body.tickets)
        return await _keep(request, work, "/v1/problems/{}")

    @get("/", opt=door(*STAFF, query=ProblemFilter, answer=ProblemPage, problems=("bad-cursor",)))
    async def list_problems(self, request: AnyRequest) -> Response[ProblemPage]:
        """List problems, the latest first."""
        wanted = asked(request, ProblemFilter)
        cursor, state = given_or_none(wanted.cursor), given_or_none(wanted.state)
        return Response(await read(request, partial(list_problems, limit=wanted.limit, cursor=cursor, state=state)))

    @get("/{problem:int}", opt=door(*STAFF, answer=ProblemView, answer_headers=("ETag",)))
    async def get_problem(self, request: AnyRequest, problem: FromPath[int]) -> Response[ProblemView]:
        """Show a problem with its tickets."""
        found = await read(request, partial(get_problem, number=_number(problem)))
        return Response(found, headers={"ETag": etag(found.version)})

    @put("/{problem:int}", opt=_changing(ProblemDescription))
    async def describe_problem(self, request: AnyRequest, problem: FromPath[int]) -> Response[ProblemChanged]:
        """Replace what is known of a problem; with a cause it is known, without one it is open."""
        body = given(request, ProblemDescription)
        what, version = Described(body.title, body.cause, body.workaround), expected_version(request)
        work = partial(desk.describe, number=_number(problem), what=what, expected_version=version)
        return await _keep(request, work)

    @post("/{problem:int}/tickets", status_code=200, opt=_changing(Grouping))
    async def group_ticket(self, request: AnyRequest, problem: FromPath[int]) -> Response[ProblemChanged]:
        """Put a ticket under a problem."""
        return await _keep(request, _regrouping(request, desk.group, problem, given(request, Grouping).number))

    @delete("/{problem:int}/tickets/{ticket:int}", status_code=200, opt=_changing())
    async def ungroup_ticket(
        self, request: AnyRequest, problem: FromPath[int], ticket: FromPath[int]
    ) -> Response[ProblemChanged]:
        """Take a ticket from a problem."""
        return await _keep(request, _regrouping(request, desk.ungroup, problem, _number(ticket)))

    @put("/{problem:int}/resolution", opt=_changing(ProblemResolution))
    async def resolve_problem(self, request: AnyRequest, problem: FromPath[int]) -> Response[ProblemChanged]:
        """Say how a problem was resolved; nobody is answered before `…/answers` is asked for."""
        work = partial(
            desk.resolve,
            resources=services(request).desk.resources,
            number=_number(problem),
            text=given(request, ProblemResolution).text,
            expected_version=expected_version(request),
        )
        return await _keep(request, work)

    @delete("/{problem:int}/resolution", status_code=200, opt=_changing())
    async def reopen_problem(self, request: AnyRequest, problem: FromPath[int]) -> Response[ProblemChanged]:
        """Open a problem again that was not resolved after all."""
        version = expected_version(request)
        return await _keep(request, partial(desk.reopen, number=_number(problem), expected_version=version))

    @post("/{problem:int}/answers", status_code=200, opt=door(*STAFF, answer=AnswersView, writes=True))
    async def answer_problem(self, request: AnyRequest, problem: FromPath[int]) -> Response[AnswersView]:
        """Answer the unclosed tickets of a resolved problem, at most 200 a call, each in a transaction of its own.

        An answer resolves its ticket. Asking again goes on with those that are left; nobody is answered twice.
        """
        found = services(request).desk
        done: Answers = await answer_tickets(found, principal_of(request), _number(problem), idempotency_of(request))
        unanswered = tuple(UnansweredView(each.number, each.why) for each in done.unanswered)
        return Response(AnswersView(done.answered, unanswered, done.left))


async def _keep(
    request: AnyRequest, work: Callable[[Session], ProblemKept], location: str = ""
) -> Response[ProblemChanged]:
    kept = await services(request).desk.keep(principal_of(request), work, ProblemKept, idempotency_of(request))
    headers = {"ETag": etag(kept.version)}
    if location:
        headers["Location"] = location.format(kept.number)
    return Response(ProblemChanged(kept.number, kept.version, ProblemState(kept.state)), headers=headers)


def _regrouping(
    request: AnyRequest, work: Callable[..., ProblemKept], problem: int, ticket: int
) -> Callable[[Session], ProblemKept]:
    return partial(
        work,
        resources=services(request).desk.resources,
        number=_number(problem),
        ticket=ticket,
        expected_version=expected_version(request),
    )


def _number(number: int) -> int:
    if not 1 <= number <= MAX_NUMBER:
        raise NotFound
    return number
