"""Past tickets under a draft: in columns where the draft decides nothing differently, else act by act."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.clocks import ClockKind, ClockState
from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.firing import CLOSE
from helpdesk.domain.opening import Beginning, Way, admit_or_flag, first_entries, state_of
from helpdesk.domain.rating import Said, rate
from helpdesk.domain.rights import IDENTIFICATION
from helpdesk.domain.waiting import WAITING_CLIENT
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.judging.categories import category_of, first_line
from helpdesk.regulation.judging.columns import Stood
from helpdesk.regulation.judging.evaluator import Admission, Evaluator
from helpdesk.regulation.judging.waits import begin_with
from helpdesk.sim.acts import TIMED, acts, opening, rated_at_once, without_timers
from helpdesk.sim.enact import enact
from helpdesk.sim.history import Past, Standing

_CHATS = ("", "private", "group")
"""Kinds of chat a message may have come by; the ticket does not keep it, so whichever lets it in counts."""


class Manner(Struct, frozen=True):
    """How a regulation decides what is not an amount: two with the same manner have logs alike."""

    answer_resolves: bool
    reply_reopens: bool
    demands: bytes
    """What levels, waits, outcomes and expediting need, in one canonical form."""


class Judged(Struct, frozen=True):
    """One ticket before and after."""

    number: int
    before: tuple[Standing, ...]
    after: tuple[Standing, ...]
    refused: str = ""
    """The clause by which the draft would not have let it in, or why it could not be judged."""
    impossible: int = 0
    apart: int = 0


class _Taken(Struct):
    """A ticket on its way through a judgement."""

    past: Past
    first: tuple[Entry, ...] = ()
    """What its registration would write."""
    refused: str = ""
    log: tuple[Entry, ...] | None = None
    """Its log under the draft, where that is known without enacting it."""
    stood: list[Stood] | None = None


class Judge:
    """Judges past tickets by one draft, as of ``now``."""

    def __init__(self, draft: Evaluator, manners: Mapping[str, Manner], now: Instant) -> None:
        self._draft = draft
        self._manners = manners
        """Of the snapshots by which the tickets were judged."""
        self._now = now
        self._own = manner_of(draft)
        self._levels = {level.id for level in draft.levels()}
        self._lines, self._reasons, self._outcomes = set(draft.lines), set(draft.pause_reasons), set(draft.outcomes)
        self._by_timers = _starts_by_timers(draft)

    def judge(self, pasts: Iterable[Past]) -> list[Judged]:
        """Return what becomes of each ticket."""
        taken = [self._take(past) for past in pasts]
        short = [one for one in taken if one.log is not None]
        for one, stood in zip(short, self._draft.stand((one.log or () for one in short), self._now), strict=True):
            one.stood, one.log = self._closed(one.log or (), stood)
        again = [one for one in short if one.stood is None and one.log is not None]
        for one, stood in zip(again, self._draft.stand((one.log or () for one in again), self._now), strict=True):
            one.stood = stood
        return [self._judged(one) for one in taken]

    def _take(self, past: Past) -> "_Taken":
        """Let one ticket in by the draft."""
        one = _Taken(past)
        try:
            admission = self._admit(past)
            if admission.accepted:
                one.first = self._first(past, admission)
                one.log = self._alike(past, one.first)
            else:
                one.refused = f"{admission.clause}: {admission.reason}"
        except Invalid as error:
            one.refused = str(error)
        return one

    def _judged(self, one: "_Taken") -> Judged:
        past = one.past
        number, before = past.ticket.number, tuple([self._as_of_now(clock) for clock in past.clocks])
        if one.refused:
            return Judged(number, before, (), one.refused)
        if one.stood is not None:
            return Judged(number, before, _sorted(one.stood))
        ticket = replace(
            past.ticket,
            state=state_of(one.first),
            level=self._level(one.first),
            line=first_line(self._draft.edition, past.ticket.channel_kind),
            assignee=None,
            closed_at=None,
            outcome=None,
            expedited=False,
            category=str(one.first[1].data.get("category", "")),
            planned_release="",
            planned_day="",
            snapshot_hash=self._draft.snapshot.hash,
            version=1,
            last_seq=len(one.first),
        )
        resolved = self._manners[past.ticket.snapshot_hash].answer_resolves
        done = enact(
            self._draft,
            ticket,
            one.first,
            tuple(acts(past.log, answer_resolves=resolved)),
            self._now,
            every_timer=self._by_timers,
        )
        (stood,) = self._draft.stand([done.log], self._now)
        return Judged(number, before, _sorted(stood), "", done.impossible, done.apart)

    def _admit(self, past: Past) -> Admission:
        ticket = past.ticket
        found = None
        for chat in _CHATS if ticket.address else ("",):
            # Without an address it was handed in under the regulation's own name of the channel.
            way = Way(ticket.channel_kind if ticket.address else ticket.channel, ticket.address, chat)
            found, _ = admit_or_flag(self._draft, way, ticket.received_at)
            if found.accepted:
                break
        assert found is not None
        return found

    def _first(self, past: Past, admission: Admission) -> tuple[Entry, ...]:
        received, registered = past.log[0], past.log[min(1, len(past.log) - 1)]
        entry = rated_at_once(past.log)
        rated = None if entry is None else entry.data
        flags = {each["flag"] for each in registered.data.get("flags", ())}
        missing = tuple(registered.data.get("missing", ()))
        edition = self._draft.edition
        asked = rated is not None and not rated.get("category")
        level = self._draft.initial_level(str(rated["level"])) if rated is not None and asked else None
        category = str(registered.data.get("category", ""))
        if category_of(edition, category) is None:
            category = ""
        given = self._by_category(category, rated)
        line = first_line(edition, past.ticket.channel_kind)
        beginning = Beginning(
            channel=admission.channel,
            sender=past.ticket.requester,
            number=past.ticket.number,
            actor=received.actor,
            received_at=received.at,
            registered_at=registered.at,
            counts_from=admission.counts_from,
            level=given if level is None else level,
            by_category=level is None and given is not None,
            category=category,
            line=line if self._draft.lines and line != self._draft.lines[0] else "",
            criterion="" if rated is None else str(rated.get("criterion", "")),
            facts=() if rated is None else tuple(rated.get("facts", ())),
            delayed=int(registered.data.get("counts_from", registered.at)) < registered.at,
            missing=missing,
            waits=begin_with(edition, unidentified=IDENTIFICATION in flags, missing=missing),
        )
        return first_entries(beginning)

    def _by_category(self, category: str, rated: Mapping[str, Any] | None) -> str | None:
        """Return the level that the draft gives the category, with what was recorded then; None: it gives none so."""
        recorded = rated or {}
        facts, affected = tuple(recorded.get("facts", ())), recorded.get("affected")
        found = rate(self._draft, Said(category=category, facts=facts, affected=affected))
        return found.level if found.verdict.allowed else None

    def _level(self, first: Sequence[Entry]) -> str | None:
        rated = rated_at_once(first)
        return self._draft.initial_level(None) if rated is None else str(rated.data["level"])

    def _alike(self, past: Past, first: tuple[Entry, ...]) -> tuple[Entry, ...] | None:
        """Return the log under the draft, where it differs at most in when silence closes it; else None."""
        if self._manners[past.ticket.snapshot_hash] != self._own or self._by_timers:
            return None
        rest = without_timers(past.log[opening(past.log) :])
        if not all(entry.what not in _WORDED or self._known(entry) for entry in rest):
            return None
        shift = len(first) + 1
        return (
            *first,
            *[Entry(seq, old.at, old.what, old.actor, old.data) for seq, old in enumerate(rest, shift)],
        )

    def _closed(self, log: Sequence[Entry], stood: list[Stood]) -> tuple[list[Stood] | None, tuple[Entry, ...] | None]:
        """Return how the log stands if no silence closes it, or the log with that; neither: other acts follow."""
        closing: tuple[Instant, Stood] | None = None
        for clock in stood:
            if clock.state is not _EXPIRED or clock.due is None or not clock.then.startswith(CLOSE):
                continue
            if clock.due <= self._now and (closing is None or clock.due < closing[0]):
                closing = clock.due, clock
        if closing is None:
            return stood, None
        at, clock = closing
        if at <= max(entry.at for entry in log if entry.what not in _AFTERWARDS):
            return None, None  # something was done after the draft's silence had closed it
        data = {"clock": clock.name, "clock_seq": clock.seq, "then": clock.then}
        outcome = {"outcome": clock.then.removeprefix(CLOSE)}
        end = Entry(len(log) + 1, at, Happened.EXPIRED, "timekeeper", data)
        return None, (*log, end, Entry(len(log) + 2, at, Happened.CLOSED, "timekeeper", outcome))

    def _known(self, entry: Entry) -> bool:
        """Say whether the draft has the words of the entry."""
        match entry.what:
            case Happened.LEVEL_SET:
                return entry.data["level"] in self._levels
            case Happened.CATEGORY_SET:
                return category_of(self._draft.edition, str(entry.data["category"])) is not None
            case Happened.LINE_SET:
                return entry.data["line"] in self._lines
            case Happened.PAUSED:
                if "until" in entry.data:
                    return False  # a timer ends it
                return entry.data["reason"] in self._reasons or entry.data["reason"] == WAITING_CLIENT
            case Happened.CLOSED:
                return entry.data["outcome"] in self._outcomes
            case _:
                return True

    def _as_of_now(self, clock: Standing) -> Standing:
        """Bring a promised clock from its ticket's last entry to the present."""
        if clock.state != _RUNNING or clock.due is None or clock.due > self._now:
            return clock
        state = _OVER.get(clock.kind)
        return clock if state is None else Standing(clock.name, clock.seq, clock.kind, state, clock.goal, clock.due)


