"""Searching a company's tickets."""

from functools import partial

from litestar import Controller, Response, get

from helpdesk.api.auth import principal_of
from helpdesk.api.doors import AnyRequest, asked, door
from helpdesk.api.requests.base import given_or_none
from helpdesk.api.requests.search import SearchWish
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.kernel.principal import Principal
from helpdesk.queries.tickets.search import Wish, search_tickets
from helpdesk.queries.views.search import FoundPage
from helpdesk.store.engine.database import Database
from helpdesk.store.indexing import index_waiting, waits


async def catch_up(database: Database, principal: Principal) -> None:
    """Index what is new of the principal's company before its tickets are searched, if it is not too much."""
    if await database.read(principal, waits):
        await database.write(principal, index_waiting)


class Searching(Controller):
    """Searching a company's tickets."""

    path = "/v1/search"

    @get("/", opt=door(*STAFF, query=SearchWish, answer=FoundPage, problems=("bad-cursor", "invalid")))
    async def search(self, request: AnyRequest) -> Response[FoundPage]:
        """Find tickets by words of their subjects and messages, by number, by who asked and from where.

        Every word must be met, in whatever form of it; `"words in quotes"` stand beside each other, `begun*` is the
        beginning of a word, `-word` must not be there. A telephone number, or a part of one from its beginning, its
        area or its last seven digits on, is found however it was written; an address by its beginning. Tickets come by
        their number first, then by subject, person and address, then by text; the newer ones first. New
        messages are found at once, unless very many came at one time; then within seconds.
        """
        wanted = asked(request, SearchWish)
        await catch_up(services(request).database, principal_of(request))
        wish = Wish(wanted.q, given_or_none(wanted.state), wanted.organisation, wanted.first_day, wanted.last_day)
        find = services(request).directory.of
        work = partial(search_tickets, find=find, wish=wish, limit=wanted.limit, cursor=given_or_none(wanted.cursor))
        return Response(await read(request, work))
