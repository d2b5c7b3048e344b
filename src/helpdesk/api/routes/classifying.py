"""What a ticket is about, what its line did, with which release it is to be solved."""

from litestar import Controller, HttpMethod, Response, post, route
from litestar.params import FromPath

from helpdesk.api.doors import AnyRequest, given
from helpdesk.api.requests.classifying import CategoryChange, NewWork, NumberTold, PlannedRelease
from helpdesk.api.routes.acting import change, changing
from helpdesk.domain import commands
from helpdesk.queries.views.base import Changed

_SET = [HttpMethod.PUT, HttpMethod.POST]


class Classifying(Controller):
    """What else a person enters on a ticket."""

    path = "/v1/tickets/{number:int}"

    @route("/category", http_method=_SET, status_code=200, opt=changing(CategoryChange))
    async def set_category(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Say what the ticket is about; where the regulation gives such requests a level, it gets it.

        What the regulation demands for that level is demanded here, with its clause.
        """
        body = given(request, CategoryChange)
        wish = commands.SetCategory(number, body.category, body.reason, body.facts, body.affected)
        return await change(request, wish)

    @post("/work", status_code=201, opt=changing(NewWork))
    async def record_work(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Write down work that the ticket's line did.

        Where the regulation says which line does what, work of another line is answered 409 with the lines that do it.
        """
        body = given(request, NewWork)
        return await change(request, commands.RecordWork(number, body.work, body.text))

    @route("/release", http_method=_SET, status_code=200, opt=changing(PlannedRelease))
    async def plan_release(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Say with which release the ticket is to be solved. No deadline follows from it."""
        body = given(request, PlannedRelease)
        return await change(request, commands.PlanRelease(number, body.release, body.day or ""))

    @post("/number-told", status_code=200, opt=changing(NumberTold))
    async def tell_number(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Enter that the client was told the number by another channel than the letter: the ticket is accepted."""
        return await change(request, commands.TellNumber(number, given(request, NumberTold).channel))
