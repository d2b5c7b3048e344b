"""What may be done with a ticket now, by its state and its regulation."""

from helpdesk.domain.choices import choices
from helpdesk.domain.known import Known
from helpdesk.kernel.errors import NotFound
from helpdesk.queries.evaluators import FindEvaluator
from helpdesk.queries.numbers import MAX_NUMBER
from helpdesk.queries.views.base import View
from helpdesk.store.engine.session import Session
from helpdesk.store.tickets import Tickets


class ChoiceView(View, frozen=True):
    """One thing that an agent might do with a ticket."""

    act: str
    """`accept`, `assign`, `reply`, `set_level`, `wait`, `close`, …"""
    given: dict[str, str]
    """What the choice is between, e.g. `{"level": "high"}`; empty where there is one only."""
    possible: bool
    """Whether it may be done now, perhaps after what it `needs`."""
    needs: dict[str, str]
    """What must be said with it, or done before it, by the field's path."""
    why: str
    """Why it is not possible, or what is needed."""
    clause: str | None


class ChoiceList(View, frozen=True):
    """Every choice, in the order of a ticket's life; the impossible ones with the reason."""

    version: int
    """Of the ticket that was looked at."""
    items: tuple[ChoiceView, ...]


def list_choices(session: Session, number: int, evaluator_of: FindEvaluator) -> ChoiceList:
    """Return what may be done with a ticket now.

    Raises:
        NotFound: the tenant has no ticket of this number.
    """
    tickets = Tickets(session)
    ticket = tickets.find_number(number) if 1 <= number <= MAX_NUMBER else None
    if ticket is None:
        raise NotFound
    evaluator = evaluator_of(session, ticket.snapshot_hash)
    known = Known(ticket, tickets.log(ticket.id), evaluator, session.principal.actor, session.now)
    return ChoiceList(
        ticket.version,
        tuple(
            ChoiceView(each.act, each.given, each.possible, each.needs, each.why, each.clause or None)
            for each in choices(known)
        ),
    )
