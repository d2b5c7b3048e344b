"""Problems, as one tenant sees them."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, select, update

from helpdesk.domain.problems import Problem, ProblemState
from helpdesk.domain.states import State
from helpdesk.kernel.errors import NotFound, VersionConflict
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.statements import insert_or_leave
from helpdesk.store.schema import problem_tickets, problems, tickets

_COLUMNS = tuple(problems.c[name] for name in Problem.__struct_fields__)


class Problems:
    """The tenant's problems and the tickets that they are behind."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection
        self._tenant = session.tenant_id

    def add(self, problem: Problem) -> None:
        """Keep one."""
        values = {name: getattr(problem, name) for name in Problem.__struct_fields__}
        self._connection.execute(insert(problems), {**values, "tenant_id": self._tenant, "state": problem.state.value})

    def by_number(self, number: int) -> Problem:
        """Return one.

        Raises:
            NotFound: this tenant has none of that number.
        """
        wanted = select(*_COLUMNS).where(problems.c.tenant_id == self._tenant, problems.c.number == number)
        row = self._connection.execute(wanted).one_or_none()
        if row is None:
            raise NotFound("There is no such problem.")
        return _problem(row)

    def change(self, problem: Problem, **fields: Any) -> Problem:
        """Change one, raising its version.

        Raises:
            VersionConflict: it is no longer as it was read.
        """
        table = problems.c
        same = and_(table.tenant_id == self._tenant, table.id == problem.id, table.version == problem.version)
        changed = update(problems).where(same).values(version=table.version + 1, **fields).returning(table.id)
        if self._connection.execute(changed).one_or_none() is None:
            raise VersionConflict(current=self.by_number(problem.number).version)
        return self.by_number(problem.number)

    def put_under(self, problem_id: UUID, ticket_id: UUID) -> bool:
        """Put a ticket under a problem; say whether it was not there yet."""
        added = insert_or_leave(self._session.dialect, problem_tickets).returning(problem_tickets.c.added_at)
        values = {
            "tenant_id": self._tenant,
            "problem_id": problem_id,
            "ticket_id": ticket_id,
            "added_at": self._session.now,
        }
        return self._connection.execute(added, values).one_or_none() is not None

    def take_from(self, problem_id: UUID, ticket_id: UUID) -> bool:
        """Take a ticket from a problem; say whether it was there."""
        removed = delete(problem_tickets).where(self._pair(problem_id, ticket_id))
        return self._connection.execute(removed.returning(problem_tickets.c.added_at)).one_or_none() is not None

    def claim_answer(self, problem_id: UUID, ticket_id: UUID) -> bool:
        """Note that the ticket is answered with the problem's resolution; say whether it was not yet."""
        table = problem_tickets.c
        claimed = update(problem_tickets).where(self._pair(problem_id, ticket_id), table.answered_at.is_(None))
        noted = claimed.values(answered_at=self._session.now).returning(table.ticket_id)
        return self._connection.execute(noted).one_or_none() is not None

    def forget_answers(self, problem_id: UUID) -> None:
        """Have every ticket answered again, with another resolution."""
        table = problem_tickets.c
        same = and_(table.tenant_id == self._tenant, table.problem_id == problem_id)
        self._connection.execute(update(problem_tickets).where(same).values(answered_at=None))

    def unanswered(self, problem_id: UUID, limit: int) -> tuple[tuple[UUID, int], ...]:
        """Return the unclosed tickets that are not answered yet, by number: ids and numbers."""
        wanted = select(tickets.c.id, tickets.c.number).join(problem_tickets, self._same_ticket())
        rows = self._connection.execute(wanted.where(self._waits(problem_id)).order_by(tickets.c.number).limit(limit))
        return tuple((row.id, row.number) for row in rows)

    def count_unanswered(self, problem_id: UUID) -> int:
        """Return how many unclosed tickets are not answered yet."""
        wanted = select(func.count()).select_from(tickets.join(problem_tickets, self._same_ticket()))
        return int(self._connection.execute(wanted.where(self._waits(problem_id))).scalar_one())

    def _pair(self, problem_id: UUID, ticket_id: UUID) -> ColumnElement[bool]:
        table = problem_tickets.c
        return and_(table.tenant_id == self._tenant, table.problem_id == problem_id, table.ticket_id == ticket_id)

    def _waits(self, problem_id: UUID) -> ColumnElement[bool]:
        table = problem_tickets.c
        return and_(
            table.tenant_id == self._tenant,
            table.problem_id == problem_id,
            table.answered_at.is_(None),
            tickets.c.state != State.CLOSED.value,
        )

    @staticmethod
    def _same_ticket() -> ColumnElement[bool]:
        return and_(problem_tickets.c.tenant_id == tickets.c.tenant_id, problem_tickets.c.ticket_id == tickets.c.id)


def _problem(row: Row[Any]) -> Problem:
    values = {**row._mapping}
    return Problem(**{**values, "state": ProblemState(values["state"])})
