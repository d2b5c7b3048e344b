"""The demonstration is what a newcomer runs first: it works, is quick, and says what happened."""

import re
import resource
import subprocess
import sys
from pathlib import Path

LIMIT_SECONDS = 45.0
"""Of processor time, so that a busy machine does not decide; alone on two cores the whole takes some twenty seconds."""


def test_the_demonstration_happens_as_told(tmp_path: Path) -> None:
    """It exits 0, soon, from any folder, and its table has a row for each promise and each refusal."""
    before = _processor_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "helpdesk.cli", "demo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert _processor_seconds() - before < LIMIT_SECONDS
    for company in ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24", "demo"):
        assert re.search(rf"^{company} +email +#1 ", done.stdout, re.MULTILINE), company
    assert re.search(r"^telemedhelp +phone +refused .* 6\.1 ", done.stdout, re.MULTILINE)
    assert "a warning, then a breach" in done.stdout
    assert list(tmp_path.iterdir()) == []


def _processor_seconds() -> float:
    """Return what ended children have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
