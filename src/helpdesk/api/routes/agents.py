"""A company's agents: whom its tickets may be given to."""

from functools import partial
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath

from helpdesk.api.auth import principal_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of
from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.agents import AgentChange, AgentFilter, HandBack, NewAgent, OwnState
from helpdesk.api.requests.base import given_or_none
from helpdesk.api.routes.clients import keep
from helpdesk.api.routes.registering import normal
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.contracts.transports import EMAIL
from helpdesk.desk.people import agents as desk
from helpdesk.desk.people.agents import Described, HandedBack
from helpdesk.domain.agents import AgentState
from helpdesk.kernel.principal import Role
from helpdesk.plugins.registry import Registry
from helpdesk.queries.tickets.agents import AgentList, AgentView, get_agent, get_own_agent, list_agents
from helpdesk.queries.views.base import KeptView, View


class HandedBackView(View, frozen=True):
    """What became of an agent's tickets."""

    numbers: tuple[int, ...]
    """Given back to the queue by this call."""
    left: int
    """How many the agent still has: ask again."""


class AgentRoutes(Controller):
    """Who works on a company's tickets."""

    path = "/v1/agents"

    @get("/", opt=door(*STAFF, query=AgentFilter, answer=AgentList))
    async def list_agents(self, request: AnyRequest) -> Response[AgentList]:
        """List the company's agents by name, with what they have."""
        wanted = asked(request, AgentFilter)
        work = partial(list_agents, state=given_or_none(wanted.state), line=given_or_none(wanted.line))
        return Response(await read(request, work))

    @post(
        "/",
        status_code=201,
        opt=door(Role.ADMIN, body=NewAgent, answer=KeptView, answer_headers=("Location", "ETag"), writes=True),
    )
    async def add_agent(self, request: AnyRequest) -> Response[KeptView]:
        """Add an agent.

        While a company keeps no list of its agents, tickets may be assigned to any name; from the first one on only to
        agents of the list who are active and work on the ticket's line.
        """
        body, found = given(request, NewAgent), services(request)
        work = partial(
            desk.add_agent,
            resources=found.desk.resources,
            name=body.name,
            what=described(body, found.registry),
        )
        kept = await keep(request, work, "/v1/agents/{}")
        found.authenticator.forget()
        return kept

    @get("/me", opt=door(*STAFF, answer=AgentView, answer_headers=("ETag",), problems=("not-found",)))
    async def get_own_agent(self, request: AnyRequest) -> Response[AgentView]:
        """Show the agent whose key this is."""
        shown = await read(request, get_own_agent)
        return Response(shown, headers={"ETag": etag(shown.version)})

    @put(
        "/me/state",
        opt=door(
            *STAFF, body=OwnState, answer=KeptView, answer_headers=("ETag",), problems=("not-found",), writes=True,
            versioned=True,
        ),
    )  # fmt: skip
    async def set_own_state(self, request: AnyRequest) -> Response[KeptView]:
        """Say that one is away, and is given nothing more, or back."""
        state, version = AgentState(given(request, OwnState).state), expected_version(request)
        return await keep(request, partial(desk.set_own_state, state=state, expected_version=version))

    @get("/{agent_id:uuid}", opt=door(*STAFF, answer=AgentView, answer_headers=("ETag",)))
    async def get_agent(self, request: AnyRequest, agent_id: FromPath[UUID]) -> Response[AgentView]:
        """Show an agent."""
        shown = await read(request, partial(get_agent, agent_id=agent_id))
        return Response(shown, headers={"ETag": etag(shown.version)})

    @put(
        "/{agent_id:uuid}",
        opt=door(Role.ADMIN, body=AgentChange, answer=KeptView, answer_headers=("ETag",), writes=True, versioned=True),
    )
    async def change_agent(self, request: AnyRequest, agent_id: FromPath[UUID]) -> Response[KeptView]:
        """Replace what is said of an agent: names, mail, lines, keys; whether they are active, away, or have left.

        The keys of an agent who left open nothing of this company any more, on other instances within two seconds.
        """
        found = services(request)
        work = partial(
            desk.change_agent,
            resources=found.desk.resources,
            agent_id=agent_id,
            what=described(given(request, AgentChange), found.registry),
            expected_version=expected_version(request),
        )
        kept = await keep(request, work)
        found.authenticator.forget()
        return kept

    @post(
        "/{agent_id:uuid}/handback",
        status_code=200,
        opt=door(Role.ADMIN, body=HandBack, answer=HandedBackView, writes=True),
    )
    async def hand_back(self, request: AnyRequest, agent_id: FromPath[UUID]) -> Response[HandedBackView]:
        """Give all that an agent who is away or has left has back to the queue, in one act; at most 100 a call.

        Each ticket's log tells of it, and the audit of them all. Asked again, it goes on where anything is left, and
        changes nothing where nothing is.
        """
        reason, found = given(request, HandBack).reason, services(request)
        work = partial(desk.hand_back, resources=found.desk.resources, agent_id=agent_id, reason=reason)
        done = await found.desk.keep(principal_of(request), work, HandedBack, idempotency_of(request))
        return Response(HandedBackView(done.numbers, done.left))


def described(body: AgentChange, registry: Registry) -> Described:
    """Return what a body says of an agent.

    Raises:
        Invalid: the mail address is none.
    """
    email = normal(registry, EMAIL, body.email, "email")
    return Described(body.display_name, email, body.lines, body.state, body.keys)
