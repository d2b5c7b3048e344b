"""What a phone agent asks while somebody is on the line."""

from functools import partial

from litestar import Controller, Response, post

from helpdesk.api.auth import TENANT_HEADER, caller_of, principal_of
from helpdesk.api.doors import AnyRequest, door, given
from helpdesk.api.requests import NewPromise
from helpdesk.api.routes.registering import company_dialled, normal, normal_or_as_it_is, only_address
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import services
from helpdesk.desk.desk import PHONE
from helpdesk.domain.opening import Way
from helpdesk.kernel.instants import from_datetime
from helpdesk.queries import promise
from helpdesk.queries.promise_views import PromiseView


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
        question = promise.Question(
            Way(body.channel_kind, address, body.chat_kind),
            body.level,
            normal_or_as_it_is(found.registry, body.channel_kind, body.requester),
        )
        at = None if body.at is None else from_datetime(body.at)
        work = partial(promise.ask, question=question, at=at, evaluator_at=found.directory.in_force)
        return Response(await found.database.read(principal, work))


def _unnamed(request: AnyRequest) -> bool:
    """Say whether only the dialled number can tell which company is meant."""
    return TENANT_HEADER not in request.headers and len(caller_of(request).tenants) > 1
