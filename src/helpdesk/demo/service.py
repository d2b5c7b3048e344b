"""`helpdesk serve` in a process of its own, started and stopped as a person would do it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx2
import msgspec

COMMAND = (sys.executable, "-m", "helpdesk.cli")


class NotServing(RuntimeError):
    """The service did not come up or ended by itself; the end of its log is the message."""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Service:
    """One service over one data folder; it may be started again after ``stop`` or ``kill``, on the same ports.

    ``sink_port``: where the service sends its mail; ``extra``: further settings.
    """

    def __init__(self, folder: Path, sink_port: int, extra: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.smtp_port = free_port()
        self.http_port = free_port()
        self.url = f"http://127.0.0.1:{self.http_port}"
        self.log = folder / "service.log"
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")},
            "HELPDESK_DATA_DIR": str(self.data),
            "HELPDESK_HTTP_PORT": str(self.http_port),
            "HELPDESK_EMAIL_LISTEN": f"127.0.0.1:{self.smtp_port}",
            "HELPDESK_EMAIL_SMTP_URL": f"smtp://127.0.0.1:{sink_port}",
            **(extra or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def launch(self) -> None:
        """Start the process; ``ready`` waits for it."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 our own command
                [*COMMAND, "serve"], cwd=self.folder, env=self.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    async def ready(self, timeout_seconds: float = 60.0) -> float:
        """Wait until ``/ready`` says yes; return the seconds that took.

        Raises:
            NotServing: it ended, or did not become ready in time.
        """
        begun = time.monotonic()
        async with httpx2.AsyncClient(base_url=self.url, timeout=2.0) as client:
            while time.monotonic() - begun < timeout_seconds:
                if self.pid is None:
                    raise NotServing(self.last_words())
                try:
                    answer = await client.get("/ready")
                except httpx2.TransportError:
                    await asyncio.sleep(0.03)
                    continue
                if answer.status_code == httpx2.codes.OK:
                    return time.monotonic() - begun
                await asyncio.sleep(0.03)
        raise NotServing(f"not ready after {timeout_seconds:g} s\n{self.last_words()}")

    def nats_url(self) -> str:
        """Return the address of the service's own NATS server, token included, as ``service.json`` has it."""
        said = msgspec.json.decode((self.data / "service.json").read_bytes(), type=dict[str, object])
        return str(said["nats"])

    def kill(self) -> None:
        """End the process as a power cut would: SIGKILL, nothing said."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def stop(self, timeout_seconds: float = 20.0) -> int:
        """Ask the process to stop (SIGTERM) and return its exit status; SIGKILL if it does not in time."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        return self._process.returncode

    async def command(self, *words: str) -> str:
        """Run ``helpdesk`` with ``words`` over the same data folder and return what it printed.

        Raises:
            RuntimeError: it failed; the message is what it said.
        """
        process = await asyncio.create_subprocess_exec(
            *COMMAND, *words, env=self.environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"helpdesk {' '.join(words)} failed: {err.decode(errors='replace').strip()}")
        return out.decode()

    def last_words(self) -> str:
        """Return the end of the service's log."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-25:])
