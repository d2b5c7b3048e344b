"""Writes made repeatable: under one idempotency key the same request takes effect once and gets the same answer."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from helpdesk.domain.commands import Idempotency
from helpdesk.store.engine.session import Session
from helpdesk.store.inbox import Inbox

T = TypeVar("T")


def once(session: Session, idempotency: Idempotency | None, kind: type[T], work: Callable[[], T]) -> T:
    """Do ``work`` of a session bound to a tenant, or give the answer of the first time, which is of ``kind``.

    Without a key the work is simply done. The key is claimed in the transaction of its effect: whoever comes with it
    meanwhile waits; a failure leaves the key unused. Keys are told apart by tenant and actor.

    Raises:
        KeyReused: the key was used with another request.
    """
    if idempotency is None:
        return work()
    inbox, source = Inbox(session), f"http:{session.principal.actor}"
    earlier = inbox.claim(source, idempotency.key, idempotency.request_hash)
    if earlier is not None:
        return msgspec.convert(earlier, kind)
    result = work()
    inbox.complete(source, idempotency.key, result)
    return result
