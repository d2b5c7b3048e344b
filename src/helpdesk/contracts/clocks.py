"""SLA clocks as every layer sees them: what a regulation promises on a ticket, and how it stands."""

from enum import StrEnum

from msgspec import Struct

from helpdesk.kernel.instants import Instant


class ClockKind(StrEnum):
    """What kind of promise a clock is."""

    LIMIT = "limit"
    """A target with a hard limit: passing ``due`` is a breach."""
    AVERAGE = "average"
    """A mean over a period: shown per ticket, never breached per ticket."""
    TERM = "term"
    """The client or the service has until ``due``; then an act follows, never a breach."""
    NONE = "none"
    """The regulation promises no time here, and says so in ``clause``."""
    UNKNOWN = "unknown"
    """The regulation promises a time that is not given; ``due`` is None."""


class ClockState(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    """Stopped before ``due`` (or with no ``due``)."""
    BREACHED = "breached"
    """``due`` passed first; stays so when the clock stops later."""
    EXPIRED = "expired"
    """A term that ran out."""
    CANCELLED = "cancelled"
    """Ended by something that makes it moot (closing; a reply that restarts the term)."""


class ClockView(Struct, frozen=True):
    """One clock of one ticket, as folded from its log. Equal logs give equal views."""

    name: str
    seq: int
    """0 for the first clock of that name on the ticket, then 1, 2, … (a follow-up opens a new one)."""
    kind: ClockKind
    state: ClockState
    clause: str
    started_at: Instant | None
    stopped_at: Instant | None
    goal: Instant | None
    due: Instant | None
    warn_at: tuple[Instant, ...] = ()
    """Instants at which to warn, all before ``due``."""
    then: str = ""
    """For a term: the act that follows, e.g. ``close:confirmed_by_silence``."""
    elapsed_us: int = 0
    """Counted so far (at the fold's ``now``, or until it stopped)."""
    paused_us: int = 0
    note: str = ""
    """Why there is no ``due``, where there is none."""


class Circumstances(Struct, frozen=True):
    """Under what a clock came, and what held when its promise was decided: at its end, or when due if that came first.

    Nothing but ``channel`` is known before.
    """

    channel: str = ""
    """The regulation's name of the channel by which the request, or the message that started the clock, came."""
    decided_at: Instant | None = None
    level: str | None = None
    line: str | None = None
    agent: str | None = None


class Clocked(Struct, frozen=True):
    """One clock with its circumstances, as it is kept."""

    view: ClockView
    under: Circumstances
