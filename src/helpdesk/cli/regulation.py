"""``helpdesk regulation``."""

import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from cyclopts import App

from helpdesk.bootstrap.plugins import policy_folders
from helpdesk.cli.lines import print_lines
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import from_datetime
from helpdesk.plugins.registry import build_registry
from helpdesk.regulation.loader import Package, load_package
from helpdesk.regulation.replay import Replayer, case_log
from helpdesk.regulation.work import Target, Term
from helpdesk.settings import read

app = App(name="regulation", help="Regulations: what they say and by when.")


@app.command
def show(name: str) -> None:
    """Print what a regulation says: channels, levels, targets and terms with their clauses.

    Parameters
    ----------
    name
        The company (siroca) or the folder of its regulation (policies/siroca).
    """
    package = _packages([name])[0]
    evaluator = Replayer({package.tenant: package}).evaluator(package.tenant, {})
    edition = evaluator.edition
    print(f"{package.regulation.name}: {edition.edition.title}, edition {edition.edition.id}, {evaluator.zone}")
    for channel in evaluator.channels:
        print(f"  channel {channel.name}: {channel.kind} {', '.join(channel.addresses)} ({channel.clause})")
    for level in evaluator.levels():
        print(f"  level {level.id}: {level.name_ru} ({level.clause})")
    promises: list[Target | Term] = [*edition.targets, *edition.terms]
    for promise in promises:
        print(f"  {_promise(promise)}")


@app.command
def deadline(
    name: str, *, channel: str, received: datetime, level: str | None = None, target: str = "", russian: bool = False
) -> None:
    """Print by when a request received then would have to be dealt with, and why.

    Parameters
    ----------
    name
        The company (siroca) or the folder of its regulation (policies/siroca).
    channel
        The channel as the regulation names it.
    received
        When the request reaches us, with its offset: 2026-02-07T23:50:00+06:00.
    level
        The level as the regulation names it.
    target
        One promise only; default: all that apply.
    russian
        Explain in Russian.
    """
    package = _packages([name])[0]
    evaluator = Replayer({package.tenant: package}).evaluator(package.tenant, {})
    if received.tzinfo is None:
        raise Invalid("the instant has no offset; write it like 2026-02-07T23:50:00+06:00")
    at = from_datetime(received)
    admission = evaluator.admit_by_name(channel, at)
    if not admission.accepted:
        print(f"not accepted ({admission.clause}): {admission.reason}\n{admission.hint_en}")
        return
    log = case_log({"level": level}, evaluator, admission.channel, at, admission.counts_from)
    views = [view for view in evaluator.clocks(log, at) if target in ("", view.name)]
    if not views:
        print("nothing is promised here" if not target else f"no {target} is promised here")
    for view in views:
        explanation = evaluator.explain(log, view.name, view.seq, at)
        print(f"{view.name}: {explanation.due or view.note or view.kind.value} ({view.clause})")
        print(f"  {explanation.text_ru if russian else explanation.text_en}")


@app.command
def replay(*files: Path, policies: tuple[Path, ...] = ()) -> int:
    """Evaluate cases, one JSON object a line, and print {"id", "outcome", "due"} for each; exit 1 where any failed.

    A line that cannot be evaluated prints {"id", "error"}, and the others go on. What operators supply comes from each
    company's example parameters.

    Parameters
    ----------
    files
        Files of cases: id, company, channel, level, target, received, events, readings.
    policies
        Folders of regulations; default: those that the settings name.
    """
    packages = {package.tenant: package for package in _packages([str(folder) for folder in policies])}
    return print_lines(_replayed(files, Replayer(packages)))


def _replayed(files: Iterable[Path], replayer: Replayer) -> Iterator[dict[str, Any]]:
    for file in files:
        with file.open("rb") as lines:
            for number, text in enumerate(lines, 1):
                if not text.strip():
                    continue
                try:
                    line = json.loads(text)
                except (ValueError, RecursionError) as error:
                    yield {"id": f"{file.name}:{number}", "error": f"not JSON: {error}"}
                    continue
                if isinstance(line, dict):
                    yield replayer.line(line)
                else:
                    yield {"id": f"{file.name}:{number}", "error": "not an object"}


def _packages(names: Iterable[str]) -> list[Package]:
    """Return the regulations named by company or by folder; all that the settings know where none is named.

    Raises:
        Invalid: one of them is not there.
        RegulationError: one of them is not valid.
    """
    known = build_registry(policy_folders(read(os.environ))).regulations
    packages = []
    for name in names or known:
        if name in known:
            packages.append(load_package(known[name].root))
            continue
        there = build_registry([Path(name)], found=()).regulations if Path(name).is_dir() else {}
        if not there:
            raise Invalid(f"there is no regulation {name!r}; known: {', '.join(sorted(known)) or 'none'}")
        packages += [load_package(found.root) for found in there.values()]
    return packages


def _promise(rule: Target | Term) -> str:
    parts = [rule.name]
    parts += [f"levels {', '.join(rule.levels)}"] if rule.levels else []
    parts += [f"channels {', '.join(rule.channels)}"] if rule.channels else []
    if isinstance(rule, Target):
        average = f"{rule.average} on average" if rule.average else ""
        parts.append(rule.within or average or "no time promised")
    else:
        parts.append(f"{rule.within}, then {rule.then}")
    return f"{' | '.join(parts)} ({rule.clause})"
