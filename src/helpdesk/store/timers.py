"""Clock rows (a cache of the logs) and timers (instants at which the service must act)."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, select, update

from helpdesk.contracts.clocks import Circumstances, Clocked, ClockKind, ClockState, ClockView
from helpdesk.domain.timers import StoredTimer, TimerChange, TimerKey, TimerState
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.additions import Addition
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import clocks, timers

_CLOCK_FIELDS = ClockView.__struct_fields__
_CLOCK_COLUMNS = tuple(clocks.c[name] for name in _CLOCK_FIELDS)
_UNDER_COLUMNS = (
    clocks.c.channel, clocks.c.decided_at, clocks.c.decided_level, clocks.c.decided_line, clocks.c.decided_agent
)  # fmt: skip
"""The columns of ``Circumstances``, in its order."""
_OF_CLOCK = and_(clocks.c.tenant_id == bindparam("tenant"), clocks.c.ticket_id == bindparam("ticket"))
_OF_TIMER = and_(timers.c.tenant_id == bindparam("tenant"), timers.c.ticket_id == bindparam("ticket"))
_THIS_CLOCK = and_(_OF_CLOCK, clocks.c.name == bindparam("clock"), clocks.c.seq == bindparam("clock_number"))
_THIS_TIMER = and_(
    _OF_TIMER,
    timers.c.clock == bindparam("of_clock"),
    timers.c.clock_seq == bindparam("of_seq"),
    timers.c.point == bindparam("at_point"),
)

_CLOCKS_OF = Prepared(select(*_CLOCK_COLUMNS, *_UNDER_COLUMNS).where(_OF_CLOCK).order_by(clocks.c.name, clocks.c.seq))
_DELETE_CLOCK = Prepared(delete(clocks).where(_THIS_CLOCK))
_TIMERS_OF = Prepared(
    select(timers.c.clock, timers.c.clock_seq, timers.c.point, timers.c.due_at, timers.c.epoch, timers.c.state).where(
        _OF_TIMER
    )
)
_INSERT_CLOCK = Addition(clocks)
_INSERT_TIMER = Addition(timers)
_CLOCKS_BETWEEN = Prepared(
    select(clocks.c.ticket_id, *_CLOCK_COLUMNS, *_UNDER_COLUMNS)
    .where(
        clocks.c.tenant_id == bindparam("tenant"),
        clocks.c.ticket_id >= bindparam("first"),
        clocks.c.ticket_id <= bindparam("last"),
    )
    .order_by(clocks.c.ticket_id, clocks.c.name, clocks.c.seq)
)
_TIMERS_BETWEEN = Prepared(
    select(
        timers.c.ticket_id,
        timers.c.clock,
        timers.c.clock_seq,
        timers.c.point,
        timers.c.due_at,
        timers.c.epoch,
        timers.c.state,
    ).where(
        timers.c.tenant_id == bindparam("tenant"),
        timers.c.ticket_id >= bindparam("first"),
        timers.c.ticket_id <= bindparam("last"),
    )
)


class Clocks:
    """The tenant's clock rows."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tenant = session.tenant_id

    def of(self, ticket_id: UUID) -> tuple[ClockView, ...]:
        """Return the ticket's clocks as cached, by name and number."""
        return tuple(clocked.view for clocked in self.clocked(ticket_id))

    def clocked(self, ticket_id: UUID) -> tuple[Clocked, ...]:
        """Return the same, each with its circumstances."""
        rows = _CLOCKS_OF.all(self._session, {"tenant": self._tenant, "ticket": ticket_id})
        return tuple(_clocked(row) for row in rows)

    def between(self, first: UUID, last: UUID) -> dict[UUID, tuple[Clocked, ...]]:
        """Return the cached clocks of the tickets from the id ``first`` to the id ``last``, both included."""
        rows = _CLOCKS_BETWEEN.all(self._session, {"tenant": self._tenant, "first": first, "last": last})
        return {ticket: tuple(_clocked(row[1:]) for row in of) for ticket, of in groupby(rows, itemgetter(0))}

    def replace(self, ticket_id: UUID, before: Sequence[Clocked], after: Sequence[Clocked]) -> None:
        """Make the cached rows those of ``after``, writing only what differs from ``before``."""
        old = {(clock.view.name, clock.view.seq): clock for clock in before}
        new = {(clock.view.name, clock.view.seq): clock for clock in after}
        stale = [key for key, clock in old.items() if new.get(key) != clock]
        if stale:
            _DELETE_CLOCK.run_each(
                self._session,
                [
                    {"tenant": self._tenant, "ticket": ticket_id, "clock": name, "clock_number": seq}
                    for name, seq in stale
                ],
            )
        rows = [self._row(ticket_id, clock) for key, clock in new.items() if old.get(key) != clock]
        _INSERT_CLOCK.add(self._session, rows)

    def add(self, clocked: Iterable[tuple[UUID, Sequence[Clocked]]]) -> None:
        """Add the clocks of tickets that have none yet."""
        _INSERT_CLOCK.add(self._session, [self._row(ticket, clock) for ticket, of in clocked for clock in of])

    def _row(self, ticket_id: UUID, clock: Clocked) -> dict[str, Any]:
        view, under = clock.view, clock.under
        return {
            "tenant_id": self._tenant,
            "ticket_id": ticket_id,
            **{name: getattr(view, name) for name in _CLOCK_FIELDS},
            "kind": view.kind.value,
            "state": view.state.value,
            "channel": under.channel,
            "decided_at": under.decided_at,
            "decided_level": under.level,
            "decided_line": under.line,
            "decided_agent": under.agent,
        }


