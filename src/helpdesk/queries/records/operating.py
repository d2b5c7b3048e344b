"""What operators see: the companies and the keys, never a company's tickets."""

from zoneinfo import ZoneInfo

from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.records.deliveries import count_suppressed, count_suppressed_everywhere
from helpdesk.queries.views.base import moment
from helpdesk.queries.views.operating import KeyList, KeyView, ReviewView, TenantList, TenantView
from helpdesk.regulation.judging.decisions import review
from helpdesk.store.credentials import Credentials
from helpdesk.store.editions import Editions, in_force_everywhere
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenant, Tenants


def list_tenants(session: Session, evaluator_of: FindEvaluator) -> TenantList:
    """Return the companies, by slug."""
    in_force, kept = in_force_everywhere(session, session.now), count_suppressed_everywhere(session)
    return TenantList(
        tuple(
            _shown(tenant, _review(session, tenant, in_force.get(tenant.id), evaluator_of), kept.get(tenant.id, 0))
            for tenant in Tenants(session).all()
        )
    )


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
    review, kept = review_of(session, tenant, evaluator_of), count_suppressed(session.within(tenant.id))
    return _shown(tenant, review, kept)


def review_of(session: Session, tenant: Tenant, evaluator_of: FindEvaluator) -> ReviewView | None:
    """Return when the company's edition in force must be looked at again, None where nothing says so."""
    in_force = Editions(session.within(tenant.id)).snapshot_in_force(session.now)
    return _review(session, tenant, in_force, evaluator_of)


def _review(session: Session, tenant: Tenant, in_force: str | None, evaluator_of: FindEvaluator) -> ReviewView | None:
    if in_force is None:
        return None
    evaluator = evaluator_of(session.within(tenant.id), in_force)
    today = to_datetime(session.now).astimezone(ZoneInfo(evaluator.zone)).date()
    found = review(evaluator.edition, today)
    return None if found is None else ReviewView(found.earliest, found.latest, found.overdue, found.clause)


def _shown(tenant: Tenant, review: ReviewView | None, kept: int) -> TenantView:
    told = (tenant.id, tenant.slug, tenant.name, tenant.alert_address, to_datetime(tenant.created_at))
    return TenantView(*told, review, moment(tenant.shadow_since), kept, tenant.confidential, tenant.version)
