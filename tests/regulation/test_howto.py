"""The how-to's commands are the service's own, and lead to a regulation that is in order."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/howto/onboard-a-company.md"


def test_the_commands_up_to_the_tenant_work(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/calendars").symlink_to(ROOT / "policies/calendars")
    (tmp_path / "policies/_template").symlink_to(ROOT / "policies/_template")
    commands = [
        line.split("#")[0].strip()
        for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
        for line in block.splitlines()
        if line.startswith("helpdesk regulation")
    ]
    assert len(commands) == 5
    for command in commands:
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)]
        done = subprocess.run(
            [sys.executable, "-m", "helpdesk.cli", *words[1:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        # `lint` reports what the template leaves open, and says so by its exit status.
        assert done.returncode == 0 or words[2] == "lint", f"{command}: {done.stdout}{done.stderr}"
