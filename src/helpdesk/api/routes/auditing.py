"""The audit for a company's administrators, and the operators' act that has readings recorded in it."""

from functools import partial

from litestar import Controller, Response, get, put
from litestar.params import FromPath

from helpdesk.api.auth import acting, caller_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of
from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.audit import AuditFilter, Confidential
from helpdesk.api.requests.base import given_or_none
from helpdesk.api.services import read, services
from helpdesk.desk.changing.operators import operator_once
from helpdesk.desk.companies.confidential import set_confidential
from helpdesk.kernel.principal import Role
from helpdesk.queries.records.audit import AuditPage, list_audit
from helpdesk.queries.records.audit_chain import AuditHead, audit_head
from helpdesk.queries.records.operating import tenant_view
from helpdesk.queries.views.operating import TenantView
from helpdesk.store.engine.session import Session


class Auditing(Controller):
    """Who did what."""

    path = "/v1/audit"

    @get("/", opt=door(Role.ADMIN, query=AuditFilter, answer=AuditPage, problems=("bad-cursor",)))
    async def list_audit(self, request: AnyRequest) -> Response[AuditPage]:
        """List who did what in this company, the newest first.

        In a confidential company that includes every reading of its tickets by staff.
        """
        wanted = asked(request, AuditFilter)
        act, about = given_or_none(wanted.act), given_or_none(wanted.about)
        work = partial(list_audit, limit=wanted.limit, cursor=given_or_none(wanted.cursor), act=act, about=about)
        return Response(await read(request, work))

    @get("/head", opt=door(Role.ADMIN, answer=AuditHead))
    async def audit_head(self, request: AnyRequest) -> Response[AuditHead]:
        """Show how far the company's audit is sealed, signed with the installation's key.

        Each line is sealed to the one before within seconds. Keep a head where the database is not: what was altered or
        taken away before it shows against it (`helpdesk audit verify --heads`).
        """
        return Response(await read(request, audit_head))


class Confidentiality(Controller):
    """Having readings recorded, an operator's act."""

    path = "/v1/operator/tenants"

    @put(
        "/{tenant:str}/confidential",
        opt=door(
            Role.OPERATOR,
            body=Confidential,
            answer=TenantView,
            answer_headers=("ETag",),
            problems=("invalid", "conflict"),
            writes=True,
            versioned=True,
            tenant_by_header=False,
        ),
    )
    async def set_confidential(self, request: AnyRequest, tenant: FromPath[str]) -> Response[TenantView]:
        """Have each reading of a company's tickets by staff recorded in its audit, or no more.

        A regulation that demands confidentiality keeps it on. Keys in use notice within two seconds.
        """
        body, found, idempotency = given(request, Confidential), services(request), idempotency_of(request)

        version = expected_version(request)

        def work(session: Session) -> TenantView:
            find = found.directory.in_force
            changed = set_confidential(session, tenant, find, version, on=body.on, cause=body.cause)
            return tenant_view(session, changed, found.directory.of)

        def once(session: Session) -> TenantView:
            return operator_once(session, idempotency, TenantView, partial(work, session))

        view = await found.database.write(acting(caller_of(request), None), once)
        found.authenticator.forget()
        return Response(view, headers={"ETag": etag(view.version)})
