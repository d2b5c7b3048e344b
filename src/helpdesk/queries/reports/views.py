"""What reports say. Spans of time are whole seconds; percentages have two places, rounded down: 100 means all."""

from datetime import date

from helpdesk.contracts.messages import Outcome
from helpdesk.queries.views.base import Moment, View


class Kept(View, frozen=True):
    """How promises with a limit stand; ``met`` + ``breached`` + ``running`` + ``excluded`` are all there are."""

    met: int
    breached: int
    running: int
    """Not decided yet, waiting ones included."""
    excluded: int
    """Counted in no percentage; ``excluded_because`` says why."""
    attainment: float | None
    """``met`` in percent of ``met`` + ``breached``; null where nothing is decided."""
    excluded_because: dict[str, int]
    """``merged``: its work went on in another ticket; ``closed``: the ticket was closed before the promise was decided;
    ``unknown``: the regulation promises a time that is not known."""


class Aimed(View, frozen=True):
    """How goals stand, of the clocks that have one now. A goal is aimed at; missing it is no breach."""

    met: int
    missed: int
    running: int
    excluded: int
    """Made moot before the goal came."""
    attainment: float | None


class AttainmentLine(View, frozen=True):
    """One group of clocks."""

    by: dict[str, str | None]
    """What makes the group: its value of each dimension asked for."""
    limit: Kept
    goal: Aimed


class AttainmentReport(View, frozen=True):
    """How many promises were kept, by the dimensions asked for.

    A clock belongs to the month in which it started, in the zone of the regulation that judges it. Level, line and
    agent are those that held when the promise was kept or missed, of an undecided one the ticket's own; the channel is
    that of the request, or of the message that started the clock.
    """

    tenant: str
    zone: str
    as_of: Moment
    first_month: str
    last_month: str
    dimensions: tuple[str, ...]
    items: tuple[AttainmentLine, ...]
    total: AttainmentLine


class Companies(View, frozen=True):
    """The attainment of every company."""

    items: tuple[AttainmentReport, ...]


class AverageLine(View, frozen=True):
    """One mean that is promised, over one period."""

    target: str
    clause: str
    population: str
    """Which requests are meant, as the regulation names them."""
    period: str
    """``day``, ``week``, ``month``, ``quarter`` or ``year``."""
    first_day: date
    last_day: date
    unit: str
    """In which time the spans count: ``elapsed`` or ``working``."""
    promised_seconds: int
    counted: int
    """Clocks that have stopped: what the mean is of."""
    mean_seconds: int | None
    """Rounded down; null while nothing has stopped."""
    open: int
    """Clocks still running or waiting."""
    open_seconds: int
    """What the open ones have counted together so far."""
    excluded: int
    """Moot before they stopped: closed or merged."""
    state: str
    """``kept`` or ``missed``: the period is over and nothing is open; ``keepable``: the open ones can still hold the
    mean; ``failing``: they cannot any more; ``empty``: nothing was counted and nothing is open."""
    rest_mean_seconds: int | None
    """What mean the open ones may end with for the promise to be kept, rounded down; negative: it cannot be; null
    where nothing is open."""
    expected: int
    """How many more may come until the period ends, if they come as they came so far."""
    rest_mean_expected_seconds: int | None
    """The same for the open and the expected together; null where there are neither."""


class AverageReport(View, frozen=True):
    """Means over a period against what is promised of them. A clock belongs to the period in which it started."""

    tenant: str
    zone: str
    as_of: Moment
    first_month: str
    last_month: str
    items: tuple[AverageLine, ...]


class Oldest(View, frozen=True):
    """The ticket that has waited longest."""

    number: int
    received_at: Moment


class AgeLine(View, frozen=True):
    """How long one group of unclosed tickets has been here; percentiles by nearest rank."""

    by: dict[str, str | None]
    count: int
    p50_seconds: int
    p75_seconds: int
    p90_seconds: int
    p95_seconds: int
    oldest_seconds: int
    oldest: Oldest


class AgeReport(View, frozen=True):
    """The age of what is not closed, since its receipt."""

    tenant: str
    as_of: Moment
    dimensions: tuple[str, ...]
    items: tuple[AgeLine, ...]
    total: AgeLine | None
    """Null where nothing is open."""


class BalanceLine(View, frozen=True):
    """One channel on one day of the company's zone."""

    day: str
    channel_kind: str
    received: int
    outcomes: dict[Outcome, int]
    """How many became what; outcomes that nothing became are left out."""
    imported: int
    """How many of ``received`` were brought in from another system."""
    balanced: bool
    """Whether ``received`` is the sum of the outcomes."""


class BalanceReport(View, frozen=True):
    """The ledger's balance: everything received has exactly one outcome."""

    tenant: str
    as_of: Moment
    first_day: str
    last_day: str
    items: tuple[BalanceLine, ...]
    received: int
    outcomes: dict[Outcome, int]
    balanced: bool
