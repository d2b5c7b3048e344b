"""What the service's benchmarks run on: a database of its own, the service as a process, the bare endpoint beside."""

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from benchmarks.service_bare import TABLE
from benchmarks.service_database import DURABLE, Databases
from benchmarks.service_load import post
from tests.support.postgres import APPLICATION, PostgresServer

from helpdesk.demo.service import Service, free_port

ROOT = Path(__file__).parents[1]
POLICY = ROOT / "policies" / "telemedhelp"
TENANT = "telemedhelp"
NOWHERE = 9
"""A port at which nobody takes mail; nothing here has an address to write to."""
_TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(*roots: int) -> float:
    """Return the CPU seconds that these processes and all below them have used, ended children included."""
    total, waiting = 0, list(roots)
    while waiting:
        pid = waiting.pop()
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except FileNotFoundError:
            continue
        total += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
        waiting += map(int, children)
    return total / _TICK


def machine_load() -> str:
    """Return the machine's load averages and cores, as the figures must be told with them."""
    return f"load {' '.join(f'{load:.2f}' for load in os.getloadavg())} on {os.cpu_count()} cores"


def letters(words: int, seed: int) -> Iterator[str]:
    """Return texts of ``words`` words each, common and rare ones mixed as in letters people write."""
    draw = random.Random(seed)
    common = _COMMON.split()
    endings = ("", "а", "ов", "ами", "ение", "ского", "ить", "ует")
    rare = [f"{a}{b}{c}" for a in _SYLLABLES for b in _SYLLABLES for c in endings]
    while True:
        yield " ".join(draw.choice(common) if draw.random() < 0.6 else draw.choice(rare) for _ in range(words))


_COMMON = "не работает принтер в кабинете после обновления программа пишет ошибка и просим помочь отчёт врач запись"
_SYLLABLES = [a + b for a in "бвгдзклмнпрст" for b in ("а", "ор", "ел", "ист", "ун")]


class Stage:
    """The service on one kind of database, and the bare endpoint on another database of the same kind."""

    def __init__(self, kind: str, *, roles: str = "api", extra: Mapping[str, str] | None = None) -> None:
        self.kind = kind
        self._roles = roles
        self._extra = dict(extra or {})
        self._temporary = tempfile.TemporaryDirectory(prefix="hdbench-")
        self.folder = Path(self._temporary.name)
        self._postgres = PostgresServer(DURABLE) if kind == "postgresql" else None
        self._databases = Databases(self.folder, self._postgres)
        self.url = self._databases.new()
        self.service = Service(self.folder, NOWHERE, self._environment())
        self.bare_port = free_port()
        self._bare: subprocess.Popen[bytes] | None = None
        self.key = ""

    def _environment(self) -> dict[str, str]:
        said = {"HELPDESK_DATABASE_URL": self.url, "HELPDESK_ROLES": self._roles, "HELPDESK_LOG_LEVEL": "info"}
        return {**said, **self._extra}

    def sql(self, statement: str) -> list[Any]:
        """Run SQL on the service's PostgreSQL as its superuser."""
        assert self._postgres is not None
        name = self.url.split("/")[3].split("?")[0]
        with self._postgres.connect(name, "postgres") as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []

    async def __aenter__(self) -> Self:
        await self.service.command("tenant", "add", "--regulation", str(POLICY))
        words = ("key", "create", "--role", "agent", "--name", "b", "--tenant", TENANT, "--quiet")
        self.key = (await self.service.command(*words)).strip()
        self.service.launch()
        await self.service.ready()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.service.stop()
        if self._bare is not None:
            self._bare.terminate()
            self._bare.wait(20)
        if self._postgres is not None:
            self._postgres.stop()
        self._temporary.cleanup()

    def start_bare(self) -> None:
        """Start the bare endpoint."""
        if self._postgres is None:
            url = self._databases.new()
        else:
            name = self._postgres.create()
            with self._postgres.connect(name, "postgres") as connection:
                connection.execute(TABLE["postgresql"].encode())
                connection.execute(f"GRANT ALL ON bare TO {APPLICATION}".encode())
            url = self._postgres.url(name)
        words = (sys.executable, "-m", "benchmarks.service_bare", url, str(self.bare_port))
        self._bare = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
        assert self._bare.stdout is not None
        assert self._bare.stdout.readline() == b"ready\n"

    def headers(self) -> tuple[str, ...]:
        """Return the headers of a request to the service, but for its idempotency key."""
        return (f"Authorization: Bearer {self.key}", f"Helpdesk-Tenant: {TENANT}")

    def creates(self, words: int, seed: int, *, acknowledged: bool = False) -> Iterator[bytes]:
        """Return requests that register tickets, each under an idempotency key of its own.

        ``acknowledged``: each by a letter to an address of its own.
        """
        for body in bodies(words, seed, acknowledged=acknowledged):
            yield post("/v1/tickets", body, *self.headers(), f"Idempotency-Key: {uuid4()}")

    def cpu(self) -> dict[str, float]:
        """Return the CPU seconds of the service's process, of the bare one and of PostgreSQL so far."""
        pids = {"service": self.service.pid, "bare": self._bare.pid if self._bare else None}
        pids["database"] = self._postgres.pid if self._postgres else None
        return {name: cpu_of(pid) for name, pid in pids.items() if pid is not None}


def bodies(words: int, seed: int, *, acknowledged: bool = False) -> Iterator[bytes]:
    """Return bodies of new tickets: a client in a chat, a subject, a text; perhaps where the letter goes."""
    for number, text in enumerate(letters(words, seed)):
        said = {"subject": text[:60], "text": text, "channel_kind": "chat", "requester": f"client-{seed}-{number}"}
        said |= {"requester_name": "Клиент Клиентов"}
        if acknowledged:
            said["contact"] = f"client-{seed}-{number}@clients.example"
        yield json.dumps(said, ensure_ascii=False).encode()


def bare_requests(path: str, words: int, seed: int) -> Iterator[bytes]:
    """Return the same bodies for an endpoint that asks for nothing else."""
    for body in bodies(words, seed):
        yield post(path, body)


def settle(seconds: float = 1.0) -> None:
    """Let what the last measurement left be done."""
    time.sleep(seconds)


def run(work: Any) -> None:
    """Run an async main."""
    asyncio.run(work)
