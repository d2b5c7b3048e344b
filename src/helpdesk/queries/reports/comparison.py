"""What the old system promised and did, beside what this regulation promises: over tickets that were brought in."""

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from helpdesk.contracts.clocks import ClockKind, ClockState, ClockView
from helpdesk.contracts.log import Happened
from helpdesk.kernel.instants import SECOND, Instant, to_datetime
from helpdesk.queries.days import midnight
from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.reports.judges import at_home
from helpdesk.queries.reports.periods import Span, month_text
from helpdesk.queries.views.base import Moment, View, moment
from helpdesk.store.engine.session import Session
from helpdesk.store.histories import CHUNK, FIRST, History, read_histories
from helpdesk.store.tenants import Tenants

MOST_DIFFERENCES = 1_000
"""Tickets that a report names; the sums are of all."""
CLOSING = "closing"
"""Stands for a target's name where the two systems' closings are compared."""


class ComparedLine(View, frozen=True):
    """One target, or the closing, over all tickets that were brought in."""

    name: str
    clause: str
    compared: int
    """Tickets for which both systems say something decided."""
    kept_here: int
    """What the old system did would have kept our promise."""
    kept_there: int | None
    """It kept its own; null where its promises were not brought in."""
    only_here: int
    only_there: int
    earlier_here: int
    """Our due instant, or our closing, is the earlier one."""
    later_here: int
    mean_difference_seconds: int | None
    """Ours minus theirs, over the tickets for which both are known."""


class Differing(View, frozen=True):
    """A ticket of which the two systems say different things."""

    number: int
    source: str
    source_id: str
    name: str
    clause: str
    done_at: Moment | None
    """When the old system did it; of a closing when it closed."""
    due_here: Moment | None
    due_there: Moment | None
    here: str
    """``met``, ``breached``, ``running``; of a closing by which term it would have been closed here."""
    there: str


class ComparisonReport(View, frozen=True):
    """Our deadlines and closings against those of the system whose history was brought in."""

    tenant: str
    zone: str
    as_of: Moment
    first_month: str
    last_month: str
    tickets: int
    items: tuple[ComparedLine, ...]
    differences: tuple[Differing, ...]


class _Pair(Struct, frozen=True):
    """What both say of one promise."""

    name: str
    clause: str
    here: Instant | None
    there: Instant | None
    done_at: Instant | None
    state_here: str
    state_there: str


def compare(
    session: Session, find: FindEvaluator, *, first_month: str = "", last_month: str = "", source: str = ""
) -> ComparisonReport:
    """Compare over the tickets brought in (of ``source``, if given) that were received in a span of months.

    What happened is the old system's; what it is judged by is our regulation's edition of that day. Where the mapping
    names the old system's own due instants (``promised``), they stand beside ours.

    Raises:
        Invalid: a month is none, or the span is empty or too long.
    """
    judges, _, zone = at_home(session, find)
    span = Span.of_months(first_month, last_month, session.now, zone)
    begin, end = midnight(span.first, zone), midnight(span.following, zone)
    sums: dict[tuple[str, str], Counter[str]] = {}
    differences: list[Differing] = []
    tickets = 0
    for history in _imported(session):
        brought = history.log[0].data["imported"]
        if not begin <= history.ticket.received_at < end or source not in {"", brought["source"]}:
            continue
        tickets += 1
        views = judges.by_hash[history.ticket.snapshot_hash].clocks(history.log, max(session.now, history.log[-1].at))
        for pair in _pairs(history, views):
            _count(sums.setdefault((pair.name, pair.clause), Counter()), pair)
            if _differs(pair) and len(differences) < MOST_DIFFERENCES:
                differences.append(_differing(history.ticket.number, brought["source"], brought["id"], pair))
    return ComparisonReport(
        tenant=Tenants(session).own().slug,
        zone=zone,
        as_of=to_datetime(session.now),
        first_month=month_text(span.first),
        last_month=month_text(span.last),
        tickets=tickets,
        items=tuple(_line(*key, sums[key]) for key in sorted(sums, key=lambda key: (key[0] == CLOSING, key))),
        differences=tuple(differences),
    )


def _imported(session: Session) -> Iterator[History]:
    after = FIRST
    while found := read_histories(session, after, CHUNK):
        yield from (one for one in found if "imported" in one.log[0].data)
        after = found[-1].ticket.id


def _pairs(history: History, views: tuple[ClockView, ...]) -> Iterator[_Pair]:
    promised = history.log[0].data["imported"].get("promised", {})
    for view in views:
        if view.kind is ClockKind.LIMIT and view.state is not ClockState.CANCELLED:
            there = promised.get(view.name) if view.seq == 0 else None
            state = "running" if view.state in {ClockState.RUNNING, ClockState.PAUSED} else view.state.value
            yield _Pair(view.name, view.clause, view.due, there, view.stopped_at, state, _stands(there, view))
    closed = next((entry for entry in history.log if entry.what is Happened.CLOSED), None)
    terms = [view for view in views if view.kind is ClockKind.TERM and view.then.startswith("close")]
    ends = [view for view in terms if view.due is not None and view.state is ClockState.EXPIRED]
    first = min(ends, key=lambda view: view.due or 0, default=None)
    if closed is not None or first is not None:
        here, there = (None if first is None else first.due), (None if closed is None else closed.at)
        name = "" if first is None else first.name
        outcome = "" if closed is None else str(closed.data.get("outcome", ""))
        yield _Pair(CLOSING, "" if first is None else first.clause, here, there, there, name, outcome)


def _stands(promised: Instant | None, view: ClockView) -> str:
    """Return how the old system's own promise stands, by what it did."""
    if promised is None:
        return ""
    if view.stopped_at is None:
        return "running"
    return "met" if view.stopped_at < promised else "breached"


def _differing(number: int, source: str, source_id: str, pair: _Pair) -> Differing:
    times = (moment(pair.done_at), moment(pair.here), moment(pair.there))
    return Differing(number, source, source_id, pair.name, pair.clause, *times, pair.state_here, pair.state_there)


def _differs(pair: _Pair) -> bool:
    if pair.name == CLOSING:
        return pair.here is not None and pair.here != pair.there
    return bool(pair.state_there) and (pair.here, pair.state_here) != (pair.there, pair.state_there)


def _count(counts: Counter[str], pair: _Pair) -> None:
    counts["tickets"] += 1
    here, there = pair.state_here == "met", pair.state_there == "met"
    decided = {pair.state_here, pair.state_there} <= {"met", "breached"}
    if pair.name != CLOSING:
        counts["promised"] += bool(pair.state_there)
        counts["here"] += here
        counts["there"] += there
        counts["only_here"] += decided and here and not there
        counts["only_there"] += decided and there and not here
    if pair.here is not None and pair.there is not None:
        counts["both"] += 1
        counts["earlier"] += pair.here < pair.there
        counts["later"] += pair.here > pair.there
        counts["difference"] += (pair.here - pair.there) // SECOND


def _line(name: str, clause: str, counts: Counter[str]) -> ComparedLine:
    mean = counts["difference"] // counts["both"] if counts["both"] else None
    return ComparedLine(
        name, clause, counts["tickets"], counts["here"], counts["there"] if counts["promised"] else None,
        counts["only_here"], counts["only_there"], counts["earlier"], counts["later"], mean,
    )  # fmt: skip
