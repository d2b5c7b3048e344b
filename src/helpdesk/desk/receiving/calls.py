"""What the telephone system tells of calls: they begin, are answered, end. Told again, nothing changes."""

from enum import StrEnum

from msgspec import Struct

from helpdesk.domain.clients import Call
from helpdesk.kernel.instants import Instant
from helpdesk.store.calls import Calls
from helpdesk.store.engine.session import Session


class Told(StrEnum):
    """What happened to a call."""

    STARTED = "call.started"
    ANSWERED = "call.answered"
    ENDED = "call.ended"


class CallNews(Struct, frozen=True):
    """One thing that the telephone system tells."""

    what: Told
    call_id: str
    dialled: str
    caller: str
    at: Instant
    agent: str = ""


def hear(session: Session, news: CallNews) -> Call:
    """Keep what is told, in whatever order it comes: an end without a beginning makes a call that is over.

    Each event says that there was a call by then, so the earliest of them is taken for its beginning.

    Raises:
        Conflict: another call has this id.
    """
    calls = Calls(session)
    at = min(news.at, session.now)
    calls.open(news.call_id, news.dialled, news.caller, at)
    if news.what is Told.ANSWERED:
        calls.answer(news.call_id, news.agent, at)
    elif news.what is Told.ENDED:
        calls.end(news.call_id, at)
    return calls.by_id(news.call_id)
