"""The application: Litestar inside, and in front of it the layers that no request gets around."""

from collections.abc import Mapping
from typing import Any, NoReturn

import msgspec
from litestar import Litestar
from litestar.datastructures import State
from litestar.types import ASGIApp, LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send

from helpdesk.api.auth import Authenticator, authenticated, finder
from helpdesk.api.description import describe
from helpdesk.api.doors import AnyRequest, enter
from helpdesk.api.guards import Admission, Limits, plain_json_only, shared_fairly
from helpdesk.api.metrics import Metrics
from helpdesk.api.observe import observed
from helpdesk.api.routes import CONTROLLERS
from helpdesk.api.services import Check, Services, Standing
from helpdesk.api.stockroom import Stockroom
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.desk import Desk
from helpdesk.plugins.registry import Registry
from helpdesk.store.engine.database import Database


class Application(Litestar):
    """Litestar behind its front: observed, admitted, authenticated, and with bodies that are plain JSON.

    What handlers raise leaves Litestar as it was raised; the front makes a problem of it, in one place for everything.
    """

    front: ASGIApp

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        """Answer one request through the front."""
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
        else:
            await self.front(scope, receive, send)  # type: ignore[arg-type]  # a request's scope brings its own two

    async def routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request by its route, behind the front."""
        await super().__call__(scope, receive, send)


def create_app(
    *,
    desk: Desk,
    directory: Directory,
    database: Database,
    registry: Registry,
    checks: Mapping[str, Check],
    version: str,
    limits: Limits | None = None,
    standing: Standing = dict,
) -> Application:
    """Return the application; it starts and stops nothing, what it is given must be running.

    Args:
        desk: What every write goes to.
        directory: What finds the evaluator of a ticket's snapshot.
        database: What every read goes to.
        registry: The channels, for the form of their addresses, and the regulations, for new companies.
        checks: What `/ready` asks, by name.
        version: The service's version, for its description.
        limits: How much a client may send and how much is taken on at once.
        standing: Which plugins' code stands still.
    """
    bounds = limits or Limits()
    metrics = Metrics()
    authenticator = Authenticator(finder(database))
    services = Services(
        database,
        desk,
        directory,
        registry,
        metrics,
        Stockroom(database, metrics),
        authenticator,
        dict(checks),
        standing,
    )
    app = Application(
        route_handlers=list(CONTROLLERS),
        before_request=enter,  # no guard: for each of those Litestar copies the route's handler with every request
        exception_handlers={Exception: _leave},
        openapi_config=None,
        logging_config=None,
        state=State({"services": services}),
    )
    app.state["openapi"] = msgspec.json.encode(describe(app, version))
    inner = shared_fairly(plain_json_only(app.routed, bounds), bounds.in_flight_by_key)
    admission = Admission(authenticated(inner, authenticator), bounds.in_flight)
    metrics.follow_in_flight(lambda: admission.in_flight)
    app.front = observed(admission, metrics)
    return app


def _leave(request: AnyRequest, error: Exception) -> NoReturn:  # noqa: ARG001 - Litestar's signature
    raise error


def openapi_of(app: Application) -> dict[str, Any]:
    """Return the application's OpenAPI document."""
    document: dict[str, Any] = msgspec.json.decode(app.state["openapi"])
    return document
