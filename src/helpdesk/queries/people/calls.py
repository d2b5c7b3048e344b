"""Calls as the telephone system tells of them: what is ringing, what was missed."""

from typing import Annotated

from msgspec import Meta
from sqlalchemy import and_, or_, select

from helpdesk.domain.clients import Call
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.paging import decode, encode, page
from helpdesk.queries.views.base import moment
from helpdesk.queries.views.clients import CallPage, CallView
from helpdesk.store.calls import Calls
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import calls

_Instant = Annotated[int, Meta(ge=-(2**53), le=2**53)]
_CallId = Annotated[str, Meta(max_length=200)]


def list_calls(session: Session, *, limit: int, cursor: str | None, state: str | None) -> CallPage:
    """Return a page of calls, the latest first; ``state`` is ``open``, ``closed`` or ``missed``.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    wanted = select(*(calls.c[name] for name in Call.__struct_fields__)).where(calls.c.tenant_id == session.tenant_id)
    if state == "open":
        wanted = wanted.where(calls.c.ended_at.is_(None))
    elif state is not None:
        wanted = wanted.where(calls.c.ended_at.is_not(None))
    if state == "missed":
        wanted = wanted.where(calls.c.outcome == "")
    if cursor is not None:
        at, call_id = decode("calls", cursor, tuple[_Instant, _CallId])
        earlier = and_(calls.c.started_at == at, calls.c.call_id < call_id)
        wanted = wanted.where(or_(calls.c.started_at < at, earlier))
    rows, more = page(session, wanted.order_by(calls.c.started_at.desc(), calls.c.call_id.desc()), limit)
    items = tuple(call_view(Call(**row._mapping)) for row in rows)
    return CallPage(items, encode("calls", rows[-1].started_at, rows[-1].call_id) if more else None)


def get_call(session: Session, call_id: str) -> CallView:
    """Return one call.

    Raises:
        NotFound: nothing was told of it.
    """
    return call_view(Calls(session).by_id(call_id))


def call_view(call: Call) -> CallView:
    """Return a call as it is shown."""
    return CallView(
        call_id=call.call_id,
        dialled=call.dialled,
        caller=call.caller,
        agent=call.agent,
        started_at=to_datetime(call.started_at),
        answered_at=moment(call.answered_at),
        ended_at=moment(call.ended_at),
        outcome=call.outcome,
        number=call.number,
    )
