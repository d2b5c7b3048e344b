"""What is held for an agent's look, and what becomes of it."""

from uuid import UUID

from litestar import Controller, Response, post
from litestar.params import FromPath

from helpdesk.api.auth import principal_of
from helpdesk.api.conditions import idempotency_of
from helpdesk.api.doors import AnyRequest, door, given
from helpdesk.api.requests.acting import HoldDecision
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import services
from helpdesk.desk.receiving.holds import HoldResolved, ResolveHold, resolve_hold
from helpdesk.queries.views.holds import ResolvedHold
from helpdesk.store.engine.session import Session


class Holding(Controller):
    """Doubtful messages."""

    path = "/v1/holds/{ledger_id:uuid}"

    @post(
        "/resolution",
        status_code=200,
        opt=door(
            *STAFF, body=HoldDecision, answer=ResolvedHold, problems=("conflict", "invalid", "refused"), writes=True
        ),
    )
    async def resolve_hold(self, request: AnyRequest, ledger_id: FromPath[UUID]) -> Response[ResolvedHold]:
        """Make a ticket of what is held, join it to one, or discard it with a reason.

        Its deadlines count from when it was received. Its line in the ledger stays the one it has; what it became
        stands with it, and in the audit.
        """
        body, found = given(request, HoldDecision), services(request)
        command = ResolveHold(ledger_id, body.resolution, body.number, body.reason)

        def work(session: Session) -> HoldResolved:
            return resolve_hold(session, found.desk.resources, command)

        done = await found.desk.keep(principal_of(request), work, HoldResolved, idempotency_of(request))
        return Response(ResolvedHold(done.ledger_id, done.resolution, done.number))
