"""A company's regulation, for those who work by it: what it says, and how a deadline comes about."""

from functools import partial

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from msgspec import UNSET

from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.base import given_or_none
from helpdesk.api.requests.regulation import AtInstant, SupposedEvent, SupposedRequest
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.contracts.log import Happened
from helpdesk.kernel.instants import from_datetime
from helpdesk.kernel.principal import system
from helpdesk.queries.companies.edition_text import EditionText, own_edition, public_edition
from helpdesk.queries.companies.regulation import Explained, RegulationView, Told, explain_case, show_regulation
from helpdesk.store.engine.session import Session


class Regulation(Controller):
    """What the company's regulation says."""

    path = "/v1/regulation"

    @get("/", opt=door(*STAFF, query=AtInstant, answer=RegulationView, problems=("conflict",)))
    async def show_regulation(self, request: AnyRequest) -> Response[RegulationView]:
        """Show the edition in force: channels, levels, targets, terms, reasons, outcomes, each with its clause."""
        at = given_or_none(asked(request, AtInstant).at)
        work = partial(
            show_regulation,
            at=None if at is None else from_datetime(at),
            evaluator_at=services(request).directory.in_force,
        )
        return Response(await read(request, work))

    @get("/text", opt=door(*STAFF, answer=EditionText, problems=("conflict",)))
    async def show_text(self, request: AnyRequest) -> Response[EditionText]:
        """Show which edition is in force, where its text stands, and the hash of what judges by it."""
        find = services(request).directory.in_force
        return Response(await read(request, partial(own_edition, evaluator_at=find)))

    @post(
        "/explanations",
        status_code=200,
        opt=door(*STAFF, body=SupposedRequest, answer=Explained, problems=("invalid", "conflict")),
    )
    async def explain_deadlines(self, request: AnyRequest) -> Response[Explained]:
        """Derive the deadlines of a request that might have been, after what happened to it. Nothing is stored."""
        body, directory = given(request, SupposedRequest), services(request).directory
        received_at = from_datetime(body.received_at)
        events = tuple(_told(event) for event in body.events)

        def work(session: Session) -> Explained:
            evaluator = directory.in_force(session, received_at)
            return explain_case(evaluator, body.channel, received_at, body.level, events)

        return Response(await read(request, work))


class OpenRegulations(Controller):
    """Regulations that are open to all. They stand outside `/v1`, where nothing is reached without an API key."""

    path = "/regulations"

    @get("/{company:str}", opt=door(answer=EditionText, problems=("conflict",)))
    async def show_open_text(self, request: AnyRequest, company: FromPath[str]) -> Response[EditionText]:
        """Show the same to anybody, where the company's text says that everybody may read it."""
        found = services(request)
        work = partial(public_edition, slug=company, evaluator_at=found.directory.in_force)
        return Response(await found.database.read(system("regulations"), work))


def _told(event: SupposedEvent) -> Told:
    named = {"level": event.level, "line": event.line, "reason": event.reason, "channel": event.channel}
    data: dict[str, object] = {name: value for name, value in named.items() if value is not UNSET}
    what = Happened(event.what)
    if what is Happened.NOTICE_SENT:
        data["names_engineer"] = event.names_engineer
    return Told(what, from_datetime(event.at), data)
