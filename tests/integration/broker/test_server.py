"""The embedded server: up at once, known to us alone, back after any death, gone with its parent."""

import asyncio
import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import nats
import pytest
from nats.errors import Error

from helpdesk.broker.connection import Connection
from helpdesk.broker.server import EmbeddedServer

pytestmark = pytest.mark.anyio
PATIENCE = 15.0


def wait_gone(pid: int) -> None:
    """Return once the process is gone, or nothing but its exit code is left of it."""
    status = Path(f"/proc/{pid}/stat")
    ends = time.monotonic() + PATIENCE
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        while status.read_text().rpartition(")")[2].split()[0] != "Z":
            assert time.monotonic() < ends, f"process {pid} lives on"
            time.sleep(0.01)


async def test_only_the_holder_of_the_token_gets_in(server: EmbeddedServer) -> None:
    """The token is random per start and lies in a file that nobody else may read."""
    endpoint = await server.endpoint()
    with pytest.raises(Error):
        await nats.connect(endpoint.servers[0], allow_reconnect=False, connect_timeout=2)
    assert endpoint.token is not None
    assert endpoint.token not in repr(endpoint)
    config = server.store.parent / "server.conf"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert endpoint.servers[0].startswith("nats://127.0.0.1:")


async def test_a_killed_server_comes_back(server: EmbeddedServer, connection: Connection) -> None:
    """A dead child is replaced, the connection finds it on its new port, and the stream's life goes on."""
    first = await connection.link()
    await first.js.publish("hd.v1.t.ticket.registered", b"{}")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    await asyncio.wait_for(first.lost.wait(), PATIENCE)
    second = await asyncio.wait_for(connection.link(), PATIENCE)
    assert second.number > first.number
    assert second.events.born == first.events.born
    assert second.events.last_seq == 1


async def test_a_store_wiped_while_it_runs_is_noticed(server: EmbeddedServer, connection: Connection) -> None:
    """A server without its store acknowledges into nothing: it is restarted, and the streams are made anew."""
    first = await connection.link()
    await first.js.publish("hd.v1.t.ticket.registered", b"{}")
    shutil.rmtree(server.store)
    await asyncio.wait_for(first.lost.wait(), PATIENCE)
    second = await asyncio.wait_for(connection.link(), PATIENCE)
    assert second.events.born != first.events.born
    assert second.events.last_seq == 0


async def test_everything_of_it_may_be_deleted(server: EmbeddedServer, connection: Connection) -> None:
    """Configuration, log, ports and store are made anew."""
    first = await connection.link()
    shutil.rmtree(server.store.parent)
    await asyncio.wait_for(first.lost.wait(), PATIENCE)
    second = await asyncio.wait_for(connection.link(), PATIENCE)
    assert second.alive


async def test_a_copy_put_back_under_it_is_noticed(server: EmbeddedServer, connection: Connection) -> None:
    """An older copy of the store has the same birth and an earlier last sequence."""
    first = await connection.link()
    await first.js.publish("hd.v1.t.ticket.registered", b"{}")
    copy = server.store.with_name("copy")
    shutil.copytree(server.store, copy)
    await first.js.publish("hd.v1.t.ticket.registered", b"{}")
    shutil.rmtree(server.store)
    copy.rename(server.store)
    await asyncio.wait_for(first.lost.wait(), PATIENCE)
    second = await asyncio.wait_for(connection.link(), PATIENCE)
    assert (second.events.born, second.events.last_seq) == (first.events.born, 1)


async def test_a_clean_stop_leaves_no_process(tmp_path: Path) -> None:
    """Stopping ends the child; starting again finds the store as it was."""
    born = []
    for _ in range(2):
        server = EmbeddedServer(tmp_path / "nats")
        await server.start()
        pid = server.pid
        assert pid is not None
        connection = Connection(server)
        await connection.start()
        born.append((await asyncio.wait_for(connection.link(), PATIENCE)).events.born)
        await connection.stop()
        await server.stop()
        await asyncio.to_thread(wait_gone, pid)
    assert born[0] == born[1]


async def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    """A service killed by force leaves no server behind that would hold the store."""
    script = (
        "import asyncio, sys, pathlib\n"
        "from helpdesk.broker.server import EmbeddedServer\n"
        "async def main():\n"
        "    server = EmbeddedServer(pathlib.Path(sys.argv[1]))\n"
        "    await server.start()\n"
        "    print(server.pid, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    pid = await asyncio.to_thread(start_and_kill, script, tmp_path / "nats")
    await asyncio.to_thread(wait_gone, pid)


def start_and_kill(script: str, root: Path) -> int:
    """Run ``script`` until it has said its server's process id, then kill it."""
    with subprocess.Popen([sys.executable, "-c", script, str(root)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    return pid
