"""The queues in memory: what waits for an agent, in the order of each company's regulation.

They propose, the database decides. A queue is a window on the first waiting tickets of a company, or of one of its
lines; what is beyond the window is read when the window runs out. Every commit of this instance's desk moves the ticket
in the windows at once; what other instances and processes commit is seen when a window is read anew, at most
``refresh_seconds`` later. So a proposal may be stale, and is checked in the transaction that hands it out; and nothing
here needs to outlive the process.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from msgspec import Struct

from helpdesk.domain.attention import Need, waits_for_work
from helpdesk.domain.ticket import Ticket
from helpdesk.sla.queues import WorkQueue
from helpdesk.store.engine.session import Session
from helpdesk.store.tickets import Cached
from helpdesk.store.types import decode_rank
from helpdesk.store.waiting import Waiting, first_waiting

WINDOW = 256
"""Tickets that are read at a time."""
REFRESH_SECONDS = 0.5
"""How old a window may be, by the steady clock: the longest that another instance's commit stays unseen."""
_TENANTS = 1_024
_RANK_PARTS = 5
"""The evaluator's order key has at most so many; shorter ones of the same company are filled up with the smallest."""
_SMALLEST = -(1 << 63)

Order = tuple[int, ...]
Lines = frozenset[str] | None
"""Names of lines; None: any."""


class _Change(Struct, frozen=True):
    """A committed change of a ticket, as far as it concerns queues."""

    key: bytes
    line: str
    place: tuple[Order, int] | None
    """Its order and arrival; None where it does not wait."""


class _Window:
    """The first waiting tickets of a company, or of some lines of it."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.queue = WorkQueue(_RANK_PARTS + 1)
        self.last: Order | None = None
        """The last place that was read: everything that waits up to it is here; None: everything that waits."""
        self.read_at = float("-inf")
        self.readers = 0
        """Threads that are reading it from the database now."""
        self.missed: list[_Change] = []
        """What was committed meanwhile, and perhaps not seen by those reads."""

    def apply(self, change: _Change) -> None:
        """Put the ticket where it belongs now."""
        place = change.place
        if (
            place is not None
            and (self.lines is None or change.line in self.lines)
            and (self.last is None or place[0] <= self.last)
        ):
            self.queue.put(change.key, *place)
        else:
            self.drop(change.key)

    def drop(self, key: bytes) -> None:
        """Take the ticket out, if it is in."""
        if key in self.queue:
            self.queue.remove(key)

    def fill(self, rows: Sequence[Waiting], *, complete: bool) -> None:
        """Replace everything by ``rows``."""
        self.queue.clear()
        for row in rows:
            self.queue.put(row.ticket_id.bytes, _order(row.rank, row.number), row.received_at)
        self.last = None if complete else _order(rows[-1].rank, rows[-1].number)


class WaitingQueues:
    """The queues of all companies. Safe to use from several threads."""

    def __init__(
        self,
        *,
        window: int = WINDOW,
        refresh_seconds: float = REFRESH_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._window = window
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._tenants: OrderedDict[UUID, dict[Lines, _Window]] = OrderedDict()
        self._lock = threading.Lock()

    def propose(self, session: Session, lines: Lines) -> UUID | None:
        """Take out the first waiting ticket of the session's tenant, on ``lines`` or on any; None: nothing waits.

        Whoever does not hand it out gives it back.
        """
        with self._lock:
            window = self._window_of(session.tenant_id, lines)
            found = self._take(session.tenant_id, window) if self._fresh(window) else None
        if found is not None:
            return found
        self._read(session, window)
        with self._lock:
            found = self._take(session.tenant_id, window)
            if found is None:
                self._forget(session.tenant_id, window)
            return found

    def give_back(self, tenant_id: UUID) -> None:
        """Have the tenant's queues read anew: something proposed was not handed out."""
        with self._lock:
            for window in self._windows(tenant_id):
                window.read_at = float("-inf")

    def note(self, tenant_id: UUID, ticket: Ticket, cached: Cached) -> None:
        """Put a ticket that was just committed in its place."""
        waits = waits_for_work(ticket.assignee, Need(cached.needs))
        place = (_order(cached.rank, ticket.number), ticket.received_at) if waits else None
        change = _Change(ticket.id.bytes, ticket.line, place)
        with self._lock:
            for window in self._windows(tenant_id):
                if window.readers:
                    window.missed.append(change)
                if self._fresh(window):
                    window.apply(change)
                else:  # nobody asks; it will be read anew, and must not grow until then
                    window.queue.clear()

    def _read(self, session: Session, window: _Window) -> None:
        with self._lock:
            window.readers += 1
            begun = len(window.missed)
            began_at = self._clock()
        try:
            rows = first_waiting(session, window.lines, self._window)
            with self._lock:
                window.fill(rows, complete=len(rows) < self._window)
                window.read_at = began_at
                for change in window.missed[begun:]:
                    window.apply(change)
        finally:
            with self._lock:
                window.readers -= 1
                if not window.readers:
                    window.missed.clear()

    def _fresh(self, window: _Window) -> bool:
        return self._clock() - window.read_at <= self._refresh_seconds

    def _take(self, tenant_id: UUID, window: _Window) -> UUID | None:
        key = window.queue.pop()
        if key is None:
            return None
        for other in self._windows(tenant_id):
            other.drop(key)
        return UUID(bytes=key)

    def _windows(self, tenant_id: UUID) -> Iterable[_Window]:
        return self._tenants.get(tenant_id, {}).values()

    def _window_of(self, tenant_id: UUID, lines: Lines) -> _Window:
        windows = self._tenants.setdefault(tenant_id, {})
        self._tenants.move_to_end(tenant_id)
        while len(self._tenants) > _TENANTS:
            self._tenants.popitem(last=False)
        return windows.setdefault(lines, _Window(lines))

    def _forget(self, tenant_id: UUID, window: _Window) -> None:
        """Keep nothing of an empty queue: lines that do not exist cost no memory."""
        if not window.readers and not window.queue:
            windows = self._tenants.get(tenant_id, {})
            if windows.get(window.lines) is window:
                del windows[window.lines]
            if not windows:
                self._tenants.pop(tenant_id, None)


def _order(rank: bytes, number: int) -> Order:
    """Return the place that the database's order by rank and number gives, as a fixed number of integers."""
    parts = decode_rank(rank)[:_RANK_PARTS]
    return (*parts, *(_SMALLEST,) * (_RANK_PARTS - len(parts)), number)
