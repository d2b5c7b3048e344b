"""A ticket's deadlines, folded from its log at the time of asking, each with its derivation."""

from sqlalchemy import select

from helpdesk.contracts.clocks import ClockKind, ClockView
from helpdesk.contracts.log import Entry, Happened
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.instants import SECOND, to_datetime
from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.numbers import MAX_NUMBER
from helpdesk.queries.views.base import moment
from helpdesk.queries.views.tickets import Deadlines, DeadlineView
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.explanation import Explanation
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import events, tickets


def list_deadlines(session: Session, number: int, evaluator_of: FindEvaluator) -> Deadlines:
    """Return every target and term of a ticket as they stand now.

    Nothing is read from the cached clocks: what is shown is what the log says, computed by the code that explains it.

    Raises:
        NotFound: the tenant has no ticket of this number.
    """
    log, evaluator = find_judged(session, number, evaluator_of)
    items = tuple(
        _deadline(clock, evaluator.explain(log, clock.name, clock.seq, session.now))
        for clock in evaluator.clocks(log, session.now)
    )
    return Deadlines(number, to_datetime(session.now), items)


def find_judged(session: Session, number: int, evaluator_of: FindEvaluator) -> tuple[tuple[Entry, ...], Evaluator]:
    """Return a ticket's log and what judges it.

    Raises:
        NotFound: the tenant has no ticket of this number.
    """
    wanted = select(tickets.c.id, tickets.c.snapshot_hash).where(
        tickets.c.tenant_id == session.tenant_id, tickets.c.number == number
    )
    ticket = session.connection.execute(wanted).one_or_none() if 1 <= number <= MAX_NUMBER else None
    if ticket is None:
        raise NotFound
    rows = session.connection.execute(
        select(events.c.seq, events.c.at, events.c.what, events.c.actor, events.c.data)
        .where(events.c.tenant_id == session.tenant_id, events.c.ticket_id == ticket.id)
        .order_by(events.c.seq)
    )
    log = tuple(Entry(row.seq, row.at, Happened(row.what), row.actor, row.data or {}) for row in rows)
    return log, evaluator_of(session, ticket.snapshot_hash)


def _deadline(clock: ClockView, explanation: Explanation) -> DeadlineView:
    return DeadlineView(
        name=clock.name,
        seq=clock.seq,
        kind=clock.kind,
        state=clock.state,
        goal=moment(clock.goal),
        due=moment(clock.due),
        breachable=clock.kind is ClockKind.LIMIT and clock.due is not None,
        clause=clock.clause,
        started_at=moment(clock.started_at),
        stopped_at=moment(clock.stopped_at),
        elapsed_seconds=clock.elapsed_us // SECOND,
        paused_seconds=clock.paused_us // SECOND,
        warn_at=tuple(to_datetime(instant) for instant in clock.warn_at),
        then=clock.then,
        note=clock.note,
        explanation=explanation,
    )
