"""Clock rows (a cache of the logs) and timers (instants at which the service must act)."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, func, select, update

from helpdesk.contracts.clocks import Circumstances, Clocked, ClockKind, ClockState, ClockView
from helpdesk.domain.timers import Armed, StoredTimer, TimerKey, TimerState
from helpdesk.store.engine.additions import Addition
from helpdesk.store.engine.prepared import Prepared
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.several import Several
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

_CLOCKS_OF = Several(
    clocks.c.ticket_id,
    lambda one_of: (
        select(clocks.c.ticket_id, *_CLOCK_COLUMNS, *_UNDER_COLUMNS)
        .where(clocks.c.tenant_id == bindparam("tenant"), one_of)
        .order_by(clocks.c.ticket_id, clocks.c.name, clocks.c.seq)
    ),
)
_DELETE_CLOCK = Prepared(delete(clocks).where(_THIS_CLOCK))
_TIMER_COLUMNS = (
    timers.c.ticket_id, timers.c.clock, timers.c.clock_seq, timers.c.point, timers.c.due_at, timers.c.epoch,
    timers.c.state,
)  # fmt: skip
_TIMERS_OF = Several(
    timers.c.ticket_id,
    lambda one_of: select(*_TIMER_COLUMNS).where(timers.c.tenant_id == bindparam("tenant"), one_of),
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
    select(*_TIMER_COLUMNS).where(
        timers.c.tenant_id == bindparam("tenant"),
        timers.c.ticket_id >= bindparam("first"),
        timers.c.ticket_id <= bindparam("last"),
    )
)


_CHANGE = Prepared(
    update(timers)
    .where(_THIS_TIMER, timers.c.epoch == bindparam("old_epoch"), timers.c.state == bindparam("old_state"))
    .values(
        due_at=bindparam("new_due"),
        epoch=bindparam("new_epoch"),
        state=bindparam("new_state"),
        fired_at=func.coalesce(bindparam("fired", type_=timers.c.fired_at.type), timers.c.fired_at),
    )
)


@cache
def _update_clock(changed: tuple[str, ...]) -> Prepared:
    """Return what sets these columns of one clock."""
    return Prepared(update(clocks).where(_THIS_CLOCK).values({name: bindparam(f"new_{name}") for name in changed}))


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
        return self.several([ticket_id]).get(ticket_id, ())

    def several(self, ids: Sequence[UUID]) -> dict[UUID, tuple[Clocked, ...]]:
        """Return the cached clocks of several tickets."""
        return _by_ticket(_CLOCKS_OF.all(self._session, ids, {"tenant": self._tenant}))

    def between(self, first: UUID, last: UUID) -> dict[UUID, tuple[Clocked, ...]]:
        """Return the cached clocks of the tickets from the id ``first`` to the id ``last``, both included."""
        rows = _CLOCKS_BETWEEN.all(self._session, {"tenant": self._tenant, "first": first, "last": last})
        return _by_ticket(rows)

    def replace(self, changes: Iterable[tuple[UUID, Sequence[Clocked], Sequence[Clocked]]]) -> None:
        """Make the cached rows of tickets the second of each, writing only what differs from the first."""
        gone: list[dict[str, Any]] = []
        added: list[dict[str, Any]] = []
        by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for ticket_id, before, after in changes:
            old = {(clock.view.name, clock.view.seq): clock for clock in before}
            for clock in after:
                was = old.pop((clock.view.name, clock.view.seq), None)
                if was is None:
                    added.append(self._row(ticket_id, clock))
                elif was != clock:
                    new, stored = self._row(ticket_id, clock), self._row(ticket_id, was)
                    changed = tuple(name for name, value in new.items() if stored[name] != value)
                    values = {f"new_{name}": new[name] for name in changed} | self._this(ticket_id, clock)
                    by_columns.setdefault(changed, []).append(values)
            gone += [self._this(ticket_id, clock) for clock in old.values()]
        _DELETE_CLOCK.run_each(self._session, gone)
        for columns, rows in by_columns.items():
            _update_clock(columns).change_each(self._session, rows)
        _INSERT_CLOCK.add(self._session, added)

    def add(self, clocked: Iterable[tuple[UUID, Sequence[Clocked]]]) -> None:
        """Add the clocks of tickets that have none yet."""
        _INSERT_CLOCK.add(self._session, [self._row(ticket, clock) for ticket, of in clocked for clock in of])

    def _this(self, ticket_id: UUID, clock: Clocked) -> dict[str, Any]:
        view = clock.view
        return {"tenant": self._tenant, "ticket": ticket_id, "clock": view.name, "clock_number": view.seq}

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
        self._tenant = session.tenant_id

    def of(self, ticket_id: UUID) -> dict[TimerKey, StoredTimer]:
        """Return the ticket's timers, whatever became of them."""
        return self.several([ticket_id])[ticket_id]

    def several(self, ids: Sequence[UUID]) -> dict[UUID, dict[TimerKey, StoredTimer]]:
        """Return the same for several tickets."""
        found = _timers(_TIMERS_OF.all(self._session, ids, {"tenant": self._tenant}))
        return {ticket_id: found.get(ticket_id, {}) for ticket_id in ids}

    def between(self, first: UUID, last: UUID) -> dict[UUID, dict[TimerKey, StoredTimer]]:
        """Return the timers of the tickets from the id ``first`` to the id ``last``, both included."""
        return _timers(_TIMERS_BETWEEN.all(self._session, {"tenant": self._tenant, "first": first, "last": last}))

    def replace(self, changes: Iterable[tuple[UUID, Mapping[TimerKey, StoredTimer], Armed]]) -> bool:
        """Make tickets' timers those of ``Armed``; say whether all that changed were as given before.

        Where one was not, it has another epoch or fired meanwhile, and this work must not be committed.
        """
        added: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for ticket_id, before, after in changes:
            for key, timer in after.timers.items():
                old = before.get(key)
                if old is None:
                    added.append(self._row(ticket_id, timer))
                elif old is not timer and (old != timer or key in after.fired):
                    changed.append(self._changed(ticket_id, old, timer, fired=key in after.fired))
        _INSERT_TIMER.add(self._session, added)
        return _CHANGE.change_each(self._session, changed)

    def _row(self, ticket_id: UUID, timer: StoredTimer) -> dict[str, Any]:
        return {
            "tenant_id": self._tenant,
            "ticket_id": ticket_id,
            "clock": timer.key.clock,
            "clock_seq": timer.key.clock_seq,
            "point": timer.key.point,
            "due_at": timer.due_at,
            "epoch": timer.epoch,
            "state": timer.state.value,
        }

    def _changed(self, ticket_id: UUID, old: StoredTimer, new: StoredTimer, *, fired: bool) -> dict[str, Any]:
        return {
            "tenant": self._tenant,
            "ticket": ticket_id,
            "of_clock": old.key.clock,
            "of_seq": old.key.clock_seq,
            "at_point": old.key.point,
            "old_epoch": old.epoch,
            "old_state": old.state.value,
            "new_due": new.due_at,
            "new_epoch": new.epoch,
            "new_state": new.state.value,
            "fired": self._session.now if fired else None,
        }


def _timers(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, dict[TimerKey, StoredTimer]]:
    found: dict[UUID, dict[TimerKey, StoredTimer]] = {}
    for ticket, clock, seq, point, due_at, epoch, state in rows:
        key = TimerKey(clock, seq, point)
        found.setdefault(ticket, {})[key] = StoredTimer(key, due_at, epoch, TimerState(state))
    return found


def _by_ticket(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, tuple[Clocked, ...]]:
    return {ticket: tuple(_clocked(row[1:]) for row in of) for ticket, of in groupby(rows, itemgetter(0))}


def _clocked(row: tuple[Any, ...]) -> Clocked:
    values = dict(zip(_CLOCK_FIELDS, row, strict=False))
    kind, state, warn_at = ClockKind(values["kind"]), ClockState(values["state"]), tuple(values["warn_at"])
    view = ClockView(**{**values, "kind": kind, "state": state, "warn_at": warn_at})
    return Clocked(view, Circumstances(*row[len(_CLOCK_FIELDS) :]))
