"""SLA attainment: how many promises with a limit were kept, added up by the database, one pass over the clock rows.

Memory holds one counter for each group. The figures are those of a recount from the logs, which a test does.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Case, ColumnElement, Select, and_, case, func, literal, or_, select

from helpdesk.contracts.clocks import ClockKind, ClockState
from helpdesk.domain.linking import MERGED
from helpdesk.kernel.instants import Instant, to_datetime
from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.organisations import names_on_tickets
from helpdesk.queries.reports.judges import at_home
from helpdesk.queries.reports.periods import Buckets, Span, buckets, month_text, percent
from helpdesk.queries.reports.views import Aimed, AttainmentLine, AttainmentReport, Companies, Kept
from helpdesk.sla.averages import Period
from helpdesk.store.engine.session import Session
from helpdesk.store.organisation_aliases import Aliases
from helpdesk.store.schema import clocks, tickets
from helpdesk.store.tenants import Tenants

DIMENSIONS = ("target", "level", "line", "channel", "agent", "organisation", "month")
"""What attainment can be broken down by, besides the company."""


def held_then(decided: ColumnElement[str | None], present: ColumnElement[str | None]) -> ColumnElement[str | None]:
    """Return what held when the promise was decided; the ticket's own as long as it is not."""
    return case((clocks.c.decided_at.is_not(None), decided), else_=present)


_COLUMNS: dict[str, ColumnElement[str | None]] = {
    "target": clocks.c.name,
    "level": held_then(clocks.c.decided_level, tickets.c.level),
    "line": held_then(clocks.c.decided_line, tickets.c.line),
    "channel": clocks.c.channel,
    "agent": held_then(clocks.c.decided_agent, tickets.c.assignee),
    "organisation": tickets.c.organisation,
}
WITH_TICKETS = clocks.join(tickets, and_(tickets.c.tenant_id == clocks.c.tenant_id, tickets.c.id == clocks.c.ticket_id))
"""Clock rows beside their tickets."""
_STANDS_STILL = "waiting"
"""How the note of a clock begins that has no due instant because it waits; any other note says that none is known."""

Key = tuple[str | None, ...]


def attainment(
    session: Session,
    find: FindEvaluator,
    *,
    first_month: str = "",
    last_month: str = "",
    by: Sequence[str] = ("target", "month"),
    organisation: str = "",
) -> AttainmentReport:
    """Return how the promises stand whose clocks started in the months from ``first_month`` to ``last_month``.

    Empty months stand for the twelve up to the present one. ``by`` are some of ``DIMENSIONS``;
    ``organisation``: only its tickets, by whichever of its names they were registered; the present one is shown.

    Raises:
        Invalid: a month is none, or the span is empty or too long.
    """
    judges, _, zone = at_home(session, find)
    dimensions = tuple(dict.fromkeys(by))
    span = Span.of_months(first_month, last_month, session.now, zone)
    whose = names_on_tickets(session, organisation) if organisation else ()
    renamed = Aliases(session).renamed() if "organisation" in dimensions else {}
    limits: dict[Key, Counter[str]] = {}
    goals: dict[Key, Counter[str]] = {}
    names = sorted(judges.target_names())
    for place, snapshots in judges.zones().items():
        months = buckets(span, Period.MONTH, place)
        for *group, state, goal, count in session.connection.execute(
            _counted(session, dimensions, months, names, snapshots, whose)
        ):
            key = _named(dimensions, group, months, renamed)
            limits.setdefault(key, Counter())[state] += count
            if goal is not None:
                goals.setdefault(key, Counter())[goal] += count
    items = [
        AttainmentLine(dict(zip(dimensions, key, strict=True)), _kept(limits[key]), _aimed(goals.get(key, Counter())))
        for key in sorted(limits, key=_order)
    ]
    total = AttainmentLine({}, _kept(_sum(limits.values())), _aimed(_sum(goals.values())))
    return AttainmentReport(
        tenant=Tenants(session).own().slug,
        zone=zone,
        as_of=to_datetime(session.now),
        first_month=month_text(span.first),
        last_month=month_text(span.last),
        dimensions=dimensions,
        items=tuple(items),
        total=total,
    )


def attainment_of_all(
    session: Session, find: FindEvaluator, *, first_month: str = "", last_month: str = "", by: Sequence[str] = ()
) -> Companies:
    """Return the attainment of every company, for a session that is bound to none.

    Raises:
        Invalid: as for ``attainment``.
    """
    found = (
        attainment(session.within(tenant.id), find, first_month=first_month, last_month=last_month, by=by)
        for tenant in Tenants(session).all()
    )
    return Companies(tuple(found))


