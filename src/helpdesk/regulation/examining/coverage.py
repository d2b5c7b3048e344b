"""Coverage: every clause of the text maps to rules that exist and to scenarios that show them, or says why not.

It also looks the other way: a rule that names a clause the list does not have is a rule out of nowhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from helpdesk.regulation.compiling.patches import tables_at
from helpdesk.regulation.loading.loader import Document
from helpdesk.regulation.vocabulary.model import Clause
from helpdesk.regulation.vocabulary.shapes import fit


class ClauseCoverage(Struct, frozen=True):
    """One clause: what it became and what shows it."""

    id: str
    title: str
    rules: tuple[str, ...]
    not_software: str
    scenarios: tuple[str, ...]
    missing: tuple[str, ...]
    """What keeps it from being covered; empty: it is."""

    @property
    def covered(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


class Coverage(Struct, frozen=True):
    """The clauses of one edition."""

    edition_id: str
    clauses: tuple[ClauseCoverage, ...]
    strays: tuple[str, ...]
    """Clauses that rules or scenarios name and the list does not have."""

    @property
    def percent(self) -> float:
        """Share of clauses covered, in percent; a stray keeps it below 100."""
        if not self.clauses:
            return 0.0
        done = sum(clause.covered for clause in self.clauses)
        return 100.0 * done / (len(self.clauses) + len(self.strays))


def cover(document: Document, scenarios: Mapping[str, Sequence[str]]) -> Coverage:
    """Return the coverage of an edition. ``scenarios`` gives the clauses of each scenario, by its name."""
    clauses = [fit(Clause, table) for table in document.data.get("clauses", ())]
    shown: dict[str, list[str]] = {}
    for name, ids in scenarios.items():
        for identity in ids:
            shown.setdefault(identity, []).append(name)
    found = tuple(_cover_clause(document, clause, shown.get(clause.id, [])) for clause in clauses)
    known = {clause.id for clause in clauses}
    named = {identity for text in _clauses_named(document.data) for identity in _split(text)} | shown.keys()
    return Coverage(document.data["edition"]["id"], found, tuple(sorted(named - known)))


def _cover_clause(document: Document, clause: Clause, scenarios: Sequence[str]) -> ClauseCoverage:
    missing = [f"no rule stands at {path}" for path in clause.rules if not tables_at(document.data, path)]
    if clause.rules and not scenarios:
        missing.append("no scenario shows it")
    return ClauseCoverage(clause.id, clause.title, clause.rules, clause.not_software, tuple(scenarios), tuple(missing))


def _clauses_named(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key in {"clause", "holiday_clause", "calendar_clause", "expedite_clause", "url_clause", "disclaimed_by"}:
                yield value
            else:
                yield from _clauses_named(value)
    elif isinstance(data, list):
        for item in data:
            yield from _clauses_named(item)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
