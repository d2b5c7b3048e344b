"""SQLite: one writer thread with group commit, reader threads beside it.

The writer begins a transaction, does as many waiting works as come within the batch's bounds, and commits once for all
of them. What they add is held back and written together (``buffer``); one that changes anything else has a savepoint.
A work that raises is undone alone. If the rows cannot be written, because an input taken for new was known or a value
cannot be stored, the batch is done again, each work by itself. Only after the commit do the callers learn of their
results; if the commit fails, all of them fail.
"""

import logging
import sqlite3
import threading
import time
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from helpdesk.kernel.errors import Invalid, Unavailable
from helpdesk.kernel.instants import Instant
from helpdesk.store.engine.buffer import Repeated, WriteBuffer
from helpdesk.store.engine.jobs import Job, call_back, gather
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.threads import Database
from helpdesk.store.engine.writers import BUFFER, SqliteWriter, watch

BATCH_WORKS = 64
"""Works per transaction at most."""

BATCH_SECONDS = 0.02
"""A batch takes in no more works once it is this old: the bound on what group commit adds to a work's latency."""

BUSY_SECONDS = 2.0
"""How long to wait for another process's write lock (the command line beside the service)."""

PATIENCE_SECONDS = 5.0
"""How long a work may wait to be begun."""

READERS = 2

_log = logging.getLogger(__name__)

_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)

_OFFSET = "SELECT offset_us FROM time_source WHERE id = 1"

_GONE = "the database's file was taken away or replaced"

_SETTINGS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
"""Asserted on every connection: write-ahead log, fsync at every commit, foreign keys enforced."""


