"""PostgreSQL: a few writer and reader threads, each with its own connection.

Every transaction says whom it serves, in settings local to it, and row-level security holds it to that:

``app.tenant``    the principal's tenant; empty shows nothing
``app.scope``     ``service`` for the service itself and its operators when they are bound to no tenant: the timekeeper,
                  the relay, intake's search for the tenant of an address. Only ``pg_worker`` sets it.
``app.key_hash``  the hash of a presented secret, in hex: shows that one credential (set by ``Credentials``)

They are walls against forgotten conditions and confused identifiers, not against code that may run any SQL it likes.
"""

import threading

from sqlalchemy import URL, create_engine

from helpdesk.store.engine.jobs import Job, JobQueue, call_back
from helpdesk.store.engine.pg_worker import Breaker, Worker, translated
from helpdesk.store.engine.threads import Database
from helpdesk.store.engine.writers import watch
from helpdesk.store.types import decode_json, encode_json

WRITERS = 4
READERS = 4

BATCH_WORKS = 64
"""Works of one tenant that one transaction serves at most."""

PATIENCE_SECONDS = 1.0
"""How long a work may wait for a free connection."""

WITHIN_SECONDS = 2.0
"""How long a caller waits in all. A thread whose transaction takes longer has its connection cut from under it."""

WATCH_SECONDS = 0.1
"""How often the watchdog looks for overdue transactions."""

_CONNECT = {
    "connect_timeout": 2,
    "tcp_user_timeout": 2000,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "application_name": "helpdesk",
}


class PostgresqlDatabase(Database):
    """A PostgreSQL database."""

    def __init__(self, url: URL) -> None:
        super().__init__(
            writers=WRITERS,
            readers=READERS,
            patience_seconds=PATIENCE_SECONDS,
            within_seconds=WITHIN_SECONDS,
            lanes=True,
        )
        on_network = bool(url.host and not url.host.startswith("/"))
        self._engine = create_engine(
            url,
            pool_size=WRITERS + READERS,
            max_overflow=0,
            hide_parameters=True,  # errors are logged, and values are people's data
            pool_timeout=PATIENCE_SECONDS,
            connect_args={k: v for k, v in _CONNECT.items() if on_network or not k.startswith(("tcp_", "keep"))},
            json_serializer=encode_json,
            json_deserializer=decode_json,
        )
        watch(self._engine)
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._breaker = Breaker()
        self._workers: list[Worker] = []
        self._closing = threading.Event()
        self._watchdog = threading.Thread(target=self._watch, name="store-watchdog", daemon=True)
        self._watchdog.start()
        self._start()

    @property
    def dialect(self) -> str:
        """``postgresql``."""
        return "postgresql"

    def _disconnect(self) -> None:
        self._closing.set()
        self._watchdog.join()
        self._engine.dispose()

    def _watch(self) -> None:
        while not self._closing.wait(WATCH_SECONDS):
            for worker in tuple(self._workers):
                worker.cut_if_overdue()

    def _serve_writes(self) -> None:
        self._serve(self._writes, Worker(self._engine, self._breaker, writes=True))

    def _serve_reads(self) -> None:
        self._serve(self._reads, Worker(self._reading, self._breaker, writes=False))

    def _serve(self, queue: JobQueue, worker: Worker) -> None:
        self._workers.append(worker)
        while (jobs := queue.get_together(BATCH_WORKS)) is not None:
            if not jobs:
                continue
            try:
                worker.do(jobs)
            except BaseException as error:
                for job in jobs:
                    job.fail(translated(error))
            queue.done_together(jobs)
            call_back(jobs)
            Job.settle(jobs)
        worker.close()
