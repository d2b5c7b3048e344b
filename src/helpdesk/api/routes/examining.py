"""Looking a draft of a regulation over before it is published."""

import asyncio

from litestar import Controller, Response, post

from helpdesk.api.auth import acting, caller_of
from helpdesk.api.doors import AnyRequest, door, given
from helpdesk.api.edition_files import files_of
from helpdesk.api.requests.editions import Draft
from helpdesk.api.services import services
from helpdesk.desk.companies.examination import Examination, examine
from helpdesk.desk.companies.uploads import Upload
from helpdesk.kernel.instants import Instant, from_datetime
from helpdesk.kernel.principal import Role
from helpdesk.plugins.registry import Registry


class Examining(Controller):
    """What is wrong with a draft."""

    path = "/v1/operator/regulations"

    @post(
        "/examinations",
        status_code=200,
        opt=door(Role.OPERATOR, body=Draft, answer=Examination, tenant_by_header=False),
    )
    async def examine_regulation(self, request: AnyRequest) -> Response[Examination]:
        """Read a regulation strictly: every mistake with its place, findings with witnesses, coverage of its clauses.

        The same as `helpdesk regulation check`, `lint` and `coverage` say of a folder. Nothing is kept.
        """
        body, found = given(request, Draft), services(request)
        if body.at is None:
            now = await found.database.read(acting(caller_of(request), None), lambda session: session.now)
        else:
            now = from_datetime(body.at)
        return Response(await asyncio.to_thread(_examined, body, found.registry, now))


def _examined(body: Draft, registry: Registry, now: Instant) -> Examination:
    return examine(Upload(files_of(body, registry)), now)
