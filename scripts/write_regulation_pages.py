"""Write each regulation's README from its data (a test holds the two together)."""

from pathlib import Path

from helpdesk.regulation.examining.lint import lint
from helpdesk.regulation.loading.loader import load_package
from helpdesk.regulation.telling.describe import describe

POLICIES = Path(__file__).parents[1] / "policies"
AS_OF = 1_772_323_200_000_000
"""2026-03-01, so that a page does not change with the day it is written."""

for root in sorted(POLICIES.iterdir()):
    if root.name[0] not in "_." and (root / "regulation.toml").is_file():
        package = load_package(root)
        page = describe(package, package.editions[-1], lint(package, AS_OF))
        (root / "README.md").write_text(page, "utf-8")
