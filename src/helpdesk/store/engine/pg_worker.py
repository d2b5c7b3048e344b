"""One thread's connection to PostgreSQL, and the transactions it makes for works."""

import os
import random
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import DBAPIError

from helpdesk.kernel.errors import Invalid, Unavailable
from helpdesk.kernel.principal import Principal, Role
from helpdesk.store.engine.buffer import Repeated, WriteBuffer
from helpdesk.store.engine.jobs import Job
from helpdesk.store.engine.prepared import execute
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.writers import BUFFER, PostgresqlWriter

ATTEMPTS = 5
"""How often a work is tried when serialization fails or transactions deadlock."""

BREAK_SECONDS = 0.5
"""After a failed connect, works fail at once for this long instead of each waiting for its own time-out."""

_BEGIN = """
SELECT set_config('app.tenant', %s, true), set_config('app.scope', %s, true), set_config('app.key_hash', '', true),
       set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true),
       (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
       + coalesce((SELECT offset_us FROM time_source WHERE id = 1), 0)
"""


class Breaker:
    """After a failed connect, refuses more of them for a while. Shared by the threads."""

    def __init__(self) -> None:
        self._open_until = 0.0

    def connect(self, engine: Engine) -> Connection:
        """Return a new connection.

        Raises:
            Unavailable: one failed a moment ago.
            sqlalchemy.exc.DBAPIError: this one failed.
        """
        if time.monotonic() < self._open_until:
            raise Unavailable("the database does not answer")
        try:
            return engine.connect()
        except Exception:
            self._open_until = time.monotonic() + BREAK_SECONDS
            raise


class Worker:
    """A thread's connection. Only ``cut_if_overdue`` may be called from another thread."""

    def __init__(self, engine: Engine, breaker: Breaker, *, writes: bool) -> None:
        self._engine = engine
        self._breaker = breaker
        self._writes = writes
        self._connection: Connection | None = None
        self._writer: PostgresqlWriter | None = None
        self._committing = False
        self._lock = threading.Lock()
        self._deadline: float | None = None
        """When the present jobs must be done; None between jobs."""
        self._cut = False

    def do(self, jobs: Sequence[Job]) -> None:
        """Do the jobs, all of one principal's tenant, in one transaction; by themselves where they cannot be together.

        Afterwards each job has its result or its error.
        """
        try:
            self._do_within(jobs, min(job.deadline for job in jobs), hopeful=jobs[0].shared)
        except Exception as error:
            # What is lost during COMMIT may have been done.
            if (len(jobs) == 1 and not jobs[0].shared) or self._cut or self._committing:
                for job in jobs:
                    job.fail(self._failure(error))
                return
            for job in jobs:
                try:
                    self._do_within([job], job.deadline, hopeful=False)
                except BaseException as own:
                    job.fail(self._failure(own))

    def _failure(self, error: BaseException) -> BaseException:
        """Return what callers are told; of a transaction that was cut that it was late, whatever went wrong beside."""
        if not self._cut:
            return translated(error)
        late = Unavailable("the database did not answer in time")
        late.__cause__ = error
        return late

    def _do_within(self, jobs: Sequence[Job], deadline: float, *, hopeful: bool) -> None:
        with self._lock:
            self._deadline, self._cut = deadline, False
        try:
            self._do(jobs, deadline, hopeful=hopeful)
        finally:
            with self._lock:
                self._deadline = None

    def _do(self, jobs: Sequence[Job], deadline: float, *, hopeful: bool) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._try(jobs, deadline, hopeful=hopeful)
            except DBAPIError as error:
                if attempt == ATTEMPTS or self._cut or len(jobs) > 1:
                    raise
                if _lost_to_another(error):
                    time.sleep(random.uniform(0, 0.01) * attempt)  # noqa: S311 - no secret
                # A connection lost before COMMIT took the transaction with it; one lost during COMMIT may not have.
                elif not error.connection_invalidated or self._committing:
                    raise
            else:
                return

    def _try(self, jobs: Sequence[Job], deadline: float, *, hopeful: bool) -> None:
        self._committing = False
        if self._connection is None:
            self._connection = self._breaker.connect(self._engine)
        connection = self._connection
        transaction = connection.begin()
        info = connection.info
        try:
            now = _enter(connection, jobs[0].principal, deadline)
            buffer = self._buffer(connection) if self._writes else None
            for job in jobs:
                _work(job, Session(job.principal, connection, now, raw_of(connection), buffer), hopeful=hopeful)
            if buffer is not None:
                buffer.finish()
            self._committing = True
            transaction.commit()
            self._committing = False
        except BaseException:
            self._undo(transaction)
            raise
        finally:
            info.pop(BUFFER, None)

    def _buffer(self, connection: Connection) -> WriteBuffer:
        raw = raw_of(connection)
        if self._writer is None or self._writer.raw is not raw:
            self._writer = PostgresqlWriter(raw, connection.dialect)
        buffer = connection.info[BUFFER] = WriteBuffer(self._writer)
        return buffer

    def _undo(self, transaction: RootTransaction) -> None:
        try:
            transaction.rollback()
        except DBAPIError:
            self.close()
        else:
            if self._connection is not None and self._connection.invalidated:
                self.close()

    def cut_if_overdue(self) -> None:
        """Shut the connection's socket if the job is past its deadline, so that its thread is free again.

        The server may be gone without a word (a black hole, a frozen machine): no time-out of its own comes then.
        """
        with self._lock:
            connection = self._connection
            if self._deadline is None or self._cut or connection is None or time.monotonic() < self._deadline:
                return
            self._cut = True
            try:
                with socket.socket(fileno=os.dup(raw_of(connection).fileno())) as copy:
                    copy.shutdown(socket.SHUT_RDWR)
            except (DBAPIError, psycopg.Error, OSError):
                return  # it is closed already

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _work(job: Job, session: Session, *, hopeful: bool) -> None:
    """Do one job of a transaction; what it raises is the job's own, but the database's trouble is the transaction's."""
    buffer = session.buffer
    job.error, job.result, job.callbacks = None, None, ()
    if buffer is not None:
        buffer.begin(hopeful=hopeful)
    try:
        job.result = job.work(session)
    except Exception as error:
        if buffer is None or not hopeful or buffer.failed is not None or isinstance(error, DBAPIError):
            raise
        hoped = buffer.hoped
        buffer.undo()
        if hoped or isinstance(error, Repeated):
            _work_with_care(job, session, buffer)
        else:
            job.fail(translated(error))
        return
    if buffer is not None:
        buffer.check()
        buffer.end()
    job.callbacks = session.callbacks


