"""An import from end to end: records read one by one, lived through, written in batches; the rest is set aside."""

import gc
import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy.exc import IntegrityError

from helpdesk.desk.changing.commit import fold
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.upkeep.importing import Became, Lived, Written, brought_before, import_batch, record_import
from helpdesk.domain.clients import day_of
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Ticket
from helpdesk.domain.timers import TimerKey, passed_points
from helpdesk.history.mapping import Mapping, columns_of, event_columns_of
from helpdesk.history.past import Past, live_through
from helpdesk.history.raw import Raw, Reader, RejectedError
from helpdesk.history.records import EventStore, Record, demand_columns, field_of, read_records
from helpdesk.history.rejects import Rejects
from helpdesk.kernel.errors import Conflict
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant, to_iso
from helpdesk.kernel.principal import Principal
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.editions import Editions
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session

BATCH = 500
"""Tickets written in one transaction."""
_ALLOCATIONS = 100_000
"""Between the collector's looks: what an import makes lives as long as its batch and refers to nothing in circles."""

Progress = Callable[[int, "Counter[str]"], None]
"""Told how many records are done, and what became of them."""


class Job(Struct, frozen=True):
    """What to bring in, and how."""

    file: Path
    mapping: Mapping
    rejects: Path
    """Where records go that cannot be brought in, each with its reason; made when there is one."""
    events: Path | None = None
    """Events in a file of their own."""
    dry: bool = False
    """Only say what would become of each record."""


class Brought(Struct, frozen=True):
    """What became of a file: records = imported + there + rejected."""

    records: int
    imported: int
    there: int
    """Brought in before."""
    rejected: int
    orphans: int
    """Events of a file of their own that belong to no ticket of the file; they are among the rejects."""


def run_import(
    database: Database,
    principal: Principal,
    job: Job,
    *,
    progress: Progress = lambda done, counts: None,  # noqa: ARG005 - names tell what is told
) -> Brought:
    """Bring in the tickets of a file for the principal's tenant; doing it again brings in what is new.

    Raises:
        Invalid: a file cannot be read, or what follows in it cannot be told apart any more.
        Conflict: another import of the same source runs.
        Unavailable: the database does not answer. What was written before stays; run it again.
    """
    with ThreadPoolExecutor(1, "import") as writer, _few_collections():
        return _Run(database, principal, job, progress, writer).go()


