"""An edition's rules as programs of the core, and a ticket's log as events of the core: what its words are in bits.

Every condition that some rule names is a code; a reason to wait is two, one that begins and one that ends the wait. An
entry of the log becomes an event with the codes of all the conditions that it meets.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from helpdesk.contracts.clocks import ClockKind
from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.compiling.rules import Family, Rule
from helpdesk.regulation.vocabulary.conditions import Condition
from helpdesk.regulation.vocabulary.model import Edition
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.clock import ClockEvent, ClockProgram, ClockRule, OnChange, Promise, Repeat

MOST_CODES = 64
MOST_NAMES = 62
"""Levels, lines or channels of an edition; the number after the last is any that it does not know."""
CLIENT_WAITS = "waiting_client"
"""The reason of a wait that names none."""

_FOREIGN = MOST_NAMES
# An enumeration's member is looked up slowly, and this is asked of every entry.
_RECEIVED, _REGISTERED, _CLIENT_MESSAGE = Happened.RECEIVED, Happened.REGISTERED, Happened.CLIENT_MESSAGE
_LEVEL_SET, _LINE_SET, _PAUSED, _RESUMED = Happened.LEVEL_SET, Happened.LINE_SET, Happened.PAUSED, Happened.RESUMED
_OF_REQUEST = frozenset({_REGISTERED, _RECEIVED})
_SPECIAL = _OF_REQUEST | {_CLIENT_MESSAGE, _LEVEL_SET, _LINE_SET, _PAUSED, _RESUMED}
_PROMISES = {ClockKind.TERM: Promise.TERM, ClockKind.AVERAGE: Promise.AVERAGE}


class Coded(Struct, frozen=True):
    """A log as the core folds it."""

    events: list[ClockEvent]
    entries: list[Entry]
    """The entry behind each event; what no rule listens to is left out."""
    request_from: Instant
    channel: str
    level: str | None
    """The level that stands now; None: nobody rated."""
    line: str


class Codes:
    """The words of one edition as bits and numbers."""

    def __init__(self, edition: Edition, families: Iterable[Family]) -> None:
        rules = [rule for family in families for rule in family.rules if rule.kind is not ClockKind.NONE]
        self._counting = edition.counting
        self._default_level = edition.rating.default if edition.rating else None
        self._first_line = edition.lines[0].name if edition.lines else ""
        self._levels = {name: number for number, name in enumerate(edition.levels)}
        self._lines = {line.name: number for number, line in enumerate(edition.lines)}
        self._channels = {channel.name: number for number, channel in enumerate(edition.channels)}
        conditions = dict.fromkeys(condition for rule in rules for condition in _conditions(rule))
        reasons = dict.fromkeys(reason for rule in rules for reason in sorted(rule.fold.pause_reasons))
        self._bits = {condition: 1 << number for number, condition in enumerate(conditions)}
        free = len(self._bits)
        self._begin = {reason: 1 << free + 2 * number for number, reason in enumerate(reasons)}
        self._finish = {reason: 2 * bit for reason, bit in self._begin.items()}
        self._standing_in = 1 << free + 2 * len(reasons)
        """The receipt of a request that is not registered yet, for whatever its registration would start."""
        self._heard: dict[Happened, tuple[int, tuple[tuple[Condition, int], ...], bool]] = {}
        """By what happened: the codes that it always has, those that its data decide, whether it says more."""
        for what in Happened:
            named = [(condition, bit) for condition, bit in self._bits.items() if condition.what is what]
            plain = sum(bit for condition, bit in named if not condition.key)
            keyed = tuple((condition, bit) for condition, bit in named if condition.key)
            self._heard[what] = (plain, keyed, what in _SPECIAL)
        self.level = None if self._default_level is None else self._levels[self._default_level]
        """The number of the level before anybody rated."""
        self.line = self._lines.get(self._first_line)
        """The number of the line that a ticket begins on."""

    def program(self, family: Family, rule: Rule, calendars: Mapping[str, Calendar]) -> ClockProgram:
        """Return a rule compiled on its calendar; it must not be one that promises nothing."""
        fold = rule.fold
        starts = self._codes(fold.starts)
        if any(condition.what in _OF_REQUEST for condition in fold.starts):
            starts |= self._standing_in
        compiled = ClockRule(
            starts=starts,
            stops=self._codes(fold.stops),
            resumes=self._codes(fold.resumes),
            cancels=self._codes(fold.cancels),
            pauses=tuple((self._begin[reason], self._finish[reason]) for reason in sorted(fold.pause_reasons)),
            repeat=Repeat[fold.repeat.upper()],
            from_request=fold.counts_from_request,
            min_gap_us=fold.min_gap_us,
            levels=_among(self._levels, rule.levels),
            lines=_among(self._lines, rule.lines),
            channels=_among(self._channels, rule.channels),
            on_change=OnChange[self._counting.priority_change.upper()] if family.by_level else OnChange.FROM_START,
            promise=_PROMISES.get(rule.kind, Promise.LIMIT),
            amount=rule.amount,
            goal=rule.goal,
            goal_cap=rule.goal_cap,
            shares=rule.shares,
        )
        return ClockProgram(compiled, calendars[rule.calendar] if rule.calendar and rule.amount else None)

    def encode(self, log: Sequence[Entry]) -> Coded:  # noqa: PLR0912 - one case for each kind of entry
        """Return the log as events."""
        received = log[0]
        registered = next((entry for entry in log if entry.what is _REGISTERED), None)
        request = received if registered is None or self._counting.clock_start == "received" else registered
        request_from = counts_from(request)
        request_channel = str(received.data.get("channel", ""))
        channel = self._channels.get(request_channel)
        level, line = self._default_level, self._first_line
        events: list[ClockEvent] = []
        entries: list[Entry] = []
        for entry in log:
            what = entry.what
            codes, keyed, special = self._heard[what]
            if not (codes or keyed or special):
                continue
            for condition, bit in keyed:
                if condition.holds(entry):
                    codes |= bit
            data, at = entry.data, entry.at
            counts, new_level, first, new_line, came_by = at, None, False, None, channel
            if data and "counts_from" in data:
                counts = counts_from(entry)
            if not special:
                pass
            elif what is _CLIENT_MESSAGE:
                came_by = self._channels.get(data.get("channel", ""), channel)
            elif what is _LEVEL_SET:
                level = str(data["level"])
                new_level, first = self._levels.get(level, _FOREIGN), data.get("before") is None
            elif what is _LINE_SET:
                line = str(data["line"])
                new_line = self._lines.get(line, _FOREIGN)
            elif what is _PAUSED:
                codes |= self._begin.get(str(data.get("reason", CLIENT_WAITS)), 0)
            elif what is _RESUMED:
                codes |= self._finish.get(str(data.get("reason", CLIENT_WAITS)), 0)
            else:
                counts = request_from
                if registered is None and what is _RECEIVED:
                    codes |= self._standing_in
            if codes or new_level is not None or new_line is not None:
                events.append(ClockEvent(at, counts, codes, new_level, first, new_line, came_by))
                entries.append(entry)
        return Coded(events, entries, request_from, request_channel, level, line)

    def _codes(self, conditions: Iterable[Condition]) -> int:
        return sum({self._bits[condition] for condition in conditions})


def counts_from(entry: Entry) -> Instant:
    """Return when what ``entry`` records counts as having happened (a deferred request: at the next opening)."""
    found = entry.data.get("counts_from")
    return found if isinstance(found, int) else entry.at


def _conditions(rule: Rule) -> tuple[Condition, ...]:
    fold = rule.fold
    return (*fold.starts, *fold.stops, *fold.resumes, *fold.cancels)


def _among(names: Mapping[str, int], wanted: Iterable[str]) -> int:
    return sum(1 << names[name] for name in set(wanted))
