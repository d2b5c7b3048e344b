"""A regulation in plain words, clause by clause: what its README says and what `show` prints. Markdown."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from helpdesk.regulation.compiling.patches import tables_at
from helpdesk.regulation.examining.findings import Finding
from helpdesk.regulation.loading.loader import Document, Package

_LEADING = ("name", "code", "reason", "category")
_HINTS = {"hint_ru", "hint_en", "holiday_hint_ru", "holiday_hint_en"}
_QUIET = _HINTS | {
    *_LEADING, "name_ru", "name_en", "clause", "criterion_ru", "alternatives", "given", "why", "basis", "shape",
    "title", "title_ru", "title_en", "id", "calendar_clause", "url_clause",
    "consultation_only_ru", "consultation_only_en",
}  # fmt: skip


def describe(package: Package, document: Document, findings: Iterable[Finding]) -> str:
    """Return an edition as a page: what it is, each clause with its rules, the readings, what the text leaves open."""
    return "\n".join(_lines(package, document, findings)) + "\n"


def _lines(package: Package, document: Document, findings: Iterable[Finding]) -> Iterator[str]:
    header = document.data["edition"]
    yield f"# {package.regulation.name}"
    yield ""
    since = header.get("in_force_from")
    dated = f"in force from {since:%Y-%m-%d}" if since else "the text gives no date"
    yield f"*{package.regulation.name_ru}*, edition `{header['id']}` ({dated}), times in {header['zone']}."
    yield "What the company's text says, in our own words, and what the service makes of it."
    yield from _parameters(package)
    yield ""
    yield "## Clause by clause"
    yield ""
    yield "| clause | what it says | what the service does |"
    yield "|---|---|---|"
    for clause in document.data.get("clauses", ()):
        printed = f" (printed as {clause['printed_as']})" if "printed_as" in clause else ""
        done = "; ".join(_rule(document.data, path, clause["id"]) for path in clause.get("rules", ()))
        done = done or f"not software: {clause['not_software']}"
        yield f"| {clause['id']}{printed} | {_cell(clause.get('says') or clause['title'])} | {_cell(done)} |"
    yield from _readings(document.data.get("readings", {}))
    yield from _findings(findings)


def _parameters(package: Package) -> Iterator[str]:
    if not package.regulation.parameters:
        return
    yield ""
    yield "## What the operator supplies"
    yield ""
    for name, parameter in package.regulation.parameters.items():
        need = "required" if parameter.required else "optional; left out, what hangs on it is unknown and says so"
        yield f"- `{name}` ({parameter.clause}; {need}): {parameter.describe}"
    yield ""
    yield "`example-parameters.toml` shows the form with invented values; it is never used by itself."


def _rule(data: Mapping[str, Any], path: str, clause: str) -> str:
    """Return the rules at ``path`` in words, those of the clause first where there are several."""
    tables = tables_at(data, path)
    own = [table for table in tables if table.get("clause") == clause] or tables
    return "; ".join(dict.fromkeys(f"`{path}` {_words(table)}".rstrip() for table in own))


def _words(table: Mapping[str, Any]) -> str:
    parts = [table["does"]] if "does" in table else []
    parts += [_value(key, value) for key, value in table.items() if key not in _QUIET and key != "does"]
    return ", ".join(part for part in parts if part)


def _value(key: str, value: Any) -> str:
    if isinstance(value, dict):
        shown = [_value(name, inner) for name, inner in value.items() if name not in _QUIET]
        return f"{key}: {', '.join(part for part in shown if part)}"
    if isinstance(value, list):
        return f"{key} {' / '.join(map(str, value))}" if all(isinstance(item, str) for item in value) else ""
    if isinstance(value, bool):
        return key if value else f"not {key}"
    return f"{key} {value}"


def _readings(readings: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    if not readings:
        return
    yield ""
    yield "## Readings"
    yield ""
    yield "Where the text can be read in several ways one is chosen, by name; the others can be switched to."
    yield ""
    yield "| reading | clause | chosen | others | why |"
    yield "|---|---|---|---|---|"
    for name, reading in sorted(readings.items()):
        others = ", ".join(reading.get("alternatives", {})) or f"any {reading.get('shape', 'value').replace('_', ' ')}"
        chosen = reading.get("value", "none")
        yield f"| `{name}` | {reading['clause']} | {chosen} | {others} | {_cell(reading['why'])} |"


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    found = list(findings)
    if not found:
        return
    yield ""
    yield "## What is wrong with the text"
    yield ""
    for finding in found:
        yield f"- `{finding.id}`: {finding.message_en} ({', '.join(dict.fromkeys(finding.witness.clauses))})"


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")
