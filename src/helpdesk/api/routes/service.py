"""The service's own routes, public: is it alive, is it ready, how does it do, what does it offer."""

import asyncio

from litestar import Controller, MediaType, Response, get
from msgspec import Struct

from helpdesk.api.doors import AnyRequest, door
from helpdesk.api.services import Check, services

_CHECK_SECONDS = 2.0


class Alive(Struct, frozen=True, forbid_unknown_fields=True):
    """The process answers."""

    status: str


class Checked(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that must be in order."""

    name: str
    ok: bool
    reason: str
    """Why not; empty where it is."""


class StandingStill(Struct, frozen=True, forbid_unknown_fields=True):
    """A plugin whose code stands still: what it does is not done meanwhile, everything else is."""

    plugin: str
    seconds: int
    """For how long."""


class Readiness(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the service can take requests."""

    ready: bool
    checks: tuple[Checked, ...]
    standing: tuple[StandingStill, ...]
    """The service is ready without them."""


class ServiceRoutes(Controller):
    """Probes, metrics and the description."""

    path = "/"

    @get("/healthz", opt=door(answer=Alive))
    async def healthz(self) -> Response[Alive]:
        """Say that the process is alive."""
        return Response(Alive("ok"))

    @get("/ready", opt=door(answer=Readiness, other_answers=((503, Readiness, "Not ready; the checks say why."),)))
    async def ready(self, request: AnyRequest) -> Response[Readiness]:
        """Say whether the service can take requests, and if not, why."""
        wanted = services(request).checks
        checks = await asyncio.gather(*(_ask(name, check) for name, check in wanted.items()))
        ready = all(check.ok for check in checks)
        still = tuple(StandingStill(name, int(each)) for name, each in sorted(services(request).standing().items()))
        return Response(Readiness(ready, tuple(checks), still), status_code=200 if ready else 503)

    @get("/metrics", media_type=MediaType.TEXT, opt=door(media_type="text/plain"))
    async def metrics(self, request: AnyRequest) -> Response[bytes]:
        """Show the metrics, for Prometheus."""
        found = services(request)
        await found.stockroom.refresh()
        found.metrics.set_standing(found.standing())
        return Response(found.metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @get("/schema/openapi.json", opt=door())
    async def openapi(self, request: AnyRequest) -> Response[bytes]:
        """Show this description (OpenAPI 3.1)."""
        return Response(request.app.state["openapi"], media_type=MediaType.JSON)


async def _ask(name: str, check: Check) -> Checked:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            reason = await check()
    except TimeoutError:
        reason = f"no answer within {_CHECK_SECONDS:g} seconds"
    except Exception as error:
        reason = f"the check failed: {type(error).__name__}"
    return Checked(name, reason is None, reason or "")
