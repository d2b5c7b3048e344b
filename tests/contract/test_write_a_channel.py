"""The how-to for channel authors works: its files, put where it says, load and keep what channels promise."""

import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from tests.support.howto import HOWTO, put, run_tests

from helpdesk.contracts.hookspecs import ENTRY_POINT_GROUP, Hooks
from helpdesk.plugins.registry import build_registry

PAGE = "write-a-channel.md"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The how-to's files in a folder of their own."""
    put(PAGE, "helpdesk_channel_folder", tmp_path)
    return tmp_path


def test_the_example_passes_the_conformance_kit(package: Path) -> None:
    """The example's own tests, run as its author would run them, all pass."""
    assert "18 passed" in run_tests(package)


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
    assert set(re.findall(r"`(register_\w+)\(\)`", (HOWTO / PAGE).read_text(encoding="utf-8"))) == specified
