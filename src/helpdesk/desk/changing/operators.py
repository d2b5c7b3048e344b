"""Operators' writes made repeatable: the same idempotency key with the same request gives the same answer.

They are remembered apart from every company's. A key's secret is kept nowhere: under an idempotency key both its id and
its secret follow from the request, so that a repetition can be given them again.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from helpdesk.desk.changing.once import once
from helpdesk.domain.commands import Idempotency
from helpdesk.kernel.errors import Conflict, KeyReused
from helpdesk.kernel.principal import Role
from helpdesk.store.audit import SERVICE
from helpdesk.store.credentials import KEY_PREFIX, Credentials, NewKey
from helpdesk.store.engine.session import Session
from helpdesk.store.instance import installation

T = TypeVar("T")

_KEY_CONTEXT = b"helpdesk key 1\0"


def operator_once(session: Session, idempotency: Idempotency | None, kind: type[T], work: Callable[[], T]) -> T:
    """Do an operator's ``work``, or give the answer given before under the same key, as ``once`` does for a company's.

    Raises:
        KeyReused: the key was used with another request, about whichever company.
    """
    return once(session.within(SERVICE), idempotency, kind, work)


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

    def make() -> UUID:
        if known is None:
            keys.create(role, name, tenant_ids, made)
        elif not keys.is_secret(known, made.secret):
            raise KeyReused
        return key_id

    operator_once(session, idempotency, UUID, make)
    if keys.by_id(key_id) is None:
        raise Conflict("the key made under this idempotency key was revoked")
    return made, known is None
