"""A simulation from end to end: history read by chunks, judged on every core, added up."""

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor

from msgspec import Struct

from helpdesk.kernel.instants import Instant
from helpdesk.kernel.principal import Principal
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import Snapshot
from helpdesk.sim.history import Period, Span, read, spans
from helpdesk.sim.judge import Judge, Manner, manner_of
from helpdesk.sim.report import Report, Tally
from helpdesk.store.editions import Editions
from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.engine.session import Session

Progress = Callable[[int, int], None]
"""Told how many tickets are done, and of how many."""

FEW = 4_000
"""Up to so many tickets other processes are not worth their start."""
_AHEAD = 3
"""Chunks per process that are asked for before their turn."""


class Draft(Struct, frozen=True):
    """What to judge by, and since when."""

    snapshot: Snapshot
    period: Period
    most: int = 1_000
    """How many single deadlines the report names."""


def simulate(
    database: Database,
    principal: Principal,
    draft: Draft,
    *,
    url: str = "",
    progress: Progress = lambda done, of: None,  # noqa: ARG005 - names tell what is told
    processes: int | None = None,
) -> Report:
    """Judge the tickets of the principal's company that were received in the period by the draft, as of now.

    Nothing is written. Each ticket is taken by itself: the same people do the same things at the same instants, and the
    draft decides what follows. A reply that made a ticket of its own stays one.

    With the database's ``url`` many tickets are judged by as many ``processes`` as there are cores, each of which reads
    for itself.
    """
    now = database.read_now(principal, lambda session: session.now)
    manners = database.read_now(principal, _manners)
    cut = spans(database, principal, draft.period)
    of = sum(span.size for span in cut)
    tally = Tally(draft.most)
    work = _Work(url, principal, draft.period, draft.most, draft.snapshot.to_json(), manners, now)
    several = (os.cpu_count() or 1 if of > FEW else 1) if processes is None else processes
    for part in _tallies(cut, work, several, database):
        tally.merge(part)
        progress(tally.tickets, of)
    return Report(
        tenant=draft.snapshot.tenant,
        edition=draft.snapshot.edition_id,
        snapshot=draft.snapshot.hash,
        since=draft.period.since,
        until=draft.period.until,
        as_of=now,
        tickets=tally.tickets,
        refused=tally.refused,
        impossible=tally.impossible,
        apart=tally.apart,
        unmoved=tally.unmoved,
        targets=tally.targets(),
        moved=tuple(tally.moved),
        refusals=tuple(tally.refusals),
    )


class _Work(Struct, frozen=True):
    """What a process needs to read and judge."""

    url: str
    principal: Principal
    period: Period
    most: int
    snapshot: bytes
    manners: dict[str, Manner]
    now: Instant

    def judge(self) -> Judge:
        return Judge(Evaluator(Snapshot.from_json(self.snapshot)), self.manners, self.now)

    def tally(self, judge: Judge, database: Database, span: Span) -> Tally:
        found = Tally(self.most)
        found.add(judge.judge(read(database, self.principal, self.period, span)))
        return found


def _manners(session: Session) -> dict[str, Manner]:
    editions = Editions(session)
    hashes = {edition.snapshot_hash for edition in editions.all()}
    return {found: manner_of(Evaluator(Snapshot.from_json(editions.snapshot_body(found)))) for found in hashes}


def _tallies(cut: Iterable[Span], work: _Work, processes: int, database: Database) -> Iterator[Tally]:
    if processes <= 1 or not work.url:
        judge = work.judge()
        for span in cut:
            yield work.tally(judge, database, span)
        return
    # Spawned, not forked: the database's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(work,)) as pool:
        waiting: deque[Future[Tally]] = deque()
        for span in cut:
            waiting.append(pool.submit(_tally, span))
            if len(waiting) >= _AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_own: list[tuple[_Work, Judge, Database]] = []
"""What a process judges by, made when it begins; it ends with the process."""


def _begin(work: _Work) -> None:
    # A chunk's objects die with it; looking for cycles among them again and again costs as much as the reading.
    gc.set_threshold(200_000, 20, 100)
    _own.append((work, work.judge(), open_database(work.url)))


def _tally(span: Span) -> Tally:
    work, judge, database = _own[0]
    return work.tally(judge, database, span)
