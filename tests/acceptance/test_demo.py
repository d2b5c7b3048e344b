"""The demonstration is what a newcomer runs first: it works, is quick, and says what happened."""

import re
import subprocess
import sys
import time
from pathlib import Path

LIMIT_SECONDS = 60.0


def test_the_demonstration_happens_as_told(tmp_path: Path) -> None:
    """It exits 0 within a minute, from any folder, and its table has a row for each promise and each refusal."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "helpdesk.cli", "demo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - begun < LIMIT_SECONDS
    for company in ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24", "demo"):
        assert re.search(rf"^{company} +email +#1 ", done.stdout, re.MULTILINE), company
    assert re.search(r"^telemedhelp +phone +refused .* 6\.1 ", done.stdout, re.MULTILINE)
    assert "a warning, then a breach" in done.stdout
    assert list(tmp_path.iterdir()) == []
