"""What concerns all of a company's tickets: queue, ledger, what is held, the feed of events."""

from functools import partial

from litestar import Controller, Response, get

from helpdesk.api.auth import caller_of, principal_of
from helpdesk.api.doors import AnyRequest, asked, door
from helpdesk.api.requests.base import Paging, given_or_none
from helpdesk.api.requests.lists import Days, FeedWish, LedgerFilter, QueueFilter
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read
from helpdesk.queries.records import feed, ledger
from helpdesk.queries.tickets import queue
from helpdesk.queries.views.holds import HoldPage
from helpdesk.queries.views.queue import QueuePage
from helpdesk.queries.views.records import FeedPage, LedgerPage, LedgerTotals

ME = "me"
"""Stands for the agent who asks."""


class Company(Controller):
    """What concerns all of a company's tickets."""

    path = "/v1"

    @get("/queue", opt=door(*STAFF, query=QueueFilter, answer=QueuePage, problems=("bad-cursor",)))
    async def list_queue(self, request: AnyRequest) -> Response[QueuePage]:
        """List what needs an agent's act, most urgent first by the company's regulation; `assignee=me`: one's own list.

        With a `state` it lists the tickets in that state, whether or not anybody must act.
        """
        wanted = asked(request, QueueFilter)
        assignee = given_or_none(wanted.assignee)
        if assignee == ME:
            assignee = principal_of(request).agent or caller_of(request).name
        found = await read(
            request,
            lambda session: queue.list_queue(
                session,
                limit=wanted.limit,
                cursor=given_or_none(wanted.cursor),
                state=given_or_none(wanted.state),
                line=given_or_none(wanted.line),
                assignee=assignee,
                unassigned=wanted.unassigned,
                needs=given_or_none(wanted.needs),
            ),
        )
        return Response(found)

    @get("/ledger", opt=door(*STAFF, query=LedgerFilter, answer=LedgerPage, problems=("bad-cursor",)))
    async def list_ledger(self, request: AnyRequest) -> Response[LedgerPage]:
        """List what became of everything received, newest first."""
        wanted = asked(request, LedgerFilter)
        found = await read(
            request,
            lambda session: ledger.list_ledger(
                session,
                limit=wanted.limit,
                cursor=given_or_none(wanted.cursor),
                day=given_or_none(wanted.day),
                channel_kind=given_or_none(wanted.channel_kind),
                outcome=given_or_none(wanted.outcome),
            ),
        )
        return Response(found)

    @get("/ledger/totals", opt=door(*STAFF, query=Days, answer=LedgerTotals))
    async def ledger_totals(self, request: AnyRequest) -> Response[LedgerTotals]:
        """Count what was received in a span of days, by day, channel and outcome."""
        wanted = asked(request, Days)
        work = partial(ledger.ledger_totals, first_day=wanted.first_day, last_day=wanted.last_day)
        return Response(await read(request, work))

    @get("/holds", opt=door(*STAFF, query=Paging, answer=HoldPage, problems=("bad-cursor",)))
    async def list_holds(self, request: AnyRequest) -> Response[HoldPage]:
        """List what is doubtful and waits for an agent's look, oldest first."""
        wanted = asked(request, Paging)
        return Response(
            await read(request, partial(ledger.list_holds, limit=wanted.limit, cursor=given_or_none(wanted.cursor)))
        )

    @get("/feed", opt=door(*STAFF, query=FeedWish, answer=FeedPage, problems=("bad-cursor",)))
    async def list_feed(self, request: AnyRequest) -> Response[FeedPage]:
        """List the company's events after the cursor, without gaps.

        Ask again with `next`; a reader that is caught up gets no items and the same cursor. What happened in the
        company's shadow mode is passed over, and its positions with it, unless it is asked for.
        """
        wanted = asked(request, FeedWish)
        work = partial(feed.list_feed, limit=wanted.limit, cursor=given_or_none(wanted.cursor), shadow=wanted.shadow)
        return Response(await read(request, work))
