"""Problems with the tickets that they are behind."""

from sqlalchemy import and_, func, select

from helpdesk.domain.problems import Problem, ProblemState
from helpdesk.domain.states import State
from helpdesk.kernel.instants import to_datetime
from helpdesk.queries.numbers import Count
from helpdesk.queries.paging import decode, encode, page
from helpdesk.queries.views.base import Moment, View, moment
from helpdesk.store.engine.session import Session
from helpdesk.store.problems import Problems
from helpdesk.store.schema import problem_tickets, problems, tickets

MOST_SHOWN = 1000
"""Tickets shown with a problem."""


class ProblemBrief(View, frozen=True):
    """A problem in a list."""

    number: int
    title: str
    state: ProblemState
    tickets: int
    """How many it is behind."""
    created_at: Moment
    resolved_at: Moment | None
    version: int


class ProblemPage(View, frozen=True):
    """A page of problems, the latest first."""

    items: tuple[ProblemBrief, ...]
    next: str | None


class GroupedTicket(View, frozen=True):
    """A ticket under a problem."""

    number: int
    subject: str
    state: State
    added_at: Moment
    answered_at: Moment | None
    """When it was answered with the problem's resolution."""


class ProblemView(View, frozen=True):
    """One cause behind several tickets."""

    number: int
    """Counted apart from tickets."""
    title: str
    cause: str
    workaround: str
    state: ProblemState
    resolution: str
    tickets: tuple[GroupedTicket, ...]
    """By number, at most 1000."""
    created_at: Moment
    resolved_at: Moment | None
    version: int


def list_problems(session: Session, *, limit: int, cursor: str | None, state: ProblemState | None) -> ProblemPage:
    """Return a page of problems, the latest first.

    Raises:
        BadCursor: the cursor is not one of this list.
    """
    counted = (
        select(func.count())
        .where(problem_tickets.c.tenant_id == problems.c.tenant_id, problem_tickets.c.problem_id == problems.c.id)
        .scalar_subquery()
        .label("tickets")
    )
    wanted = select(problems, counted).where(problems.c.tenant_id == session.tenant_id)
    if state is not None:
        wanted = wanted.where(problems.c.state == state.value)
    if cursor is not None:
        (before,) = decode("problems", cursor, tuple[Count])
        wanted = wanted.where(problems.c.number < before)
    rows, more = page(session, wanted.order_by(problems.c.number.desc()), limit)
    items = tuple(
        ProblemBrief(
            row.number, row.title, ProblemState(row.state), row.tickets, to_datetime(row.created_at),
            moment(row.resolved_at), row.version,
        )
        for row in rows
    )  # fmt: skip
    return ProblemPage(items, encode("problems", items[-1].number) if more else None)


def get_problem(session: Session, number: int) -> ProblemView:
    """Return one with its tickets.

    Raises:
        NotFound: the tenant has none of this number.
    """
    found: Problem = Problems(session).by_number(number)
    same = and_(problem_tickets.c.tenant_id == tickets.c.tenant_id, problem_tickets.c.ticket_id == tickets.c.id)
    wanted = (
        select(
            tickets.c.number, tickets.c.subject, tickets.c.state, problem_tickets.c.added_at,
            problem_tickets.c.answered_at,
        )
        .join(problem_tickets, same)
        .where(problem_tickets.c.tenant_id == session.tenant_id, problem_tickets.c.problem_id == found.id)
        .order_by(tickets.c.number)
        .limit(MOST_SHOWN)
    )  # fmt: skip
    grouped = tuple(
        GroupedTicket(row.number, row.subject, State(row.state), to_datetime(row.added_at), moment(row.answered_at))
        for row in session.connection.execute(wanted)
    )
    return ProblemView(
        found.number, found.title, found.cause, found.workaround, found.state, found.resolution, grouped,
        to_datetime(found.created_at), moment(found.resolved_at), found.version,
    )  # fmt: skip
