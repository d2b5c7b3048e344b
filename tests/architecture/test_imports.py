"""The import ladder is held by a linter, and what a linter of modules cannot see is held here."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import configuration
from importlinter.application.use_cases import lint_imports

ROOT = Path(__file__).resolve().parents[2]
OURS = ("helpdesk", "helpdesk_")
SOURCES = sorted(
    path
    for folder in ("src", "plugins", "policies", "tests", "benchmarks", "scripts")
    for path in (ROOT / folder).rglob("*.py")
    if not {"__pycache__", ".venv"} & set(path.parts)
)

STUB_TEST = ROOT / "tests/unit/sla/test_stub.py"
"""The one test that looks at the compiled core itself: whether its hand-written stub is true."""


def _is_ours(name: str) -> bool:
    package = name.partition(".")[0]
    return package == OURS[0] or package.startswith(OURS[1])


def _imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Yield every import statement below ``tree`` with each full name it may bind."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node, f"{node.module}.{alias.name}"


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _contracts() -> dict[str, object]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        section = tomllib.load(file)["tool"]["importlinter"]
        assert isinstance(section, dict)
        return section


def test_every_contract_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """All contracts of pyproject.toml hold: the ladder, its rungs without exception, the walls beside it."""
    configuration.configure()
    kept = lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None)
    assert kept, capsys.readouterr().out


def test_every_package_stands_on_a_rung_or_beside_the_ladder() -> None:
    """The ladder names exactly the packages that exist; only ``verify`` and ``testing`` stand beside it."""
    ladder = next(c for c in _contracts()["contracts"] if c["type"] == "layers")  # type: ignore[attr-defined]
    rungs = {name.strip() for layer in ladder["layers"] for name in layer.replace("|", ":").split(":")}
    beside = set(ladder["exhaustive_ignores"])
    there = {
        path.stem
        for path in (ROOT / "src/helpdesk").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path.is_dir() and path.name != "__pycache__")
    }
    assert ladder["exhaustive"] is True
    assert beside == {"verify", "testing"}
    assert rungs | beside == there


def test_every_plugin_package_is_under_contract() -> None:
    """A plugin package that the linter does not know would be free to import anything."""
    packages = {path.parent.name for path in (ROOT / "plugins").glob("*/src/*/__init__.py")}
    assert set(_contracts()["root_packages"]) == {"helpdesk", *packages}  # type: ignore[call-overload]


def test_walls_name_every_package_they_keep_out() -> None:
    """A contract that forbids packages by name forbids all there are but those that it means to allow."""
    there = {path.parent.name for path in (ROOT / "src/helpdesk").glob("*/__init__.py")} | {"bootstrap", "settings"}
    at_foot = {"contracts", "httpserver", "kernel", "webcalls"}
    allowed = {
        "helpdesk.verify": {"verify"},
        "helpdesk.testing": {*at_foot, "testing", "plugins", "regulation", "verify"},
        "helpdesk_channel_email": at_foot,
    }
    for contract in _contracts()["contracts"]:  # type: ignore[attr-defined]
        if contract["type"] == "forbidden":
            forbidden = {name.partition(".")[2] for name in contract["forbidden_modules"]}
            assert there - forbidden == allowed[contract["source_modules"][0]] & there, contract["name"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_facade_imports_the_compiled_core(path: Path) -> None:
    """``helpdesk._slacore`` is imported by ``helpdesk.sla`` and by nothing else, plugins included; of tests by one."""
    if path.is_relative_to(ROOT / "src/helpdesk/sla") or path == STUB_TEST:
        return
    text = path.read_text(encoding="utf-8")
    found = [name for _, name in _imports(_parse(path)) if "_slacore" in name.split(".")]
    assert not found, f"imports {found}"
    if path != Path(__file__).resolve():
        assert 'import_module("helpdesk._slacore' not in text


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_our_modules_are_imported_at_the_top(path: Path) -> None:
    """No import of our own modules inside a function, class, branch or handler: that is how layering is lost."""
    tree = _parse(path)
    inside = [
        f"line {statement.lineno}: {name}"
        for statement, name in _imports(tree)
        if _is_ours(name) and statement not in tree.body
    ]
    assert not inside, inside


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_are_absolute(path: Path) -> None:
    """A relative import says nothing about where on the ladder it reaches."""
    relative = [n.lineno for n in ast.walk(_parse(path)) if isinstance(n, ast.ImportFrom) and n.level]
    assert not relative
