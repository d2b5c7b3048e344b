"""Scenarios: worked tickets of one company (events in, decisions and deadlines out), each with the clauses it shows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib.resources.abc import Traversable
from typing import Any

from msgspec import field

from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.errors import HelpdeskError
from helpdesk.kernel.instants import Instant, from_datetime
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.explanation import local_iso
from helpdesk.regulation.judging.questions import ask
from helpdesk.regulation.judging.snapshot import ALWAYS, take_snapshot
from helpdesk.regulation.loading.loader import Package, parse_toml
from helpdesk.regulation.vocabulary.problems import Mistake, RegulationError
from helpdesk.regulation.vocabulary.shapes import fit, misfits
from helpdesk.regulation.vocabulary.strict import Name, Place, Strict, Text


class Event(Strict, frozen=True, kw_only=True):
    """What happens to the ticket. ``what`` is a name of the log (``answer_sent``); ``at`` has its offset."""

    at: str
    """When, ISO 8601 with its offset."""
    what: Happened
    """What happened, by the names of the log."""
    data: dict[str, Any] = field(default_factory=dict)
    """The entry's data."""


class Expected(Strict, frozen=True, kw_only=True):
    """How a clock must stand. Keys left out are not compared; ``due = "none"`` means that there is none."""

    clock: Name
    """The clock's name."""
    seq: int = -1
    """-1: the last of its name."""
    absent: bool = False
    """True: there is no such clock."""
    kind: str = ""
    """``limit``, ``average``, ``term``, ``none`` or ``unknown``."""
    state: str = ""
    """How it stands."""
    due: str = ""
    """ISO 8601 with offset, or ``none``."""
    goal: str = ""
    """The same of the goal."""
    clause: str = ""
    then: str = ""
    """The act that follows."""
    warn_at: tuple[str, ...] = ()
    """When it warns."""


class Asked(Strict, frozen=True, kw_only=True):
    """A question to the regulation; every key of ``answer`` must stand in the answer."""

    ask: Name
    """What is asked, e.g. ``admit``, ``order``, ``may_close``."""
    given: dict[str, Any] = field(default_factory=dict)
    """What the question brings."""
    answer: dict[str, Any]
    """What must stand in the answer."""


class Scenario(Strict, frozen=True, kw_only=True):
    """One worked ticket, or questions alone (no ``received``)."""

    name: Name
    """Unique within the company."""
    clauses: tuple[Place, ...]
    """The clauses it shows."""
    says: Text
    """What happens, in a sentence."""
    channel: str = ""
    """The channel's name."""
    level: str | None = None
    """The level at the receipt; absent: the regulation's default."""
    received: str = ""
    """When it was received, ISO 8601 with its offset."""
    events: tuple[Event, ...] = ()
    now: str = ""
    """When to look; empty: at the last event."""
    readings: dict[str, Any] = field(default_factory=dict)
    """Readings other than the default ones."""
    parameters: dict[str, Any] | None = None
    """What the operator supplied; left out: the example parameters."""
    expect: tuple[Expected, ...] = ()
    asks: tuple[Asked, ...] = ()


class ScenarioFile(Strict, frozen=True, kw_only=True):
    """``scenarios/*.toml``."""

    scenarios: tuple[Scenario, ...]


def load_scenarios(root: Traversable) -> tuple[Scenario, ...]:
    """Read ``scenarios/*.toml`` of a regulation's folder; none where there is no such folder.

    Raises:
        RegulationError: with every mistake and its place.
    """
    folder = root / "scenarios"
    found: list[Scenario] = []
    problems: list[Mistake] = []
    for entry in sorted(folder.iterdir(), key=lambda item: item.name) if folder.is_dir() else ():
        if not entry.name.endswith(".toml"):
            continue
        try:
            document = parse_toml(f"scenarios/{entry.name}", entry.read_bytes())
        except RegulationError as error:
            problems += error.problems
            continue
        wrong = [document.problem(misfit) for misfit in misfits(ScenarioFile, document.data)]
        problems += wrong
        if not wrong:
            found += fit(ScenarioFile, document.data).scenarios
    names = [scenario.name for scenario in found]
    problems += [Mistake("scenarios", 0, name, "two scenarios have this name") for name in _twice(names)]
    if problems:
        raise RegulationError(problems)
    return tuple(found)


