"""PostgreSQL: a few writer and reader threads, each with its own connection.

Every transaction says whom it serves, in settings local to it, and row-level security holds it to that:

``app.tenant``    the principal's tenant; empty shows nothing
``app.scope``     ``service`` for the service itself and its operators when they are bound to no tenant: the timekeeper,
                  the relay, intake's search for the tenant of an address. Only this module sets it.
``app.key_hash``  the hash of a presented secret, in hex: shows that one credential (set by ``Credentials``)

They are walls against forgotten conditions and confused identifiers, not against code that may run any SQL it likes.
"""

import random
import time

import psycopg
from sqlalchemy import URL, Connection, Engine, RootTransaction, create_engine, text
from sqlalchemy.exc import DBAPIError

from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.principal import Principal, Role
from helpdesk.store.jobs import Job, JobQueue, call_back
from helpdesk.store.session import Session
from helpdesk.store.threads import Database
from helpdesk.store.types import decode_json, encode_json

WRITERS = 4
READERS = 4

PATIENCE_SECONDS = 1.0
"""How long a work may wait for a free connection."""

ATTEMPTS = 5
"""How often a work is tried when serialization fails or transactions deadlock."""

BREAK_SECONDS = 0.5
"""After a failed connect, works fail at once for this long instead of each waiting for its own time-out."""

_CONNECT = {
    "connect_timeout": 2,
    "tcp_user_timeout": 2000,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "application_name": "helpdesk",
}

_BEGIN = text(
    """
    SELECT set_config('app.tenant', :tenant, true), set_config('app.scope', :scope, true),
           set_config('app.key_hash', '', true),
           set_config('lock_timeout', '2s', true), set_config('statement_timeout', '10s', true),
           (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
           + coalesce((SELECT offset_us FROM time_source WHERE id = 1), 0)
    """
)


class PostgresqlDatabase(Database):
    """A PostgreSQL database."""

    def __init__(self, url: URL) -> None:
        super().__init__(writers=WRITERS, readers=READERS, patience_seconds=PATIENCE_SECONDS)
        on_network = bool(url.host and not url.host.startswith("/"))
        self._engine = create_engine(
            url,
            pool_size=WRITERS + READERS,
            max_overflow=0,
            pool_timeout=PATIENCE_SECONDS,
            connect_args={k: v for k, v in _CONNECT.items() if on_network or not k.startswith(("tcp_", "keep"))},
            json_serializer=encode_json,
            json_deserializer=decode_json,
        )
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._breaker = _Breaker()
        self._start()

    @property
    def dialect(self) -> str:
        """``postgresql``."""
        return "postgresql"

    def _disconnect(self) -> None:
        self._engine.dispose()

    def _serve_writes(self) -> None:
        self._serve(self._writes, self._engine)

    def _serve_reads(self) -> None:
        self._serve(self._reads, self._reading)

    def _serve(self, queue: JobQueue, engine: Engine) -> None:
        worker = _Worker(engine, self._breaker)
        while (job := queue.get()) is not None:
            if not job.begin():
                continue
            try:
                worker.do(job)
            except BaseException as error:
                job.error = translated(error)
            call_back([job])
            Job.settle([job])
        worker.close()


class _Breaker:
    """After a failed connect, refuses more of them for a while. Shared by the threads."""

    def __init__(self) -> None:
        self._open_until = 0.0

    def connect(self, engine: Engine) -> Connection:
        if time.monotonic() < self._open_until:
            raise Unavailable("the database does not answer")
        try:
            return engine.connect()
        except Exception:
            self._open_until = time.monotonic() + BREAK_SECONDS
            raise


class _Worker:
    """One thread's connection."""

    def __init__(self, engine: Engine, breaker: _Breaker) -> None:
        self._engine = engine
        self._breaker = breaker
        self._connection: Connection | None = None
        self._committing = False

    def do(self, job: Job) -> None:
        """Do the job in a transaction; again where that is safe."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._try(job)
            except DBAPIError as error:
                if attempt == ATTEMPTS:
                    raise
                if isinstance(error.orig, psycopg.errors.TransactionRollback):
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
            session = Session(job.principal, self._connection, _enter(self._connection, job.principal))
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

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _enter(connection: Connection, principal: Principal) -> int:
    unbound = principal.tenant_id is None
    row = connection.execute(
        _BEGIN,
        {
            "tenant": "" if unbound else str(principal.tenant_id),
            "scope": "service" if unbound and principal.role in (Role.SYSTEM, Role.OPERATOR) else "",
        },
    ).one()
    now = row[5]
    assert isinstance(now, int)
    return now


def translated(error: BaseException) -> BaseException:
    """Return Unavailable for what is the database's trouble, and ``error`` itself for what is the work's."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        unavailable = Unavailable(f"the database is not available: {cause}")
        unavailable.__cause__ = error
        return unavailable
    return error
