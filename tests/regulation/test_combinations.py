"""A deadline under every combination of the readings that bear on it."""

import json
from pathlib import Path
from typing import Any

import pytest

from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.examining.combinations import under_all_readings
from helpdesk.regulation.examining.replay import Replayer
from helpdesk.regulation.loading.loader import load_package

ROOT = Path(__file__).parents[2]
COMPANIES = ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24")


@pytest.fixture(scope="module")
def replayer() -> Replayer:
    return Replayer({company: load_package(ROOT / "policies" / company) for company in COMPANIES})


def case(**over: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "company": "siroca",
        "received": "2026-02-20T09:00:00+06:00",
        "channel": "email",
        "level": "3",
        "target": "auto_close",
        "readings": {},
        "events": [{"type": "resolved", "at": "2026-02-20T17:00:00+06:00"}],
        **over,
    }


def test_the_day_of_silence_may_be_a_day_or_three_working_days(replayer: Replayer) -> None:
    spread = under_all_readings(replayer, case())
    assert spread.outcomes[0].due == "2026-02-21T17:00:00+06:00"
    assert spread.outcomes[0].departures == ({},)
    assert {"auto_close_base": "business"} in spread.outcomes[1].departures
    assert spread.outcomes[1].due == "2026-02-25T14:00:00+06:00"
    assert sum(outcome.combinations for outcome in spread.outcomes) == spread.combinations


def test_a_reading_the_case_fixes_is_not_tried(replayer: Replayer) -> None:
    spread = under_all_readings(replayer, case(readings={"auto_close_base": "clock"}))
    assert "auto_close_base" not in spread.readings


def test_whether_it_is_accepted_at_all_may_be_a_reading(replayer: Replayer) -> None:
    call = case(
        company="pass24",
        channel="phone",
        level="high",
        target="resolution",
        received="2026-02-23T11:00:00+03:00",
        events=[],
    )
    spread = under_all_readings(replayer, call)
    assert spread.outcomes[0].outcome == "not_accepted"
    assert spread.outcomes[1].departures == ({"holiday_channel_policy": "defer"},)


def test_too_many_combinations_are_refused(replayer: Replayer) -> None:
    with pytest.raises(Invalid, match="combinations"):
        under_all_readings(replayer, case(), most=1)


def test_what_does_not_bear_on_a_case_changes_nothing(replayer: Replayer) -> None:
    """Readings that are left out of the combinations give the same deadline under each of their values."""
    cases = [
        json.loads(line)
        for file in sorted((ROOT / "tests/data/calendar/golden").glob("*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    for line in cases[::3]:
        expected = replayer.evaluate(line)
        bearing = set(replayer.readings_bearing_on(line))
        for name, reading in replayer.evaluator(line["company"], {}).edition.readings.items():
            if name not in bearing and name not in line["readings"]:
                for value in reading.alternatives:
                    assert expected == replayer.evaluate({**line, "readings": {**line["readings"], name: value}}), name
