"""Means that are promised over a period: how each stands, what is open, and what the rest may have to keep it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, case, func, literal, select

from helpdesk.contracts.clocks import ClockKind, ClockState
from helpdesk.kernel.instants import SECOND, Instant, to_datetime
from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.reports.judges import Judges, at_home
from helpdesk.queries.reports.periods import Buckets, Span, buckets, month_text
from helpdesk.queries.reports.views import AverageLine, AverageReport
from helpdesk.regulation.vocabulary.amounts import parse_amount
from helpdesk.regulation.vocabulary.work import Target
from helpdesk.sla.averages import Mean, Period
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import clocks, tickets
from helpdesk.store.tenants import Tenants
from helpdesk.store.tickets import Tickets

_ROW = (tickets.c.snapshot_hash, clocks.c.name, tickets.c.level, tickets.c.channel, tickets.c.line)
"""What says which target a clock is of."""


class _Key(Struct, frozen=True, order=True):
    """One promised mean in one period."""

    target: str
    began: Instant
    average: str
    clause: str


class _Group(Struct):
    """Its clocks as they are added up, in microseconds."""

    target: Target
    first: date
    last: date
    ends: Instant
    counted: int = 0
    total: int = 0
    open: int = 0
    open_total: int = 0
    excluded: int = 0


def averages(session: Session, find: FindEvaluator, *, first_month: str = "", last_month: str = "") -> AverageReport:
    """Return every promised mean over the periods that begin in the months from ``first_month`` to ``last_month``.

    Empty months stand for the twelve up to the present one. What has stopped is added up by the database; what is open
    is folded from its log, because it goes on counting. A mean that is promised in days is left out: days have no mean.

    Raises:
        Invalid: a month is none, or the span is empty or too long.
    """
    judges, _, zone = at_home(session, find)
    span = Span.of_months(first_month, last_month, session.now, zone)
    groups: dict[_Key, _Group] = {}
    for place, snapshots in judges.zones().items():
        for period, names in _periods(judges, snapshots).items():
            cut = buckets(span, period, place)
            _add_stopped(session, judges, cut, _of(session, cut, snapshots, names), groups)
            _add_open(session, judges, cut, _of(session, cut, snapshots, names), groups)
    return AverageReport(
        tenant=Tenants(session).own().slug,
        zone=zone,
        as_of=to_datetime(session.now),
        first_month=month_text(span.first),
        last_month=month_text(span.last),
        items=tuple(_line(key, groups[key], session.now) for key in sorted(groups)),
    )


def _periods(judges: Judges, snapshots: Sequence[str]) -> Mapping[Period, list[str]]:
    """Return the names of the targets that are means, by the period of the mean."""
    found: dict[Period, list[str]] = {}
    for snapshot in snapshots:
        for target in judges.by_hash[snapshot].edition.targets:
            if target.average:
                names = found.setdefault(Period(target.period or Period.MONTH), [])
                names += [] if target.name in names else [target.name]
    return found


def _of(
    session: Session, cut: Buckets, snapshots: Sequence[str], names: Sequence[str]
) -> tuple[ColumnElement[bool], ...]:
    return (
        clocks.c.tenant_id == session.tenant_id,
        clocks.c.kind == ClockKind.AVERAGE.value,
        clocks.c.name.in_(names),
        cut.within(clocks.c.started_at),
        tickets.c.snapshot_hash.in_(snapshots),
    )


_JOINED = clocks.join(tickets, and_(tickets.c.tenant_id == clocks.c.tenant_id, tickets.c.id == clocks.c.ticket_id))
_STATE = case(
    (clocks.c.state == ClockState.MET.value, literal("counted")),
    (clocks.c.state == ClockState.CANCELLED.value, literal("excluded")),
    else_=literal("open"),
)


def _add_stopped(
    session: Session, judges: Judges, cut: Buckets, which: Sequence[Any], groups: dict[_Key, _Group]
) -> None:
    bucket = cut.index(clocks.c.started_at).label("bucket")
    wanted = (
        select(*_ROW, bucket, _STATE.label("counted_as"), func.count(), func.sum(clocks.c.elapsed_us))
        .select_from(_JOINED)
        .where(*which, _STATE != "open")
        .group_by(*_ROW, bucket, _STATE)
    )
    for *row, index, state, count, total in session.connection.execute(wanted):
        group = _group(judges, cut, row, index, groups)
        if group is None:
            continue
        if state == "excluded":
            group.excluded += count
        else:
            group.counted, group.total = group.counted + count, group.total + int(total)


def _add_open(session: Session, judges: Judges, cut: Buckets, which: Sequence[Any], groups: dict[_Key, _Group]) -> None:
    bucket = cut.index(clocks.c.started_at).label("bucket")
    wanted = (
        select(*_ROW, bucket, clocks.c.ticket_id, clocks.c.seq).select_from(_JOINED).where(*which, _STATE == "open")
    )
    for *row, index, ticket_id, seq in session.connection.execute(wanted).all():
        group = _group(judges, cut, row, index, groups)
        if group is not None:
            log = Tickets(session).log(ticket_id)
            views = judges.by_hash[row[0]].clocks(log, max(session.now, log[-1].at))
            elapsed = next(view.elapsed_us for view in views if (view.name, view.seq) == (row[1], seq))
            group.open, group.open_total = group.open + 1, group.open_total + elapsed


def _group(judges: Judges, cut: Buckets, row: Sequence[Any], index: int, groups: dict[_Key, _Group]) -> _Group | None:
    target = judges.target(*row)
    if target is None or not target.average or parse_amount(target.average).in_days:
        return None
    key = _Key(target.name, cut.edges[index], target.average, target.clause)
    if key not in groups:
        last = (*cut.firsts, cut.end)[index + 1] - timedelta(days=1)
        groups[key] = _Group(target, cut.firsts[index], last, cut.edges[index + 1])
    return groups[key]


def _line(key: _Key, group: _Group, now: Instant) -> AverageLine:
    promised = parse_amount(key.average)
    mean = Mean(group.counted, group.total)
    expected = _expected(group.counted + group.open, key.began, group.ends, now)
    left = promised.value * (group.counted + group.open) - group.total
    rest = left // group.open if group.open else None
    more = group.open + expected
    rest_expected = (left + promised.value * expected) // more if more else None
    return AverageLine(
        target=key.target,
        clause=key.clause,
        population=group.target.population,
        period=(group.target.period or Period.MONTH.value),
        first_day=group.first,
        last_day=group.last,
        unit=promised.unit.value,
        promised_seconds=promised.value // SECOND,
        counted=group.counted,
        mean_seconds=mean.mean_us // SECOND if group.counted else None,
        open=group.open,
        open_seconds=group.open_total // SECOND,
        excluded=group.excluded,
        state=_state(group, mean, promised.value, over=now >= group.ends),
        rest_mean_seconds=None if rest is None else rest // SECOND,
        expected=expected,
        rest_mean_expected_seconds=None if rest_expected is None else rest_expected // SECOND,
    )


def _state(group: _Group, mean: Mean, promised: int, *, over: bool) -> str:
    if not group.counted and not group.open:
        return "empty"
    if over and not group.open:
        return "kept" if mean.within(promised) else "missed"
    whole = Mean(group.counted + group.open, group.total + group.open_total)
    return "keepable" if whole.within(promised) else "failing"


def _expected(population: int, began: Instant, ends: Instant, now: Instant) -> int:
    """Return how many more come until the period ends, at the rate of what came since it began, rounded down."""
    if now >= ends or now <= began:
        return 0
    return population * (ends - now) // (now - began)
