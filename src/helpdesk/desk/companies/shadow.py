"""Shadow mode: a company runs beside its old system. Everything is registered, computed and warned of; nothing leaves.

Letters to the outside are kept as suppressed from the very statement that writes them; leaving the mode sends none of
them. Warnings and breaches go to the company's own people as ever.
"""

from helpdesk.desk.changing.versions import seen
from helpdesk.kernel.errors import Invalid
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import Outbox
from helpdesk.store.tenants import Tenant, Tenants


def set_shadow(session: Session, slug: str, expected_version: int | None = None, *, on: bool, cause: str) -> Tenant:
    """Begin or end a company's shadow mode; an operator's act, audited. Asking for what is so changes nothing.

    On beginning, letters that nobody has begun to send are suppressed too. On ending, nothing is sent that was not.

    Raises:
        NotFound: there is no such company.
        VersionConflict: it is not at ``expected_version``.
        Invalid: no cause is given.
    """
    if not cause.strip():
        raise Invalid("shadow mode changes for a cause", fields={"cause": "must not be empty"})
    tenants = Tenants(session)
    tenant = tenants.held(slug)
    with seen(tenant.version, expected_version):
        if (tenant.shadow_since is not None) == on:
            return tenant
        tenants.set_shadow(tenant.id, session.now if on else None)
        bound = session.within(tenant.id)
        told = {"on": on, "cause": cause.strip(), "suppressed": Outbox(bound).suppress_owed() if on else 0}
        Audit(bound).record("tenant.shadow", f"tenant:{slug}", told)
        return tenants.by_id(tenant.id)
