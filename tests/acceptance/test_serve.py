"""`helpdesk serve` as a process: it needs no settings, says what is wrong with those given, and stops when told."""

import asyncio
import json
import socket
import stat
from pathlib import Path

import httpx2
import pytest

from helpdesk.demo.service import NotServing, Service


def _serve(folder: Path, **extra: str) -> Service:
    service = Service(folder, 9, extra)
    service.launch()
    return service


def test_it_tells_where_it_is_and_stops_when_told(tmp_path: Path) -> None:
    """`service.json` is its owner's only, names the port that answers, and is gone after a clean stop."""
    service = _serve(tmp_path)
    try:
        asyncio.run(service.ready())
        file = service.data / "service.json"
        said = json.loads(file.read_bytes())
        assert said["http"] == service.url
        assert said["pid"] == service.pid
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(service.data.stat().st_mode) == 0o700
        checks = httpx2.get(f"{service.url}/ready").json()["checks"]
        assert {check["name"]: check["ok"] for check in checks} == {"database": True, "workers": True, "serving": True}
    finally:
        status = service.stop()
    assert status == 0, service.last_words()
    assert not file.exists()


def test_a_role_alone_can_be_run(tmp_path: Path) -> None:
    """An instance that only serves HTTP takes no mail."""
    service = _serve(tmp_path, HELPDESK_ROLES="api")
    try:
        asyncio.run(service.ready())
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", service.smtp_port)) != 0
    finally:
        assert service.stop() == 0


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HELPDESK_HTTP_PORT", "http", "helpdesk: HELPDESK_HTTP_PORT is a number from 0 to 65535"),
        ("HELPDESK_EMAIL_PARSERS", "none", "helpdesk: HELPDESK_EMAIL_PARSERS must be"),
        ("HELPDESK_EMAIL_PARSER", "2", "did you mean HELPDESK_EMAIL_PARSERS?"),
        ("HELPDESK_PHONE_REGION", "Russia", "HELPDESK_PHONE_REGION"),
    ],
)
def test_a_wrong_setting_stops_the_start(tmp_path: Path, name: str, value: str, said: str) -> None:
    """One line on standard error, exit status 1, no traceback; nothing listens."""
    service = _serve(tmp_path, **{name: value})
    with pytest.raises(NotServing):
        asyncio.run(service.ready())
    assert service.stop() == 1
    assert said in service.last_words()
    assert "Traceback" not in service.last_words()


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    """The start fails at once, says by which setting, and leaves nothing running."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        service = Service(tmp_path, 9, {"HELPDESK_HTTP_PORT": str(port)})
        service.launch()
        with pytest.raises(NotServing):
            asyncio.run(service.ready())
    assert service.stop() == 1
    said = f"helpdesk: HELPDESK_HTTP_HOST, HELPDESK_HTTP_PORT: 127.0.0.1:{port} cannot be listened on"
    assert said in service.last_words()
    assert "Traceback" not in service.last_words()


_STUCK = """
import asyncio
import time
from pathlib import Path

from helpdesk.contracts.hookspecs import hookimpl


class Stuck:
    kind = "stuck"
    answers = False

    def settings(self):
        return {}

    def normalise(self, address):
        return address

    def listener(self, settings):
        return self

    def sender(self, settings):
        return None

    async def start(self, gateway):
        await asyncio.sleep(0.3)
        Path("begun").touch()
        asyncio.get_running_loop().run_in_executor(None, time.sleep, 600)
        asyncio.get_running_loop().call_later(0, time.sleep, 600)

    async def stop(self):
        pass


@hookimpl
def register_channel():
    return Stuck()
"""


def test_a_plugin_that_hangs_keeps_nobody_from_ending(tmp_path: Path) -> None:
    """Its loop stands still, and so does a thread that it began: the service is ready, and ends when told.

    It is ready once every way in has begun, and not before.
    """
    package, distribution = tmp_path / "hangs" / "stuck", tmp_path / "hangs" / "stuck-1.dist-info"
    for folder in (package, distribution):
        folder.mkdir(parents=True)
    (package / "__init__.py").write_text(_STUCK, encoding="utf-8")
    manifest = 'name = "stuck"\nversion = "1"\nsummary = "s"\nprovides = ["channel:stuck"]\n'
    (package / "helpdesk-plugin.toml").write_text(manifest, encoding="utf-8")
    (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: stuck\nVersion: 1\n", encoding="utf-8")
    (distribution / "entry_points.txt").write_text("[helpdesk.plugins]\nstuck = stuck\n", encoding="utf-8")
    service = _serve(tmp_path, PYTHONPATH=str(package.parent))
    try:
        asyncio.run(service.ready())
        assert (tmp_path / "begun").exists()
    finally:
        status = service.stop(60)
    assert status == 0, service.last_words()
    assert "a plugin does not end" in service.last_words()
    assert "stopped" in service.last_words()
