"""Handing out work: an agent asks for the next ticket."""

from litestar import Controller, Response, post

from helpdesk.api.auth import caller_of, principal_of
from helpdesk.api.conditions import etag, idempotency_of
from helpdesk.api.doors import AnyRequest, door, given
from helpdesk.api.requests.acting import NextWish
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import services
from helpdesk.desk.tickets.handing import TakeNext
from helpdesk.domain.states import State
from helpdesk.queries.views.base import Changed


class Handing(Controller):
    """From the queue to an agent."""

    path = "/v1/queue"

    @post(
        "/next",
        status_code=200,
        opt=door(
            *STAFF,
            body=NextWish,
            answer=Changed,
            answer_headers=("ETag", "Location"),
            other_answers=((204, None, "Nothing waits."),),
            writes=True,
        ),
    )
    async def take_next(self, request: AnyRequest) -> Response[Changed | None]:
        """Take the next ticket of the queue: it is assigned to the agent who asks, and to nobody else.

        The order is the regulation's, the same as `GET /v1/queue?unassigned=true` shows. Where the company keeps a list
        of its agents, it is one of them, active, and without `line` the ticket is of the agent's lines.
        """
        wish, principal = given(request, NextWish), principal_of(request)
        agent = wish.agent or principal.agent or caller_of(request).name
        taking = TakeNext(agent, wish.line, wish.inform_client)
        handed = await services(request).desk.next(principal, taking, idempotency=idempotency_of(request))
        done = handed.ticket
        if done is None:
            return Response(None, status_code=204)
        headers = {"ETag": etag(done.version), "Location": f"/v1/tickets/{done.number}"}
        return Response(Changed(done.number, done.version, State(done.state), done.message_id), headers=headers)
