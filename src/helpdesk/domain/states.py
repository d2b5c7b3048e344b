"""The ticket's state chart, as one table. ``docs/concepts/ticket-states.md`` draws it."""

from enum import StrEnum

from helpdesk.contracts.log import Happened
from helpdesk.kernel.errors import Conflict


class State(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    """Registered; nobody works on it yet."""
    OPEN = "open"
    """In work."""
    WAITING = "waiting"
    """A reason to wait is in force (the client, an announced update, …)."""
    RESOLVED = "resolved"
    """Done in our eyes; the client may confirm, disagree or stay silent (preliminary closing)."""
    CLOSED = "closed"
    """Final. A late reply becomes a linked ticket."""


_LIVE = (State.NEW, State.OPEN, State.WAITING)
_UNCLOSED = (*_LIVE, State.RESOLVED)

# What happened, where it may happen, where it leads (None: the state stays).
_EDGES: tuple[tuple[Happened, tuple[State, ...], State | None], ...] = (
    (Happened.ACKNOWLEDGED, tuple(State), None),
    (Happened.BOUNCED, tuple(State), None),
    (Happened.WITHHELD, tuple(State), None),
    (Happened.NOTE_ADDED, tuple(State), None),
    (Happened.ATTACHED, tuple(State), None),
    (Happened.ATTACHMENT_REFUSED, tuple(State), None),
    (Happened.WARNED, _UNCLOSED, None),
    (Happened.GOAL_PASSED, _UNCLOSED, None),
    (Happened.BREACHED, _UNCLOSED, None),
    (Happened.EXPIRED, _UNCLOSED, None),
    (Happened.REJUDGED, _UNCLOSED, None),
    (Happened.PARTICIPANT_ADDED, _UNCLOSED, None),
    (Happened.PARTICIPANT_REMOVED, tuple(State), None),
    (Happened.TAGGED, tuple(State), None),
    (Happened.UNTAGGED, tuple(State), None),
    (Happened.LINKED, tuple(State), None),
    (Happened.UNLINKED, tuple(State), None),
    (Happened.SPLIT, _UNCLOSED, None),
    (Happened.MERGED, _UNCLOSED, None),
    (Happened.ABSORBED, _UNCLOSED, None),
    (Happened.REPAIR_MOVED, tuple(State), None),
    (Happened.REMOTE_SESSION, _UNCLOSED, None),
    (Happened.REMOTE_SESSION_ENDED, tuple(State), None),
    (Happened.IDENTIFIED, _UNCLOSED, None),
    (Happened.SUPPLIED, _UNCLOSED, None),
    (Happened.LEVEL_SET, _UNCLOSED, None),
    (Happened.EXPEDITED, _LIVE, None),
    (Happened.CATEGORY_SET, _UNCLOSED, None),
    (Happened.LINE_SET, _UNCLOSED, None),
    (Happened.WORK_RECORDED, _UNCLOSED, None),
    (Happened.RELEASE_PLANNED, _UNCLOSED, None),
    (Happened.NUMBER_TOLD, tuple(State), None),
    (Happened.ASSIGNED, (State.NEW,), State.OPEN),
    (Happened.ASSIGNED, (State.OPEN, State.WAITING, State.RESOLVED), None),
    (Happened.UNASSIGNED, _UNCLOSED, None),
    (Happened.CLIENT_MESSAGE, _UNCLOSED, None),
    (Happened.ANSWER_SENT, (State.NEW,), State.OPEN),
    (Happened.ANSWER_SENT, (State.OPEN, State.WAITING, State.RESOLVED), None),
    (Happened.QUESTION_SENT, (State.NEW,), State.OPEN),
    (Happened.QUESTION_SENT, (State.OPEN, State.WAITING, State.RESOLVED), None),
    (Happened.NOTICE_SENT, _UNCLOSED, None),
    (Happened.PAUSED, _LIVE, State.WAITING),
    (Happened.RESUMED, (State.WAITING,), State.OPEN),
    (Happened.RESOLVED, _LIVE, State.RESOLVED),
    (Happened.RESOLVED, (State.RESOLVED,), None),
    (Happened.DISAGREED, (State.RESOLVED,), State.OPEN),
    (Happened.REOPENED, (State.RESOLVED,), State.OPEN),
    (Happened.CONFIRMED, (State.RESOLVED,), None),
    (Happened.CLOSED, _UNCLOSED, State.CLOSED),
)

TRANSITIONS: dict[tuple[State, Happened], State] = {
    (source, what): target or source for what, sources, target in _EDGES for source in sources
}


UNTOUCHED: dict[tuple[State, Happened], State] = {(State.WAITING, Happened.RESUMED): State.NEW}
"""Where it leads while nobody has taken the ticket into work, if elsewhere."""
_TAKEN_UP = frozenset(what for what, _, to in _EDGES if to in {State.OPEN, State.RESOLVED}) - {Happened.RESUMED}


def taken_up(what: Happened) -> bool:
    """Say whether ``what`` shows that somebody works, or worked, on the ticket."""
    return what in _TAKEN_UP


def after(state: State, what: Happened, *, waiting: bool = False, untouched: bool = False) -> State:
    """Return the state after ``what`` happened in ``state``.

    Args:
        state: before it.
        what: happened.
        waiting: a reason to wait is in force after it.
        untouched: nobody has taken the ticket into work yet.

    Raises:
        Conflict: it cannot happen there.
    """
    if waiting and (state, what) == (State.WAITING, Happened.RESUMED):
        return State.WAITING  # two reasons to wait both have to end
    if untouched and (state, what) in UNTOUCHED:
        return UNTOUCHED[state, what]
    try:
        return TRANSITIONS[state, what]
    except KeyError:
        raise Conflict(f"{what.value.replace('_', ' ')} is not possible while the ticket is {state.value}") from None
