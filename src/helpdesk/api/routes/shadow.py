"""Shadow mode of a company, and the letters it keeps from leaving."""

from functools import partial
from typing import Annotated

from litestar import Controller, Response, get, put
from litestar.params import FromPath
from msgspec import UNSET, Meta, UnsetType

from helpdesk.api.auth import acting, caller_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of
from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.base import Paging, Request, given_or_none
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.desk.changing.operators import operator_once
from helpdesk.desk.companies.shadow import set_shadow
from helpdesk.kernel.principal import Role
from helpdesk.queries.records.deliveries import DeliveryPage, list_deliveries
from helpdesk.queries.records.operating import tenant_view
from helpdesk.queries.views.operating import TenantView
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import OutboxState


class Shadow(Request, frozen=True):
    """Whether a company runs in the shadow of another system."""

    on: bool
    cause: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]
    """Why, for the audit."""


class DeliveryFilter(Paging, frozen=True):
    """Which letters."""

    state: OutboxState | UnsetType = UNSET


class Deliveries(Controller):
    """Letters on their way out."""

    path = "/v1/deliveries"

    @get("/", opt=door(*STAFF, query=DeliveryFilter, answer=DeliveryPage, problems=("bad-cursor",)))
    async def list_deliveries(self, request: AnyRequest) -> Response[DeliveryPage]:
        """List the company's letters, newest first: owed, sent, given up, or suppressed by shadow mode."""
        wanted = asked(request, DeliveryFilter)
        work = partial(
            list_deliveries,
            limit=wanted.limit,
            cursor=given_or_none(wanted.cursor),
            state=given_or_none(wanted.state),
        )
        return Response(await read(request, work))


class ShadowMode(Controller):
    """Shadow mode, an operator's act."""

    path = "/v1/operator/tenants"

    @put(
        "/{tenant:str}/shadow",
        opt=door(
            Role.OPERATOR,
            body=Shadow,
            answer=TenantView,
            answer_headers=("ETag",),
            problems=("invalid",),
            writes=True,
            versioned=True,
            tenant_by_header=False,
        ),
    )
    async def set_shadow(self, request: AnyRequest, tenant: FromPath[str]) -> Response[TenantView]:
        """Have a company run in the shadow of another system, or end it.

        In the shadow everything is registered, computed and warned of inside; letters to the outside are kept as
        `suppressed` and never sent, not even when the mode ends.
        """
        body, found, idempotency = given(request, Shadow), services(request), idempotency_of(request)

        version = expected_version(request)

        def work(session: Session) -> TenantView:
            changed = set_shadow(session, tenant, version, on=body.on, cause=body.cause)
            return tenant_view(session, changed, found.directory.of)

        def once(session: Session) -> TenantView:
            return operator_once(session, idempotency, TenantView, partial(work, session))

        view = await found.database.write(acting(caller_of(request), None), once)
        return Response(view, headers={"ETag": etag(view.version)})
