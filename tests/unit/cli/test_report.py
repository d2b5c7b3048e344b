"""``helpdesk report``: one company or all, in every form, to a file too."""

import json
from pathlib import Path

import pytest
from tests.unit.cli.conftest import POLICIES, Run

from helpdesk.kernel.errors import Invalid, NotFound


def test_reports_are_written_in_every_form(run: Run, tmp_path: Path) -> None:
    """All companies by default, named ones where named; a file gets the same bytes as the terminal."""
    for name in ("siroca", "pass24"):
        run("tenant", "add", "--regulation", POLICIES / name)
    for kind in ("attainment", "averages", "queue-age", "ledger"):
        status, said = run("report", kind, "--format", "json")
        assert status in {None, 0}
        assert [json.loads(line)["tenant"] for line in said.splitlines()] == ["pass24", "siroca"]
        assert run("report", kind)[1].startswith("компания")
        _, told = run("report", kind, "--tenant", "siroca", "--format", "csv", "--bom", "--lang", "en")
        assert told.startswith("\ufefftenant,")
        out = tmp_path / f"{kind}.svg"
        assert run("report", kind, "--format", "svg", "--out", out)[1] == f"{out}: 2 companies\n"
        assert out.read_text(encoding="utf-8").startswith("<svg ")
    with pytest.raises(Invalid, match="no dimension 'targets'"):
        run("report", "attainment", "--by", "targets")
    with pytest.raises(NotFound):
        run("report", "ledger", "--tenant", "nobody")
