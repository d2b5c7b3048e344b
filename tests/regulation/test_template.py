"""A new regulation made from the template is valid as it is; the template shows every kind of rule."""

from pathlib import Path

import pytest

from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.examining.coverage import cover
from helpdesk.regulation.examining.scenarios import load_scenarios, run_all
from helpdesk.regulation.loading.loader import load_package
from helpdesk.regulation.loading.template import PLACEHOLDER, from_template

POLICIES = Path(__file__).parents[2] / "policies"


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def test_a_company_made_from_the_template_loads_and_its_scenarios_hold(tmp_path: Path) -> None:
    (tmp_path / "calendars").symlink_to(POLICIES / "calendars")
    root = write(tmp_path / "sixth", from_template(POLICIES / "_template", "sixth", 'The "Sixth"'))
    package = load_package(root)
    assert (package.tenant, package.regulation.name) == ("sixth", "The Sixth")
    assert PLACEHOLDER not in "".join(file.read_text("utf-8") for file in root.rglob("*.toml"))
    scenarios = load_scenarios(root)
    assert run_all(package, scenarios) == {}
    assert cover(package.editions[0], {found.name: found.clauses for found in scenarios}).percent == 100.0


@pytest.mark.parametrize("name", ["", "Siroca", "../x", "a b", "1a", "x" * 60])
def test_a_short_name_is_plain(name: str) -> None:
    with pytest.raises(Invalid):
        from_template(POLICIES / "_template", name, "X")
