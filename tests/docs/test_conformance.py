"""The page of conformance is whole and true: every clause of every company, with places and tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from helpdesk.regulation.loading.loader import load_package

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reference/conformance.md").read_text("utf-8")
TESTS = (ROOT / "tests", ROOT / "tests/integration", ROOT / "tests/acceptance")
COMPANIES = ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24")


class Row(NamedTuple):
    """One line of a company's table."""

    company: str
    clause: str
    held: str
    places: tuple[str, ...]
    tests: tuple[str, ...]


def _rows() -> list[Row]:
    found, company = [], ""
    for line in PAGE.splitlines():
        if heading := re.match(r"## .*\(`(\w+)`\)$", line):
            company = heading[1]
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == 4 and cells[0] != "clause":
            quoted = [tuple(re.findall(r"`([^`]+)`", cell)) for cell in cells[2:]]
            found.append(Row(company, cells[0], cells[1], *quoted))
    return found


ROWS = _rows()


@cache
def _tests_in(path: Path) -> frozenset[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(each.name for each in ast.parse(path.read_text("utf-8")).body if isinstance(each, kinds))


@pytest.mark.parametrize("company", COMPANIES)
def test_every_clause_is_told_and_no_other(company: str) -> None:
    """Each clause of the edition has its row; a row of no clause would be a promise out of nowhere."""
    for document in load_package(ROOT / "policies" / company).editions:
        wanted = {clause["id"] for clause in document.data["clauses"]}
        assert {row.clause for row in ROWS if row.company == company} == wanted


def test_every_place_and_every_test_exists() -> None:
    """What a row names is there: a module that holds it, a test that sees it."""
    wrong = []
    for row in ROWS:
        assert row.places, row
        assert row.tests, row
        wrong += [place for place in row.places if not (ROOT / "src/helpdesk" / place).is_file()]
        for named in row.tests:
            file, _, test = named.partition("::")
            paths = [folder / file for folder in TESTS if (folder / file).is_file()]
            if not paths or test not in _tests_in(paths[0]):
                wrong.append(named)
    assert wrong == []


def test_what_is_not_software_is_what_the_regulations_say_so_of() -> None:
    """Nothing is excused on this page that the regulation's data does not excuse."""
    excused = {
        (company, clause["id"])
        for company in COMPANIES
        for document in load_package(ROOT / "policies" / company).editions
        for clause in document.data["clauses"]
        if clause.get("not_software")
    }
    assert {(row.company, row.clause) for row in ROWS if "*Not software*" in row.held} == excused
