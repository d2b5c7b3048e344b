"""One thread's connection to PostgreSQL, and the transactions it makes for works."""

import os
import random
import socket
import threading
import time

import psycopg
from sqlalchemy import Connection, Engine, RootTransaction, text
from sqlalchemy.exc import DBAPIError

from helpdesk.kernel.errors import Invalid, Unavailable
from helpdesk.kernel.principal import Principal, Role
from helpdesk.store.jobs import Job
from helpdesk.store.session import Session

ATTEMPTS = 5
"""How often a work is tried when serialization fails or transactions deadlock."""

BREAK_SECONDS = 0.5
"""After a failed connect, works fail at once for this long instead of each waiting for its own time-out."""

_BEGIN = text(
    """
    SELECT set_config('app.tenant', :tenant, true), set_config('app.scope', :scope, true),
           set_config('app.key_hash', '', true),
           set_config('lock_timeout', :left, true), set_config('statement_timeout', :left, true),
           (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
           + coalesce((SELECT offset_us FROM time_source WHERE id = 1), 0)
    """
)


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

    def __init__(self, engine: Engine, breaker: Breaker) -> None:
        self._engine = engine
        self._breaker = breaker
        self._connection: Connection | None = None
        self._committing = False
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._cut = False

    def do(self, job: Job) -> None:
        """Do the job in a transaction; again where that is safe."""
        with self._lock:
            self._job, self._cut = job, False
        try:
            self._do(job)
        finally:
            with self._lock:
                self._job = None

    def _do(self, job: Job) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._try(job)
            except DBAPIError as error:
                if attempt == ATTEMPTS or self._cut:
                    raise
                if _lost_to_another(error):
                    time.sleep(random.uniform(0, 0.01) * attempt)  # noqa: S311 - no secret
                # A connection lost before COMMIT took the transaction with it; one lost during COMMIT may not have.
                elif not error.connection_invalidated or self._committing:
                    raise
            else:
                return

    def _try(self, job: Job) -> None:
        self._committing = False
        if self._connection is None:
            self._connection = self._breaker.connect(self._engine)
        transaction = self._connection.begin()
        try:
            session = Session(job.principal, self._connection, _enter(self._connection, job))
            result = job.work(session)
            self._committing = True
            transaction.commit()
        except BaseException:
            self._undo(transaction)
            raise
        job.result = result
        job.callbacks = session.callbacks

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
            if self._job is None or self._cut or connection is None or time.monotonic() < self._job.deadline:
                return
            self._cut = True
            try:
                raw = connection.connection.dbapi_connection
                assert isinstance(raw, psycopg.Connection)
                with socket.socket(fileno=os.dup(raw.fileno())) as copy:
                    copy.shutdown(socket.SHUT_RDWR)
            except (DBAPIError, psycopg.Error, OSError):
                return  # it is closed already

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _enter(connection: Connection, job: Job) -> int:
    """Bind the transaction to the job's principal; return the present by the database's clock and the stored offset."""
    principal = job.principal
    left_ms = min(max(1, int((job.deadline - time.monotonic()) * 1000)), 2**31 - 1)
    row = connection.execute(
        _BEGIN,
        {
            "tenant": "" if principal.tenant_id is None else str(principal.tenant_id),
            "scope": "service" if _sees_all(principal) else "",
            "left": f"{left_ms}ms",
        },
    ).one()
    now = row[5]
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
