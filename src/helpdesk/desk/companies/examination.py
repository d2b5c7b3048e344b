"""Everything that can be said of a regulation's files before they are published: mistakes, findings, coverage."""

import re
from collections.abc import Iterator
from importlib.resources.abc import Traversable

from msgspec import Struct

from helpdesk.kernel.instants import Instant
from helpdesk.regulation.examining.coverage import Coverage, cover
from helpdesk.regulation.examining.findings import Finding
from helpdesk.regulation.examining.lint import lint
from helpdesk.regulation.examining.scenarios import Scenario, load_scenarios, run_all
from helpdesk.regulation.loading.loader import Package, load_package
from helpdesk.regulation.vocabulary.problems import Mistake, RegulationError
from helpdesk.texts.renderer import Texts


class Examination(Struct, frozen=True):
    """What was found. Where there are problems that keep the files from being read, nothing else is."""

    problems: tuple[Mistake, ...]
    """Mistakes in the files, texts that cannot stand, scenarios that do not hold."""
    findings: tuple[Finding, ...] = ()
    """What is wrong with the text itself, of every edition, each with a witness."""
    coverage: tuple[Coverage, ...] = ()
    """By edition."""


def examine(root: Traversable, now: Instant) -> Examination:
    """Return what is to be said of the regulation in the folder ``root``; ``now`` decides what is overdue."""
    package, scenarios, problems = _read(root)
    if package is None:
        return Examination(problems)
    shown = {scenario.name: scenario.clauses for scenario in scenarios}
    ids = [document.data["edition"]["id"] for document in package.editions]
    findings = (finding for edition_id in ids for finding in lint(package, now, edition_id))
    return Examination(
        (*problems, *_differences(package, scenarios)),
        tuple({finding.id: finding for finding in findings}.values()),
        tuple(cover(document, shown) for document in package.editions),
    )


def problems_of(root: Traversable) -> Iterator[Mistake]:
    """Yield every mistake in the files of ``root``, then every way in which its scenarios do not hold."""
    package, scenarios, problems = _read(root)
    yield from problems
    if package is not None:
        yield from _differences(package, scenarios)


def text_problems(package: Package) -> Iterator[Mistake]:
    """Yield what is wrong with the texts of letters: each would be replaced by the built-in one."""
    for found in Texts(package.messages).problems:
        source = package.messages[found.language]
        place = re.search(rf"^{re.escape(found.key)}\s*=", source, re.MULTILINE) if found.key else None
        line = source.count("\n", 0, place.start()) + 1 if place else 0
        yield Mistake(f"messages/{found.language}.ftl", line, found.key, found.cause)


def _read(root: Traversable) -> tuple[Package | None, tuple[Scenario, ...], tuple[Mistake, ...]]:
    problems: list[Mistake] = []
    package: Package | None = None
    scenarios: tuple[Scenario, ...] = ()
    try:
        package = load_package(root)
        problems += text_problems(package)
    except RegulationError as error:
        problems += error.problems
    try:
        scenarios = load_scenarios(root)
    except RegulationError as error:
        problems += error.problems
    return package, scenarios, tuple(problems)


def _differences(package: Package, scenarios: tuple[Scenario, ...]) -> Iterator[Mistake]:
    for name, differences in run_all(package, scenarios).items():
        for difference in differences:
            yield Mistake("scenarios", 0, name, difference)
