"""The linter finds what is wrong in the five texts, and shows each by a witness that holds."""

from pathlib import Path

import pytest

from helpdesk.regulation.examining.findings import Finding
from helpdesk.regulation.examining.lint import lint
from helpdesk.regulation.examining.numbering import numbering_faults
from helpdesk.regulation.examining.replay import Replayer
from helpdesk.regulation.examining.replay import _instant as at
from helpdesk.regulation.loading.loader import load_package

POLICIES = Path(__file__).parents[2] / "policies"
NOW = at("2026-03-16T09:00:00+03:00")

EXPECTED = {
    "telemedhelp": {"limits-elsewhere", "single-level", "vacuous-reaction", "review-overdue"},
    "specpromdesign": {"eight-by-five", "contacts-missing"},
    "intervale": {"appendix-missing", "hours-missing", "channels-differ", "app-phone-missing"},
    "siroca": {"no-guarantee", "order", "head-contacts-missing"},
    "pass24": {
        "reaction-without-number",
        "reaction-followup-without-number",
        "no-guarantee",
        "range-inverted",
        "channel-unlisted",
        "numbering",
        "minimum-versions-missing",
    },
}
"""Seventeen that were known, and three more: the phone of Intervale's application, the versions PASS24 serves and its
limit for reacting to further information are referred to and not given."""


def findings(company: str, now: int = NOW) -> dict[str, Finding]:
    return {finding.id: finding for finding in lint(load_package(POLICIES / company), now)}


@pytest.mark.parametrize("company", EXPECTED)
def test_every_finding_is_found_and_nothing_else(company: str) -> None:
    found = findings(company)
    assert {f"{company}.{name}" for name in EXPECTED[company]} == found.keys()
    for finding in found.values():
        assert finding.message_ru
        assert finding.message_en
        assert finding.witness.clauses


@pytest.mark.parametrize("company", EXPECTED)
def test_the_clauses_of_a_witness_are_clauses_of_the_text(company: str) -> None:
    document = load_package(POLICIES / company).editions[-1]
    known = {clause["id"] for clause in document.data["clauses"]}
    for finding in findings(company).values():
        if not finding.id.endswith(".numbering"):
            assert known >= set(finding.witness.clauses)


def test_the_inverted_range_can_be_replayed() -> None:
    """At the witness the goal, were it not capped, would come after the limit."""
    package = load_package(POLICIES / "pass24")
    witness = findings("pass24")["pass24.range-inverted"].witness
    assert witness.case is not None
    replayer = Replayer({"pass24": package})
    goal = replayer.line(witness.case)
    limit = replayer.line({**witness.case, "target": "resolution"})
    assert goal["outcome"] == limit["outcome"] == "due"
    assert goal["due"] == limit["due"]
    uncapped = package.editions[0].data["targets"]
    for target in uncapped:
        target["goal_cap"] = False
    later = Replayer({"pass24": package}).line(witness.case)
    assert later["due"] > limit["due"]


def test_a_review_is_overdue_only_after_its_day() -> None:
    assert "telemedhelp.review-overdue" not in findings("telemedhelp", at("2018-09-30T12:00:00+03:00"))
    assert "telemedhelp.review-overdue" in findings("telemedhelp", at("2018-10-02T12:00:00+03:00"))


def test_eight_by_five_is_shown_on_a_working_day() -> None:
    witness = findings("specpromdesign", at("2026-05-01T12:00:00+03:00"))["specpromdesign.eight-by-five"].witness
    assert witness.instant == "2026-05-04T08:00:00+03:00"


@pytest.mark.parametrize(
    ("printed", "faults"),
    [
        (["1", "2", "3"], []),
        (["1.1", "1.2", "2.1"], []),
        (["header", "1.1"], []),
        (["1.1", "1.1"], ["1.1"]),
        (["1.1", "1"], ["1"]),
        (["1.1", "1.3"], ["1.2"]),
        (["1.1", "3.1"], ["2"]),
        (["1.5", "1.5.1", "1.5.3"], ["1.1", "1.2", "1.3", "1.4", "1.5.2"]),
    ],
)
def test_numbers_that_stand_twice_or_are_left_out(printed: list[str], faults: list[str]) -> None:
    assert faults == [fault.number for fault in numbering_faults(printed)]
