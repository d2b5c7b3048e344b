"""Operators' routes: companies and keys. Nobody else enters, and no company's tickets are shown here."""

import asyncio
from functools import partial
from uuid import UUID

from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath

from helpdesk.api.auth import acting, caller_of
from helpdesk.api.conditions import etag, idempotency_of
from helpdesk.api.doors import AnyRequest, door, given
from helpdesk.api.requests.operating import NewKey, NewTenant
from helpdesk.api.services import services
from helpdesk.desk.changing.operators import create_key_once, operator_once
from helpdesk.desk.companies.onboarding import Company, OtherAddress, prepare, take_on
from helpdesk.domain.commands import Idempotency
from helpdesk.kernel.errors import Invalid, NotFound
from helpdesk.kernel.principal import Principal, Role
from helpdesk.plugins.registry import Registry
from helpdesk.queries.records.operating import get_tenant, list_keys, list_tenants, tenant_view
from helpdesk.queries.views.operating import KeyList, NewKeyView, TenantList, TenantView
from helpdesk.regulation.loading.loader import load_package
from helpdesk.regulation.vocabulary.problems import RegulationError
from helpdesk.store.audit import Audit
from helpdesk.store.credentials import Credentials
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenants


class Operating(Controller):
    """Companies and keys."""

    path = "/v1/operator"

    @get("/tenants", opt=door(Role.OPERATOR, answer=TenantList, tenant_by_header=False))
    async def list_tenants(self, request: AnyRequest) -> Response[TenantList]:
        """List the companies."""
        found = services(request)
        work = partial(list_tenants, evaluator_of=found.directory.of)
        return Response(await found.database.read(_operator(request), work))

    @post(
        "/tenants",
        status_code=201,
        opt=door(
            Role.OPERATOR,
            body=NewTenant,
            answer=TenantView,
            answer_headers=("ETag",),
            problems=("invalid", "conflict"),
            writes=True,
            tenant_by_header=False,
        ),
    )
    async def add_tenant(self, request: AnyRequest) -> Response[TenantView]:
        """Take on a company with every edition of its regulation.

        Without an idempotency key a company that is there already is answered 409.
        """
        body, found, idempotency = given(request, NewTenant), services(request), idempotency_of(request)
        company = await asyncio.to_thread(_prepare, body, found.registry)

        def work(session: Session) -> TenantView:
            return tenant_view(session, take_on(session, company), found.directory.of)

        def once(session: Session) -> TenantView:
            return operator_once(session, idempotency, TenantView, partial(work, session))

        made = await found.database.write(_operator(request), once)
        return Response(made, headers={"ETag": etag(made.version)})

    @get(
        "/tenants/{tenant:str}",
        opt=door(Role.OPERATOR, answer=TenantView, answer_headers=("ETag",), tenant_by_header=False),
    )
    async def get_tenant(self, request: AnyRequest, tenant: FromPath[str]) -> Response[TenantView]:
        """Show a company."""
        found = services(request)
        work = partial(get_tenant, slug=tenant, evaluator_of=found.directory.of)
        shown = await found.database.read(_operator(request), work)
        return Response(shown, headers={"ETag": etag(shown.version)})

    @get("/keys", opt=door(Role.OPERATOR, answer=KeyList, tenant_by_header=False))
    async def list_keys(self, request: AnyRequest) -> Response[KeyList]:
        """List the keys, revoked ones included; never a secret."""
        return Response(await services(request).database.read(_operator(request), list_keys))

    @post(
        "/keys",
        status_code=201,
        opt=door(
            Role.OPERATOR,
            body=NewKey,
            answer=NewKeyView,
            problems=("invalid", "conflict"),
            writes=True,
            tenant_by_header=False,
        ),
    )
    async def create_key(self, request: AnyRequest) -> Response[NewKeyView]:
        """Make a key. Its secret is in this answer and nowhere else.

        Under an idempotency key the same request gets the same key again; without one, a key whose answer was lost is
        to be revoked.
        """
        work = partial(_create_key, body=given(request, NewKey), idempotency=idempotency_of(request))
        return Response(await services(request).database.write(_operator(request), work))

    @delete("/keys/{key_id:uuid}", status_code=204, opt=door(Role.OPERATOR, writes=True, tenant_by_header=False))
    async def revoke_key(self, request: AnyRequest, key_id: FromPath[UUID]) -> None:
        """Revoke a key: it is dead here at once, on other instances within two seconds."""
        found = services(request)
        idempotency = idempotency_of(request)

        def work(session: Session) -> bool:
            return operator_once(session, idempotency, bool, partial(_revoke_key, session, key_id))

        await found.database.write(_operator(request), work)
        found.authenticator.forget()


def _operator(request: AnyRequest) -> Principal:
    return acting(caller_of(request), None)


def _prepare(body: NewTenant, registry: Registry) -> Company:
    package = registry.regulations.get(body.regulation)
    if package is None:
        raise Invalid("There is no such regulation.", fields={"regulation": "is not installed"})
    others = [OtherAddress(other.channel_kind, other.address) for other in body.addresses]
    try:
        return prepare(
            load_package(package.root),
            registry.channels,
            parameters=body.parameters,
            readings=body.readings,
            alert_address=body.alert_address,
            shadow=body.shadow,
            others=others,
        )
    except RegulationError as error:
        raise Invalid(str(error)) from error


def _create_key(session: Session, body: NewKey, idempotency: Idempotency | None) -> NewKeyView:
    tenants = Tenants(session)
    try:
        served = [tenants.by_slug(slug).id for slug in body.tenants]
    except NotFound:
        raise Invalid("One of the companies is not known.", fields={"tenants": "names no company"}) from None
    role = Role(body.role)
    key, new = create_key_once(session, role, body.name, served, idempotency)
    if new:
        Audit(session).record("key.create", f"key:{key.id}", {"role": role.value, "tenants": list(body.tenants)})
    return NewKeyView(key.id, key.secret, role.value, body.name, body.tenants)


def _revoke_key(session: Session, key_id: UUID) -> bool:
    Credentials(session).revoke(key_id)
    Audit(session).record("key.revoke", f"key:{key_id}")
    return True
