"""Case files: every open case comes out right, and a line that makes no sense is told so."""

import json
from pathlib import Path
from typing import Any

import pytest

from helpdesk.sla.cases import load_specs, replay_case, replay_files

DATA = Path(__file__).parents[2] / "data" / "calendar"
FILES = sorted((DATA / "random").glob("*.jsonl"))


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_case_of_a_file_comes_out_as_expected(file: Path) -> None:
    """Clock changes, pauses, terms in days: each line's answer is the slow walk's."""
    cases = read(file)
    expected = [{"id": c["id"], "result": c.get("expected", c.get("expected_seconds"))} for c in cases]
    assert expected == list(replay_files(DATA / "specs", [file]))


def test_there_are_3240_cases() -> None:
    """No file got lost."""
    assert sum(len(read(file)) for file in FILES) == 3240


def test_an_instant_is_written_in_the_calendars_own_offset() -> None:
    """The same instant asked in UTC is answered on the local clock."""
    specs = load_specs(DATA / "specs")
    line = {"calendar": "o_berlin_office", "op": "add_business", "start": "2026-03-27T16:00:00Z", "seconds": 3600}
    assert replay_case(line, specs) == "2026-03-30T09:30:00+02:00"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("{", "JSONDecodeError"),
        ("[1]", "TypeError"),
        ('{"id": 7, "op": "is_open"}', "missing 'calendar'"),
        ('{"id": 7, "calendar": "none", "op": "is_open"}', "no calendar 'none'"),
        ('{"id": 7, "calendar": "o_ru_9to18", "op": "fly"}', "no operation 'fly'"),
        ('{"id": 7, "calendar": "o_ru_9to18", "op": "is_open", "t": "2026-03-04T10:00:00"}', "has no zone"),
        ('{"id": 7, "calendar": "o_ru_9to18", "op": "is_open", "t": "2028-01-01T10:00:00+03:00"}', "BeyondCalendar"),
        (
            '{"id": 7, "calendar": "o_ru_9to18", "op": "add_business", "start": "2026-03-04T10:00:00Z", "seconds": -1}',
            "BadAmount",
        ),
        (
            '{"id":7, "calendar":"o_ru_9to18", "op":"add_business","start": "2027-12-31T10:00:00Z", "seconds": 40000}',
            "BeyondCalendar",
        ),
        (
            '{"id": 7, "calendar": "o_ru_9to18", "op": "add_business_days", "start": "2026-03-04T10:00:00Z", "n": 0}',
            "BadAmount",
        ),
        (
            '{"id":7,"calendar":"o_ru_daily", "op": "add_business_days", "start": "9998-03-04T10:00:00Z", "n": 1}',
            None,
        ),
        (
            '{"id":7,"calendar":"o_ru_daily", "op": "add_business_days", "start": "9999-12-30T10:00:00Z", "n": 3}',
            "BeyondCalendar",
        ),
    ],
)
def test_a_line_that_cannot_be_answered_is_told_so_and_the_rest_go_on(
    tmp_path: Path, line: str, error: str | None
) -> None:
    """Each senseless line yields its error and nothing else; the next line is answered."""
    good = '{"id": 8, "calendar": "o_ru_9to18", "op": "is_open", "t": "2026-03-04T10:00:00+03:00"}'
    file = tmp_path / "cases.jsonl"
    file.write_text(f"{line}\n\n{good}\n")
    first, second = replay_files(DATA / "specs", [file])
    if error is None:
        assert "error" not in first
    else:
        assert {"id", "error"} == set(first)
        assert error in first["error"]
    assert second == {"id": 8, "result": True}


def test_time_that_is_not_used_up_in_800_days_has_no_due_time() -> None:
    """Unbounded calendars give up at the horizon, as the slow walk does."""
    specs = {"x": {"tz": "UTC", "weekly": {"mon": [["09:00", "10:00"]]}}}
    line = {"calendar": "x", "op": "add_business", "start": "2026-03-02T09:00:00Z"}
    assert replay_case({**line, "seconds": 115 * 3600}, specs) == "2028-05-08T10:00:00+00:00"
    assert replay_case({**line, "seconds": 116 * 3600}, specs) is None


def test_a_pause_that_ends_before_it_begins_is_empty() -> None:
    """``[from, to)`` holds no instant, so nothing is paused."""
    specs = {"x": {"tz": "UTC", "weekly": {"mon": [["09:00", "10:00"]]}}}
    pauses = [["2026-03-02T09:30:00Z", "2026-03-02T09:10:00Z"]]
    line = {"calendar": "x", "op": "due_with_pauses", "start": "2026-03-02T09:00:00Z", "seconds": 60, "pauses": pauses}
    assert replay_case(line, specs) == "2026-03-02T09:01:00+00:00"
