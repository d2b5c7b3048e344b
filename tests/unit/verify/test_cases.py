"""The second implementation against the case files: every golden ticket, and one random question in forty."""

import json
from pathlib import Path
from typing import Any

import pytest

from helpdesk.verify.cases import golden_case, instant, random_case

DATA = Path(__file__).parents[2] / "data" / "calendar"


def _specs(folder: str) -> dict[str, Any]:
    plains = [json.loads(file.read_bytes()) for file in (DATA / folder).glob("*.json")]
    return {plain["id"]: plain for plain in plains if "tz" in plain}


def _lines(folder: str) -> list[Any]:
    files = sorted((DATA / folder).glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def test_all_the_cases_are_there() -> None:
    assert (len(_lines("golden")), len(_lines("random"))) == (184, 3240)


@pytest.mark.parametrize("company", ["telemedhelp", "specpromdesign", "intervale", "siroca", "pass24"])
def test_golden_tickets_come_out_right(company: str) -> None:
    policies, specs = json.loads((DATA / "companies" / "policies.json").read_bytes()), _specs("companies")
    cases = [case for case in _lines("golden") if case["company"] == company]
    expected = {
        case["id"]: (case["expected_outcome"], case["expected_due"] and instant(case["expected_due"])) for case in cases
    }
    assert {case["id"]: golden_case(case, policies, specs) for case in cases} == expected


def test_random_questions_come_out_right() -> None:
    specs = _specs("specs")
    lines = _lines("random")[::40]
    expected = {}
    for line in lines:
        answer = line.get("expected", line.get("expected_seconds"))
        expected[line["id"]] = instant(answer) if isinstance(answer, str) else answer
    assert {line["id"]: random_case(line, specs[line["calendar"]]) for line in lines} == expected
