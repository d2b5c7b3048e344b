"""A long queue made cheaply: copies of one registered ticket, row for row, in one transaction."""

import random
from typing import Any

from sqlalchemy import Table, insert, select

from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import SECOND
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import clocks, events, tickets
from helpdesk.store.types import encode_rank


def add_backlog(session: Session, evaluator: Evaluator, count: int, *, seed: int = 1) -> None:
    """Copy ticket 1 with its log and clocks until there are ``count`` tickets, of mixed levels, ages and urgency."""
    draw = random.Random(seed)
    model = session.connection.execute(select(tickets).where(tickets.c.tenant_id == session.tenant_id)).one()
    levels = [None, *evaluator.edition.levels]
    rows: list[dict[str, Any]] = []
    for number in range(2, count + 1):
        level, expedited = draw.choice(levels), draw.random() < 0.02
        received_at = model.received_at - draw.randrange(100_000) * SECOND
        rank = evaluator.order_key(level=level, expedited=expedited, received_at=received_at, due=None)
        fields = {"level": level, "expedited": expedited, "received_at": received_at, "rank": encode_rank(rank)}
        rows.append({**model._mapping, "id": new_id(), "number": number, **fields})
    session.connection.execute(insert(tickets), rows)
    for table in (events, clocks):
        _copy(session, table, model.id, [row["id"] for row in rows])


def _copy(session: Session, table: Table, model: object, copies: list[Any]) -> None:
    found = session.connection.execute(select(table).where(table.c.ticket_id == model)).all()
    rows = [{**row._mapping, "ticket_id": copy} for copy in copies for row in found]
    if rows:
        session.connection.execute(insert(table), rows)
