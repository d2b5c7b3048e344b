"""Operators' writes made repeatable: the same idempotency key with the same request gives the same answer.

The inbox belongs to a tenant, so what concerns a tenant is remembered with it. A key's secret is kept nowhere: under an
idempotency key both its id and its secret follow from the request, so that a repetition can be given them again.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from helpdesk.desk.onboarding import Company, take_on
from helpdesk.desk.once import once
from helpdesk.domain.commands import Idempotency
from helpdesk.kernel.errors import Conflict, KeyReused, NotFound
from helpdesk.kernel.principal import Role
from helpdesk.store.credentials import KEY_PREFIX, Credentials, NewKey
from helpdesk.store.instance import installation
from helpdesk.store.session import Session
from helpdesk.store.tenants import Tenant, Tenants

T = TypeVar("T")

_KEY_CONTEXT = b"helpdesk key 1\0"


def take_on_once(
    session: Session, company: Company, idempotency: Idempotency | None, kind: type[T], view: Callable[[Tenant], T]
) -> T:
    """Take on a company and return its ``view``, or the answer given before under the same key.

    Raises:
        Conflict: there is such a tenant already, or one of the addresses belongs to another.
        KeyReused: the key was used with another request for this company.
    """
    if idempotency is None:
        return view(take_on(session, company))
    try:
        there = Tenants(session).by_slug(company.slug)
    except NotFound:
        tenant = take_on(session, company)
        return once(session.within(tenant.id), idempotency, kind, lambda: view(tenant))

    def refuse() -> T:
        raise Conflict(f"there is a tenant {company.slug} already")

    return once(session.within(there.id), idempotency, kind, refuse)


def create_key_once(
    session: Session, role: Role, name: str, tenant_ids: Sequence[UUID], idempotency: Idempotency | None
) -> tuple[NewKey, bool]:
    """Make a key, and say whether it is new; under the same idempotency key it is the same one.

    Raises:
        KeyReused: the idempotency key was used with another request.
        Conflict: the key made under it was revoked since.
        Invalid: as ``Credentials.create``.
    """
    keys = Credentials(session)
    if idempotency is None:
        return keys.create(role, name, tenant_ids), True
    asked = session.principal.actor.encode() + b"\0" + idempotency.key.encode()
    key_id = UUID(bytes=hashlib.sha256(_KEY_CONTEXT + asked).digest()[:16], version=5)
    mac = hmac.digest(installation(session).secret, _KEY_CONTEXT + asked + idempotency.request_hash, "sha256")
    made = NewKey(key_id, KEY_PREFIX + base64.urlsafe_b64encode(mac).rstrip(b"=").decode())
    known = keys.secret_hash_of(key_id)
    if known is None:
        keys.create(role, name, tenant_ids, made)
        return made, True
    if not keys.is_secret(known, made.secret):
        raise KeyReused
    if keys.by_id(key_id) is None:
        raise Conflict("the key made under this idempotency key was revoked")
    return made, False
