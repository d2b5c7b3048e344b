"""Worked cases through the very evaluator that serves tickets: a line of a case file in, outcome and deadline out.

A line names a company, a channel, a level, when the request was received, what happened then, and one target; the
answer is ``due`` with its instant, ``stopped`` (a pause never ended), ``not_accepted`` or ``no_target``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from helpdesk.contracts.clocks import ClockKind, ClockView
from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.errors import HelpdeskError, Invalid
from helpdesk.kernel.instants import Instant, from_datetime
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.explanation import local_iso
from helpdesk.regulation.judging.snapshot import ALWAYS, take_snapshot
from helpdesk.regulation.loading.loader import Package
from helpdesk.regulation.vocabulary.problems import nearest

_ACTOR = "replay"

_EVENTS: Mapping[str, tuple[Happened, dict[str, Any]]] = {
    "registered": (Happened.REGISTERED, {}),
    "client_info": (Happened.CLIENT_MESSAGE, {}),
    "escalated_dev": (Happened.LINE_SET, {"line": "development"}),
    "answer_sent": (Happened.ANSWER_SENT, {}),
    "resolved": (Happened.RESOLVED, {}),
    "agent_request": (Happened.QUESTION_SENT, {}),
    "pause": (Happened.PAUSED, {}),
    "resume": (Happened.RESUMED, {}),
    "priority": (Happened.LEVEL_SET, {}),
}


class Replayer:
    """Evaluates cases of several companies; what operators supply comes from each company's example parameters."""

    def __init__(self, packages: Mapping[str, Package]) -> None:
        self._packages = packages
        self._evaluators: dict[bytes, Evaluator] = {}

    def line(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``{"id", "outcome", "due"}``, or ``{"id", "error"}`` where the line cannot be evaluated."""
        identity = line.get("id")
        try:
            outcome, due = self.evaluate(line)
        except (HelpdeskError, ValueError, TypeError, LookupError, AttributeError) as error:
            return {"id": identity, "error": f"{type(error).__name__}: {error}"}
        return {"id": identity, "outcome": outcome, "due": due}

    def evaluate(self, line: Mapping[str, Any]) -> tuple[str, str | None]:
        """Return the outcome and the deadline as ISO 8601 in the regulation's zone.

        Raises:
            Invalid: the line is not a case, or the regulation cannot answer it.
        """
        evaluator = self.evaluator(line["company"], line.get("readings") or {})
        received = _instant(line["received"])
        admission = evaluator.admit_by_name(line["channel"], received)
        if not admission.accepted:
            return "not_accepted", None
        log = case_log(line, evaluator, admission.channel, received, admission.counts_from)
        name = line["target"]
        owner = evaluator.goal_names().get(name)
        views = [view for view in evaluator.clocks(log, max(e.at for e in log)) if view.name == (owner or name)]
        if not views or views[-1].kind is ClockKind.NONE:
            return "no_target", None
        return _outcome(views[-1], evaluator, of_goal=owner is not None, name=name)

    def readings_bearing_on(self, line: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the readings under whose other values the line might come out otherwise, admission included.

        Raises:
            Invalid: the line is not a case.
        """
        evaluator = self.evaluator(line["company"], line.get("readings") or {})
        received = _instant(line["received"])
        admission = evaluator.admit_by_name(line["channel"], received)
        found = [name for name in evaluator.edition.readings if evaluator.bears_on_admission(name, line["channel"])]
        if admission.accepted:
            log = case_log(line, evaluator, admission.channel, received, admission.counts_from)
            name = evaluator.goal_names().get(line["target"], line["target"])
            now = max(entry.at for entry in log)
            for view in evaluator.clocks(log, now):
                if view.name == name:
                    found += [used.name for used in evaluator.explain(log, name, view.seq, now).readings]
        return tuple(dict.fromkeys(found))

    def evaluator(self, company: str, readings: Mapping[str, Any]) -> Evaluator:
        """Return the evaluator of a company's latest edition under ``readings``."""
        if company not in self._packages:
            raise Invalid(f"there is no company {company!r}: {nearest(company, self._packages)}")
        key = msgspec.json.encode([company, readings], order="deterministic")
        if key not in self._evaluators:
            package = self._packages[company]
            snapshot = take_snapshot(package, parameters=package.example, readings=readings)
            self._evaluators[key] = Evaluator(snapshot)
        return self._evaluators[key]


def case_log(
    line: Mapping[str, Any], evaluator: Evaluator, channel: str, received: Instant, counts_from: Instant
) -> tuple[Entry, ...]:
    """Return the log that a ticket with the case's history would have."""
    level = evaluator.initial_level(line.get("level"))
    events = sorted(line.get("events") or [], key=lambda event: _instant(event["at"]))
    found: list[tuple[Instant, int, Happened, dict[str, Any]]] = [
        (received, 0, Happened.RECEIVED, {"channel": channel, "counts_from": counts_from})
    ]
    if line.get("level") is not None:
        found.append((received, 1, Happened.LEVEL_SET, {"level": level, "before": None}))
    registered = [event for event in line.get("events") or [] if event["type"] == "registered"]
    if registered:
        found.append((_instant(registered[-1]["at"]), 2, Happened.REGISTERED, {}))
    else:
        found.append((received, 2, Happened.REGISTERED, {"counts_from": counts_from}))
    for event in events:
        kind = event["type"]
        if kind == "registered":
            continue
        if kind not in _EVENTS:
            raise Invalid(f"there is no event {kind!r}: {nearest(kind, _EVENTS)}")
        what, data = _EVENTS[kind]
        data = dict(data)
        if what is Happened.CLIENT_MESSAGE:
            data["channel"] = event.get("channel", channel)
        if what in {Happened.PAUSED, Happened.RESUMED}:
            data["reason"] = event.get("reason", "waiting_client")
        if what is Happened.LEVEL_SET:
            data |= {"level": evaluator.initial_level(event["to"]), "before": level}
            level = data["level"]
        found.append((_instant(event["at"]), 3, what, data))
    found.sort(key=lambda item: (item[0], item[1]))
    # The receipt comes first whatever the case's hours say: nothing can happen to a request before it.
    first = next(item for item in found if item[2] is Happened.RECEIVED)
    found.remove(first)
    return tuple(Entry(seq, at, what, _ACTOR, data) for seq, (at, _, what, data) in enumerate([first, *found], 1))


def _outcome(view: ClockView, evaluator: Evaluator, *, of_goal: bool, name: str) -> tuple[str, str | None]:
    if of_goal and view.kind is ClockKind.LIMIT and view.due is not None and view.goal is None:
        return "no_target", None
    if view.kind is ClockKind.UNKNOWN:
        raise Invalid(f"{name}: {view.note} ({view.clause})")
    instant = view.goal if of_goal else view.due
    if instant is None:
        if not view.note.startswith("waiting"):
            raise Invalid(f"{name}: {view.note}")
        return "stopped", None
    return "due", local_iso(instant, evaluator.calendars[ALWAYS])


def _instant(text: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text))
