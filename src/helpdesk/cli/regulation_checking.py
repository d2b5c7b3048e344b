"""``helpdesk regulation check|lint|witness|coverage``: what is wrong with files, and with the texts behind them."""

import time
from collections.abc import Iterator

from helpdesk.cli.packages import as_json, find_packages, find_roots, instant, only_edition
from helpdesk.desk.companies.examination import problems_of
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.examining.coverage import Coverage, cover
from helpdesk.regulation.examining.findings import Finding
from helpdesk.regulation.examining.lint import lint
from helpdesk.regulation.examining.replay import Replayer
from helpdesk.regulation.examining.scenarios import load_scenarios
from helpdesk.regulation.loading.loader import load_package
from helpdesk.regulation.vocabulary.problems import nearest


def check(*names: str, json: bool = False) -> int:
    """Read regulations strictly and run their scenarios; print every mistake with its place; exit 1 where any is.

    Parameters
    ----------
    names
        Companies (siroca) or folders (policies/siroca); default: all that the settings know.
    json
        One JSON object a line: regulation, file, line, path, message, suggestion.
    """
    status = 0
    for root in find_roots(names):
        problems = list(problems_of(root))
        status |= bool(problems)
        for problem in problems:
            print(as_json({"regulation": root.name, "problem": problem}) if json else f"{root.name}/{problem}")
        if not problems and not json:
            print(f"{root.name}: in order")
    return status


def lint_texts(*names: str, edition: str | None = None, at: str | None = None, json: bool = False) -> int:
    """Print what is wrong with the texts: contradictions, gaps, inverted ranges, overdue reviews; exit 1 where any is.

    Parameters
    ----------
    names
        Companies (siroca) or folders (policies/siroca); default: all that the settings know.
    edition
        The edition's id; default: the latest.
    at
        The instant that decides what is overdue, with its offset; default: now.
    json
        One JSON object a line, whole witnesses included.
    """
    found = list(_findings(names, edition, _now(at)))
    for finding in found:
        if json:
            print(as_json(finding))
            continue
        witness = finding.witness
        shown = [f"clauses {', '.join(witness.clauses)}", witness.instant or "", witness.shows_en]
        print(f"{finding.id}: {finding.message_en}")
        print(f"  {finding.message_ru}")
        print(f"  witness: {'; '.join(part for part in shown if part)}")
    return 1 if found else 0


def witness(finding: str, *, edition: str | None = None, at: str | None = None, json: bool = False) -> None:
    """Print the witness of one finding; where it is an instant with a case, replay it.

    Parameters
    ----------
    finding
        The finding's id, as `lint` prints it: pass24.range-inverted.
    edition
        The edition's id; default: the latest.
    at
        The instant that decides what is overdue, with its offset; default: now.
    json
        One JSON object.
    """
    company = finding.partition(".")[0]
    known = {found.id: found for found in _findings([company], edition, _now(at))}
    if finding not in known:
        raise Invalid(f"there is no finding {finding!r}: {nearest(finding, known)}")
    found = known[finding].witness
    replayed = None
    if found.case is not None:
        package = only_edition(find_packages([company])[0], edition)
        replayed = Replayer({package.tenant: package}).line(found.case)
    if json:
        print(as_json({"id": finding, "witness": found, "replayed": replayed}))
        return
    print(f"{finding}: {known[finding].message_en}")
    print(f"  clauses {', '.join(found.clauses)}")
    for text in (found.instant, found.shows_ru, found.shows_en):
        if text:
            print(f"  {text}")
    if replayed is not None:
        print(f"  case: {as_json(found.case)}")
        print(f"  replayed: {as_json(replayed)}")


def coverage(*names: str, edition: str | None = None, json: bool = False) -> int:
    """Map the clauses of texts to rules and scenarios; exit 1 where any clause is not covered.

    Parameters
    ----------
    names
        Companies (siroca) or folders (policies/siroca); default: all that the settings know, demonstrations left out.
    edition
        The edition's id; default: every edition.
    json
        One JSON object a line for each edition.
    """
    status = 0
    for root in find_roots(names):
        package = only_edition(load_package(root), edition)
        if package.regulation.demonstration and not names:
            continue
        scenarios = {scenario.name: scenario.clauses for scenario in load_scenarios(root)}
        for document in package.editions:
            found = cover(document, scenarios)
            status |= found.percent < 100.0
            if json:
                print(as_json({"regulation": package.tenant, "percent": found.percent, "coverage": found}))
            else:
                _print_coverage(package.tenant, found)
    return status


def _print_coverage(tenant: str, found: Coverage) -> None:
    print(f"{tenant} {found.edition_id}: {found.percent:.4g} % of {len(found.clauses)} clauses")
    for clause in found.clauses:
        if clause.missing:
            state = f"MISSING {'; '.join(clause.missing)}"
        elif clause.not_software:
            state = f"not software: {clause.not_software}"
        else:
            state = f"{', '.join(clause.rules)}; shown by {', '.join(clause.scenarios)}"
        print(f"  {clause.id} {clause.title}: {state}")
    for stray in found.strays:
        print(f"  STRAY {stray}: named by a rule or a scenario, and no clause of the text")


def _findings(names: tuple[str, ...] | list[str], edition: str | None, now: Instant) -> Iterator[Finding]:
    for package in find_packages(names):
        yield from lint(only_edition(package, edition), now, edition)


def _now(at: str | None) -> Instant:
    return time.time_ns() // 1000 if at is None else instant(at)
