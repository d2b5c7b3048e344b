"""The one evaluator: what a snapshot of a regulation says about a request. Pure: no I/O, no present time of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct

from helpdesk.contracts.clocks import Circumstances, Clocked, ClockKind, ClockView
from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.errors import Invalid, NotFound
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.compiling.codes import Coded, Codes
from helpdesk.regulation.compiling.rules import Family, Rule, compile_rules
from helpdesk.regulation.judging.admission import Admission, ChannelRule, Doors
from helpdesk.regulation.judging.circumstances import Course
from helpdesk.regulation.judging.clockwork import Derived, derived_of, promises_nothing, view_of
from helpdesk.regulation.judging.columns import Columns, Stood
from helpdesk.regulation.judging.explanation import Explanation, ReadingUsed, Teller
from helpdesk.regulation.judging.snapshot import PinnedCalendar, Snapshot
from helpdesk.regulation.vocabulary.model import Edition
from helpdesk.regulation.vocabulary.problems import nearest
from helpdesk.sla.calendar import Calendar, CalendarSpec, DateKind, DateRule, compile_calendar
from helpdesk.sla.clock import Standing, fold_clocks

__all__ = ["Admission", "ChannelRule", "Evaluator", "Explanation", "LevelRule"]

_LAST = 1 << 62
"""Orders what has no due instant after everything that has one."""


class LevelRule(Struct, frozen=True):
    """A level of urgency; rank 0 is the most urgent."""

    id: str
    name_ru: str
    name_en: str
    rank: int
    clause: str


class Evaluator:
    """Answers for one snapshot. Costs a compilation of its calendars: keep one per snapshot's hash."""

    def __init__(self, snapshot: Snapshot) -> None:
        body = snapshot.body()
        edition = body.edition
        self.snapshot = snapshot
        self.edition: Edition = edition
        self.zone: str = edition.edition.zone
        self.language: str = edition.edition.language
        self.messages: Mapping[str, str] = body.messages
        self.company: Mapping[str, str] = {"ru": body.name_ru, "en": body.name}
        """The company's name, by language."""
        self.readings = body.readings
        self.parameters = body.parameters
        self.calendars: Mapping[str, Calendar] = {name: _compile(pinned) for name, pinned in body.calendars.items()}
        self.channels = tuple(
            ChannelRule(
                channel.name, channel.kind, tuple(channel.addresses), channel.clause, tuple(channel.chat_kinds),
                channel.on_holiday,
            )
            for channel in edition.channels
        )  # fmt: skip
        self.lines = tuple(line.name for line in edition.lines)
        self._first_line = self.lines[0] if self.lines else ""
        self.pause_reasons = tuple(pause.reason for pause in edition.pauses)
        self.outcomes = tuple(outcome.code for outcome in edition.outcomes)
        closing = edition.closing
        self.answer_resolves = closing is not None and closing.on == "answer_sent"
        self.reply_reopens = closing is not None and Happened.CLIENT_MESSAGE in closing.reopens_on
        self._levels = tuple(
            sorted(
                (LevelRule(key, level.name_ru, level.name_en, level.rank, level.clause)
                 for key, level in edition.levels.items()),
                key=lambda level: level.rank,
            )
        )  # fmt: skip
        self._ranks = {level.id: level.rank for level in self._levels}
        self._default_level = edition.rating.default if edition.rating else None
        self.families = compile_rules(edition)
        self._names = frozenset(channel.name for channel in edition.channels)
        self.codes = Codes(edition, self.families)
        self._programs = [
            self.codes.program(family, rule, self.calendars)
            for family in self.families
            for rule in family.rules
            if rule.kind is not ClockKind.NONE
        ]
        self._columns: Columns | None = None
        self._teller = Teller(snapshot.hash, edition, body.readings, self.calendars)
        self._doors = Doors(
            edition.admission, tuple(edition.channels), tuple(edition.refusals), self._is_holiday, self._next_open
        )

    def admit(
        self, *, channel_kind: str, address: str, chat_kind: str, at: Instant, no_holiday: bool = False
    ) -> Admission:
        """Decide whether a request is let in. ``chat_kind`` is ``private``, ``group`` or empty.

        ``no_holiday``: take the day for none, where the calendar does not reach it.

        Raises:
            BeyondCalendar: the channel depends on holidays, and whether that day is one is not known.
        """
        return self._doors.admit(channel_kind, address, chat_kind, at, no_holiday=no_holiday)

    def admit_by_name(self, channel: str, at: Instant, *, no_holiday: bool = False) -> Admission:
        """Decide the same for a channel given by the regulation's own name."""
        return self._doors.admit_by_name(channel, at, no_holiday=no_holiday)

    def levels(self) -> tuple[LevelRule, ...]:
        """Return the levels, most urgent first; empty where the regulation has one level for all."""
        return self._levels

    def initial_level(self, requested: str | None) -> str | None:
        """Return the level a request begins with; None: unrated, or no levels at all.

        Raises:
            Invalid: ``requested`` is none of the regulation's levels.
        """
        if requested is None:
            return self._default_level
        if requested not in self._ranks:
            known = nearest(requested, self._ranks) or "this regulation has one level for all"
            raise Invalid(f"no level {requested!r} in this regulation: {known}", fields={"level": known})
        return requested

    def clocks(self, log: Sequence[Entry], now: Instant) -> tuple[ClockView, ...]:
        """Fold the whole ``log`` into every target and term that applies, as they stand at ``now`` (≥ every entry)."""
        return tuple(clocked.view for clocked in self.clocked(log, now))

    def clocked(self, log: Sequence[Entry], now: Instant) -> tuple[Clocked, ...]:
        """Fold the same, each clock with the circumstances in which its promise was decided."""
        coded, course = self.codes.encode(log), Course(log, level=self._default_level, line=self._first_line)
        clocks = {family.name: list[Clocked]() for family in self.families}
        for _, rule, stands in self._stand(coded, now, traced=False):
            if stands is None:
                found = Clocked(promises_nothing(rule), Circumstances(coded.channel))
            else:
                view = view_of(rule, stands)
                found = Clocked(view, course.of(stands, view.state, coded.entries, rule.levels))
            clocks[rule.name].append(found)
        for runs in clocks.values():
            runs.sort(key=_seq)
        return tuple(clocked for runs in clocks.values() for clocked in runs)

    def stand(self, logs: Iterable[Sequence[Entry]], now: Instant) -> list[list[Stood]]:
        """Return how the clocks of many logs stand at ``now``, or at a log's end where that is later.

        The same as `clocks` gives for each, in a third of the time; without warnings and what was counted.
        """
        if self._columns is None:
            self._columns = Columns(self.codes, self.families, self._programs)
        return self._columns.stand(logs, now)

    def explain(self, log: Sequence[Entry], clock_name: str, seq: int, now: Instant) -> Explanation:
        """Return the derivation of one clock; equal to what `clocks` gives.

        Raises:
            NotFound: the ticket has no such clock.
        """
        return self._teller.explain(self.derived(log, clock_name, seq, now))

    def derived(self, log: Sequence[Entry], clock_name: str, seq: int, now: Instant) -> Derived:
        """Return one clock with everything it was derived from.

        Raises:
            NotFound: the ticket has no such clock.
        """
        coded = self.codes.encode(log)
        for family, rule, stands in self._stand(coded, now, traced=True):
            if (rule.name, stands.seq if stands else 0) == (clock_name, seq):
                return (
                    Derived(rule, promises_nothing(rule)) if stands is None else derived_of(family, rule, stands, coded)
                )
        raise NotFound(f"the ticket has no clock {clock_name!r} number {seq}")

    def readings_used(self, derived: Derived) -> tuple[ReadingUsed, ...]:
        """Return the readings under whose other values the clock would be counted otherwise."""
        return self._teller.readings_of(derived.rule, changed=derived.change is not None)

    def order_key(
        self, *, level: str | None, expedited: bool, received_at: Instant, due: Instant | None
    ) -> tuple[int, ...]:
        """Return the request's place in the queue; smaller comes first. The unrated wait among the most urgent."""
        parts = {
            "expedited": 0 if expedited else 1,
            "level": self._ranks.get(level, 0) if level is not None else 0,
            "due": due if due is not None else _LAST,
            "arrival": received_at,
        }
        return (*(parts[part] for part in self.edition.queue.order), received_at)

    def _stand(self, coded: Coded, now: Instant, *, traced: bool) -> Iterator[tuple[Family, Rule, Standing | None]]:
        """Yield each run of each rule that fits it, and None for each rule that promises such a request no time."""
        folded = iter(
            fold_clocks(
                self._programs,
                coded.events,
                request_from=coded.request_from,
                now=now,
                level=self.codes.level,
                line=self.codes.line,
                traced=traced,
            )
        )
        for family in self.families:
            for rule in family.rules:
                if rule.kind is not ClockKind.NONE:
                    for stands in next(folded):
                        yield family, rule, stands
                elif rule.fits(coded.channel, coded.level, coded.line):
                    yield family, rule, None

    def goal_names(self) -> Mapping[str, str]:
        """Return the names under which goals are known, by the target they belong to."""
        rules: Iterator[Rule] = (rule for family in self.families for rule in family.rules)
        return {rule.goal_name: rule.name for rule in rules if rule.goal_name}

    def bears_on_admission(self, reading: str, channel: str) -> bool:
        """Say whether another value of ``reading`` might let in, or keep out, what comes by ``channel``."""
        official = channel in self._names
        places = {f"channels.{channel}", "channels.*"} if official else {"admission"}
        found = self.edition.readings[reading]
        patches = (*found.given, *(patch for patches in found.alternatives.values() for patch in patches))
        return any(patch.at in places for patch in patches)

    def _is_holiday(self, at: Instant) -> bool:
        calendar = self.calendars[self.edition.admission.holiday_calendar]
        return calendar.kind_of(calendar.local_date(at)) is DateKind.HOLIDAY

    def _next_open(self, at: Instant) -> Instant:
        return self.calendars[self.edition.admission.holiday_calendar].next_open_us(at)


def _seq(clocked: Clocked) -> int:
    return clocked.view.seq


def _compile(pinned: PinnedCalendar) -> Calendar:
    spec = CalendarSpec(
        zone=pinned.zone,
        weekly=pinned.weekly,
        dates={
            date.fromisoformat(day): DateRule(rule.kind, rule.hours, rule.shortened_s)
            for day, rule in pinned.dates.items()
        },
        first=pinned.first,
        last=pinned.last,
    )
    return compile_calendar(spec, pinned.transitions)