def _counted(
    session: Session,
    dimensions: Sequence[str],
    months: Buckets,
    names: Sequence[str],
    snapshots: Sequence[str],
    organisations: Sequence[str],
) -> Select[*tuple[Any, ...]]:
    """Return the statement that counts clocks by the dimensions, by how they stand and by how their goals stand."""
    groups = [
        months.index(clocks.c.started_at).label("month") if each == "month" else _COLUMNS[each] for each in dimensions
    ]
    state, goal = counted_as(session.now).label("counted_as"), _goal(session.now).label("goal_counted_as")
    return (
        select(*groups, state, goal, func.count())
        .select_from(WITH_TICKETS)
        .where(*promised(session, months, names, snapshots, organisations))
        .group_by(*groups, state, goal)
    )


def promised(
    session: Session, months: Buckets, names: Sequence[str], snapshots: Sequence[str], organisations: Sequence[str] = ()
) -> tuple[ColumnElement[bool], ...]:
    """Return which clocks are promises with a limit, or with one that is not known, of the months given.

    ``organisations``: of tickets that bear one of these names only; none: of all.
    """
    found = (
        clocks.c.tenant_id == session.tenant_id,
        clocks.c.kind.in_([ClockKind.LIMIT.value, ClockKind.UNKNOWN.value]),
        clocks.c.name.in_(names),
        months.within(clocks.c.started_at),
        tickets.c.snapshot_hash.in_(snapshots),
    )
    return (*found, tickets.c.organisation.in_(organisations)) if organisations else found


def counted_as(now: Instant) -> Case[str]:
    """Return as what a clock counts: ``met``, ``breached``, ``running``, or why it is excluded.

    A row stands as of its ticket's last entry; one whose due instant has passed since is breached, whether or not the
    timekeeper has said so yet.
    """
    row = clocks.c
    unknown = or_(
        row.kind == ClockKind.UNKNOWN.value,
        and_(row.due.is_(None), row.note != "", ~row.note.startswith(_STANDS_STILL)),
    )
    return case(
        (and_(row.state == ClockState.CANCELLED.value, tickets.c.outcome == MERGED), literal("merged")),
        (row.state == ClockState.CANCELLED.value, literal("closed")),
        (unknown, literal("unknown")),
        (row.state == ClockState.MET.value, literal("met")),
        (row.state == ClockState.BREACHED.value, literal("breached")),
        (and_(row.state == ClockState.RUNNING.value, row.due <= now), literal("breached")),
        else_=literal("running"),
    )


def _goal(now: Instant) -> Case[str | None]:
    """Return as what a clock's goal counts; NULL where the clock has none now."""
    row = clocks.c
    return case(
        (row.goal.is_(None), None),
        (row.goal <= func.coalesce(row.stopped_at, now), literal("missed")),
        (row.state == ClockState.CANCELLED.value, literal("excluded")),
        (row.stopped_at.is_not(None), literal("met")),
        else_=literal("running"),
    )


def _named(dimensions: Sequence[str], group: Sequence[Any], months: Buckets, renamed: Mapping[str, str]) -> Key:
    """Return the group with its month as text, its organisation by the present name, and nothing for an empty text."""

    def named(dimension: str, value: Any) -> str | None:
        match dimension:
            case "month":
                return month_text(months.firsts[value])
            case "organisation":
                return renamed.get(value, value) or None
            case _:
                return value or None

    return tuple(named(each, value) for each, value in zip(dimensions, group, strict=True))


def _kept(counts: Counter[str]) -> Kept:
    why = {reason: counts[reason] for reason in ("merged", "closed", "unknown") if counts[reason]}
    met, breached = counts["met"], counts["breached"]
    return Kept(met, breached, counts["running"], sum(why.values()), percent(met, met + breached), why)


def _aimed(counts: Counter[str]) -> Aimed:
    met, missed = counts["met"], counts["missed"]
    return Aimed(met, missed, counts["running"], counts["excluded"], percent(met, met + missed))


def _sum(counters: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in counters:
        total.update(each)
    return total


def _order(key: Key) -> tuple[tuple[bool, str], ...]:
    """Sort groups by their dimensions; what has no value comes last."""
    return tuple((value is None, value or "") for value in key)
