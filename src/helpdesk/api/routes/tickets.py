"""A company's tickets: registering a request, reading what became of it."""

from datetime import datetime
from functools import partial

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from msgspec import UnsetType

from helpdesk.api.conditions import etag
from helpdesk.api.doors import AnyRequest, asked, door
from helpdesk.api.requests.base import Paging, given_or_none
from helpdesk.api.requests.intake import NewTicket
from helpdesk.api.requests.lists import TicketFilter
from helpdesk.api.routes.registering import take_request
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.kernel.instants import Instant, from_datetime
from helpdesk.queries.tickets import listing as tickets
from helpdesk.queries.tickets.choices import ChoiceList, list_choices
from helpdesk.queries.tickets.deadlines import list_deadlines
from helpdesk.queries.tickets.filter import Wanted
from helpdesk.queries.views.operating import TakenIn
from helpdesk.queries.views.tickets import Deadlines, EventPage, MessagePage, TicketPage, TicketView


class Tickets(Controller):
    """Tickets and what belongs to them."""

    path = "/v1/tickets"

    @post(
        "/",
        status_code=201,
        opt=door(
            *STAFF, body=NewTicket, answer=TakenIn, answer_headers=("Location",), problems=("refused",), writes=True
        ),
    )
    async def register_request(self, request: AnyRequest) -> Response[TakenIn]:
        """Register a client's request.

        The company's regulation decides whether the channel it came by is official; a refusal names the clause and is
        kept in the ledger.
        """
        return await take_request(request)

    @get("/", opt=door(*STAFF, query=TicketFilter, answer=TicketPage, problems=("bad-cursor",)))
    async def list_tickets(self, request: AnyRequest) -> Response[TicketPage]:
        """List tickets, the newest first."""
        asks = asked(request, TicketFilter)
        which = Wanted(
            state=given_or_none(asks.state),
            level=given_or_none(asks.level),
            line=given_or_none(asks.line),
            assignee=given_or_none(asks.assignee),
            channel=given_or_none(asks.channel),
            category=given_or_none(asks.category),
            outcome=given_or_none(asks.outcome),
            requester=given_or_none(asks.requester),
            organisation=given_or_none(asks.organisation),
            tag=given_or_none(asks.tag),
            flag=given_or_none(asks.flag),
            waiting=given_or_none(asks.waiting),
            needs=given_or_none(asks.needs),
            received_from=_instant(asks.received_from),
            received_before=_instant(asks.received_before),
            due_before=_instant(asks.due_before),
        )
        find, cursor = services(request).directory.of, given_or_none(asks.cursor)
        work = partial(tickets.list_tickets, which=which, find=find, limit=asks.limit, cursor=cursor)
        return Response(await read(request, work))

    @get("/{number:int}", opt=door(*STAFF, answer=TicketView, answer_headers=("ETag",)))
    async def get_ticket(self, request: AnyRequest, number: FromPath[int]) -> Response[TicketView]:
        """Show one ticket."""
        found = await read(request, partial(tickets.get_ticket, number=number, find=services(request).directory.of))
        return Response(found, headers={"ETag": etag(found.version)})

    @get("/{number:int}/messages", opt=door(*STAFF, query=Paging, answer=MessagePage, problems=("bad-cursor",)))
    async def list_messages(self, request: AnyRequest, number: FromPath[int]) -> Response[MessagePage]:
        """List a ticket's messages, oldest first."""
        wanted = asked(request, Paging)
        work = partial(tickets.list_messages, number=number, limit=wanted.limit, cursor=given_or_none(wanted.cursor))
        return Response(await read(request, work))

    @get("/{number:int}/events", opt=door(*STAFF, query=Paging, answer=EventPage, problems=("bad-cursor",)))
    async def list_events(self, request: AnyRequest, number: FromPath[int]) -> Response[EventPage]:
        """List what happened to a ticket, oldest first."""
        wanted = asked(request, Paging)
        work = partial(tickets.list_events, number=number, limit=wanted.limit, cursor=given_or_none(wanted.cursor))
        return Response(await read(request, work))

    @get("/{number:int}/choices", opt=door(*STAFF, answer=ChoiceList))
    async def list_choices(self, request: AnyRequest, number: FromPath[int]) -> Response[ChoiceList]:
        """List what may be done with a ticket now, and what each act still needs, by its state and its regulation."""
        find = services(request).directory.of
        return Response(await read(request, partial(list_choices, number=number, evaluator_of=find)))

    @get("/{number:int}/deadlines", opt=door(*STAFF, answer=Deadlines))
    async def list_deadlines(self, request: AnyRequest, number: FromPath[int]) -> Response[Deadlines]:
        """List a ticket's deadlines, each with its derivation.

        They are folded from the ticket's log now, under the snapshot of the regulation that judges it.
        """
        find = services(request).directory.of
        return Response(await read(request, partial(list_deadlines, number=number, evaluator_of=find)))


def _instant(given: datetime | UnsetType) -> Instant | None:
    return None if isinstance(given, UnsetType) else from_datetime(given)
