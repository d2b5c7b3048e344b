"""Worked cases of the five companies, each with its deadline: what the regulations promise, to the second."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from helpdesk.regulation.examining.replay import Replayer, case_log
from helpdesk.regulation.loading.loader import load_package
from helpdesk.sla.amount import Unit

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/data/calendar/golden"
COMPANIES = ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24")
CASES: list[dict[str, Any]] = [
    json.loads(line) for file in sorted(GOLDEN.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()
]
PLAIN = [case for case in CASES if not case["events"] and not case["readings"]]


@pytest.fixture(scope="module")
def replayer() -> Replayer:
    return Replayer({company: load_package(ROOT / "policies" / company) for company in COMPANIES})


def test_there_are_184_cases_104_of_them_plain() -> None:
    assert (len(CASES), len(PLAIN)) == (184, 104)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_case_comes_out_right(case: dict[str, Any], replayer: Replayer) -> None:
    expected = {"id": case["id"], "outcome": case["expected_outcome"], "due": case["expected_due"]}
    assert expected == replayer.line(case)


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case["id"])
def test_the_explanation_adds_up_to_the_deadline(case: dict[str, Any], replayer: Replayer) -> None:
    """The intervals counted lie inside the calendar, add up to the amount, and end at the deadline."""
    if case["expected_outcome"] != "due":
        return
    evaluator = replayer.evaluator(case["company"], {})
    admission = evaluator.admit_by_name(case["channel"], _us(case["received"]))
    log = case_log(case, evaluator, admission.channel, _us(case["received"]), admission.counts_from)
    name = evaluator.goal_names().get(case["target"], case["target"])
    explained = evaluator.explain(log, name, 0, log[-1].at)
    spans = [(_us(a), _us(b)) for a, b in explained.counted]
    assert explained.counted_us == sum(b - a for a, b in spans)
    if explained.amount_us is not None:
        assert explained.counted_us == explained.amount_us
    else:
        assert len(explained.days) == int(explained.amount_en.split()[0])
    assert explained.due is not None
    assert spans[-1][1] == _us(explained.due)
    if case["target"] == name:
        assert explained.due == case["expected_due"]
    else:
        assert explained.goal == case["expected_due"]
    if explained.calendar:
        calendar = evaluator.calendars[explained.calendar]
        if Unit.WORKING in explained.amount_en:
            assert all(calendar.between_us(a, b) == b - a for a, b in spans)


def test_a_line_that_cannot_be_evaluated_says_why_and_the_rest_go_on(replayer: Replayer) -> None:
    wrong = [
        {},
        {"id": "1", "company": "nobody"},
        {**CASES[0], "id": "2", "received": "yesterday"},
        {**CASES[0], "id": "3", "readings": {"no_such": "x"}},
        {**CASES[0], "id": "4", "level": "no-such"},
        {**CASES[0], "id": "5", "received": "2031-03-04T10:00:00+03:00", "level": "low"},
        {**CASES[0], "id": "6", "received": "2026-03-04T10:00:00"},
        {**CASES[0], "id": "7", "events": [{"type": "no-such", "at": "2026-03-04T10:00:00+03:00"}]},
    ]
    for line in wrong:
        assert set(replayer.line(line)) == {"id", "error"}


def _us(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond
