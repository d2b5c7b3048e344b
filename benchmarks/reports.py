"""How long reports take over many tickets, and how much memory: ``python benchmarks/reports.py [tickets]``.

The database is filled by plain inserts (rows as the desk writes them, without its work), then every report is read as
the service reads it. Beside it the floor: one pass over the same clock rows that only counts them.
"""

import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import insert, text

from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.companies.onboarding import prepare, take_on
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import DAY, MINUTE
from helpdesk.kernel.principal import Principal, Role, system
from helpdesk.queries.reports.attainment import DIMENSIONS, attainment
from helpdesk.queries.reports.averages import averages
from helpdesk.queries.reports.stock import ledger_balance, queue_age
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store import schema
from helpdesk.store.editions import Editions
from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.engine.session import Session
from helpdesk.store.migrations import upgrade

POLICIES = Path(__file__).resolve().parents[1] / "policies"
_BATCH = 5_000


def fill(database: Database, principal: Principal, count: int) -> None:
    """Write ``count`` closed or open tickets of a year, with three clocks and a ledger line each."""
    luck = random.Random(7)

    def work(session: Session, size: int, first: int) -> None:
        snapshot = Editions(session).snapshot_in_force(session.now)
        tickets, clocks, ledger, tenant = [], [], [], session.tenant_id
        for number in range(first, first + size):
            received = session.now - luck.randrange(365 * DAY)
            open_ = luck.random() < 0.02
            ticket = {
                "tenant_id": tenant, "id": new_id(), "number": number, "subject": "x", "channel": "email",
                "channel_kind": "email", "address": "support@siroca.com", "state": "open" if open_ else "closed",
                "level": luck.choice("1234"), "line": luck.choice(("support", "development")),
                "assignee": f"agent{luck.randrange(40)}", "requester": "c@client.example", "received_at": received,
                "registered_at": received, "closed_at": None if open_ else received + DAY, "outcome": None,
                "rank": b"\0" * 16, "snapshot_hash": snapshot,
            }  # fmt: skip
            tickets.append(ticket)
            for name, kind, within in (
                ("reaction", "average", 15),
                ("resolution", "limit", 300),
                ("auto_close", "term", 1440),
            ):
                took = luck.randrange(1, 2 * within) * MINUTE
                state = "met" if took < within * MINUTE or kind == "average" else "breached"
                clocks.append({
                    "tenant_id": tenant, "ticket_id": ticket["id"], "name": name, "seq": 0, "kind": kind,
                    "state": state,
                    "clause": "2.6", "started_at": received, "stopped_at": received + took, "goal": None,
                    "due": received + within * MINUTE, "warn_at": [], "then": "", "elapsed_us": took, "paused_us": 0,
                    "note": "",
                })  # fmt: skip
            ledger.append({
                "tenant_id": tenant, "id": new_id(), "channel_kind": "email", "address": "a", "sender": "s",
                "received_at": received, "day": time.strftime("%Y-%m-%d", time.gmtime(received / 1e6)),
                "outcome": "ticket", "clause": "", "reason": "", "hint": "", "ticket_id": ticket["id"],
                "source_key": "k",
            })  # fmt: skip
        for table, rows in ((schema.tickets, tickets), (schema.clocks, clocks), (schema.ledger, ledger)):
            session.connection.execute(insert(table), rows)

    for first in range(1, count + 1, _BATCH):
        database.write_now(principal, lambda s, first=first: work(s, min(_BATCH, count + 1 - first), first))  # type: ignore[misc]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/reports.db"
        upgrade(url)
        database = open_database(url)
        company = prepare(
            load_package(POLICIES / "siroca"), {}, parameters={"head_contact": {"address": "h@s.example"}}
        )
        tenant = database.write_now(system("bench"), lambda session: take_on(session, company))
        principal = Principal(Role.OPERATOR, "operator:bench", tenant.id)
        fill(database, principal, count)
        find = Directory().of
        reports: dict[str, Callable[[Session], object]] = {
            "floor: count(*) of clocks": lambda s: s.connection.execute(text("SELECT count(*) FROM clocks")).scalar(),
            "attainment by target, month": lambda s: attainment(s, find),
            "attainment by everything": lambda s: attainment(s, find, by=DIMENSIONS),
            "averages": lambda s: averages(s, find),
            "queue age": lambda s: queue_age(s, by=("line", "level")),
            "ledger, a year": lambda s: ledger_balance(s, find, first_day=_year_ago()),
        }
        for name, work in reports.items():
            before, begun = _memory(), time.perf_counter()
            database.read_now(principal, work)
            seconds = time.perf_counter() - begun
            print(f"{name:30} {seconds:7.2f} s, memory +{(_memory() - before) / 1024:.0f} MiB at most")
        database.close()


def _year_ago() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - 364 * 86_400))


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