class Timers:
    """The tenant's timers."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection

    def of(self, ticket_id: UUID) -> dict[TimerKey, StoredTimer]:
        """Return the ticket's timers, whatever became of them."""
        rows = _TIMERS_OF.all(self._session, {"tenant": self._session.tenant_id, "ticket": ticket_id})
        found = (
            StoredTimer(TimerKey(clock, seq, point), due_at, epoch, TimerState(state))
            for clock, seq, point, due_at, epoch, state in rows
        )
        return {timer.key: timer for timer in found}

    def between(self, first: UUID, last: UUID) -> dict[UUID, dict[TimerKey, StoredTimer]]:
        """Return the timers of the tickets from the id ``first`` to the id ``last``, both included."""
        found: dict[UUID, dict[TimerKey, StoredTimer]] = {}
        values = {"tenant": self._session.tenant_id, "first": first, "last": last}
        for ticket, clock, seq, point, due_at, epoch, state in _TIMERS_BETWEEN.all(self._session, values):
            key = TimerKey(clock, seq, point)
            found.setdefault(ticket, {})[key] = StoredTimer(key, due_at, epoch, TimerState(state))
        return found

    def apply(self, ticket_id: UUID, changes: Iterable[TimerChange]) -> None:
        """Insert, move or cancel timers."""
        tenant = self._session.tenant_id
        added, moved = [], []
        for change in changes:
            if change.epoch == 1:
                added.append(
                    {
                        "tenant_id": tenant,
                        "ticket_id": ticket_id,
                        "clock": change.key.clock,
                        "clock_seq": change.key.clock_seq,
                        "point": change.key.point,
                        "due_at": change.due_at,
                        "epoch": change.epoch,
                        "state": change.state.value,
                    }
                )
            else:
                moved.append(self._bound(ticket_id, change.key, change.due_at, change.epoch, change.state))
        _INSERT_TIMER.add(self._session, added)
        _MOVE.run_each(self._session, moved)

    def mark_fired(self, ticket_id: UUID, timer: StoredTimer) -> bool:
        """Mark the timer fired if its epoch still holds; say whether it did."""
        values = self._bound(ticket_id, timer.key, timer.due_at, timer.epoch, TimerState.FIRED)
        return self._connection.execute(_FIRE, values).one_or_none() is not None

    def _bound(
        self, ticket_id: UUID, key: TimerKey, due_at: Instant, epoch: int, state: TimerState
    ) -> dict[str, object]:
        return {
            "tenant": self._session.tenant_id,
            "ticket": ticket_id,
            "of_clock": key.clock,
            "of_seq": key.clock_seq,
            "at_point": key.point,
            "new_due": due_at,
            "new_epoch": epoch,
            "new_state": state.value,
            "now": self._session.now,
        }


_MOVE = Prepared(
    update(timers)
    .where(_THIS_TIMER)
    .values(due_at=bindparam("new_due"), epoch=bindparam("new_epoch"), state=bindparam("new_state"))
)
_FIRE = (
    update(timers)
    .where(and_(_THIS_TIMER, timers.c.epoch == bindparam("new_epoch"), timers.c.state == TimerState.PENDING.value))
    .values(state=bindparam("new_state"), fired_at=bindparam("now"))
    .returning(timers.c.epoch)
)


def _clocked(row: tuple[Any, ...]) -> Clocked:
    values = dict(zip(_CLOCK_FIELDS, row, strict=False))
    kind, state, warn_at = ClockKind(values["kind"]), ClockState(values["state"]), tuple(values["warn_at"])
    view = ClockView(**{**values, "kind": kind, "state": state, "warn_at": warn_at})
    return Clocked(view, Circumstances(*row[len(_CLOCK_FIELDS) :]))
