"""What tickets wait for: each wait in force with its words, its beginning and its end, and what stands still for it."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain.waiting import InForce, in_force
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.views.base import moment
from helpdesk.queries.views.tickets import WaitView
from helpdesk.regulation.compiling.rules import Rule
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import events

_TELLING = tuple(
    what.value
    for what in (
        Happened.PAUSED,
        Happened.RESUMED,
        Happened.RESOLVED,
        Happened.CLOSED,
        Happened.QUESTION_SENT,
        Happened.NOTICE_SENT,
    )
)


def waits_of(session: Session, rows: Sequence[Row[Any]], find: FindEvaluator) -> dict[UUID, tuple[WaitView, ...]]:
    """Return the waits in force by ticket; ``rows`` are tickets with their columns."""
    waiting = [row for row in rows if row.waits]
    if not waiting:
        return {}
    logs = _logs(session, [row.id for row in waiting])
    return {row.id: _views(row, logs.get(row.id, ()), find(session, row.snapshot_hash)) for row in waiting}


def _logs(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[Entry, ...]]:
    """Return what bears on waits of the tickets' logs."""
    wanted = (
        select(events.c.ticket_id, events.c.seq, events.c.at, events.c.what, events.c.actor, events.c.data)
        .where(events.c.tenant_id == session.tenant_id, events.c.ticket_id.in_(ids), events.c.what.in_(_TELLING))
        .order_by(events.c.ticket_id, events.c.seq)
    )
    found: dict[UUID, tuple[Entry, ...]] = {}
    for ticket_id, seq, at, what, actor, data in session.connection.execute(wanted):
        found[ticket_id] = (*found.get(ticket_id, ()), Entry(seq, at, Happened(what), actor, data or {}))
    return found


def _views(row: Row[Any], log: Sequence[Entry], evaluator: Evaluator) -> tuple[WaitView, ...]:
    return tuple(_view(row, wait, evaluator) for wait in in_force(log))


def _view(row: Row[Any], wait: InForce, evaluator: Evaluator) -> WaitView:
    rule = next((rule for rule in evaluator.edition.pauses if rule.reason == wait.reason), None)
    words = {field.name: field.name_ru for field in evaluator.edition.fields}
    rules = (rule for family in evaluator.families for rule in family.rules)
    return WaitView(
        reason=wait.reason,
        name_ru=rule.name_ru if rule is not None else wait.reason,
        name_en=rule.name_en if rule is not None else wait.reason,
        clause=rule.clause if rule is not None else "",
        since=to_datetime(wait.since),
        until=moment(wait.until),
        automatic=wait.automatic,
        note=wait.note,
        missing=tuple(words.get(name, name) for name in wait.missing),
        message=wait.message_id,
        stands_still=_heeding(rules, row, wait.reason),
    )


def _heeding(rules: Iterable[Rule], row: Row[Any], reason: str) -> tuple[str, ...]:
    """Return the names of the clocks that such a ticket may have and that stand still for ``reason``."""
    heeding = (rule for rule in rules if reason in rule.fold.pause_reasons)
    return tuple(dict.fromkeys(rule.name for rule in heeding if rule.fits(row.channel, row.level, row.line)))