def _work_with_care(job: Job, session: Session, buffer: WriteBuffer) -> None:
    """Do a job again in its place among others, now looking whether its input is new."""
    buffer.begin(hopeful=False)
    again = Session(job.principal, session.connection, session.now, session.raw, buffer)
    try:
        job.result = job.work(again)
    except Exception as error:
        if buffer.failed is not None or isinstance(error, DBAPIError):
            raise
        buffer.undo()
        job.fail(translated(error))
        return
    buffer.check()
    buffer.end()
    job.callbacks = again.callbacks


def raw_of(connection: Connection) -> psycopg.Connection[Any]:
    """Return the driver's connection."""
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, psycopg.Connection)
    return raw


def _enter(connection: Connection, principal: Principal, deadline: float) -> int:
    """Bind the transaction to the principal; return the present by the database's clock and the stored offset."""
    left_ms = min(max(1, int((deadline - time.monotonic()) * 1000)), 2**31 - 1)
    tenant = "" if principal.tenant_id is None else str(principal.tenant_id)
    scope = "service" if _sees_all(principal) else ""
    now = execute(raw_of(connection), _BEGIN, (tenant, scope, f"{left_ms}ms", f"{left_ms}ms"))[0][5]
    assert isinstance(now, int)
    return now


def _lost_to_another(error: DBAPIError) -> bool:
    """Whether the transaction failed only because of others beside it: class 40 (serialization, deadlock)."""
    return isinstance(error.orig, psycopg.Error) and (error.orig.sqlstate or "").startswith("40")


def _sees_all(principal: Principal) -> bool:
    return principal.tenant_id is None and principal.role in (Role.SYSTEM, Role.OPERATOR)


def translated(error: BaseException) -> BaseException:
    """Return Unavailable for what is the database's trouble, Invalid for values no row can hold, else ``error``."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.DataError):
        invalid = Invalid("a value cannot be stored: a NUL character, or a number out of range")
        invalid.__cause__ = error
        return invalid
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        unavailable = Unavailable("the database is not available")  # the cause names hosts: not for callers
        unavailable.__cause__ = error
        return unavailable
    return error
