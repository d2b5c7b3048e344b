"""Worked tickets of five companies, the core fed from their plain calendars."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from helpdesk import sla
from helpdesk.sla.plainspec import calendar_spec
from helpdesk.verify.cases import golden_case, instant

DATA = Path(__file__).parents[2] / "data" / "calendar"
COMPANIES = {file.stem: json.loads(file.read_text()) for file in (DATA / "companies").glob("*.json")}
KEYS = {"day_term": sla.DayTerm, "after_hours": sla.AfterHours, "skip": sla.Skip, "closing_edge": sla.ClosingEdge}


def answer(
    plain: Mapping[str, Any], start: int, amount: Mapping[str, Any], pauses: list[tuple[int, int | None]]
) -> int | None:
    """The core's answer, which its own derivation has to add up to."""
    calendar = sla.compile_calendar(calendar_spec(plain, (date(2019, 1, 1), date(2029, 12, 31))))
    conventions: dict[str, Any] = {key: kind(amount[key]) for key, kind in KEYS.items() if key in amount}
    if "day_end" in amount:
        conventions["day_end"] = sla.DayEnd(amount["day_end"])
    asked = sla.Amount(sla.Unit(amount["unit"]), amount["value"], **conventions)
    found = sla.deadline(calendar, start, asked, pauses)
    if found.due is not None and not asked.unit.endswith(("days", "weekends")):
        assert found.counted_us == amount["value"]
    return found.due


@pytest.mark.parametrize("file", sorted((DATA / "golden").glob("*.jsonl")), ids=lambda file: file.stem)
def test_worked_tickets_come_out_as_expected(file: Path) -> None:
    """Targets, pauses, changes of level, terms in days, alternative readings: outcome and due instant."""
    cases = [json.loads(line) for line in file.read_text().splitlines()]
    expected = {
        case["id"]: (case["expected_outcome"], case["expected_due"] and instant(case["expected_due"])) for case in cases
    }
    found = {case["id"]: golden_case(case, COMPANIES["policies"], COMPANIES, answer) for case in cases}
    assert found == expected
