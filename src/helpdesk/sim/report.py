"""What a draft would have changed, added up: deadlines moved, breached, met, and attainment by target."""

from collections.abc import Iterable

from msgspec import Struct

from helpdesk.contracts.clocks import ClockKind, ClockState
from helpdesk.kernel.instants import Instant
from helpdesk.sim.history import Standing
from helpdesk.sim.judge import Judged


class Moved(Struct, frozen=True):
    """One promise that stands otherwise under the draft. Instants in microseconds; None: there is none."""

    number: int
    name: str
    seq: int
    due_before: Instant | None
    due_after: Instant | None
    state_before: str
    """Empty: the promise is new."""
    state_after: str
    """Empty: the promise is gone."""


class Kept(Struct, frozen=True):
    """How many promises with a limit were kept, of those that are decided (met or breached)."""

    met: int = 0
    breached: int = 0

    @property
    def attainment(self) -> float | None:
        """The share of those kept, in percent; None where none is decided."""
        decided = self.met + self.breached
        return 100.0 * self.met / decided if decided else None


class OfTarget(Struct, frozen=True):
    """One target or term over all tickets."""

    name: str
    before: Kept
    after: Kept
    earlier: int
    """Deadlines that would move to an earlier instant, or appear where there was none."""
    later: int
    """Deadlines that would move to a later instant, or vanish."""
    newly_breached: int
    newly_met: int


class Report(Struct, frozen=True):
    """The result of a simulation."""

    tenant: str
    edition: str
    snapshot: str
    since: Instant
    until: Instant
    as_of: Instant
    tickets: int
    refused: int
    """Tickets that the draft would not have let in, or that cannot be judged by it."""
    impossible: int
    """Acts that could not have been done so: a level or a reason that the draft does not know, a closed ticket."""
    apart: int
    """Replies that would have come after closing and become tickets of their own."""
    unmoved: int
    """Tickets whose every promise stands as it did."""
    targets: tuple[OfTarget, ...]
    moved: tuple[Moved, ...]
    """By number; no more than were asked for."""
    refusals: tuple[tuple[int, str], ...]
    """Number and reason; no more than were asked for."""


class Tally(Struct):
    """Adds up tickets as they come; what was added up by itself can be added to another."""

    most: int
    """Of single deadlines and refusals, how many are kept."""
    tickets: int = 0
    refused: int = 0
    impossible: int = 0
    apart: int = 0
    unmoved: int = 0
    moved: list[Moved] = []
    refusals: list[tuple[int, str]] = []
    of: dict[str, list[int]] = {}
    """By target: kept and broken before, kept and broken after, earlier, later, newly broken, newly kept."""

    def add(self, judged: Iterable[Judged]) -> None:
        """Add tickets."""
        for one in judged:
            self.tickets += 1
            self.impossible += one.impossible
            self.apart += one.apart
            if one.refused:
                self.refused += 1
                if len(self.refusals) < self.most:
                    self.refusals.append((one.number, one.refused))
                continue
            self._compare(one)

    def merge(self, other: "Tally") -> None:
        """Add what was added up of the tickets that come next."""
        for key in ("tickets", "refused", "impossible", "apart", "unmoved"):
            setattr(self, key, getattr(self, key) + getattr(other, key))
        self.moved = (self.moved + other.moved)[: self.most]
        self.refusals = (self.refusals + other.refusals)[: self.most]
        for name, row in other.of.items():
            self.of[name] = [a + b for a, b in zip(self.of.get(name, [0] * 8), row, strict=True)]

    def targets(self) -> tuple[OfTarget, ...]:
        """Return what was added up, by target."""
        return tuple(
            OfTarget(name, Kept(row[0], row[1]), Kept(row[2], row[3]), *row[4:])
            for name, row in sorted(self.of.items())
        )

    def _compare(self, one: Judged) -> None:
        if len(one.before) == len(one.after) and all(map(_same_clock, one.before, one.after)):
            pairs: Iterable[tuple[Standing | None, Standing | None]] = zip(one.before, one.after, strict=True)
        else:
            before = {(clock.name, clock.seq): clock for clock in one.before}
            after = {(clock.name, clock.seq): clock for clock in one.after}
            pairs = [(before.get(key), after.get(key)) for key in sorted(before.keys() | after.keys())]
        same = True
        for was, will in pairs:
            same &= self._clock(one.number, was, will)
        self.unmoved += same

    def _clock(self, number: int, before: Standing | None, after: Standing | None) -> bool:
        known = after or before
        assert known is not None
        row = self.of.setdefault(known.name, [0] * 8)
        was, will = _decided(before), _decided(after)
        row[0] += was == _MET
        row[1] += was == _BREACHED
        row[2] += will == _MET
        row[3] += will == _BREACHED
        due_before, due_after = before.due if before else None, after.due if after else None
        state_before, state_after = before.state if before else "", after.state if after else ""
        if due_before == due_after and state_before == state_after:
            return True
        if due_before != due_after:
            sooner = due_after is not None and (due_before is None or due_after < due_before)
            row[4 if sooner else 5] += 1
        row[6] += will == _BREACHED != was
        row[7] += will == _MET != was
        if len(self.moved) < self.most:
            self.moved.append(Moved(number, known.name, known.seq, due_before, due_after, state_before, state_after))
        return False


_MET, _BREACHED, _LIMIT = ClockState.MET.value, ClockState.BREACHED.value, ClockKind.LIMIT.value


def _same_clock(one: Standing, two: Standing) -> bool:
    return one.seq == two.seq and one.name == two.name


def _decided(clock: Standing | None) -> str:
    """Return the state of a promise that can be kept or broken, empty for any other."""
    if clock is None or clock.kind != _LIMIT or clock.due is None:
        return ""
    return clock.state
