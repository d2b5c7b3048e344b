"""A whole instance in a process of its own, to be killed: ``… <database url> <broker's folder> <sink's port>``."""

import asyncio
import sys
from pathlib import Path

from sqlalchemy import insert
from tests.integration.workers.rig import QUICK, SWIFT

from helpdesk.broker.connection import Connection
from helpdesk.broker.server import EmbeddedServer
from helpdesk.contracts.channels import TemporaryFailure
from helpdesk.contracts.messages import Outbound
from helpdesk.kernel.ids import new_id
from helpdesk.store import schema
from helpdesk.store.engine.database import open_database
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import OutboxRow
from helpdesk.workers.deliveries import Deliveries
from helpdesk.workers.relay import Relay
from helpdesk.workers.supervisor import Supervisor


class LineSender:
    """Sends a message's id as a line over a connection of its own and waits for the answer."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def send(self, message: Outbound) -> str:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            writer.write(f"{message.id}\n".encode())
            answer = await reader.readline()
            writer.close()
        except OSError as problem:
            raise TemporaryFailure(str(problem)) from problem
        if not answer:
            raise TemporaryFailure("the connection was dropped after the final dot")
        return answer.decode().strip()


def note_delivered(session: Session, row: OutboxRow, remote_id: str) -> None:
    """Leave a trace in the transaction that records the effect."""
    session.connection.execute(
        insert(schema.audit),
        {
            "tenant_id": row.tenant_id,
            "id": new_id(),
            "at": session.now,
            "actor": session.principal.actor,
            "act": "delivered",
            "object": row.payload["id"],
            "data": {"remote": remote_id},
        },
    )


def note_failed(session: Session, row: OutboxRow, cause: str) -> None:
    """Nothing fails for good here."""
    raise AssertionError((session, row, cause))


async def main(url: str, folder: str, port: str) -> None:
    """Run until killed."""
    database = open_database(url)
    server = EmbeddedServer(Path(folder))
    await server.start()
    connection = Connection(server)
    await connection.start()
    relay = Relay(database, connection, SWIFT)
    deliveries = Deliveries(
        database,
        connection,
        "email",
        LineSender(int(port)),
        on_delivered=note_delivered,
        on_failed=note_failed,
        on_settled=relay.wake,
        policy=QUICK,
    )
    await Supervisor([relay, deliveries]).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
