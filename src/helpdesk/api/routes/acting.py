"""Changing one ticket: each route is one command."""

from litestar import Controller, HttpMethod, Response, delete, post, route
from litestar.params import FromPath

from helpdesk.api.auth import principal_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of
from helpdesk.api.doors import AnyRequest, door, given
from helpdesk.api.requests.acting import (
    Acceptance,
    Assignment,
    Confirmation,
    Details,
    Disagreement,
    Expediting,
    FinalClosing,
    LevelChange,
    LineChange,
    NewNote,
    NewPause,
    NewReply,
    Reopening,
    Resolution,
)
from helpdesk.api.requests.base import Request
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import services
from helpdesk.domain import commands
from helpdesk.domain.commands import TicketCommand
from helpdesk.domain.states import State
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.instants import from_datetime
from helpdesk.queries.numbers import MAX_NUMBER
from helpdesk.queries.views.base import Changed

_SET = [HttpMethod.PUT, HttpMethod.POST]


def changing(body: type[Request] | None = None) -> dict[str, object]:
    """Return the ``opt`` of a route that changes one ticket."""
    return door(*STAFF, body=body, answer=Changed, answer_headers=("ETag",), writes=True, versioned=True)


async def change(request: AnyRequest, command: TicketCommand) -> Response[Changed]:
    """Have the desk carry out ``command`` as the caller; answer with the ticket's new version."""
    if not 1 <= command.number <= MAX_NUMBER:
        raise NotFound
    done = await services(request).desk.change(
        principal_of(request),
        command,
        expected_version=expected_version(request),
        idempotency=idempotency_of(request),
    )
    changed = Changed(done.number, done.version, State(done.state), done.message_id)
    return Response(changed, headers={"ETag": etag(done.version)})


class TicketActing(Controller):
    """What a person does with a ticket."""

    path = "/v1/tickets/{number:int}"

    @post("/replies", status_code=201, opt=changing(NewReply))
    async def reply(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Write to the client: an answer, a question or a notice."""
        body = given(request, NewReply)
        command = commands.Reply(
            number,
            body.kind,
            body.text,
            body.names_engineer,
            body.resolves,
            body.missing,
            body.postpones or "",
            body.to_authorised,
            body.attachments,
        )
        return await change(request, command)

    @post("/notes", status_code=201, opt=changing(NewNote))
    async def add_note(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Write an internal note."""
        return await change(request, commands.AddNote(number, given(request, NewNote).text))

    @route("/assignment", http_method=_SET, status_code=200, opt=changing(Assignment))
    async def assign(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Give the ticket to an agent."""
        body = given(request, Assignment)
        return await change(request, commands.Assign(number, body.agent, body.inform_client))

    @post("/accept", status_code=200, opt=changing(Acceptance))
    async def accept(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Take the ticket into work: an agent becomes responsible.

        Where the regulation measures acceptance by the notice that names the engineer, that notice is sent. A ticket
        that has its agent already is answered 409: `PUT .../assignment` gives it to another.
        """
        body = given(request, Acceptance)
        return await change(request, commands.Accept(number, body.agent, body.inform_client))

    @delete("/assignment", status_code=200, opt=changing())
    async def give_back(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Give the ticket back to the queue: nobody has it any more."""
        return await change(request, commands.Unassign(number))

    @route("/level", http_method=_SET, status_code=200, opt=changing(LevelChange))
    async def set_level(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Change the level, by the regulation's criterion."""
        body = given(request, LevelChange)
        return await change(request, commands.SetLevel(number, body.level, body.criterion, body.facts, body.affected))

    @route("/line", http_method=_SET, status_code=200, opt=changing(LineChange))
    async def set_line(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Hand the ticket over to another line."""
        body = given(request, LineChange)
        return await change(request, commands.SetLine(number, body.line, body.reason, body.work or ""))

    @post("/pauses", status_code=201, opt=changing(NewPause))
    async def pause(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Begin to wait, for a reason that the regulation names.

        A wait with a planned end, such as an announced update, ends by itself at that moment; or earlier, by an agent.
        """
        body = given(request, NewPause)
        until = None if body.until is None else from_datetime(body.until)
        return await change(request, commands.Hold(number, body.reason, body.note, until))

    @delete("/pauses/{reason:str}", status_code=200, opt=changing())
    async def resume(self, request: AnyRequest, number: FromPath[int], reason: FromPath[str]) -> Response[Changed]:
        """End the wait for a reason."""
        return await change(request, commands.Release(number, reason))

    @post("/details", status_code=201, opt=changing(Details))
    async def supply(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Put down what the client told of what the request lacks.

        It is kept with the ticket's messages. With the last of what was missing the wait for it ends, where the
        regulation says so.
        """
        return await change(request, commands.Supply(number, given(request, Details).details))

    @post("/resolve", status_code=200, opt=changing(Resolution))
    async def resolve(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Say that the work is done; a text is sent as the last answer."""
        return await change(request, commands.Resolve(number, given(request, Resolution).text))

    @post("/confirm", status_code=200, opt=changing(Confirmation))
    async def confirm(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Close the ticket on the client's word, with the outcome that the regulation names for it.

        The word is the client's last message, or `text`. Where the regulation names no outcome for a confirmation,
        `outcome` says it.
        """
        body = given(request, Confirmation)
        return await change(request, commands.Confirm(number, body.text, body.outcome or ""))

    @post("/disagree", status_code=200, opt=changing(Disagreement))
    async def disagree(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Go on with the work because the client disagrees, within the time that the regulation gives for it.

        The reasons are the client's last message since the solution, or `text`; a regulation may demand them. Once the
        ticket is closed the answer is 409: a further word becomes a request of its own.
        """
        return await change(request, commands.Disagree(number, given(request, Disagreement).text))

    @post("/reopen", status_code=200, opt=changing(Reopening))
    async def reopen(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Go on with the work by our own decision, while the ticket is done and not closed."""
        return await change(request, commands.Reopen(number, given(request, Reopening).reason))

    @post("/close", status_code=200, opt=changing(FinalClosing))
    async def close(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Close the ticket for good, with an outcome that the regulation names."""
        body = given(request, FinalClosing)
        return await change(request, commands.Close(number, body.outcome, body.facts))

    @post("/expedite", status_code=200, opt=changing(Expediting))
    async def expedite(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Take the ticket out of turn, where the regulation allows it."""
        body = given(request, Expediting)
        return await change(request, commands.Expedite(number, body.cause, body.facts))
