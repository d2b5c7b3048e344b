"""The how-to pages for plugin authors: their files put where they say, their tests run as an author would run them."""

import os
import re
import subprocess
import sys
from pathlib import Path

HOWTO = Path(__file__).resolve().parents[2] / "docs" / "howto"
_FILE = re.compile(r"^`((?:src|tests)/[^`]+)`[^\n]*(?:\n(?!```)[^\n]*)*\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def put(page: str, package: str, folder: Path) -> None:
    """Write the files of a page, and the ``__init__.py`` of its ``package``, into ``folder``."""
    for name, text in _FILE.findall((HOWTO / page).read_text(encoding="utf-8")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "src" / package / "__init__.py").touch()


def run_tests(folder: Path) -> str:
    """Run the tests in ``folder`` and return what pytest said; they all passed."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
