"""The operator's agents, who may serve several companies."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath

from helpdesk.api.auth import acting, caller_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of
from helpdesk.api.doors import AnyRequest, door, given
from helpdesk.api.requests.agents import NewSharedAgent, SharedAgentChange
from helpdesk.api.routes.registering import normal
from helpdesk.api.services import services
from helpdesk.contracts.transports import EMAIL
from helpdesk.desk.changing.operators import operator_once
from helpdesk.desk.people.shared_agents import Person, SharedAgent, add_shared, change_shared, get_shared, list_shared
from helpdesk.kernel.principal import Role
from helpdesk.queries.views.base import View
from helpdesk.store.engine.session import Session


class SharedAgentView(View, frozen=True):
    """An agent of the operator's."""

    id: UUID
    """The same in each company's list."""
    name: str
    display_name: str
    email: str
    tenants: tuple[str, ...]
    """The companies that they serve, by slug."""
    keys: tuple[UUID, ...]
    version: int
    """Raised by what a company changes too."""


class SharedAgentList(View, frozen=True):
    """The operator's agents, by name."""

    items: tuple[SharedAgentView, ...]


class SharedAgents(Controller):
    """People of the operator who work on companies' tickets."""

    path = "/v1/operator/agents"

    @get("/", opt=door(Role.OPERATOR, answer=SharedAgentList, tenant_by_header=False))
    async def list_shared_agents(self, request: AnyRequest) -> Response[SharedAgentList]:
        """List the operator's agents with the companies that they serve."""
        found = await services(request).database.read(acting(caller_of(request), None), list_shared)
        return Response(SharedAgentList(tuple(_view(each) for each in found)))

    @post(
        "/",
        status_code=201,
        opt=door(
            Role.OPERATOR, body=NewSharedAgent, answer=SharedAgentView, answer_headers=("ETag", "Location"),
            writes=True, tenant_by_header=False,
        ),
    )  # fmt: skip
    async def add_shared_agent(self, request: AnyRequest) -> Response[SharedAgentView]:
        """Put an agent of the operator's into the lists of the companies that they serve.

        A company that kept no list keeps one from then on.
        """
        name, person, idempotency = given(request, NewSharedAgent).name, _person(request), idempotency_of(request)

        def work(session: Session) -> SharedAgent:
            return operator_once(session, idempotency, SharedAgent, partial(add_shared, session, name, person))

        made = await _write(request, work)
        made.headers["Location"] = f"/v1/operator/agents/{made.content.id}"
        return made

    @get(
        "/{agent_id:uuid}",
        opt=door(Role.OPERATOR, answer=SharedAgentView, answer_headers=("ETag",), tenant_by_header=False),
    )
    async def get_shared_agent(self, request: AnyRequest, agent_id: FromPath[UUID]) -> Response[SharedAgentView]:
        """Show an agent of the operator's."""
        work = partial(get_shared, agent_id=agent_id)
        found = await services(request).database.read(acting(caller_of(request), None), work)
        return Response(_view(found), headers={"ETag": etag(found.version)})

    @put(
        "/{agent_id:uuid}",
        opt=door(
            Role.OPERATOR, body=SharedAgentChange, answer=SharedAgentView, answer_headers=("ETag",), writes=True,
            versioned=True, tenant_by_header=False,
        ),
    )  # fmt: skip
    async def change_shared_agent(self, request: AnyRequest, agent_id: FromPath[UUID]) -> Response[SharedAgentView]:
        """Replace what the operator says of an agent; in a company that is named no more they have left."""
        person, version, idempotency = _person(request), expected_version(request), idempotency_of(request)

        def work(session: Session) -> SharedAgent:
            change = partial(change_shared, session, agent_id, person, version)
            return operator_once(session, idempotency, SharedAgent, change)

        return await _write(request, work)


async def _write(request: AnyRequest, work: Callable[[Session], SharedAgent]) -> Response[SharedAgentView]:
    found = services(request)
    kept = await found.database.write(acting(caller_of(request), None), work)
    found.authenticator.forget()
    return Response(_view(kept), headers={"ETag": etag(kept.version)})


def _person(request: AnyRequest) -> Person:
    body = given(request, SharedAgentChange)
    email = normal(services(request).registry, EMAIL, body.email, "email")
    return Person(body.display_name, email, body.keys, body.tenants)


def _view(found: SharedAgent) -> SharedAgentView:
    return SharedAgentView(
        found.id, found.name, found.display_name, found.email, found.tenants, found.keys, found.version
    )
