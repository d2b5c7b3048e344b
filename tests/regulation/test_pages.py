"""Each regulation's page is what its data says: every clause, every reading, every finding."""

from pathlib import Path

import pytest

from helpdesk.regulation.examining.lint import lint
from helpdesk.regulation.loading.loader import load_package
from helpdesk.regulation.telling.describe import describe

POLICIES = Path(__file__).parents[2] / "policies"
AS_OF = 1_772_323_200_000_000
FOLDERS = sorted(file.parent.name for file in POLICIES.glob("[a-z]*/regulation.toml"))


@pytest.mark.parametrize("name", FOLDERS)
def test_the_page_is_what_the_data_says(name: str) -> None:
    """After a change of a regulation scripts/write_regulation_pages.py writes it anew."""
    package = load_package(POLICIES / name)
    page = describe(package, package.editions[-1], lint(package, AS_OF))
    assert page == (POLICIES / name / "README.md").read_text("utf-8")
