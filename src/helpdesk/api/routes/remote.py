"""Remote access to clients' objects, entered on tickets."""

from functools import partial

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from helpdesk.api.doors import AnyRequest, door, given
from helpdesk.api.requests.remote_sessions import NewRemoteSession, SessionEnd
from helpdesk.api.routes.acting import change, changing
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read
from helpdesk.domain import commands
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.instants import from_datetime
from helpdesk.queries.numbers import MAX_NUMBER
from helpdesk.queries.tickets.remote import RemoteSessionList, list_sessions
from helpdesk.queries.views.base import Changed


class RemoteAccess(Controller):
    """Who of ours was let into which object of the client's, when, and by whose consent."""

    path = "/v1/tickets/{number:int}/remote-sessions"

    @get("/", opt=door(*STAFF, answer=RemoteSessionList))
    async def list_remote_sessions(self, request: AnyRequest, number: FromPath[int]) -> Response[RemoteSessionList]:
        """List the times of remote access that were entered on the ticket."""
        if not 1 <= number <= MAX_NUMBER:
            raise NotFound
        return Response(await read(request, partial(list_sessions, number=number)))

    @post("/", status_code=201, opt=changing(NewRemoteSession))
    async def begin_remote_session(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Enter that somebody of ours has, or had, remote access to the client's object, with the client's consent."""
        body = given(request, NewRemoteSession)
        command = commands.BeginRemoteSession(
            number,
            body.agent or "",
            body.object,
            body.consent,
            None if body.since is None else from_datetime(body.since),
            None if body.until is None else from_datetime(body.until),
        )
        return await change(request, command)

    @post("/{session:int}/end", status_code=200, opt=changing(SessionEnd))
    async def end_remote_session(
        self, request: AnyRequest, number: FromPath[int], session: FromPath[int]
    ) -> Response[Changed]:
        """Enter that remote access is over."""
        until = given(request, SessionEnd).until
        instant = None if until is None else from_datetime(until)
        return await change(request, commands.EndRemoteSession(number, session, instant))
