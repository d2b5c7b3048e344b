"""What a phone agent asks while somebody is on the line."""

from functools import partial

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from helpdesk.api.auth import TENANT_HEADER, caller_of, principal_of
from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.base import given_or_none
from helpdesk.api.requests.clients import CallerSearch, Dialled
from helpdesk.api.requests.intake import NewPromise
from helpdesk.api.routes.registering import (
    caller_number,
    company_dialled,
    normal,
    normal_or_as_it_is,
    only_address,
    ours_of,
)
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, read_as, services
from helpdesk.contracts.transports import EMAIL, PHONE
from helpdesk.domain.opening import Way
from helpdesk.kernel.instants import from_datetime
from helpdesk.queries.companies import promise
from helpdesk.queries.people import clients
from helpdesk.queries.views.clients import CallerList, CallerView
from helpdesk.queries.views.promise import PromiseView


class Telephony(Controller):
    """Who calls, and what may be promised."""

    path = "/v1"

    @post(
        "/promise",
        status_code=200,
        opt=door(*STAFF, body=NewPromise, answer=PromiseView, problems=("invalid", "conflict")),
    )
    async def promise(self, request: AnyRequest) -> Response[PromiseView]:
        """Say what would be promised to a request, were it to come now or at an instant. Nothing is stored.

        Registering the same at that instant gives the same outcome, clause and deadlines. Where the key serves several
        companies and the header names none, a dialled number says which of them is meant.
        """
        body, found = given(request, NewPromise), services(request)
        address = normal(found.registry, body.channel_kind, body.address, "address")
        if body.channel_kind == PHONE and address and _unnamed(request):
            principal = await company_dialled(request, found, address)
        else:
            principal = principal_of(request)
        if not address:
            address = await found.database.read(principal, partial(only_address, channel_kind=body.channel_kind))
        near = [address] if address else await ours_of(found, principal, body.channel_kind)
        question = promise.Question(
            Way(body.channel_kind, address, body.chat_kind),
            body.level,
            normal_or_as_it_is(found.registry, body.channel_kind, body.requester, near=near),
            contact=normal(found.registry, EMAIL, body.contact, "contact"),
            organisation=body.organisation,
            product=body.product,
            version=body.version,
            category=body.category or "",
            criterion=body.criterion,
            facts=body.facts,
            affected=body.affected,
            repeats=body.repeats,
            fields=body.fields,
            missing=body.missing,
        )
        at = None if body.at is None else from_datetime(body.at)
        in_force, ways = found.directory.in_force, found.desk.resources.ways
        work = partial(promise.ask, question=question, at=at, evaluator_at=in_force, ways=ways)
        return Response(await found.database.read(principal, work))

    @get(
        "/callers",
        opt=door(*STAFF, query=CallerSearch, answer=CallerList),
    )
    async def find_callers(self, request: AnyRequest) -> Response[CallerList]:
        """Find persons by part of a name, of an organisation's name, of a number or of an address."""
        wanted = asked(request, CallerSearch)
        work = partial(clients.find_callers, search=wanted.search, limit=wanted.limit)
        return Response(await read(request, work))

    @get(
        "/callers/{e164:str}",
        opt=door(*STAFF, query=Dialled, answer=CallerView, problems=("invalid", "conflict")),
    )
    async def get_caller(self, request: AnyRequest, e164: FromPath[str]) -> Response[CallerView]:
        """Say who calls: the person, the organisation, its right to support, its open tickets, what is promised now.

        A number that nobody is known by is no error: it shows what is promised to a stranger. So does an extension, a
        SIP address, or the word that a telephone system gives for a withheld number (`anonymous`).
        """
        found = services(request)
        dialled = normal(found.registry, PHONE, given_or_none(asked(request, Dialled).dialled) or "", "query.dialled")
        if dialled and _unnamed(request):
            principal = await company_dialled(request, found, dialled)
        else:
            principal = principal_of(request)
        if not dialled:
            dialled = await found.database.read(principal, partial(only_address, channel_kind=PHONE))
        near = [dialled] if dialled else await ours_of(found, principal, PHONE)
        number = caller_number(found.registry, e164, "path.e164", near=near)
        in_force, ways = found.directory.in_force, found.desk.resources.ways
        work = partial(clients.get_caller, number=number, dialled=dialled, evaluator_at=in_force, ways=ways)
        return Response(await read_as(request, principal, work))


def _unnamed(request: AnyRequest) -> bool:
    """Say whether only the dialled number can tell which company is meant."""
    return TENANT_HEADER not in request.headers and len(caller_of(request).tenants) > 1
