"""Editions of a company's regulation: operators publish and look; an administrator has a ticket judged anew."""

import asyncio
from functools import partial

from litestar import Controller, MediaType, Response, get, post
from litestar.params import FromPath

from helpdesk.api.auth import acting, caller_of, principal_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of
from helpdesk.api.doors import AnyRequest, door, given
from helpdesk.api.edition_files import files_of
from helpdesk.api.requests.editions import NewEdition, Rejudgement, SimulatedEdition
from helpdesk.api.services import Services, services
from helpdesk.api.simulation_views import SimulationView, simulation_view
from helpdesk.desk.changing.operators import operator_once
from helpdesk.desk.companies.differing import Difference, differ, in_force
from helpdesk.desk.companies.editions import (
    Draft,
    Supplied,
    draft_of,
    draft_of_snapshot,
    publish,
    refused,
    supplied_now,
)
from helpdesk.desk.companies.uploads import Upload
from helpdesk.domain.commands import Idempotency
from helpdesk.domain.rejudging import Rejudge
from helpdesk.domain.states import State
from helpdesk.kernel.errors import Invalid, NotFound
from helpdesk.kernel.instants import from_datetime
from helpdesk.kernel.principal import Principal, Role
from helpdesk.plugins.registry import Registry
from helpdesk.queries.companies.editions import EditionList, EditionView, edition_view, list_editions, snapshot_body
from helpdesk.queries.numbers import MAX_NUMBER
from helpdesk.queries.views.base import Changed
from helpdesk.regulation.loading.loader import load_package
from helpdesk.regulation.vocabulary.days import load_days
from helpdesk.regulation.vocabulary.problems import RegulationError
from helpdesk.sim.history import MAX_INSTANT, Period, spans
from helpdesk.sim.run import Draft as Trial
from helpdesk.sim.run import simulate
from helpdesk.store.editions import Editions
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenants

MOST_SIMULATED = 20_000
"""Tickets that a request may have simulated."""


class PublishedEditions(Controller):
    """What was published of a company's regulation, and publishing more."""

    path = "/v1/operator/tenants/{tenant:str}"

    @get("/editions", opt=door(Role.OPERATOR, answer=EditionList, tenant_by_header=False))
    async def list_editions(self, request: AnyRequest, tenant: FromPath[str]) -> Response[EditionList]:
        """List what was published, the earliest in force first."""
        work = partial(list_editions, slug=tenant)
        return Response(await services(request).database.read(_operator(request), work))

    @get("/snapshots/{snapshot:str}", opt=door(Role.OPERATOR, tenant_by_header=False))
    async def get_snapshot(
        self, request: AnyRequest, tenant: FromPath[str], snapshot: FromPath[str]
    ) -> Response[bytes]:
        """Show a snapshot's body, the very bytes that its hash names."""
        work = partial(snapshot_body, slug=tenant, snapshot_hash=snapshot)
        body = await services(request).database.read(_operator(request), work)
        return Response(body, media_type=MediaType.JSON)

    @post(
        "/editions",
        status_code=201,
        opt=door(
            Role.OPERATOR,
            body=NewEdition,
            answer=EditionView,
            problems=("invalid", "conflict"),
            writes=True,
            tenant_by_header=False,
        ),
    )
    async def publish_edition(self, request: AnyRequest, tenant: FromPath[str]) -> Response[EditionView]:
        """Publish an edition, or a new version of one: a decree, an announcement with hours.

        It judges what is received from its instant on; no ticket that is there moves. The same again changes nothing.
        """
        body, found, principal = given(request, NewEdition), services(request), _operator(request)
        idempotency = idempotency_of(request)
        draft = await _drafted(found, principal, body, tenant)
        return Response(await found.database.write(principal, partial(_publish, draft=draft, idempotency=idempotency)))

    @post(
        "/editions/differences",
        status_code=200,
        opt=door(Role.OPERATOR, body=NewEdition, answer=Difference, problems=("invalid",), tenant_by_header=False),
    )
    async def compare_edition(self, request: AnyRequest, tenant: FromPath[str]) -> Response[Difference]:
        """Say what an edition would change against the one in force: rule by rule, and for whom.

        Each effect has a witness: an instant of receipt at which a promise comes out otherwise, with both promises. The
        same as `helpdesk regulation diff` says of two folders. Nothing is kept.
        """
        body, found, principal = given(request, NewEdition), services(request), _operator(request)
        draft = await _drafted(found, principal, body, tenant)
        before, now = await found.database.read(principal, partial(in_force, slug=tenant))
        return Response(await asyncio.to_thread(differ, before, draft.snapshot, now))

    @post(
        "/editions/simulations",
        status_code=200,
        opt=door(
            Role.OPERATOR, body=SimulatedEdition, answer=SimulationView, problems=("invalid",), tenant_by_header=False
        ),
    )
    async def simulate_edition(self, request: AnyRequest, tenant: FromPath[str]) -> Response[SimulationView]:
        """Judge the tickets of a period by an edition: deadlines that would move, breaches, the change in attainment.

        The same as `helpdesk regulation simulate` says, which is for long histories: here at most 20,000 tickets are
        taken at once. Nothing is kept.
        """
        body, found, principal = given(request, SimulatedEdition), services(request), _operator(request)
        draft = await _drafted(found, principal, body, tenant)
        tenant_id = await found.database.read(principal, lambda session: Tenants(session).by_slug(tenant).id)
        period = Period(
            0 if body.received_from is None else from_datetime(body.received_from),
            MAX_INSTANT if body.received_before is None else from_datetime(body.received_before),
        )
        trial = Trial(draft.snapshot, period, body.most)
        return Response(await asyncio.to_thread(_simulated, found.database, principal.within(tenant_id), trial))


