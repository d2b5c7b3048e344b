"""What is there now and what came: the age of the unclosed tickets, and the ledger's balance day by day."""

from array import array
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import case, func, select

from helpdesk.contracts.messages import Outcome
from helpdesk.domain.clients import day_of
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import SECOND, to_datetime
from helpdesk.queries.days import day_of_text
from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.reports.periods import nearest_rank
from helpdesk.queries.reports.views import AgeLine, AgeReport, BalanceLine, BalanceReport, Oldest
from helpdesk.store.editions import Editions
from helpdesk.store.engine.session import Session
from helpdesk.store.ledger import IMPORTED_FROM
from helpdesk.store.schema import ledger, tickets
from helpdesk.store.tenants import Tenants

AGE_DIMENSIONS = ("line", "level", "state", "channel", "agent")
"""What the queue's age can be broken down by, besides the company."""

_COLUMNS = {
    "line": tickets.c.line,
    "level": tickets.c.level,
    "state": tickets.c.state,
    "channel": tickets.c.channel,
    "agent": tickets.c.assignee,
}
_LAST_DAYS = 30
_MOST_DAYS = 400

Key = tuple[str | None, ...]


class _Ages:
    """The instants of receipt of one group, the oldest first: eight bytes each."""

    def __init__(self, number: int) -> None:
        self.oldest = number
        self.received = array("q")


def queue_age(session: Session, *, by: Sequence[str] = ("line",)) -> AgeReport:
    """Return how long the unclosed tickets have been here, by some of ``AGE_DIMENSIONS``."""
    dimensions = tuple(dict.fromkeys(by))
    wanted = (
        select(tickets.c.received_at, tickets.c.number, *(_COLUMNS[each] for each in dimensions))
        .where(tickets.c.tenant_id == session.tenant_id, tickets.c.closed_at.is_(None))
        .order_by(tickets.c.received_at, tickets.c.number)
    )
    groups: dict[Key, _Ages] = {}
    everything: _Ages | None = None
    for received_at, number, *values in session.connection.execute(wanted).yield_per(1_000):
        key = tuple(value or None for value in values)
        everything = everything or _Ages(number)
        for ages in (everything, groups.setdefault(key, _Ages(number))):
            ages.received.append(received_at)
    items = [
        _age(dict(zip(dimensions, key, strict=True)), groups[key], session.now)
        for key in sorted(groups, key=lambda key: [(value is None, value or "") for value in key])
    ]
    return AgeReport(
        tenant=Tenants(session).own().slug,
        as_of=to_datetime(session.now),
        dimensions=dimensions,
        items=tuple(items) if dimensions else (),
        total=None if everything is None else _age({}, everything, session.now),
    )


def _age(by: dict[str, str | None], ages: _Ages, now: int) -> AgeLine:
    ascending = [(now - received_at) // SECOND for received_at in reversed(ages.received)]
    p50, p75, p90, p95 = (nearest_rank(ascending, percentile) for percentile in (50, 75, 90, 95))
    return AgeLine(
        by=by,
        count=len(ascending),
        p50_seconds=p50,
        p75_seconds=p75,
        p90_seconds=p90,
        p95_seconds=p95,
        oldest_seconds=ascending[-1],
        oldest=Oldest(ages.oldest, to_datetime(ages.received[0])),
    )


def ledger_balance(session: Session, find: FindEvaluator, *, first_day: str = "", last_day: str = "") -> BalanceReport:
    """Return what was received from ``first_day`` to ``last_day`` (both included), by what became of it.

    Empty days stand for the thirty up to today in the zone of the edition in force. What was received is counted apart
    from the outcomes, so that a line whose outcome nobody knows would show.

    Raises:
        Invalid: a day is none, or the span is empty or too long.
    """
    first, last = _days(session, find, first_day, last_day)
    same = (ledger.c.tenant_id == session.tenant_id, ledger.c.day >= first, ledger.c.day <= last)
    groups = (ledger.c.day, ledger.c.channel_kind)
    imported = func.count(case((ledger.c.reason.startswith(IMPORTED_FROM), 1)))
    received = session.connection.execute(
        select(*groups, func.count(), imported).where(*same).group_by(*groups).order_by(*groups)
    ).all()
    outcomes: dict[tuple[str, str], dict[Outcome, int]] = {}
    became = select(*groups, ledger.c.outcome, func.count()).where(*same).group_by(*groups, ledger.c.outcome)
    known = {outcome.value for outcome in Outcome}
    for day, kind, outcome, count in session.connection.execute(became.order_by(*groups, ledger.c.outcome)):
        if outcome in known:
            outcomes.setdefault((day, kind), {})[Outcome(outcome)] = count
    items = tuple(
        BalanceLine(day, kind, count, of, brought, balanced=sum(of.values()) == count)
        for day, kind, count, brought in received
        for of in (outcomes.get((day, kind), {}),)
    )
    total: Counter[Outcome] = Counter()
    for item in items:
        total.update(item.outcomes)
    return BalanceReport(
        tenant=Tenants(session).own().slug,
        as_of=to_datetime(session.now),
        first_day=first,
        last_day=last,
        items=items,
        received=sum(item.received for item in items),
        outcomes={outcome: total[outcome] for outcome in Outcome if total[outcome]},
        balanced=all(item.balanced for item in items),
    )


def _days(session: Session, find: FindEvaluator, first_day: str, last_day: str) -> tuple[str, str]:
    in_force = Editions(session).snapshot_in_force(session.now)
    zone = "UTC" if in_force is None else find(session, in_force).zone
    last = day_of_text("last_day", last_day or day_of(session.now, zone))
    first = day_of_text("first_day", first_day) if first_day else last - timedelta(days=_LAST_DAYS - 1)
    if first > last:
        raise Invalid("the span of days ends before it begins", fields={"first_day": "is after last_day"})
    if last - first > timedelta(days=_MOST_DAYS):
        raise Invalid(f"the span holds more than {_MOST_DAYS} days", fields={"first_day": "is too far back"})
    return first.isoformat(), last.isoformat()
