"""What operators see: the companies and the keys, never a company's tickets."""

from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.views import KeyList, KeyView, TenantList, TenantView, moment
from helpdesk.store.credentials import Credentials
from helpdesk.store.session import Session
from helpdesk.store.tenants import Tenant, Tenants


def list_tenants(session: Session) -> TenantList:
    """Return the companies, by slug."""
    return TenantList(tuple(tenant_view(tenant) for tenant in Tenants(session).all()))


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


def tenant_view(tenant: Tenant) -> TenantView:
    """Return a company as it is shown."""
    return TenantView(tenant.id, tenant.slug, tenant.name, tenant.alert_address, to_datetime(tenant.created_at))
