"""The how-to for channel authors works: its files, put where it says, load and keep what channels promise."""

import os
import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from helpdesk.contracts.hookspecs import ENTRY_POINT_GROUP, Hooks
from helpdesk.plugins.registry import build_registry

HOWTO = Path(__file__).resolve().parents[2] / "docs" / "howto" / "write-a-channel.md"
FILE = re.compile(r"^`((?:src|tests)/[^`]+)`[^\n]*(?:\n(?!```)[^\n]*)*\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The how-to's files in a folder of their own."""
    for name, text in FILE.findall(HOWTO.read_text(encoding="utf-8")):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "src" / "helpdesk_channel_folder" / "__init__.py").touch()
    return tmp_path


def test_the_example_passes_the_conformance_kit(package: Path) -> None:
    """The example's own tests, run as its author would run them, all pass."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=package,
        env={**os.environ, "PYTHONPATH": str(package / "src")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "18 passed" in done.stdout


def test_the_example_is_a_plugin(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its manifest and hook load without a problem."""
    monkeypatch.syspath_prepend(str(package / "src"))
    point = EntryPoint("channel_folder", "helpdesk_channel_folder.plugin", ENTRY_POINT_GROUP)
    registry = build_registry(found=[point])
    assert registry.problems == ()
    assert list(registry.channels) == ["folder"]


def test_every_hook_is_in_the_how_to() -> None:
    """The hooks of the specification and the hooks of the page are the same."""
    specified = {name for name in vars(Hooks) if name.startswith("register_")}
    assert set(re.findall(r"`(register_\w+)\(\)`", HOWTO.read_text(encoding="utf-8"))) == specified
