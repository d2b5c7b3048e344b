"""Many tickets' logs folded at once, in columns: how every clock stands, without views and derivations."""

from array import array
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.clocks import ClockKind, ClockState
from helpdesk.contracts.log import Entry
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.compiling.codes import Codes
from helpdesk.regulation.compiling.rules import Family, Rule
from helpdesk.regulation.judging.clockwork import STATES
from helpdesk.sla.clock import ClockEvent, ClockProgram
from helpdesk.sla.clock_columns import ClockLogs, fold_runs
from helpdesk.sla.columns import NONE_US

_UNRATED = -1
_FIRST = 64
"""Added to a level that is the first."""


class Stood(Struct, frozen=True):
    """How one clock of one ticket stands."""

    name: str
    seq: int
    kind: ClockKind
    state: ClockState
    goal: Instant | None
    due: Instant | None
    then: str
    """For a term: the act that follows."""
    clause: str


class Columns:
    """The rules of one edition for many logs at once."""

    def __init__(self, codes: Codes, families: Iterable[Family], programs: Sequence[ClockProgram]) -> None:
        rules = [rule for family in families for rule in family.rules]
        self._codes = codes
        self._counted = [(rule, _kind(rule)) for rule in rules if rule.kind is not ClockKind.NONE]
        self._without_time = [rule for rule in rules if rule.kind is ClockKind.NONE]
        # Warnings are nobody's question here.
        self._programs = [ClockProgram(replace(each.rule, shares=()), each.calendar) for each in programs]

    def stand(self, logs: Iterable[Sequence[Entry]], now: Instant) -> list[list[Stood]]:
        """Return for each log how its clocks stand at ``now``, or at its last entry where that is later.

        The clocks come by rule, in the order of the edition.
        """
        stood: list[list[Stood]] = []
        coded = self._coded(logs, now, stood)
        rows = fold_runs(self._programs, coded, now=now, level=self._codes.level, line=self._codes.line)
        counted = self._counted
        for ticket, number, seq, state, due, goal, requests in zip(*rows, strict=True):
            rule, kind = counted[number]
            stood[ticket].append(
                Stood(
                    rule.name,
                    seq,
                    kind,
                    STATES[state],
                    None if goal == NONE_US else goal,
                    None if due == NONE_US else due,
                    rule.then if requests >= rule.min_requests else rule.before_min,
                    rule.clause,
                )
            )
        return stood

    def _coded(self, logs: Iterable[Sequence[Entry]], now: Instant, stood: list[list[Stood]]) -> ClockLogs:
        """Return the logs as columns; into ``stood`` goes a list for each, with the clocks that promise no time."""
        ends, at, begin = array("q", [0]), array("q"), array("q")
        codes, levels, lines, channels = array("Q"), array("q"), array("q"), array("q")
        for log in logs:
            coded = self._codes.encode(log)
            if log[-1].at > now:  # what no rule listens to may be the last that happened
                coded.events.append(ClockEvent(log[-1].at, log[-1].at, 0))
            for event in coded.events:
                at.append(event.at)
                begin.append(event.counts_from)
                codes.append(event.codes)
                levels.append(_UNRATED if event.level is None else event.level + _FIRST * event.first_level)
                lines.append(-1 if event.line is None else event.line)
                channels.append(-1 if event.channel is None else event.channel)
            ends.append(len(at))
            stood.append(list(self._nothing(coded.channel, coded.level, coded.line)))
        return ClockLogs(ends, at, begin, array("q", codes.tobytes()), levels, lines, channels)

    def _nothing(self, channel: str, level: str | None, line: str) -> Iterator[Stood]:
        for rule in self._without_time:
            if rule.fits(channel, level, line):
                yield Stood(rule.name, 0, rule.kind, ClockState.RUNNING, None, None, rule.then, rule.clause)


def _kind(rule: Rule) -> ClockKind:
    return ClockKind.UNKNOWN if rule.amount is None else rule.kind
