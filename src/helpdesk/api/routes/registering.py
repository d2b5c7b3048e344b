"""Registering: a request handed in by a person or a program, and a call."""

import re
from collections.abc import Collection, Mapping
from functools import partial
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from helpdesk.api.auth import TENANT_HEADER, acting, caller_of, principal_of
from helpdesk.api.conditions import idempotency_of
from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.base import given_or_none
from helpdesk.api.requests.clients import CallFilter
from helpdesk.api.requests.intake import NewCall, NewTicket
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import Services, read, services
from helpdesk.contracts.channels import Local, canonical
from helpdesk.contracts.messages import Inbound, Standing
from helpdesk.contracts.transports import EMAIL, PHONE
from helpdesk.desk.desk import raise_if_refused
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.domain.commands import RegisterCall, Taken
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import from_datetime
from helpdesk.kernel.principal import Principal, system
from helpdesk.plugins.registry import Registry
from helpdesk.queries.people.calls import get_call, list_calls
from helpdesk.queries.views.clients import CallPage, CallView
from helpdesk.queries.views.operating import TakenIn
from helpdesk.store.addresses import Addresses
from helpdesk.store.engine.session import Session

_SHOWN = re.compile(r"[0-9*#]{1,15}|sips?:\S+|anonymous|private|restricted|unavailable|unknown|withheld", re.IGNORECASE)
"""What telephone systems show of who calls in a number's place: an extension, a SIP address, or that it is withheld."""


async def take_request(request: AnyRequest) -> Response[TakenIn]:
    """Have the desk take in the request that the body hands in."""
    body, found, principal = given(request, NewTicket), services(request), principal_of(request)
    near = await ours_of(found, principal, body.channel_kind)
    message = Inbound(
        channel_kind=body.channel_kind,
        address=normal(found.registry, body.channel_kind, body.address, "address"),
        source_key=f"http:{new_id()}",
        sender=normal(found.registry, body.channel_kind, body.requester, "requester", near=near) or principal.actor,
        received_at=None if body.received_at is None else from_datetime(body.received_at),
        subject=body.subject.strip(),
        text=body.text,
        sender_name=body.requester_name,
        standing=Standing.AUTHENTICATED,
        chat_kind="private",
        level=body.level,
        category=body.category or "",
        fields=_fields(body.product, body.version, body.fields),
    )
    contact = normal(found.registry, EMAIL, body.contact, "contact")
    arrival = Arrival(message, contact, body.criterion, body.organisation, facts=body.facts, affected=body.affected)
    arrival = replace(arrival, repeats=body.repeats, missing=body.missing)

    def addressed(session: Session, arrival: Arrival) -> Arrival:
        """Let what names no address of ours have come to the only one of its kind."""
        only = only_address(session, body.channel_kind)
        return replace(arrival, message=replace(arrival.message, address=only))

    completed = None if message.address else addressed
    taken = await found.desk.receive(principal, arrival, idempotency=idempotency_of(request), completed=completed)
    raise_if_refused(taken)
    return _answer(taken)


class Calls(Controller):
    """Calls, as phone agents and telephone systems register them."""

    path = "/v1/calls"

    @post(
        "/",
        status_code=201,
        opt=door(
            *STAFF, body=NewCall, answer=TakenIn, answer_headers=("Location",), problems=("refused",), writes=True
        ),
    )
    async def register_call(self, request: AnyRequest) -> Response[TakenIn]:
        """Register a call, or count one that was answered on the spot.

        Where the key serves several companies, the dialled number says which of them is meant. `call_id` makes the
        registration happen once, as `Idempotency-Key` does. A refusal names the clause and is kept in the ledger.
        """
        body, found = given(request, NewCall), services(request)
        named = TENANT_HEADER in request.headers or len(caller_of(request).tenants) < 2
        principal = principal_of(request) if named else None
        dialled = normal(found.registry, PHONE, body.dialled, "dialled")
        if principal is None:
            principal = await company_dialled(request, found, dialled)
        call = RegisterCall(
            call_id=body.call_id or f"http:{new_id()}",
            dialled=dialled,
            caller=normal_or_as_it_is(found.registry, PHONE, body.caller, near=[dialled]),
            summary=body.summary.strip(),
            description=body.description,
            level=body.level,
            criterion=body.criterion,
            facts=body.facts,
            affected=body.affected,
            contact=normal(found.registry, EMAIL, body.contact, "contact"),
            caller_name=body.caller_name,
            organisation=body.organisation,
            fields=_fields(body.product, body.version, body.fields),
            missing=body.missing,
            started_at=None if body.started_at is None else from_datetime(body.started_at),
            outcome=body.outcome,
            category=body.category or "",
            repeats=body.repeats,
        )
        taken = await found.desk.register_call(principal, call, idempotency=idempotency_of(request))
        return _answer(taken)

    @get("/", opt=door(*STAFF, query=CallFilter, answer=CallPage, problems=("bad-cursor",)))
    async def list_calls(self, request: AnyRequest) -> Response[CallPage]:
        """List calls that the telephone system told of, the latest first: open, closed, or missed."""
        wanted = asked(request, CallFilter)
        cursor, state = given_or_none(wanted.cursor), given_or_none(wanted.state)
        return Response(await read(request, partial(list_calls, limit=wanted.limit, cursor=cursor, state=state)))

    @get("/{call_id:str}", opt=door(*STAFF, answer=CallView))
    async def get_call(self, request: AnyRequest, call_id: FromPath[str]) -> Response[CallView]:
        """Show a call that the telephone system told of."""
        return Response(await read(request, partial(get_call, call_id=call_id)))


