"""The how-to for carriers' authors works: its files, put where it says, keep what carriers promise."""

import os
import re
import subprocess
import sys
from pathlib import Path

HOWTO = Path(__file__).resolve().parents[2] / "docs" / "howto" / "write-a-carrier.md"
FILE = re.compile(r"^`((?:src|tests)/[^`]+)`[^\n]*(?:\n(?!```)[^\n]*)*\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_example_passes_the_conformance_kit(tmp_path: Path) -> None:
    """The example's own tests, run as its author would run them, all pass."""
    for name, text in FILE.findall(HOWTO.read_text(encoding="utf-8")):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "src" / "helpdesk_notifier_pager" / "__init__.py").touch()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "12 passed" in done.stdout