class Runner:
    """Runs scenarios of one package; evaluators are kept by what they were made of."""

    def __init__(self, package: Package, edition_id: str | None = None) -> None:
        self._package = package
        self._edition_id = edition_id
        self._evaluators: dict[str, Evaluator] = {}

    def run(self, scenario: Scenario) -> tuple[str, ...]:
        """Return what differs from what the scenario expects; empty: it holds."""
        try:
            evaluator = self._evaluator(scenario)
            return tuple(self._differences(scenario, evaluator))
        except (HelpdeskError, ValueError, LookupError) as error:
            return (f"{type(error).__name__}: {error}",)

    def _evaluator(self, scenario: Scenario) -> Evaluator:
        given = self._package.example if scenario.parameters is None else scenario.parameters
        key = repr((sorted(scenario.readings.items()), sorted(given.items())))
        if key not in self._evaluators:
            snapshot = take_snapshot(
                self._package, edition_id=self._edition_id, parameters=given, readings=scenario.readings
            )
            self._evaluators[key] = Evaluator(snapshot)
        return self._evaluators[key]

    def _differences(self, scenario: Scenario, evaluator: Evaluator) -> Iterator[str]:
        for asked in scenario.asks:
            answer = ask(evaluator, asked.ask, asked.given)
            for key, wanted in asked.answer.items():
                if answer.get(key) != wanted:
                    yield f"{asked.ask}({asked.given}): {key} is {answer.get(key)!r}, not {wanted!r}"
        if not scenario.received:
            return
        received = _instant(scenario.received)
        admission = evaluator.admit_by_name(scenario.channel, received)
        if not admission.accepted:
            yield f"a request by {scenario.channel} is refused ({admission.clause})"
            return
        log = scenario_log(scenario, evaluator, admission.channel, received, admission.counts_from)
        now = _instant(scenario.now) if scenario.now else log[-1].at
        clocks = evaluator.clocks(log, now)
        for wanted in scenario.expect:
            views = [view for view in clocks if view.name == wanted.clock and wanted.seq in {-1, view.seq}]
            if not views:
                if not wanted.absent:
                    yield f"there is no clock {wanted.clock}"
                continue
            if wanted.absent:
                yield f"there is a clock {wanted.clock}"
                continue
            view = views[-1]
            found = {
                "kind": view.kind.value,
                "state": view.state.value,
                "due": _text(view.due, evaluator),
                "goal": _text(view.goal, evaluator),
                "clause": view.clause,
                "then": view.then,
                "warn_at": tuple(_text(moment, evaluator) for moment in view.warn_at),
            }
            for key, value in found.items():
                expected = getattr(wanted, key)
                if expected and expected != value:
                    yield f"{wanted.clock}: {key} is {value}, not {expected}"


def scenario_log(
    scenario: Scenario, evaluator: Evaluator, channel: str, received: Instant, counts_from: Instant
) -> tuple[Entry, ...]:
    """Return the log of the scenario's ticket: receipt, registration at once (or by an event), then the events."""
    entries = [Entry(1, received, Happened.RECEIVED, "scenario", {"channel": channel, "counts_from": counts_from})]
    if not any(event.what is Happened.REGISTERED for event in scenario.events):
        entries.append(Entry(2, received, Happened.REGISTERED, "scenario", {"counts_from": counts_from}))
    level = evaluator.initial_level(scenario.level)
    if scenario.level is not None:
        data = {"level": level, "before": None}
        entries.append(Entry(len(entries) + 1, received, Happened.LEVEL_SET, "scenario", data))
    for event in scenario.events:
        data = dict(event.data)
        if event.what is Happened.LEVEL_SET:
            data |= {"level": evaluator.initial_level(data["level"]), "before": level}
            level = data["level"]
        entries.append(Entry(len(entries) + 1, _instant(event.at), event.what, "scenario", data))
    return tuple(entries)


def run_all(package: Package, scenarios: Sequence[Scenario]) -> Mapping[str, tuple[str, ...]]:
    """Return the differences of every scenario that does not hold, by its name."""
    runner = Runner(package)
    results = {scenario.name: runner.run(scenario) for scenario in scenarios}
    return {name: found for name, found in results.items() if found}


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _instant(text: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text))


def _text(at: Instant | None, evaluator: Evaluator) -> str:
    return "none" if at is None else local_iso(at, evaluator.calendars[ALWAYS])
