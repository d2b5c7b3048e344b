"""The audit log: who did what, besides the tickets' own logs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import select

from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant
from helpdesk.store.audit_chain import key_of, mark
from helpdesk.store.engine.additions import Addition
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import audit

_RECORD = Addition(audit)

SERVICE = UUID(int=0)
"""Stands in place of the tenant for acts that concern none."""


class Act(Struct, frozen=True):
    """One line."""

    id: UUID
    at: Instant
    actor: str
    act: str
    object: str
    data: dict[str, Any]


class Audit:
    """The tenant's audit log; for a session bound to none, the service's own. Lines are only ever added."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tenant = session.principal.tenant_id or SERVICE

    def record(self, act: str, about: str, data: Mapping[str, Any] | None = None) -> UUID:
        """Add a line: the session's actor did ``act`` (``key.create``) to ``about`` (``key:<id>``). No secrets."""
        act_id = new_id()
        values = {
            "tenant_id": self._tenant,
            "id": act_id,
            "at": self._session.now,
            "actor": self._session.principal.actor,
            "by": self._session.principal.name,
            "act": act,
            "object": about,
            "data": msgspec.to_builtins(dict(data or {}), str_keys=True),
        }
        _RECORD.add(self._session, [{**values, "mark": mark(key_of(self._session), values)}])
        return act_id

    def has(self, act: str, about: str) -> bool:
        """Say whether there is a line of this act about this."""
        same = (audit.c.tenant_id == self._tenant, audit.c.act == act, audit.c.object == about)
        return self._session.connection.execute(select(audit.c.id).where(*same).limit(1)).first() is not None

    def latest(self, limit: int, before: UUID | None = None) -> tuple[Act, ...]:
        """Return up to ``limit`` lines, the newest first, older than the line ``before`` where given."""
        wanted = select(*(audit.c[name] for name in Act.__struct_fields__)).where(audit.c.tenant_id == self._tenant)
        if before is not None:
            wanted = wanted.where(audit.c.id < before)
        rows = self._session.connection.execute(wanted.order_by(audit.c.id.desc()).limit(limit))
        return tuple(Act(*row) for row in rows)
