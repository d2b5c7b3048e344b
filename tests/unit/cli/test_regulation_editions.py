"""``helpdesk regulation publish|editions`` and the reviews that ``helpdesk tenant list`` tells."""

import json
import shutil
from pathlib import Path

import pytest
from tests.unit.cli.conftest import POLICIES, Run

from helpdesk.kernel.errors import Invalid, NotFound


def test_an_edition_is_published_from_a_folder(run: Run, tmp_path: Path) -> None:
    """Nothing changed: nothing is published. An amount changed: a new version in force at once. Another date: then."""
    run("tenant", "add", "--regulation", POLICIES / "siroca")
    words = ("regulation", "publish", POLICIES / "siroca", "--tenant", "siroca")
    first = json.loads(run(*words, "--json")[1])
    shown = run("regulation", "editions", "siroca")[1].splitlines()
    assert len(shown) == 1
    assert first["snapshot_hash"] in shown[0]
    folder = tmp_path / "siroca"
    shutil.copytree(POLICIES / "siroca", folder)
    shutil.copytree(POLICIES / "calendars", tmp_path / "calendars")
    file = folder / "editions" / "2023-03-31.toml"
    file.write_text(file.read_text("utf-8").replace('"5 elapsed hours"', '"4 elapsed hours"'), encoding="utf-8")
    said = run("regulation", "publish", folder, "--tenant", "siroca")[1]
    assert said.startswith("siroca: edition 2023-03-31 is in force from 20")
    later = run(*words, "--from", "2099-01-01T00:00:00+06:00")[1]
    assert "in force from 2098-12-31T18:00:00Z" in later
    listed = [json.loads(line) for line in run("regulation", "editions", "siroca", "--json")[1].splitlines()]
    assert [item["in_force"] for item in listed] == [False, True, False]
    assert listed[0]["snapshot"] == listed[2]["snapshot"] != listed[1]["snapshot"]


def test_an_announcement_is_a_reading_with_a_value(run: Run) -> None:
    """Hours announced for a date: a new version; the next one keeps them, for they were supplied."""
    run("tenant", "add", "--regulation", POLICIES / "telemedhelp")
    words = ("regulation", "publish", POLICIES / "telemedhelp", "--tenant", "telemedhelp", "--json")
    plain = json.loads(run(*words)[1])
    announced = json.loads(run(*words, "--reading", 'extra_dates={"2027-12-30": ["10:00-14:00"]}')[1])
    assert announced["snapshot_hash"] != plain["snapshot_hash"]
    assert announced["in_force_from"] > plain["in_force_from"]
    assert json.loads(run(*words)[1])["snapshot_hash"] == announced["snapshot_hash"]


def test_what_cannot_be_published_is_refused(run: Run) -> None:
    """The past, another company's regulation, a company that is not there."""
    run("tenant", "add", "--regulation", POLICIES / "siroca")
    words = ("regulation", "publish", POLICIES / "siroca", "--tenant")
    with pytest.raises(Invalid, match="past"):
        run(*words, "siroca", "--from", "2024-01-01T00:00:00+06:00")
    with pytest.raises(Invalid, match="not of pass24"):
        run(*words, "pass24")
    with pytest.raises(NotFound):
        run("regulation", "publish", POLICIES / "pass24", "--tenant", "pass24")
    with pytest.raises(NotFound):
        run("regulation", "editions", "pass24")


def test_an_overdue_review_is_told(run: Run) -> None:
    """TelemedHelp's text is to be reviewed within a year; Siroca's sets no review."""
    for company in ("telemedhelp", "siroca"):
        run("tenant", "add", "--regulation", POLICIES / company)
    said = run("tenant", "list")[1]
    assert said.count("REVIEW OVERDUE") == 1
    assert "was to be reviewed by 2018-10-01 (1.1)" in said
    listed = {line["slug"]: line for line in map(json.loads, run("tenant", "list", "--json")[1].splitlines())}
    assert listed["siroca"]["review"] is None
    assert listed["telemedhelp"]["review"]["overdue"] is True


def test_a_simulation_is_printed_and_writes_nothing(run: Run) -> None:
    """A table for people, one object for machines; without tickets nothing is kept or broken."""
    run("tenant", "add", "--regulation", POLICIES / "siroca")
    before = run("regulation", "editions", "siroca")[1]
    words = ("regulation", "simulate", POLICIES / "siroca", "--tenant", "siroca")
    assert run(*words)[1].startswith("siroca, edition 2023-03-31: 0 tickets")
    report = json.loads(run(*words, "--from", "2026-01-01T00:00:00+06:00", "--json")[1])
    assert (report["tickets"], report["targets"], report["moved"]) == (0, [], [])
    assert run("regulation", "editions", "siroca")[1] == before
    with pytest.raises(Invalid, match="not of pass24"):
        run("regulation", "simulate", POLICIES / "siroca", "--tenant", "pass24")
