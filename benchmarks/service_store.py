"""Creates per second through the store alone: every row of a new ticket, by the repositories the desk uses.

Beside it, in the same run and on the same writer thread, the baseline: one bare row by plain SQL. Run it as
``python benchmarks/service_store.py [seconds]``; quote the ratio, not the absolutes.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from helpdesk.contracts.clocks import Circumstances, Clocked, ClockKind, ClockState, ClockView
from helpdesk.contracts.events import Published, event_type
from helpdesk.contracts.log import Entry, Happened
from helpdesk.contracts.messages import Outbound, Outcome
from helpdesk.domain.states import State
from helpdesk.domain.ticket import Note, Ticket
from helpdesk.domain.timers import Armed, changes
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import HOUR, to_datetime
from helpdesk.kernel.principal import Principal, Role, system
from helpdesk.store.editions import Editions
from helpdesk.store.engine.database import Database, Session, open_database
from helpdesk.store.inbox import Inbox
from helpdesk.store.ledger import Ledger, LedgerEntry
from helpdesk.store.migrations import upgrade
from helpdesk.store.outbox import Outbox
from helpdesk.store.participants import Participants
from helpdesk.store.tenants import Counters, Tenants
from helpdesk.store.tickets import Cached, Tickets
from helpdesk.store.timers import Clocks, Timers
from helpdesk.store.types import encode_rank

CALLERS = 64
TEXT = "Не печатает принтер в кабинете 12, пробовали перезагрузить. " * 5


def bare(session: Session) -> None:
    raw = session.connection.connection.dbapi_connection
    assert raw is not None
    raw.execute("INSERT INTO bare VALUES (?, ?, ?)", (new_id().bytes, session.now, TEXT))


def create(session: Session) -> None:
    """Everything that registering one mail writes: 22 rows."""
    now, tenant, key = session.now, session.tenant_id, str(new_id())
    inbox = Inbox(session)
    assert inbox.claim("email:help@example.org", key, b"h" * 32) is None
    number = Counters(session).next("ticket")
    ticket = Ticket(
        id=new_id(),
        number=number,
        subject="Не печатает",
        channel="почта",
        channel_kind="email",
        address="help@example.org",
        state=State.NEW,
        level="2",
        line="L1",
        assignee=None,
        requester="client@example.org",
        requester_name="Клиент",
        contact="client@example.org",
        organisation="",
        received_at=now,
        registered_at=now,
        closed_at=None,
        outcome=None,
        expedited=False,
        follows=None,
        language="ru",
        snapshot_hash="s1",
        version=1,
        last_seq=2,
    )
    tickets = Tickets(session)
    tickets.insert(ticket, Cached(encode_rank((1, 2, now)), now + HOUR, "work", ""))
    entries = (
        Entry(1, now, Happened.RECEIVED, "channel:email", {"channel": "почта", "sender": "client@example.org"}),
        Entry(2, now, Happened.REGISTERED, "channel:email", {"number": number}),
    )
    tickets.append(ticket.id, entries)
    views = tuple(
        ClockView(
            name, 0, ClockKind.LIMIT, ClockState.RUNNING, "2.4", now, None, now + HOUR, now + 2 * HOUR, (now + 1,)
        )
        for name in ("reaction", "resolution")
    )
    Clocks(session).add([(ticket.id, [Clocked(view, Circumstances(ticket.channel)) for view in views])])
    Timers(session).replace([(ticket.id, {}, Armed({}).changed(changes({}, views, {})))])
    note = Note(
        new_id(), "in", "request", "client@example.org", "help@example.org", "Не печатает", TEXT, TEXT, f"<{key}>"
    )
    tickets.add_messages(ticket, [note], [1])
    Participants(session).add(ticket.id, "email", "client@example.org", "client")
    outbox = Outbox(session)
    outbox.add_events(
        Published(
            id=new_id(),
            tenant_id=tenant,
            type=event_type(entry.what),
            subject=str(ticket.id),
            occurred_at=to_datetime(now),
            number=number,
            seq=entry.seq,
            data=entry.data,
        )
        for entry in entries
    )
    letter = Outbound(key, "email", "help@example.org", "client@example.org", f"[#{number}]", TEXT, automatic=True)
    outbox.add_delivery(letter, ticket_id=ticket.id, seq=2)
    line = LedgerEntry(
        new_id(), "email", "help@example.org", "client@example.org", now, "2026-03-04", Outcome.TICKET, key,
        ticket_id=ticket.id,
    )  # fmt: skip
    Ledger(session).enter(line)
    inbox.complete("email:help@example.org", key, {"ticket": str(ticket.id), "number": number}, line.id)


async def rate(database: Database, principal: Principal, work: Callable[[Session], None], seconds: float) -> float:
    done, ends = 0, time.perf_counter() + seconds

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() < ends:
            await database.write(principal, work)
            done += 1

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return done / (time.perf_counter() - started)


def prepare(database: Database) -> UUID:
    tenant_id = database.write_now(system("bench"), lambda s: Tenants(s).add("acme", "Acme").id)
    agent = Principal(Role.SYSTEM, "system:bench", tenant_id)
    database.write_now(agent, lambda s: Editions(s).publish("e", "s1", b"{}", 0))
    return tenant_id


async def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        upgrade(url)
        database = open_database(url)
        principal = Principal(Role.SYSTEM, "system:bench", prepare(database))
        database.write_now(
            principal,
            lambda s: s.connection.exec_driver_sql(
                "CREATE TABLE bare (id BLOB PRIMARY KEY, at INTEGER, text TEXT) STRICT"
            ),
        )
        for turn in range(3):
            one, whole = (
                await rate(database, principal, bare, seconds),
                await rate(database, principal, create, seconds),
            )
            print(f"{turn}: bare rows {one:,.0f}/s, whole creates {whole:,.0f}/s, ratio {whole / one:.3f}")
        database.close()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0))