_RUNNING, _EXPIRED = ClockState.RUNNING.value, ClockState.EXPIRED
_OVER = {ClockKind.LIMIT.value: ClockState.BREACHED.value, ClockKind.TERM.value: ClockState.EXPIRED.value}
_WORDED = frozenset({Happened.LEVEL_SET, Happened.CATEGORY_SET, Happened.LINE_SET, Happened.PAUSED, Happened.CLOSED})
"""Whose words the draft must have."""
_AFTERWARDS = frozenset({Happened.ACKNOWLEDGED, Happened.BOUNCED, Happened.NOTE_ADDED})
"""What may come to a closed ticket and moves none of its clocks."""


def manner_of(evaluator: Evaluator) -> Manner:
    """Return how the evaluator's regulation decides what is not an amount."""
    edition = evaluator.edition
    demands = [
        {key: level.requires for key, level in edition.levels.items()},
        edition.rating and edition.rating.needs_criterion,
        [msgspec.structs.replace(pause, name_ru="", name_en="", clause="", letter="") for pause in edition.pauses],
        [(outcome.code, outcome.needs, outcome.declines, outcome.category) for outcome in edition.outcomes],
        [(rule.category, rule.served, rule.unless, rule.level, rule.needs) for rule in edition.scope],
        [(line.name, line.work) for line in edition.lines],
        edition.queue,
        edition.closing,
    ]
    form = msgspec.json.encode(demands, order="deterministic")
    return Manner(evaluator.answer_resolves, evaluator.reply_reopens, form)


def _sorted(stood: Iterable[Stood]) -> tuple[Standing, ...]:
    return tuple(
        [
            Standing(one.name, one.seq, one.kind.value, one.state.value, one.goal, one.due)
            for one in sorted(stood, key=attrgetter("name", "seq"))
        ]
    )


def _starts_by_timers(evaluator: Evaluator) -> bool:
    """Say whether any clock hangs on what timers write, or on what may come after closing."""
    named = {
        text.partition("(")[0]
        for rule in (*evaluator.edition.targets, *evaluator.edition.terms)
        for field in ("starts_on", "stops_on", "resumes_on", "cancelled_on")
        for text in getattr(rule, field, ())
    }
    return bool(named & {what.value for what in (*TIMED, *_AFTERWARDS - {Happened.ACKNOWLEDGED})})