async def company_dialled(request: AnyRequest, found: Services, dialled: str) -> Principal:
    """Return the caller as it acts for that company among those its key serves which has the dialled number.

    Raises:
        Invalid: none of them has it.
    """
    caller = caller_of(request)
    reached = await found.database.read(system("api"), partial(_tenant_at, dialled=dialled))
    if reached not in {served.id for served in caller.tenants}:
        raise Invalid("No company of this key has the dialled number.", fields={"dialled": "is no number it serves"})
    return acting(caller, reached)


def _fields(product: str, version: str, others: Mapping[str, str]) -> dict[str, str]:
    """Return what was stated of the product, and whatever else was."""
    stated = {**others, **{name: value for name, value in (("product", product), ("version", version)) if value}}
    return {name: value.strip() for name, value in stated.items() if value.strip()}


def _tenant_at(session: Session, dialled: str) -> UUID | None:
    return Addresses(session).tenant_of(PHONE, dialled)


def only_address(session: Session, channel_kind: str) -> str:
    """Return the tenant's address of this kind, canonical, where it has exactly one, else an empty text."""
    found = _addresses_of(session, channel_kind)
    return found[0] if len(found) == 1 else ""


def _addresses_of(session: Session, channel_kind: str) -> tuple[str, ...]:
    return tuple(each.address for each in Addresses(session).of(session.tenant_id) if each.channel_kind == channel_kind)


def _answer(taken: Taken) -> Response[TakenIn]:
    headers = {} if taken.number is None else {"Location": f"/v1/tickets/{taken.number}"}
    told = (taken.ledger_id, taken.outcome, taken.tenant, taken.number, taken.read_first)
    return Response(TakenIn(*told), headers=headers)


async def ours_of(found: Services, principal: Principal, channel_kind: str) -> tuple[str, ...]:
    """Return the tenant's own addresses of this kind, where it depends on them how clients' are read."""
    if not isinstance(found.registry.channels.get(channel_kind), Local):
        return ()
    return await found.database.read(principal, partial(_addresses_of, channel_kind=channel_kind))


def normal(
    registry: Registry, channel_kind: str, address: str, field: str, *, near: Collection[str] | None = None
) -> str:
    """Return the canonical form of an address, empty as empty; ``near``: a client's, written near these of ours.

    Raises:
        Invalid: it is no address of this kind.
    """
    if not address.strip():
        return ""
    try:
        return canonical(registry.channels.get(channel_kind), address, near)
    except ValueError:
        raise Invalid("An address cannot be read.", fields={field: f"is no address of kind {channel_kind}"}) from None


def caller_number(registry: Registry, text: str, field: str, *, near: Collection[str]) -> str:
    """Return a caller's number in canonical form, or as it is where it is an extension, or is withheld.

    ``near``: it is written as near these numbers of ours.

    Raises:
        Invalid: no telephone system would show such a caller.
    """
    try:
        return normal(registry, PHONE, text, field, near=near)
    except Invalid:
        if _SHOWN.fullmatch(text.strip()):
            return text.strip()
        problem = "needs a telephone number, an extension, a SIP address, or anonymous"
        raise Invalid("A caller's number cannot be read.", fields={field: problem}) from None


def normal_or_as_it_is(registry: Registry, channel_kind: str, address: str, *, near: Collection[str]) -> str:
    """Return a client's address so, or the text itself where it is none: a caller's number may be withheld."""
    try:
        return normal(registry, channel_kind, address, "", near=near)
    except Invalid:
        return address.strip()
