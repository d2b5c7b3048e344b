"""Every scenario of every company holds, every clause is covered, and no rule can change unnoticed."""

from pathlib import Path

import msgspec
import pytest

from helpdesk.regulation.examining.coverage import cover
from helpdesk.regulation.examining.mutants import mutants
from helpdesk.regulation.examining.scenarios import Runner, Scenario, load_scenarios
from helpdesk.regulation.loading.loader import Package, load_package
from helpdesk.regulation.vocabulary.problems import RegulationError, dotted

POLICIES = Path(__file__).parents[2] / "policies"
COMPANIES = ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24")
EXAMPLES = ("polarferry", "_template")
ALL = [(company, scenario) for company in (*COMPANIES, *EXAMPLES) for scenario in load_scenarios(POLICIES / company)]

SAME_ANYWAY = {
    "queue.order[1] 'arrival' removed": "requests equal in all else go by arrival whatever the order says",
    "terms[0].day_end 'midnight' → 'close'": "the dates of Intervale's client term are open until 24:00, its closing",
    "terms[1].day_end 'midnight' → 'close'": "the same of the second",
    "terms[2].day_end 'midnight' → 'close'": "and of the third",
    "calendars.office.working_weekends 'closed' → 'open'": "Kyrgyzstan decreed private companies no working weekend",
}
"""Changes that change no answer, each with the reason."""


@pytest.fixture(scope="module")
def runners() -> dict[str, Runner]:
    return {company: Runner(load_package(POLICIES / company)) for company in (*COMPANIES, *EXAMPLES)}


@pytest.mark.parametrize(("company", "scenario"), [pytest.param(c, s, id=f"{c}-{s.name}") for c, s in ALL])
def test_a_scenario_holds(company: str, scenario: Scenario, runners: dict[str, Runner]) -> None:
    assert runners[company].run(scenario) == ()


@pytest.mark.parametrize("company", [*COMPANIES, *EXAMPLES])
def test_every_clause_has_its_rules_and_its_scenario(company: str) -> None:
    scenarios = {scenario.name: scenario.clauses for scenario in load_scenarios(POLICIES / company)}
    for edition in load_package(POLICIES / company).editions:
        found = cover(edition, scenarios)
        assert [(clause.id, clause.missing) for clause in found.clauses if clause.missing] == []
        assert found.strays == ()
        assert found.percent == 100.0


@pytest.mark.parametrize("company", COMPANIES)
def test_no_rule_changes_unnoticed(company: str) -> None:
    """Each value of each rule, changed alone, makes a scenario fail, or the loader refuse."""
    package = load_package(POLICIES / company)
    # The scenarios of the chosen readings first: they share one snapshot.
    scenarios = sorted(
        load_scenarios(POLICIES / company), key=lambda found: (bool(found.readings), found.parameters is not None)
    )
    survivors = []
    tried = 0
    for mutant in mutants(package.editions[0].data):
        tried += 1
        runner = Runner(_with_data(package, mutant.data))
        if not any(runner.run(scenario) for scenario in scenarios):
            survivors.append(f"{dotted(mutant.path)} {mutant.change}")
    assert tried > 100
    assert set(survivors) <= SAME_ANYWAY.keys()


def _with_data(package: Package, data: dict[str, object]) -> Package:
    document = msgspec.structs.replace(package.editions[0], data=data)
    return msgspec.structs.replace(package, editions=(document,))


def test_a_scenario_that_does_not_hold_says_what_differs() -> None:
    scenario = next(s for c, s in ALL if c == "telemedhelp" and s.name == "chat_has_ten_minutes")
    wrong = msgspec.structs.replace(scenario.expect[0], due="2026-03-04T10:11:00+03:00")
    found = Runner(load_package(POLICIES / "telemedhelp")).run(msgspec.structs.replace(scenario, expect=(wrong,)))
    assert found == ("reaction: due is 2026-03-04T10:10:00+03:00, not 2026-03-04T10:11:00+03:00",)


def test_a_damaged_scenario_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios/a.toml").write_text('[[scenarios]]\nname = "a"\nclauses = ["1"]\nsays = "x"\nexpcet = []\n')
    with pytest.raises(RegulationError, match=r"scenarios/a.toml:5: scenarios\[0\].expcet: unknown key"):
        load_scenarios(tmp_path)
    assert load_scenarios(tmp_path / "nothing") == ()


def test_coverage_names_what_is_missing() -> None:
    document = load_package(POLICIES / "siroca").editions[0]
    found = cover(document, {"one": ("2.6", "99")})
    assert found.strays == ("99",)
    assert found.percent < 100.0
    by_id = {clause.id: clause for clause in found.clauses}
    assert by_id["2.6"].covered
    assert by_id["1.6"].covered
    assert by_id["2.7"].missing == ("no scenario shows it",)
