"""``helpdesk regulation show|deadline|explain|replay``: what regulations say, and by when."""

import json as jsonlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from helpdesk.cli.lines import print_lines
from helpdesk.cli.packages import as_json, find_packages, given, only_edition, read_toml
from helpdesk.cli.questions import Question, Words, refusal, worked_case
from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.examining.combinations import Spread, under_all_readings
from helpdesk.regulation.examining.replay import Replayer
from helpdesk.regulation.vocabulary.work import Target, Term


def show(name: str, *, edition: str | None = None, json: bool = False) -> None:
    """Print what a regulation says: channels, levels, targets and terms with their clauses.

    Parameters
    ----------
    name
        The company (siroca) or the folder of its regulation (policies/siroca).
    edition
        The edition's id; default: the latest.
    json
        The whole snapshot that tickets would be judged by, as JSON.
    """
    package = only_edition(find_packages([name])[0], edition)
    evaluator = Replayer({package.tenant: package}).evaluator(package.tenant, {})
    if json:
        print(evaluator.snapshot.to_json().decode())
        return
    known = evaluator.edition
    print(f"{package.regulation.name}: {known.edition.title}, edition {known.edition.id}, {evaluator.zone}")
    for channel in evaluator.channels:
        print(f"  channel {channel.name}: {channel.kind} {', '.join(channel.addresses)} ({channel.clause})")
    for level in evaluator.levels():
        print(f"  level {level.id}: {level.name_ru} ({level.clause})")
    promises: list[Target | Term] = [*known.targets, *known.terms]
    for promise in promises:
        print(f"  {_promise(promise)}")


def deadline(
    name: str, *, channel: str, received: str, level: str | None = None, target: str = "", russian: bool = False
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
    question = Question(find_packages([name])[0], worked_case(channel, received, level, (), {}))
    if not question.admission.accepted:
        print(refusal(question.admission, russian=russian))
        return
    views = question.views(target)
    if not views:
        print("nothing is promised here" if not target else f"no {target} is promised here")
    for view in views:
        explanation = question.evaluator.explain(question.log, view.name, view.seq, question.now)
        print(f"{view.name}: {explanation.due or view.note or view.kind.value} ({view.clause})")
        print(f"  {explanation.text_ru if russian else explanation.text_en}")


def explain(
    name: str,
    *,
    channel: str,
    received: str,
    level: str | None = None,
    target: str = "",
    event: Words = None,
    reading: Words = None,
    parameters: Path | None = None,
    edition: str | None = None,
    all_readings: bool = False,
    json: bool = False,
) -> None:
    """Print how a deadline comes about, in Russian and English, or as JSON; or the deadline under all readings.

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
        One promise only, by its name; default: all that apply.
    event
        What happened then, as KIND@INSTANT or KIND:DETAIL@INSTANT: answer_sent, resolved, client_info, agent_request,
        escalated_dev, pause:REASON, resume:REASON, priority:LEVEL. Several in the order of their instants.
    reading
        A reading, other than chosen, as NAME=VALUE; a value that is no word is JSON.
    parameters
        A TOML file with what the operator supplies; default: the regulation's example.
    edition
        The edition's id; default: the latest.
    all_readings
        Give the deadline under every combination of the readings that bear on it.
    json
        JSON, a line for each promise.
    """
    package = only_edition(find_packages([name])[0], edition)
    if parameters is not None:
        package = replace(package, example=read_toml(parameters))
    question = Question(package, worked_case(channel, received, level, event or (), given(reading or ())))
    if all_readings:
        _print_spreads(question, target, json=json)
        return
    if not question.admission.accepted:
        print(as_json(question.admission) if json else refusal(question.admission))
        return
    views = question.views(target)
    if not views:
        raise Invalid(f"no {target or 'time'} is promised here")
    for view in views:
        explanation = question.evaluator.explain(question.log, view.name, view.seq, question.now)
        if json:
            print(as_json(explanation))
            continue
        print(f"{view.name}: {explanation.due or view.note or view.kind.value} ({view.clause})")
        print(f"  {explanation.text_ru}\n  {explanation.text_en}")
        for used in explanation.readings:
            others = ", ".join(used.alternatives) or "a value of its own"
            print(f"  {used.name} = {used.value} ({used.clause}; else {others}): {used.why}")


def _print_spreads(question: Question, target: str, *, json: bool) -> None:
    named = [target] if target else list(dict.fromkeys(view.name for view in question.views("")))
    if not named:
        raise Invalid("name the target: as chosen the regulation does not accept this, or promises nothing")
    for name in named:
        spread = under_all_readings(question.replayer, {**question.case, "target": name})
        if json:
            print(as_json({"target": name, "spread": spread}))
        else:
            _print_spread(name, spread)


def _print_spread(name: str, spread: Spread) -> None:
    print(f"{name}: {len(spread.outcomes)} results of {spread.combinations} combinations of readings")
    for outcome in spread.outcomes:
        ways = " or ".join(", ".join(f"{k}={v}" for k, v in way.items()) or "as chosen" for way in outcome.departures)
        print(f"  {outcome.due or outcome.outcome}: {ways} ({outcome.combinations})")


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
    packages = {package.tenant: package for package in find_packages([str(folder) for folder in policies])}
    return print_lines(_replayed(files, Replayer(packages)))


def _replayed(files: Iterable[Path], replayer: Replayer) -> Iterator[dict[str, Any]]:
    for file in files:
        with file.open("rb") as lines:
            for number, text in enumerate(lines, 1):
                if not text.strip():
                    continue
                try:
                    line = jsonlib.loads(text)
                except (ValueError, RecursionError) as error:
                    yield {"id": f"{file.name}:{number}", "error": f"not JSON: {error}"}
                    continue
                if isinstance(line, dict):
                    yield replayer.line(line)
                else:
                    yield {"id": f"{file.name}:{number}", "error": "not an object"}


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