class SqliteDatabase(Database):
    """An SQLite file."""

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:":
            raise Invalid("an SQLite database needs a file: sqlite:///path")
        super().__init__(writers=1, readers=READERS, patience_seconds=PATIENCE_SECONDS)
        self._engine = make_engine(url)
        self._latest: Instant = 0
        self._clock = threading.Lock()
        try:
            self._writer = self._engine.connect()
            self._readers = [self._engine.connect() for _ in range(READERS)]  # here, where who opens it can be told
        except DBAPIError as error:
            raise Unavailable(f"{url.database} cannot be opened: {error.orig}") from error
        self._raw = _raw(self._writer)
        self._path = Path(self._raw.execute("PRAGMA database_list").fetchone()[2])
        self._file = self._standing()
        watch(self._engine)
        self._start()

    @property
    def dialect(self) -> str:
        """``sqlite``."""
        return "sqlite"

    def in_place(self) -> bool:
        """Say whether the file is still the one that was opened.

        One that was deleted or replaced goes on taking everything in, and all of it is lost with it.
        """
        return self._file is not None and self._standing() == self._file

    def _standing(self) -> tuple[int, int] | None:
        """Return what tells the file at our place from every other, or None where there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _disconnect(self) -> None:
        self._writer.close()
        self._engine.dispose()

    def _now(self, raw: sqlite3.Connection, buffer: WriteBuffer | None = None) -> Instant:
        # The machine's clock may be set back; within this process the instants are not.
        with self._clock:
            self._latest = latest = max(self._latest, time.time_ns() // 1000)
        rows = None if buffer is None else buffer.memo.get(_OFFSET)
        if rows is None:
            rows = raw.execute(_OFFSET).fetchall()
            if buffer is not None:
                buffer.memo[_OFFSET] = rows
        return latest + (rows[0][0] if rows else 0)

    def _serve_writes(self) -> None:
        together = 0
        while (job := self._writes.get()) is not None:
            if job.begin():
                gather(lambda: self._writes.waiting() + 1, together)
                done = self._commit_batch(job)
                together = len(done)
                call_back(done)
                Job.settle(done)

    def _commit_batch(self, first: Job) -> list[Job]:
        raw = self._raw
        try:
            self._begin()
        except (sqlite3.Error, Unavailable) as error:
            return self._fail_all([first, *self._waiting()], error)
        batch = [first]
        buffer = self._buffer()
        ends = time.monotonic() + BATCH_SECONDS
        job: Job | None = first
        try:
            while job is not None:
                self._do(job, buffer, hopeful=True)
                if not raw.in_transaction:
                    return self._fail_all(batch, job.error)
                buffer.check()
                job = None
                if len(batch) < BATCH_WORKS and time.monotonic() < ends and (job := self._next()) is not None:
                    batch.append(job)
            buffer.finish()
        except Exception as error:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            if isinstance(translated(error), Unavailable):
                return self._fail_all(batch, error)
            return self._one_by_one(batch)
        return self._committed(batch)

    def _one_by_one(self, batch: list[Job]) -> list[Job]:
        """Do the works again, looking whether inputs are new, each one's rows written by itself."""
        raw = self._raw
        try:
            self._begin()
        except (sqlite3.Error, Unavailable) as error:
            return self._fail_all(batch, error)
        buffer = self._buffer()
        for job in batch:
            self._do(job, buffer, hopeful=False)
            if not raw.in_transaction:
                return self._fail_all(batch, job.error)
        return self._committed(batch)

    def _begin(self) -> None:
        if not self.in_place():
            raise Unavailable(_GONE)
        self._raw.execute("BEGIN IMMEDIATE")

    def _committed(self, batch: list[Job]) -> list[Job]:
        raw = self._raw
        try:
            raw.execute("COMMIT")
        except sqlite3.Error as error:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            return self._fail_all(batch, error)
        if not self.in_place():  # taken away meanwhile: what is in it now nobody will find
            return self._fail_all(batch, Unavailable(_GONE))
        return batch

    def _buffer(self) -> WriteBuffer:
        buffer = self._writer.info[BUFFER] = WriteBuffer(SqliteWriter(self._raw, self._engine.dialect))
        return buffer

    def _do(self, job: Job, buffer: WriteBuffer, *, hopeful: bool) -> None:
        raw = self._raw
        job.error, job.result, job.callbacks = None, None, ()
        buffer.begin(hopeful=hopeful)
        try:
            session = Session(job.principal, self._writer, self._now(raw, buffer), raw, buffer)
            job.result = job.work(session)
            if not hopeful:
                buffer.ground()  # what cannot be written fails this work, none beside it
            buffer.end()
        except BaseException as error:
            again = hopeful and (buffer.hoped or isinstance(error, Repeated))
            if raw.in_transaction and not (hopeful and buffer.failed):
                buffer.undo()
                if again:
                    self._do(job, buffer, hopeful=False)
                    return
            job.result = None
            job.error = translated(error)
        else:
            job.callbacks = session.callbacks

    def _next(self) -> Job | None:
        while (job := self._writes.get_nowait()) is not None:
            if job.begin():
                return job
        return None

    def _waiting(self) -> list[Job]:
        waiting = []
        while (job := self._next()) is not None:
            waiting.append(job)
        return waiting

    @staticmethod
    def _fail_all(batch: list[Job], cause: BaseException | None) -> list[Job]:
        """Fail the works whose transaction is gone; those that had failed by themselves keep their own error."""
        for job in batch:
            job.callbacks = ()
            job.result = None
            if job.error is None:
                job.error = Unavailable("the database could not commit")
                job.error.__cause__ = cause
        return batch

    def _serve_reads(self) -> None:
        with self._readers.pop() as connection:
            raw = _raw(connection)
            raw.execute("PRAGMA query_only = ON")
            while (job := self._reads.get()) is not None:
                if not job.begin():
                    continue
                try:
                    raw.execute("BEGIN")
                    job.result = job.work(Session(job.principal, connection, self._now(raw), raw))
                except BaseException as error:
                    job.error = translated(error)
                finally:
                    if raw.in_transaction:
                        raw.execute("ROLLBACK")
                Job.settle([job])


def make_engine(url: URL) -> Engine:
    """Return an engine whose connections leave BEGIN and COMMIT to their user and have the settings above."""
    engine = create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,  # errors are logged, and values are people's data
        connect_args={
            "isolation_level": None,
            "check_same_thread": False,
            "timeout": BUSY_SECONDS,
            "cached_statements": 512,
        },
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(raw: sqlite3.Connection, _record: object) -> None:
    for name, value in _SETTINGS.items():
        raw.execute(f"PRAGMA {name} = {value}")
        (granted,) = raw.execute(f"PRAGMA {name}").fetchone()
        if granted != value:
            raise Unavailable(f"SQLite did not grant {name} = {value}, but {granted}")


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def translated(error: BaseException) -> BaseException:
    """Return Unavailable for what is the database's trouble, and ``error`` itself for what is the work's."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _UNAVAILABLE:
        _log.warning("the database is not available: %s", cause)  # SQLite's own words hold nothing of a row
        unavailable = Unavailable("the database is not available")
        unavailable.__cause__ = error
        return unavailable
    return error
