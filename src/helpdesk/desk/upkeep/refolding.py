"""Folding every ticket's log anew, to hold what is cached of it against what it says, or to write the cache anew.

The log is the truth: clock rows, pending timers and what the ticket's row keeps of it (``next_due``, ``rank``,
``needs``, ``waits``) must be what it folds to, byte for byte, under the snapshot that judges the ticket. A difference
means a fault in the service or a hand in the database.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import bindparam, update

from helpdesk.contracts.clocks import Clocked
from helpdesk.desk.changing.commit import Folded, fold
from helpdesk.domain.timers import Armed, StoredTimer, TimerKey, needed
from helpdesk.domain.timers import changes as timer_changes
from helpdesk.kernel.errors import HelpdeskError
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.engine.session import Session
from helpdesk.store.histories import CHUNK, FIRST, History, read_histories
from helpdesk.store.schema import tickets
from helpdesk.store.tickets import Cached, Tickets
from helpdesk.store.timers import Clocks, Timers

FindEvaluator = Callable[[Session, str], Evaluator]

_REFRESH = (
    update(tickets)
    .where(
        tickets.c.tenant_id == bindparam("tenant"),
        tickets.c.id == bindparam("wanted"),
        tickets.c.version == bindparam("expected"),
    )
    .values({name: bindparam(f"new_{name}") for name in Cached.__struct_fields__})
    .returning(tickets.c.id)
)


class Difference(Struct, frozen=True):
    """One thing of a ticket that is not what its log folds to."""

    number: int
    what: str
    """``clock``, ``timer``, what the row keeps (``next_due``, ``rank``, ``needs``, ``waits``), ``log`` (it has gaps) or
    ``snapshot`` (nothing judges it)."""
    name: str
    """The clock's or timer's name, as ``resolution/0`` or ``resolution/0/due``; empty for the rest."""
    stored: str
    """What the database has, as JSON; empty: nothing."""
    folded: str
    """What the log says; empty: nothing."""


class Checked(Struct, frozen=True):
    """One chunk held against its logs."""

    tickets: int
    last: UUID
    """Go on after this ticket."""
    differences: tuple[Difference, ...]
    differing: tuple[UUID, ...]
    """The tickets that can be written anew: those whose logs and snapshots are whole."""


def check_clocks(session: Session, find: FindEvaluator, after: UUID = FIRST, limit: int = CHUNK) -> Checked | None:
    """Fold the logs of up to ``limit`` tickets after ``after`` and compare; None when there are no more.

    A read-only session gives one consistent view of each ticket, so that the service may go on working meanwhile.
    """
    found = read_histories(session, after, limit)
    if not found:
        return None
    ids = (found[0].ticket.id, found[-1].ticket.id)
    clocks, timers = Clocks(session).between(*ids), Timers(session).between(*ids)
    differences: list[Difference] = []
    differing: list[UUID] = []
    for history in found:
        ticket = history.ticket
        fault, evaluator = _fault(session, history, find)
        if fault is not None or evaluator is None:
            differences += [fault] if fault is not None else []
            continue
        folded = fold(evaluator, ticket, history.log)
        wrong = [*_compare(history, folded, clocks.get(ticket.id, ()), timers.get(ticket.id, {}))]
        differences += wrong
        if wrong:
            differing.append(ticket.id)
    return Checked(len(found), found[-1].ticket.id, tuple(differences), tuple(differing))


def rebuild_clocks(session: Session, find: FindEvaluator, ticket_id: UUID) -> bool:
    """Write what the ticket's log folds to; False where another writer was quicker, whose commit wrote it anyway.

    Timers that fired stay fired; the log itself is never touched.
    """
    ticket = Tickets(session).by_id(ticket_id, held=True)
    log = Tickets(session).log(ticket_id)
    folded = fold(find(session, ticket.snapshot_hash), ticket, log)
    # The row first: it is the lock that a commit of the same ticket waits for.
    values = {"tenant": session.tenant_id, "wanted": ticket_id, "expected": ticket.version}
    values |= {f"new_{name}": value for name, value in asdict(folded.cached).items()}
    if session.connection.execute(_REFRESH, values).one_or_none() is None:
        return False
    clocks, timers = Clocks(session), Timers(session)
    clocks.replace([(ticket_id, clocks.clocked(ticket_id), folded.clocked)])
    before = timers.of(ticket_id)
    return timers.replace(
        [(ticket_id, before, Armed(before).changed(timer_changes(before, folded.clocks, folded.ends)))]
    )


def _fault(session: Session, history: History, find: FindEvaluator) -> tuple[Difference | None, Evaluator | None]:
    """Return what makes a ticket impossible to fold, else what judges it."""
    ticket = history.ticket
    seqs = [entry.seq for entry in history.log]
    if not seqs or seqs != [*range(1, ticket.last_seq + 1)]:
        return Difference(ticket.number, "log", "", _text(seqs), f"1 to {ticket.last_seq} without gaps"), None
    try:
        return None, find(session, ticket.snapshot_hash)
    except HelpdeskError as error:
        return Difference(ticket.number, "snapshot", "", ticket.snapshot_hash, error.detail), None


def _compare(
    history: History, folded: Folded, clocks: Sequence[Clocked], timers: Mapping[TimerKey, StoredTimer]
) -> Iterator[Difference]:
    number = history.ticket.number
    stored = {f"{clock.view.name}/{clock.view.seq}": _text(clock) for clock in clocks}
    wanted = {f"{clock.view.name}/{clock.view.seq}": _text(clock) for clock in folded.clocked}
    for name in sorted(stored.keys() | wanted.keys()):
        if stored.get(name, "") != wanted.get(name, ""):
            yield Difference(number, "clock", name, stored.get(name, ""), wanted.get(name, ""))
    points = needed(folded.clocks, folded.ends)
    for change in timer_changes(timers, folded.clocks, folded.ends):
        key, timer = change.key, timers.get(change.key)
        has = "" if timer is None else _text([timer.due_at, timer.state])
        wants = _text([points[key], "pending"]) if key in points else ""
        yield Difference(number, "timer", f"{key.clock}/{key.clock_seq}/{key.point}", has, wants)
    kept, due = _plain(history.cached), _plain(folded.cached)
    for name in Cached.__struct_fields__:
        if kept[name] != due[name]:
            yield Difference(number, name, "", kept[name], due[name])


def _plain(cached: Cached) -> dict[str, str]:
    """Return what a row caches, each as text."""
    rank = bytes(cached.rank).hex()
    return {"rank": rank, "next_due": _text(cached.next_due), "needs": cached.needs, "waits": cached.waits}


def _text(value: object) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()
