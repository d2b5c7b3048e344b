"""Requests that were never made, as words on the command line say them, put to a regulation."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from cyclopts import Parameter

from helpdesk.cli.packages import instant
from helpdesk.contracts.clocks import ClockView
from helpdesk.contracts.log import Entry
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.examining.replay import Replayer, case_log
from helpdesk.regulation.judging.admission import Admission
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.loading.loader import Package

Words = Annotated[list[str] | None, Parameter(negative="")]


class Question:
    """A case put to a regulation: whether it is accepted, its log and its clocks after the last event.

    ``case`` is what `worked_case` returns.

    Raises:
        Invalid: the case cannot be evaluated.
    """

    def __init__(self, package: Package, case: dict[str, Any]) -> None:
        self.case = {**case, "company": package.tenant}
        self.replayer = Replayer({package.tenant: package})
        self.evaluator: Evaluator = self.replayer.evaluator(package.tenant, case["readings"])
        at = instant(case["received"])
        self.admission: Admission = self.evaluator.admit_by_name(case["channel"], at)
        self.log: tuple[Entry, ...] = ()
        self.now: Instant = at
        if self.admission.accepted:
            self.log = case_log(case, self.evaluator, self.admission.channel, at, self.admission.counts_from)
            self.now = max(entry.at for entry in self.log)

    def views(self, target: str) -> list[ClockView]:
        """Return the clocks of one target, or of a target's goal by the goal's name; all where none is named."""
        wanted = self.evaluator.goal_names().get(target, target)
        clocks = self.evaluator.clocks(self.log, self.now) if self.log else ()
        return [view for view in clocks if wanted in ("", view.name)]


def worked_case(
    channel: str, received: str, level: str | None, events: Iterable[str], readings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a case as words say it; events as ``KIND@INSTANT`` or ``KIND:DETAIL@INSTANT``.

    Raises:
        Invalid: an event is not written so.
    """
    return {
        "id": "asked",
        "channel": channel,
        "received": received,
        "level": level,
        "readings": readings,
        "events": [_event(text) for text in events],
    }


_DETAILS = {"pause": "reason", "resume": "reason", "priority": "to", "client_info": "channel"}


def _event(text: str) -> dict[str, str]:
    kind, at, moment = text.rpartition("@")
    kind, _, detail = kind.partition(":")
    if not at or not kind:
        raise Invalid(f"{text!r} is not KIND@INSTANT, e.g. resolved@2026-02-07T23:50:00+06:00")
    instant(moment)
    event = {"type": kind, "at": moment}
    return {**event, _DETAILS.get(kind, "detail"): detail} if detail else event


def refusal(admission: Admission, *, russian: bool = False) -> str:
    """Return why a request is not let in, with what to do instead."""
    if russian:
        return f"не принимается ({admission.clause}): {admission.reason}\n{admission.hint_ru}"
    return f"not accepted ({admission.clause}): {admission.reason_en}\n{admission.hint_en}"
