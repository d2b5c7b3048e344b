"""Tickets that belong together: links, one question a ticket, merging."""

from collections.abc import Callable
from functools import partial
from typing import Any

from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath

from helpdesk.api.auth import principal_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of
from helpdesk.api.doors import AnyRequest, door, given
from helpdesk.api.requests.base import Request
from helpdesk.api.requests.links import Merging, NewLink, Splitting
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.desk.tickets import links as desk
from helpdesk.desk.tickets.links import ChangedTogether
from helpdesk.domain.linking import BY_HAND, LinkKind, SplitPart
from helpdesk.domain.states import State
from helpdesk.kernel.errors import NotFound
from helpdesk.queries.numbers import MAX_NUMBER
from helpdesk.queries.tickets.links import ChangedTogetherView, LinkList, list_links
from helpdesk.queries.views.base import Changed
from helpdesk.store.engine.session import Session


def _binding(body: type[Request] | None = None) -> dict[str, Any]:
    return door(*STAFF, body=body, answer=ChangedTogetherView, answer_headers=("ETag",), writes=True, versioned=True)


class Linking(Controller):
    """What a ticket is bound to."""

    path = "/v1/tickets/{number:int}"

    @get("/links", opt=door(*STAFF, answer=LinkList))
    async def list_links(self, request: AnyRequest, number: FromPath[int]) -> Response[LinkList]:
        """List the tickets that a ticket is bound to."""
        return Response(await read(request, partial(list_links, number=number)))

    @post("/links", status_code=201, opt=_binding(NewLink))
    async def link(self, request: AnyRequest, number: FromPath[int]) -> Response[ChangedTogetherView]:
        """Link two tickets; both logs tell of it. A link that is there changes nothing."""
        body = given(request, NewLink)
        return await _together(request, number, partial(desk.link, kind=LinkKind(body.relation), other=body.number))

    @delete("/links/{relation:str}/{other:int}", status_code=200, opt=_binding())
    async def unlink(
        self, request: AnyRequest, number: FromPath[int], relation: FromPath[str], other: FromPath[int]
    ) -> Response[ChangedTogetherView]:
        """Take a link back."""
        if relation not in {kind.value for kind in BY_HAND} or not 1 <= other <= MAX_NUMBER:
            raise NotFound
        return await _together(request, number, partial(desk.unlink, kind=LinkKind(relation), other=other))

    @post("/split", status_code=201, opt=_binding(Splitting))
    async def split(self, request: AnyRequest, number: FromPath[int]) -> Response[ChangedTogetherView]:
        """Make a ticket of each further question of a request.

        The new tickets keep its receipt, registration, rating and waits, so that their clocks count from where its own
        do; an answer that was given counts for the first question alone. The client is told each number.
        """
        parts = tuple(SplitPart(part.subject, part.text, part.message_id) for part in given(request, Splitting).parts)
        return await _together(request, number, partial(desk.split, parts=parts))

    @post("/merge", status_code=200, opt=_binding(Merging))
    async def merge(self, request: AnyRequest, number: FromPath[int]) -> Response[ChangedTogetherView]:
        """Close a ticket whose work goes on in another one of the same client.

        Its outcome is `merged`; clocks that still run are cancelled, never met, and what was breached stays so. Its
        people, and letters that come later, go to the other ticket.
        """
        return await _together(request, number, partial(desk.merge, into=given(request, Merging).into))


async def _together(
    request: AnyRequest, number: int, work: Callable[..., ChangedTogether]
) -> Response[ChangedTogetherView]:
    if not 1 <= number <= MAX_NUMBER:
        raise NotFound
    found, version = services(request).desk, expected_version(request)

    def bound(session: Session) -> ChangedTogether:
        return work(session, found.resources, number=number, expected_version=version)

    done = await found.keep(principal_of(request), bound, ChangedTogether, idempotency_of(request))
    others = tuple(Changed(each.number, each.version, State(each.state), None) for each in done.others)
    shown = ChangedTogetherView(done.number, done.version, State(done.state), others)
    return Response(shown, headers={"ETag": etag(done.version)})