class Rejudging(Controller):
    """Judging a ticket anew."""

    path = "/v1/tickets/{number:int}/regulation"

    @post(
        status_code=200,
        opt=door(Role.ADMIN, body=Rejudgement, answer=Changed, answer_headers=("ETag",), writes=True, versioned=True),
    )
    async def rejudge(self, request: AnyRequest, number: FromPath[int]) -> Response[Changed]:
        """Have the snapshot in force now, or the one named, judge the ticket from here on.

        Nothing else moves a promised deadline. The deadlines before and after are in the ticket's log and the audit.
        """
        if not 1 <= number <= MAX_NUMBER:
            raise NotFound
        body = given(request, Rejudgement)
        done = await services(request).desk.rejudge(
            principal_of(request),
            Rejudge(number, body.cause, body.snapshot or "", body.level, body.line),
            expected_version=expected_version(request),
            idempotency=idempotency_of(request),
        )
        changed = Changed(done.number, done.version, State(done.state), done.message_id)
        return Response(changed, headers={"ETag": etag(done.version)})


def _operator(request: AnyRequest) -> Principal:
    return acting(caller_of(request), None)


def _simulated(database: Database, principal: Principal, trial: Trial) -> SimulationView:
    of = sum(span.size for span in spans(database, principal, trial.period))
    if of > MOST_SIMULATED:
        text = f"has {of} tickets, more than {MOST_SIMULATED}: narrow it, or use the command"
        raise Invalid("The period is too long.", fields={"received_from": text})
    return simulation_view(simulate(database, principal, trial, processes=1))


def _publish(session: Session, draft: Draft, idempotency: Idempotency | None) -> EditionView:
    bound = session.within(Tenants(session).by_slug(draft.slug).id)

    def work() -> EditionView:
        published = publish(session, draft)
        current = Editions(bound).snapshot_in_force(session.now)
        in_force = published.in_force_from <= session.now and current == published.snapshot_hash
        return edition_view(published, in_force=in_force)

    return operator_once(session, idempotency, EditionView, work)


async def _drafted(found: Services, principal: Principal, body: NewEdition, slug: str) -> Draft:
    """Return what was sent as a draft, completed by what was supplied for the company's edition in force."""
    supplied = await found.database.read(principal, partial(supplied_now, slug=slug))
    return await asyncio.to_thread(_draft, body, slug, supplied, found.registry)


def _draft(body: NewEdition, slug: str, supplied: Supplied, registry: Registry) -> Draft:
    since = None if body.in_force_from is None else from_datetime(body.in_force_from)
    files = files_of(body, registry)
    if body.snapshot is not None:
        if body.regulation or body.editions:
            raise Invalid("either files or a snapshot", fields={"snapshot": "excludes regulation and editions"})
        days = load_days(Upload(files) / "calendars")
        draft = draft_of_snapshot(body.snapshot, days, registry.channels, since)
    else:
        try:
            package = load_package(Upload(files))
            draft = draft_of(
                package,
                registry.channels,
                supplied=Supplied(
                    supplied.parameters if body.parameters is None else body.parameters,
                    supplied.readings if body.readings is None else body.readings,
                ),
                edition_id=body.edition,
                since=since,
            )
        except RegulationError as error:
            raise refused(error) from error
    if draft.slug != slug:
        raise Invalid("the regulation is another company's", fields={"regulation": f"is of {draft.slug}"})
    return draft
