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
    for kind in ("attainment", "averages", "queue-age", "ledger", "comparison"):
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


def test_the_months_report_is_a_page_to_print(run: Run, tmp_path: Path) -> None:
    """HTML by default, with the company's name in Russian; a list for spreadsheets; data."""
    run("tenant", "add", "--regulation", POLICIES / "pass24")
    out = tmp_path / "sla.html"
    assert run("report", "sla", "--tenant", "pass24", "--month", "2026-02", "--out", out)[1].startswith(str(out))
    page = out.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "февраль 2026" in page
    assert "PASS24" in page
    assert run("report", "sla", "--tenant", "pass24", "--format", "csv")[1].startswith(
        "номер,тема,организация,срок,пункт"
    )
    assert json.loads(run("report", "sla", "--tenant", "pass24", "--format", "json")[1])["breaches"] == []


def test_the_audit_is_checked_and_its_head_handed_out(run: Run, tmp_path: Path) -> None:
    """No faults where nobody did anything; heads of all companies and the service's own, which the check then takes."""
    run("tenant", "add", "--regulation", POLICIES / "pass24")
    status, said = run("audit", "verify")
    assert (status or 0, "no faults" in said) == (0, True)
    heads = tmp_path / "heads.jsonl"
    heads.write_text(run("audit", "head")[1], encoding="utf-8")
    assert len(heads.read_text().splitlines()) == 2
    assert (run("audit", "verify", "--heads", heads)[0] or 0) == 0
    with pytest.raises(Invalid, match="no heads"):
        run("audit", "verify", "--heads", Path(__file__))
