"""What operators see: the companies and the keys, never a company's tickets."""

from zoneinfo import ZoneInfo

from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.records.deliveries import count_suppressed
from helpdesk.queries.views.base import moment
from helpdesk.queries.views.operating import KeyList, KeyView, ReviewView, TenantList, TenantView
from helpdesk.regulation.judging.decisions import review
from helpdesk.store.credentials import Credentials
from helpdesk.store.editions import Editions
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenant, Tenants


def list_tenants(session: Session, evaluator_of: FindEvaluator) -> TenantList:
    """Return the companies, by slug."""
    return TenantList(tuple(tenant_view(session, tenant, evaluator_of) for tenant in Tenants(session).all()))


def get_tenant(session: Session, slug: str, evaluator_of: FindEvaluator) -> TenantView:
    """Return one company.

    Raises:
        NotFound: there is none of this name.
    """
    return tenant_view(session, Tenants(session).by_slug(slug), evaluator_of)


def list_keys(session: Session) -> KeyList:
    """Return the keys that the session may manage, the oldest first, revoked ones included."""
    return KeyList(
        tuple(
            KeyView(
                key.id,
                key.role.value,
                key.name,
                tuple(served.slug for served in key.tenants),
                to_datetime(key.created_at),
                moment(key.revoked_at),
            )
            for key in Credentials(session).all()
        )
    )


def tenant_view(session: Session, tenant: Tenant, evaluator_of: FindEvaluator) -> TenantView:
    """Return a company as it is shown."""
    created_at, review = to_datetime(tenant.created_at), review_of(session, tenant, evaluator_of)
    shadow, kept = moment(tenant.shadow_since), count_suppressed(session.within(tenant.id))
    told = (tenant.id, tenant.slug, tenant.name, tenant.alert_address, created_at)
    return TenantView(*told, review, shadow, kept, tenant.confidential, tenant.version)


def review_of(session: Session, tenant: Tenant, evaluator_of: FindEvaluator) -> ReviewView | None:
    """Return when the company's edition in force must be looked at again, None where nothing says so."""
    bound = session.within(tenant.id)
    in_force = Editions(bound).snapshot_in_force(session.now)
    if in_force is None:
        return None
    evaluator = evaluator_of(bound, in_force)
    today = to_datetime(session.now).astimezone(ZoneInfo(evaluator.zone)).date()
    found = review(evaluator.edition, today)
    return None if found is None else ReviewView(found.earliest, found.latest, found.overdue, found.clause)
