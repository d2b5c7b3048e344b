"""The bare endpoint beside which the service is measured: one row a request, nothing else, on the service's own server.

    python -m benchmarks.service_bare URL PORT

The same Litestar on the same uvicorn, with the same settings: decodes the body, inserts one row, answers with its id.
On PostgreSQL by asyncpg, committed by itself; on SQLite by the service's writer thread with group commit. ``/echo``
does without the database.
"""

import asyncio
import signal
import sys
import time
from uuid import UUID

import asyncpg
from litestar import Litestar, post
from litestar.datastructures import State
from msgspec import Struct
from sqlalchemy import make_url

from helpdesk.api.requests.intake import NewTicket
from helpdesk.httpserver.server import HttpServer
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.principal import system
from helpdesk.store.engine.database import Session, open_database

TABLE = {
    "sqlite": "CREATE TABLE IF NOT EXISTS bare (id BLOB PRIMARY KEY, at INTEGER, subject TEXT, text TEXT) STRICT",
    "postgresql": "CREATE TABLE bare (id uuid PRIMARY KEY, at bigint, subject text, text text)",
}
POOL = 8
"""Connections of asyncpg, as many as the service has."""


class Made(Struct):
    """The answer."""

    id: UUID


@post("/echo", status_code=201)
async def echo(data: NewTicket) -> Made:  # noqa: ARG001 - decoded, as the service does
    return Made(new_id())


def bare_on_sqlite(url: str) -> tuple[list[object], State]:
    database = open_database(url)

    def create(session: Session) -> None:
        session.connection.exec_driver_sql(TABLE["sqlite"])

    database.write_now(system("bare"), create)

    @post("/bare", status_code=201)
    async def bare(data: NewTicket) -> Made:
        made = new_id()

        def work(session: Session) -> None:
            row = (made.bytes, session.now, data.subject, data.text)
            session.raw.execute("INSERT INTO bare VALUES (?, ?, ?, ?)", row)

        await database.write(system("bare"), work)
        return Made(made)

    return [echo, bare], State()


async def bare_on_postgresql(url: str) -> tuple[list[object], State]:
    parts = make_url(url)
    pool = await asyncpg.create_pool(
        host=str(parts.query["host"]), user=parts.username, database=parts.database, min_size=POOL, max_size=POOL
    )

    @post("/bare", status_code=201)
    async def bare(data: NewTicket) -> Made:
        made = new_id()
        row = (made, time.time_ns() // 1000, data.subject, data.text)
        await pool.execute("INSERT INTO bare VALUES ($1, $2, $3, $4)", *row)
        return Made(made)

    return [echo, bare], State()


async def main(url: str, port: int) -> None:
    handlers, state = bare_on_sqlite(url) if url.startswith("sqlite") else await bare_on_postgresql(url)
    app = Litestar(route_handlers=handlers, openapi_config=None, logging_config=None, state=state)  # type: ignore[arg-type]
    server = HttpServer(app, "127.0.0.1", port)
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await server.start()
    print("ready", flush=True)
    await told.wait()
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