@contextmanager
def _few_collections() -> Iterator[None]:
    """Have the garbage collector look seldom, and not at what is there already."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


class _Batch(Struct, frozen=True):
    """Records that were read, in our words, and lived through: each a reason why not, where it could not be."""

    records: list[Record]
    raws: list[Raw | str]
    lives: list[Lived | Written | str]
    written: "Future[list[Written]] | None"
    """What becomes of those that were lived through, while the next batch is read."""


class _Run:
    """One run over one file."""

    def __init__(
        self, database: Database, principal: Principal, job: Job, progress: Progress, writer: ThreadPoolExecutor
    ) -> None:
        self._writer = writer
        self._batch: _Batch | None = None
        """What is being written."""
        self._database = database
        self._principal = principal
        self._job = job
        self._progress = progress
        self._judges = _Judges(database, principal)
        self._reader = Reader(job.mapping)
        self._now = database.read_now(principal, lambda session: session.now)
        self._counts: Counter[str] = Counter()
        self._waiting: list[tuple[Record, list[Record]]] = []
        self._met: dict[str, bytes] = {}
        """What a dry run would have written so far."""
        self._rejects = Rejects(job.rejects)

    def go(self) -> Brought:
        mapping = self._job.mapping
        demand_columns(self._job.file, mapping.file, columns_of(mapping))
        events = None
        if self._job.events is not None and mapping.events is not None:
            demand_columns(self._job.events, mapping.file, event_columns_of(mapping))
            events = EventStore(read_records(self._job.events, mapping.file), mapping.events.ticket)
        try:
            for record in read_records(self._job.file, mapping.file):
                self._counts["records"] += 1
                self._waiting.append((record, self._events_of(record, events)))
                if len(self._waiting) >= BATCH:
                    self._flush()
            self._flush()
            self._settle()
            for orphan in events.left() if events is not None else ():
                self._counts["orphans"] += 1
                self._rejects.add(orphan, orphan.fault, of="events")
        finally:
            self._rejects.close()
            if events is not None:
                events.close()
        counts = self._counts
        told = Brought(counts["records"], counts["imported"], counts["there"], counts["rejected"], counts["orphans"])
        if not self._job.dry:
            self._database.write_now(self._principal, lambda session: self._record(session, told))
        return told

    def _record(self, session: Session, told: Brought) -> None:
        facts = {"file": self._job.file.name, "sha256": _hash(self._job.file), **msgspec.to_builtins(told)}
        record_import(session, self._job.mapping.source, facts)

    def _events_of(self, record: Record, events: EventStore | None) -> list[Record]:
        if events is None:
            return []
        return events.take(str(field_of(record.fields, self._job.mapping.ticket.id) or ""))

    def _flush(self) -> None:
        """Live through what is new of the records that wait, and begin to write it once the batch before is written."""
        waiting, self._waiting = self._waiting, []
        raws = [self._read(record, events) for record, events in waiting]
        known = self._known([raw.source_id for raw in raws if isinstance(raw, Raw)])
        lives = [self._live(raw, known) for raw in raws]
        new = [life for life in lives if isinstance(life, Lived)]
        self._settle()
        written = self._writer.submit(self._write, new) if new else None
        self._batch = _Batch([record for record, _ in waiting], raws, lives, written)

    def _settle(self) -> None:
        """Wait for the batch that is being written, and count what became of each record in their order."""
        batch, self._batch = self._batch, None
        if batch is None:
            return
        written = iter(batch.written.result() if batch.written is not None else [])
        for record, raw, life in zip(batch.records, batch.raws, batch.lives, strict=True):
            became = next(written) if isinstance(life, Lived) else life
            self._counts["done"] += 1
            if isinstance(became, str):
                self._reject(record, became)
            elif became.became is Became.CHANGED and isinstance(raw, Raw):
                at = f" as ticket {became.number}" if became.number else ""
                self._reject(record, f"{raw.source_id!r} was brought in before{at} with another content")
            else:
                self._counts[became.became.value] += 1
        self._progress(self._counts["done"], self._counts)

    def _read(self, record: Record, events: list[Record]) -> Raw | str:
        """Return a record in our words, or why it cannot be brought in."""
        try:
            return self._reader.read(record, events)
        except RejectedError as error:
            return str(error)

    def _known(self, ids: list[str]) -> dict[str, tuple[bytes, int]]:
        source = self._job.mapping.source
        return self._database.read_now(self._principal, lambda session: brought_before(session, source, ids))

    def _live(self, raw: Raw | str, known: dict[str, tuple[bytes, int]]) -> Lived | Written | str:
        """Return the ticket lived through and folded; of one that is known already what became of it; or why not."""
        if isinstance(raw, str):
            return raw
        if raw.source_id in known:
            held, number = known[raw.source_id]
            return Written(Became.THERE if held == raw.content_hash else Became.CHANGED, number)
        source = self._job.mapping.source
        try:
            evaluator = self._judges.at(raw.received_at)
            return _lived(live_through(raw, source, evaluator, self._now), source, evaluator)
        except RejectedError as error:
            return str(error)

    def _write(self, batch: list[Lived]) -> list[Written]:
        source = self._job.mapping.source
        if self._job.dry:
            return self._database.read_now(self._principal, lambda s: import_batch(s, source, batch, self._met))
        try:
            return self._database.write_now(self._principal, lambda s: import_batch(s, source, batch))
        except IntegrityError as error:
            raise Conflict(f"another import from {source} runs: wait for its end, then run this one again") from error

    def _reject(self, record: Record, reason: str) -> None:
        self._counts["rejected"] += 1
        self._rejects.add(record, reason)


class _Judges:
    """The editions in force over time."""

    def __init__(self, database: Database, principal: Principal) -> None:
        self._database = database
        self._principal = principal
        editions = database.read_now(principal, lambda session: Editions(session).all())
        order = sorted(editions, key=lambda one: (one.in_force_from, one.published_at, one.edition_id))
        self._froms = [one.in_force_from for one in order]
        self._hashes = [one.snapshot_hash for one in order]
        self._directory = Directory()
        self._found: dict[str, Evaluator] = {}

    def at(self, instant: Instant) -> Evaluator:
        """Return what judges a request received then.

        Raises:
            RejectedError: no edition was in force.
        """
        place = bisect_right(self._froms, instant)
        if not place:
            raise RejectedError(f"no edition of the regulation was in force at {to_iso(instant)}")
        wanted = self._hashes[place - 1]
        if wanted not in self._found:
            self._found[wanted] = self._database.read_now(
                self._principal, lambda session: self._directory.of(session, wanted)
            )
        return self._found[wanted]


def _lived(past: Past, source: str, evaluator: Evaluator) -> Lived:
    raw, said = past.raw, past.raw.said
    ticket = Ticket(
        id=new_id(),
        number=0,
        subject=said["subject"][:300],
        channel=past.channel,
        channel_kind=past.channel_kind,
        address=past.address,
        state=past.state,
        level=past.level,
        line=past.line,
        assignee=past.assignee,
        requester=said["requester"],
        requester_name=said["requester_name"],
        contact=said["contact"],
        organisation=said["organisation"],
        received_at=raw.received_at,
        registered_at=raw.registered_at,
        closed_at=past.closed_at,
        outcome=past.outcome,
        expedited=past.expedited,
        follows=None,
        language=evaluator.language,
        snapshot_hash=evaluator.snapshot.hash,
        version=1,
        last_seq=len(past.log),
        accepted_at=raw.registered_at,
    )
    day = day_of(raw.received_at, evaluator.zone)
    folded = fold(evaluator, ticket, past.log)
    passed: dict[TimerKey, Instant] = {}
    if past.state is not State.CLOSED:
        passed = passed_points(past.log, folded.clocks, lambda log: evaluator.clocks(log, max(e.at for e in log)))
    return Lived(source, raw.source_id, raw.content_hash, day, ticket, past.log, past.notes, folded, passed)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
