"""What a ticket is bound to."""

from sqlalchemy import and_, literal, or_, select

from helpdesk.domain.linking import LinkKind, relation
from helpdesk.domain.states import State
from helpdesk.queries.numbers import ticket_id
from helpdesk.queries.views.base import Changed, Moment, View, moment
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import problem_tickets, problems, ticket_links, tickets


class LinkView(View, frozen=True):
    """Another ticket, and what this one is to it."""

    relation: str
    """`related`, `duplicate_of` and `has_duplicate`, `caused_by` and `causes`, `split_from` and `split_into`,
    `merged_into` and `absorbed`, `follows` and `followed_by`."""
    number: int
    subject: str
    state: State
    since: Moment | None
    """When they were linked; null for a late letter's ticket, which follows from its beginning."""
    actor: str


class LinkList(View, frozen=True):
    """A ticket's links, by relation and number."""

    items: tuple[LinkView, ...]
    problems: tuple[int, ...]
    """Numbers of the problems that it is grouped under."""


class ChangedTogetherView(View, frozen=True):
    """What a change did to a ticket and to the others that it concerned."""

    number: int
    version: int
    state: State
    others: tuple[Changed, ...]
    """The other tickets that changed, or were made, with their versions."""


def list_links(session: Session, number: int) -> LinkList:
    """Return everything that a ticket is bound to.

    Raises:
        NotFound: the tenant has no ticket of this number.
    """
    own = ticket_id(session, number)
    links = ticket_links.c
    there = and_(
        tickets.c.tenant_id == session.tenant_id,
        or_(
            and_(links.ticket_id == own, tickets.c.id == links.other_id),
            and_(links.other_id == own, tickets.c.id == links.ticket_id),
        ),
    )
    wanted = (
        select(
            links.kind, (links.ticket_id == own).label("first"), tickets.c.number, tickets.c.subject, tickets.c.state,
            links.created_at, links.actor,
        )
        .join(tickets, there)
        .where(links.tenant_id == session.tenant_id, or_(links.ticket_id == own, links.other_id == own))
    )  # fmt: skip
    found = [
        LinkView(
            relation(LinkKind(row.kind), first=bool(row.first)), row.number, row.subject, State(row.state),
            moment(row.created_at), row.actor,
        )
        for row in session.connection.execute(wanted)
    ]  # fmt: skip
    found += _followed(session, number)
    grouped = (
        select(problems.c.number)
        .join(
            problem_tickets,
            and_(problem_tickets.c.tenant_id == problems.c.tenant_id, problem_tickets.c.problem_id == problems.c.id),
        )
        .where(problem_tickets.c.tenant_id == session.tenant_id, problem_tickets.c.ticket_id == own)
        .order_by(problems.c.number)
    )
    items = tuple(sorted(found, key=lambda link: (link.relation, link.number)))
    return LinkList(items, tuple(session.connection.execute(grouped).scalars()))


def _followed(session: Session, number: int) -> list[LinkView]:
    """Return the ticket that this one follows, and those that follow it."""
    mine = (
        select(tickets.c.follows)
        .where(tickets.c.tenant_id == session.tenant_id, tickets.c.number == number)
        .scalar_subquery()
    )
    wanted = select(
        tickets.c.number, tickets.c.subject, tickets.c.state, (tickets.c.number == mine).label("first")
    ).where(
        tickets.c.tenant_id == session.tenant_id, or_(tickets.c.number == mine, tickets.c.follows == literal(number))
    )
    return [
        LinkView(relation(LinkKind.FOLLOWS, first=bool(row.first)), row.number, row.subject, State(row.state), None, "")
        for row in session.connection.execute(wanted)
    ]
