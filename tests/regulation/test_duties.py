"""The duties that the service looks up are those that the page names."""

import ast
from pathlib import Path

from helpdesk.regulation.judging.duties import LOOKED_UP
from helpdesk.regulation.loading.loader import load_package

ROOT = Path(__file__).parents[2]
COMPANIES = ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24")


def _declared() -> set[str]:
    editions = (document for company in COMPANIES for document in load_package(ROOT / "policies" / company).editions)
    return {duty["name"] for document in editions for duty in document.data.get("duties", ())}


def test_what_is_looked_up_is_what_is_listed() -> None:
    """Every duty that a module names as a text of its own is listed, and nothing is listed that no module names."""
    found: set[str] = set()
    for path in (ROOT / "src/helpdesk").rglob("*.py"):
        if path.name != "duties.py":
            found |= _texts(ast.parse(path.read_text("utf-8")))
    assert set(LOOKED_UP) <= found
    assert _declared() & found <= set(LOOKED_UP)


def _texts(tree: ast.AST) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_each_is_wanted_by_some_text() -> None:
    """What the service can be asked to do, one of the five asks for."""
    assert set(LOOKED_UP) <= _declared()
