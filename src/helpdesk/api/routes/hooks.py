"""The telephone system's way in: signed webhooks that open and close calls.

A hook belongs to an API key: its path names the key, its secret is made from the installation's own and the key's id,
so nothing of it is stored, and revoking the key ends it. Signatures are those of Standard Webhooks.
"""

import base64
import hmac
from functools import partial
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from msgspec import Struct
from standardwebhooks import Webhook, WebhookVerificationError

from helpdesk.api.auth import TENANT_HEADER, acting, caller_of, principal_of
from helpdesk.api.doors import AnyRequest, decode_body, door
from helpdesk.api.requests.clients import CallEvent
from helpdesk.api.routes.registering import normal, normal_or_as_it_is
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import services
from helpdesk.contracts.transports import PHONE
from helpdesk.desk.receiving.calls import CallNews, hear
from helpdesk.domain.clients import Call
from helpdesk.kernel.errors import Invalid, NotAuthenticated
from helpdesk.kernel.instants import from_datetime
from helpdesk.kernel.principal import system
from helpdesk.queries.people.calls import call_view
from helpdesk.queries.views.clients import CallView, WebhookView
from helpdesk.store.addresses import Addresses
from helpdesk.store.credentials import Credential, Credentials
from helpdesk.store.engine.session import Session
from helpdesk.store.instance import installation

_CONTEXT = b"helpdesk telephone webhook 1\0"
_PREFIX = "whsec_"
_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class _Hook(Struct, frozen=True):
    """A hook that exists: whose it is, and what it is signed with."""

    caller: Credential
    secret: str


class Hooks(Controller):
    """What telephone systems tell."""

    path = "/hooks/telephony"

    @post(
        "/{key_id:uuid}",
        status_code=200,
        opt=door(body=CallEvent, answer=CallView, signed=True, problems=("invalid", "conflict")),
    )
    async def hear_call(self, request: AnyRequest, key_id: FromPath[UUID]) -> Response[CallView]:
        """Take what a telephone system tells of a call: it began, was answered, ended.

        Signed by Standard Webhooks with the secret of `GET /v1/telephony`. Safe to repeat, in any order: a call is
        known by its id. Among the companies that the key serves, the dialled number says which is meant.
        """
        found = services(request)
        hook = await found.database.read(system("api"), partial(_hook, key_id=key_id))
        _check(request, hook)
        assert hook is not None
        event = decode_body(request.scope["state"]["body"], CallEvent)
        dialled = normal(found.registry, PHONE, event.data.dialled, "data.dialled")
        reached = await found.database.read(system("api"), partial(_tenant_at, dialled=dialled))
        if reached not in {served.id for served in hook.caller.tenants}:
            raise Invalid(
                "No company of this key has the dialled number.", fields={"data.dialled": "is none it serves"}
            )
        news = CallNews(
            what=event.type,
            call_id=event.data.call_id,
            dialled=dialled,
            caller=normal_or_as_it_is(found.registry, PHONE, event.data.caller, near=[dialled]),
            at=from_datetime(event.timestamp),
            agent=event.data.agent,
        )
        principal = acting(hook.caller, reached)
        call = await found.desk.keep(principal, partial(hear, news=news), Call, None)
        return Response(call_view(call))


class Telephones(Controller):
    """How a telephone system is set up."""

    path = "/v1"

    @get("/telephony", opt=door(*STAFF, answer=WebhookView))
    async def telephony(self, request: AnyRequest) -> Response[WebhookView]:
        """Show where a telephone system tells of calls on behalf of this key, and the secret it signs with."""
        caller = caller_of(request)
        if TENANT_HEADER in request.headers:  # the hook is the key's, but a company that it does not serve is none
            principal_of(request)
        secret = await services(request).database.read(system("api"), partial(_secret, key_id=caller.id))
        return Response(WebhookView(f"/hooks/telephony/{caller.id}", secret))


def _hook(session: Session, key_id: UUID) -> _Hook | None:
    caller = Credentials(session).by_id(key_id)
    return None if caller is None or not caller.tenants else _Hook(caller, _secret(session, key_id))


def _tenant_at(session: Session, dialled: str) -> UUID | None:
    return Addresses(session).tenant_of(PHONE, dialled)


def _secret(session: Session, key_id: UUID) -> str:
    derived = hmac.digest(installation(session).secret, _CONTEXT + key_id.bytes, "sha256")
    return _PREFIX + base64.b64encode(derived).decode("ascii")


def _check(request: AnyRequest, hook: _Hook | None) -> None:
    """Hold the request against the hook's secret.

    Raises:
        NotAuthenticated: there is no such hook, or the signature is missing, wrong, or older than five minutes.
    """
    if hook is None:
        raise NotAuthenticated
    headers = {name: request.headers.get(name, "") for name in _HEADERS}
    try:
        Webhook(hook.secret).verify(request.scope["state"]["body"], headers, json_parse=False)
    except (WebhookVerificationError, ValueError):  # ValueError: a signature that is none, by its form
        raise NotAuthenticated from None
