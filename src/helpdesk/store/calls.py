"""Calls as the telephone system tells of them."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, case, func, select, update

from helpdesk.contracts.messages import Outcome
from helpdesk.contracts.transports import PHONE
from helpdesk.domain.clients import Call
from helpdesk.domain.commands import Taken
from helpdesk.kernel.errors import Conflict, NotFound
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_leave
from helpdesk.store.inbox import Inbox
from helpdesk.store.schema import calls

_COLUMNS = tuple(calls.c[name] for name in Call.__struct_fields__)


class Calls:
    """The tenant's calls. In whatever order things are told, and how often, the call that is kept is the same."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def by_id(self, call_id: str) -> Call:
        """Return one call.

        Raises:
            NotFound: nothing was told of it.
        """
        row = self._connection.execute(select(*_COLUMNS).where(self._this(call_id))).one_or_none()
        if row is None:
            raise NotFound("There is no such call.")
        return Call(*row)

    def open(self, call_id: str, dialled: str, caller: str, started_at: Instant) -> Call:
        """Keep that there was a call at ``started_at``: it began at the earliest instant that is told of it.

        Raises:
            Conflict: another call has this id.
        """
        values: dict[str, Any] = {"tenant_id": self._tenant, "call_id": call_id, "dialled": dialled}
        values |= {"caller": caller, "started_at": started_at, **self._registered(call_id, dialled)}
        self._connection.execute(insert_or_leave(self._session.dialect, calls), values)
        kept = self.by_id(call_id)
        if (kept.dialled, kept.caller) != (dialled, caller):
            raise Conflict("Another call has this id.")
        if started_at < kept.started_at:
            self._set(call_id, started_at=started_at)
        return kept

    def answer(self, call_id: str, agent: str, at: Instant) -> None:
        """Keep who answered, and when: the first answer counts for when, the last one that names somebody for who."""
        self._set(call_id, answered_at=_earliest(calls.c.answered_at, at))
        if agent:
            latest = update(calls).where(self._this(call_id), func.coalesce(calls.c.agent_since, at) <= at)
            self._connection.execute(latest.values(agent=agent, agent_since=at))

    def end(self, call_id: str, at: Instant) -> None:
        """Keep that the call ended; the earliest end counts."""
        self._set(call_id, ended_at=_earliest(calls.c.ended_at, at))

    def register(self, call_id: str, outcome: Outcome, number: int | None) -> None:
        """Keep what became of the call, if the telephone system told of it."""
        self._set(call_id, outcome=outcome.value, number=number)

    def _set(self, call_id: str, **values: Any) -> None:
        self._connection.execute(update(calls).where(self._this(call_id)).values(**values))

    def _registered(self, call_id: str, dialled: str) -> dict[str, Any]:
        """Return what became of the call, if somebody registered it before the telephone system told of it."""
        answer = Inbox(self._session).answer(f"{PHONE}:{dialled}", call_id)
        if answer is None:
            return {"outcome": "", "number": None}
        taken = msgspec.convert(answer, Taken)
        return {"outcome": taken.outcome.value, "number": taken.number}

    def _this(self, call_id: str) -> Any:
        return and_(calls.c.tenant_id == self._tenant, calls.c.call_id == call_id)


def _earliest(kept: ColumnElement[int | None], at: Instant) -> ColumnElement[int | None]:
    return case((kept <= at, kept), else_=at)
