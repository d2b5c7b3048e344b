"""How many tickets a second an import brings in: ``python benchmarks/importing.py [tickets]``; memory beside it.

Each row is a ticket with an answer, a resolution and a closing, of a year, under Siroca's regulation; the file is CSV
in cp1251. The second run over the same file finds everything there already.
"""

import random
import resource
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from helpdesk.desk.companies.onboarding import prepare, take_on
from helpdesk.history.mapping import load_mapping
from helpdesk.history.run import Job, run_import
from helpdesk.kernel.principal import Principal, Role, system
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.engine.database import open_database
from helpdesk.store.migrations import upgrade

POLICIES = Path(__file__).resolve().parents[1] / "policies"
MAPPING = """\
source = "bench"
defaults.channel = "email"
file = { format = "csv", delimiter = ";", zone = "Asia/Bishkek" }
ticket = { id = "id", received_at = "at", subject = "subject", text = "text", requester = "who", level = "level" }

[[columns]]
what = "answer_sent"
at = "answered"

[[columns]]
what = "resolved"
at = "resolved"

[[columns]]
what = "closed"
at = "closed"
set = { outcome = "confirmed" }
"""


def write(path: Path, count: int) -> None:
    luck = random.Random(7)
    begin = datetime(2025, 1, 1)  # noqa: DTZ001 - local in the mapping's zone
    with path.open("w", encoding="cp1251", newline="") as file:
        file.write("id;at;subject;text;who;level;answered;resolved;closed\r\n")
        for number in range(count):
            at = begin + timedelta(minutes=luck.randrange(400_000))
            steps = [at + timedelta(minutes=luck.randrange(1, 600) * factor) for factor in (1, 4, 12)]
            times = ";".join(f"{moment:%Y-%m-%dT%H:%M:%S}" for moment in sorted(steps))
            file.write(
                f"{number};{at:%Y-%m-%dT%H:%M:%S};Не печатает;Принтер;c{number}@x.ru;{luck.choice('1234')};{times}\r\n"
            )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "export.csv", count)
        (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
        url = f"sqlite:///{folder}/import.db"
        upgrade(url)
        database = open_database(url)
        company = prepare(
            load_package(POLICIES / "siroca"), {}, parameters={"head_contact": {"address": "h@s.example"}}
        )
        tenant = database.write_now(system("bench"), lambda session: take_on(session, company))
        job = Job(folder / "export.csv", load_mapping(folder / "mapping.toml"), folder / "rejects.jsonl")
        for turn in ("first", "second"):
            begun = time.perf_counter()
            found = run_import(database, Principal(Role.OPERATOR, "operator:bench", tenant.id), job)
            seconds = time.perf_counter() - begun
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{turn} run: {found.records / seconds:6.0f} tickets/s, {memory} MiB at most: {found}")
        database.close()


if __name__ == "__main__":
    main()
