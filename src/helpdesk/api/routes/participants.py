"""Who takes part in a ticket, and its tags."""

from collections.abc import Callable
from functools import partial
from typing import Any

from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath

from helpdesk.api.auth import principal_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of
from helpdesk.api.doors import AnyRequest, door, given
from helpdesk.api.requests.base import Request
from helpdesk.api.requests.participants import NewParticipant, NewTags
from helpdesk.api.routes.registering import normal, ours_of
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.desk.tickets import participants, tags
from helpdesk.domain.commands import TicketChanged
from helpdesk.domain.participants import COPIED, GUEST, Participant
from helpdesk.domain.states import State
from helpdesk.kernel.errors import NotFound
from helpdesk.queries.numbers import MAX_NUMBER
from helpdesk.queries.tickets.participants import ParticipantList, TagList, list_participants, list_tags
from helpdesk.queries.views.base import Changed
from helpdesk.store.engine.session import Session


def _changing(body: type[Request] | None = None) -> dict[str, Any]:
    return door(*STAFF, body=body, answer=Changed, answer_headers=("ETag",), writes=True, versioned=True)


class TakingPart(Controller):
    """Who may write into a ticket from outside, and who gets copies."""

    path = "/v1/tickets/{number:int}/participants"

    @get("/", opt=door(*STAFF, answer=ParticipantList))
    async def list_participants(self, request: AnyRequest, number: FromPath[int]) -> Response[ParticipantList]:
        """List who takes part in a ticket: whoever asked, and those that were added."""
        return Response(await read(request, partial(list_participants, number=number)))

    @post("/", status_code=201, opt=_changing(NewParticipant))
    async def add_participant(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Let somebody else take part in a ticket: what they write joins it, and copies may go to them."""
        body = given(request, NewParticipant)
        address = await _read_near(request, body.channel_kind, body.address)
        wanted = Participant(body.channel_kind, address, COPIED if body.copied else GUEST)
        return await _change(request, number, partial(participants.add_participant, wanted=wanted))

    @delete("/{channel_kind:str}/{address:str}", status_code=200, opt=_changing())
    async def remove_participant(
        self, request: AnyRequest, number: FromPath[int], channel_kind: FromPath[str], address: FromPath[str]
    ) -> Response[Changed]:
        """Have somebody take part no longer: what they write is held for an agent's look."""
        known = await _read_near(request, channel_kind, address)
        work = partial(participants.remove_participant, channel_kind=channel_kind, address=known)
        return await _change(request, number, work)


class Tagging(Controller):
    """A ticket's tags."""

    path = "/v1/tickets/{number:int}/tags"

    @post("/", status_code=201, opt=_changing(NewTags))
    async def add_tags(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Put tags on a ticket. Its list is found by them, and the regulation knows nothing of them."""
        return await _change(request, number, partial(tags.add_tags, wanted=given(request, NewTags).tags))

    @delete("/{tag:str}", status_code=200, opt=_changing())
    async def remove_tag(self, request: AnyRequest, number: FromPath[int], tag: FromPath[str]) -> Response[Changed]:
        """Take a tag off a ticket."""
        return await _change(request, number, partial(tags.remove_tag, tag=tag))


class TagsInUse(Controller):
    """The tags of a company's tickets."""

    path = "/v1/tags"

    @get("/", opt=door(*STAFF, answer=TagList))
    async def list_tags(self, request: AnyRequest) -> Response[TagList]:
        """List the tags that tickets have, each with how many have it."""
        return Response(await read(request, list_tags))


async def _read_near(request: AnyRequest, channel_kind: str, address: str) -> str:
    found = services(request)
    near = await ours_of(found, principal_of(request), channel_kind)
    return normal(found.registry, channel_kind, address, "address", near=near)


async def _change(request: AnyRequest, number: int, work: Callable[..., TicketChanged]) -> Response[Changed]:
    if not 1 <= number <= MAX_NUMBER:
        raise NotFound
    found, version = services(request).desk, expected_version(request)

    def bound(session: Session) -> TicketChanged:
        return work(session, found.resources, number=number, expected_version=version)

    done = await found.keep(principal_of(request), bound, TicketChanged, idempotency_of(request))
    shown = Changed(done.number, done.version, State(done.state), None)
    return Response(shown, headers={"ETag": etag(done.version)})
