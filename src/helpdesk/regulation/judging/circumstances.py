"""Under what each clock came and was decided, as the log tells it: what reports add promises up by."""

from collections.abc import Collection, Sequence

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.clocks import Circumstances, ClockState
from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.instants import Instant
from helpdesk.sla.clock import Standing

_LEVEL_SET, _LINE_SET = Happened.LEVEL_SET, Happened.LINE_SET
_ASSIGNED, _UNASSIGNED = Happened.ASSIGNED, Happened.UNASSIGNED
_MOVES = frozenset({_LEVEL_SET, _LINE_SET, _ASSIGNED, _UNASSIGNED})
_OVER = frozenset({ClockState.BREACHED, ClockState.EXPIRED})


class _Held(Struct, frozen=True):
    """What held from one entry of the log on."""

    seq: int
    at: Instant
    level: str | None
    line: str
    agent: str | None


class Course:
    """A ticket's way through levels, lines and hands."""

    def __init__(self, log: Sequence[Entry], *, level: str | None, line: str) -> None:
        """Read ``log``; ``level`` and ``line`` are those that a ticket begins with."""
        self._channel = str(log[0].data.get("channel", ""))
        held = _Held(0, log[0].at, level, line, None)
        self._held = [held]
        for entry in log:
            if entry.what not in _MOVES:
                continue
            level, line, agent = held.level, held.line, held.agent
            match entry.what:
                case Happened.LEVEL_SET:
                    level = str(entry.data["level"])
                case Happened.LINE_SET:
                    line = str(entry.data["line"])
                case Happened.ASSIGNED:
                    agent = str(entry.data.get("agent", "")) or None
                case _:
                    agent = None
            held = _Held(entry.seq, entry.at, level, line, agent)
            self._held.append(held)

    def of(
        self, stands: Standing, state: ClockState, entries: Sequence[Entry], levels: Collection[str] = ()
    ) -> Circumstances:
        """Return under what a run came and, if it is decided, was decided; ``entries`` are those behind its events.

        A promise is decided by the entry that ended its clock, this one included, or by its due instant where that
        passed first: then by what held just before it. A promise of some ``levels`` only is broken at one of them: at
        the one that the ticket was given later, where it was given that after the due instant that follows from it.
        """
        start = entries[stands.start]
        came = start.data.get("channel") if start.what is Happened.CLIENT_MESSAGE else None
        channel = self._channel if came is None else str(came)
        if state in _OVER and stands.over_since is not None:
            at = stands.over_since
            held = next(each for each in reversed(self._held) if each.at < at or not each.seq)
            if levels and held.level not in levels:
                given = (each.level for each in self._held if each.seq > held.seq and each.level in levels)
                held = replace(held, level=next(given, held.level))
        elif stands.end is not None:
            at, seq = stands.ended_at or entries[stands.end].at, entries[stands.end].seq
            held = next(each for each in reversed(self._held) if each.seq <= seq)
        else:
            return Circumstances(channel)
        return Circumstances(channel, at, held.level, held.line, held.agent)
