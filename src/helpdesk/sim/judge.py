"""A chunk of past tickets under a draft: the short way where the draft decides nothing differently, else act by act."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.clocks import ClockKind, ClockState, ClockView
from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.firing import CLOSE
from helpdesk.domain.opening import Beginning, Way, admit, first_entries
from helpdesk.domain.states import State
from helpdesk.domain.waiting import WAITING_CLIENT
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.evaluator import Admission, Evaluator
from helpdesk.sim.acts import TIMED, acts, opening, without_timers
from helpdesk.sim.enact import enact
from helpdesk.sim.history import Past, Standing
from helpdesk.sla.errors import BeyondCalendar

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
        return [self.one(past) for past in pasts]

    def one(self, past: Past) -> Judged:
        """Return what becomes of one ticket."""
        number, before = past.ticket.number, tuple(self._as_of_now(clock) for clock in past.clocks)
        try:
            admission = self._admit(past)
            if not admission.accepted:
                return Judged(number, before, (), f"{admission.clause}: {admission.reason}")
            first = self._first(past, admission)
        except (BeyondCalendar, Invalid) as error:
            return Judged(number, before, (), str(error))
        manner = self._manners[past.ticket.snapshot_hash]
        after = self._shortly(past, first, manner)
        if after is not None:
            return Judged(number, before, after)
        ticket = replace(
            past.ticket,
            state=State.NEW,
            level=self._level(first),
            line=self._draft.lines[0] if self._draft.lines else "",
            assignee=None,
            closed_at=None,
            outcome=None,
            snapshot_hash=self._draft.snapshot.hash,
            version=1,
            last_seq=len(first),
        )
        done = enact(
            self._draft, ticket, first, tuple(acts(past.log, answer_resolves=manner.answer_resolves)), self._now
        )
        return Judged(number, before, self._standing(done.log), "", done.impossible, done.apart)

    def _admit(self, past: Past) -> Admission:
        ticket = past.ticket
        found = None
        for chat in _CHATS if ticket.address else ("",):
            # Without an address it was handed in under the regulation's own name of the channel.
            way = Way(ticket.channel_kind if ticket.address else ticket.channel, ticket.address, chat)
            found = admit(self._draft, way, ticket.received_at)
            if found.accepted:
                break
        assert found is not None
        return found

    def _first(self, past: Past, admission: Admission) -> tuple[Entry, ...]:
        received, registered = past.log[0], past.log[min(1, len(past.log) - 1)]
        rated = past.log[2] if opening(past.log) == 3 else None
        level = None if rated is None else self._draft.initial_level(str(rated.data["level"]))
        beginning = Beginning(
            channel=admission.channel,
            sender=past.ticket.requester,
            number=past.ticket.number,
            actor=received.actor,
            received_at=received.at,
            registered_at=registered.at,
            counts_from=admission.counts_from,
            level=level,
            criterion="" if rated is None else str(rated.data.get("criterion", "")),
        )
        return first_entries(beginning)

    def _level(self, first: Sequence[Entry]) -> str | None:
        return str(first[2].data["level"]) if len(first) > 2 else self._draft.initial_level(None)

    def _shortly(self, past: Past, first: tuple[Entry, ...], manner: Manner) -> tuple[Standing, ...] | None:
        """Return how it stands where the draft's log differs at most in when silence closes it; else None."""
        if manner != self._own or self._by_timers:
            return None
        rest = without_timers(past.log[opening(past.log) :])
        if not all(map(self._known, rest)):
            return None
        log = (*first, *(replace(entry, seq=seq) for seq, entry in enumerate(rest, len(first) + 1)))
        clocks = self._draft.clocks(log, max(self._now, log[-1].at))
        expired = [
            clock for clock in clocks
            if clock.kind is ClockKind.TERM and clock.due is not None and clock.due <= self._now
            and clock.state is ClockState.EXPIRED
        ]  # fmt: skip
        closing = min((clock for clock in expired if clock.then.startswith(CLOSE)), key=_due, default=None)
        if closing is None:
            return _sorted(clocks)
        at = _due(closing)
        if at <= max(entry.at for entry in log if entry.what not in _AFTERWARDS):
            return None  # something was done after the draft's silence had closed it
        data = {"clock": closing.name, "clock_seq": closing.seq, "then": closing.then}
        end = Entry(len(log) + 1, at, Happened.EXPIRED, "timekeeper", data)
        outcome = {"outcome": closing.then.removeprefix(CLOSE)}
        return self._standing((*log, end, Entry(len(log) + 2, at, Happened.CLOSED, "timekeeper", outcome)))

    def _known(self, entry: Entry) -> bool:
        """Say whether the draft has the words of the entry."""
        match entry.what:
            case Happened.LEVEL_SET:
                return entry.data["level"] in self._levels
            case Happened.LINE_SET:
                return entry.data["line"] in self._lines
            case Happened.PAUSED:
                return entry.data["reason"] in self._reasons or entry.data["reason"] == WAITING_CLIENT
            case Happened.CLOSED:
                return entry.data["outcome"] in self._outcomes
            case _:
                return True

    def _standing(self, log: tuple[Entry, ...]) -> tuple[Standing, ...]:
        return _sorted(self._draft.clocks(log, max(self._now, log[-1].at)))

    def _as_of_now(self, clock: Standing) -> Standing:
        """Bring a promised clock from its ticket's last entry to the present."""
        if clock.state != ClockState.RUNNING or clock.due is None or clock.due > self._now:
            return clock
        if clock.kind == ClockKind.LIMIT:
            return replace(clock, state=ClockState.BREACHED.value)
        return replace(clock, state=ClockState.EXPIRED.value) if clock.kind == ClockKind.TERM else clock


_AFTERWARDS = frozenset({Happened.ACKNOWLEDGED, Happened.BOUNCED, Happened.NOTE_ADDED})
"""What may come to a closed ticket and moves none of its clocks."""


def manner_of(evaluator: Evaluator) -> Manner:
    """Return how the evaluator's regulation decides what is not an amount."""
    edition = evaluator.edition
    demands = [
        {key: level.requires for key, level in edition.levels.items()},
        edition.rating and edition.rating.needs_criterion,
        [(pause.reason, pause.requires, pause.levels) for pause in edition.pauses],
        [(outcome.code, outcome.needs) for outcome in edition.outcomes],
        edition.queue,
        edition.closing,
    ]
    form = msgspec.json.encode(demands, order="deterministic")
    return Manner(evaluator.answer_resolves, evaluator.reply_reopens, form)


def _due(clock: ClockView) -> Instant:
    assert clock.due is not None
    return clock.due


def _sorted(views: Iterable[ClockView]) -> tuple[Standing, ...]:
    return tuple(sorted((_standing(view) for view in views), key=lambda one: (one.name, one.seq)))


def _standing(view: ClockView) -> Standing:
    return Standing(view.name, view.seq, view.kind.value, view.state.value, view.goal, view.due)


def _starts_by_timers(evaluator: Evaluator) -> bool:
    """Say whether any clock hangs on what timers write, or on what may come after closing."""
    named = {
        text.partition("(")[0]
        for rule in (*evaluator.edition.targets, *evaluator.edition.terms)
        for field in ("starts_on", "stops_on", "resumes_on", "cancelled_on")
        for text in getattr(rule, field, ())
    }
    return bool(named & {what.value for what in (*TIMED, *_AFTERWARDS - {Happened.ACKNOWLEDGED})})
