"""Commands are run in this process, over a data folder of the test's own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from helpdesk.cli.app import app

POLICIES = Path(__file__).resolve().parents[3] / "policies"
COMPANIES = ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24")

Run = Callable[..., tuple[object, str]]


@pytest.fixture(name="run")
def _run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process over a data folder of the test's own; return its result and what it printed."""
    monkeypatch.setenv("HELPDESK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HELPDESK_POLICIES", str(POLICIES))

    def run(*words: object) -> tuple[object, str]:
        result = app([str(word) for word in words], result_action="return_value", exit_on_error=False)
        return result, capsys.readouterr().out

    return run
