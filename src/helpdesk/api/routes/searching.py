"""Searching a company's tickets."""

from functools import partial

from litestar import Controller, Response, get

from helpdesk.api.doors import AnyRequest, asked, door
from helpdesk.api.requests import given_or_none
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.search_requests import SearchWish
from helpdesk.api.services import read, services
from helpdesk.queries.search import Wish, search_tickets
from helpdesk.queries.search_views import FoundPage


class Searching(Controller):
    """Searching a company's tickets."""

    path = "/v1/search"

    @get("/", opt=door(*STAFF, query=SearchWish, answer=FoundPage, problems=("bad-cursor", "invalid")))
    async def search(self, request: AnyRequest) -> Response[FoundPage]:
        """Find tickets by words of their subjects and messages, by number, by who asked and from where.

        Every word must be met, in whatever form of it; `"words in quotes"` stand beside each other, `begun*` is the
        beginning of a word, `-word` must not be there. A telephone number, or a part of one from its beginning, its
        area or its last seven digits on, is found however it was written; an address by its beginning. Tickets come by
        their number first, then by subject, person and address, then by text; the newer ones first.
        """
        wanted = asked(request, SearchWish)
        wish = Wish(wanted.q, given_or_none(wanted.state), wanted.organisation, wanted.first_day, wanted.last_day)
        find = services(request).directory.of
        work = partial(search_tickets, find=find, wish=wish, limit=wanted.limit, cursor=given_or_none(wanted.cursor))
        return Response(await read(request, work))
