"""A client who turns to us once more about the same issue: both tickets are linked, and nothing is raised by it.

Whoever takes a call says which ticket it repeats. Of letters the service can tell only by sender and subject; it links
those as related, for an agent's look, and merges nothing by itself.
"""

import re

from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.tickets.links import link
from helpdesk.domain.linking import LinkKind
from helpdesk.domain.opening import REPEATED
from helpdesk.domain.rating import REPEATED_CONTACT, Repeated
from helpdesk.domain.rights import Flag
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.judging.decisions import duty_clause
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.engine.session import Session
from helpdesk.store.flags import Flags
from helpdesk.store.repeats import unclosed_of
from helpdesk.store.tickets import Tickets

_ANSWERS = re.compile(r"^(?:\s*(?:re|fwd?|aw|отв|пересл)\s*(?:\[\d+\])?:)+", re.IGNORECASE)


def repeated(session: Session, number: int | None) -> Repeated | None:
    """Return the ticket that somebody said a request is about again, as rating knows it.

    Raises:
        Invalid: there is none of that number.
    """
    if number is None:
        return None
    ticket = Tickets(session).find_number(number)
    if ticket is None:
        raise Invalid("there is no such ticket", fields={"repeats": "names none"})
    return Repeated(ticket.number, ticket.level)


def bind_repeated(
    session: Session, resources: Resources, evaluator: Evaluator, ticket: Ticket, named: int | None
) -> bool:
    """Link a ticket that was just made to the one that it repeats; say whether there is one.

    One that was ``named`` is its duplicate. Where the regulation speaks of repeated contacts, one of the same sender
    under the same subject that is still open is related to it.
    """
    kind, other = LinkKind.DUPLICATE_OF, named
    if other is None and duty_clause(evaluator.edition, REPEATED_CONTACT) and subject_key(ticket.subject):
        wanted = subject_key(ticket.subject)
        found = unclosed_of(session, ticket.requester)
        kind = LinkKind.RELATED
        same = (number for number, subject in found if number != ticket.number and subject_key(subject) == wanted)
        other = next(same, None)
    if other is None:
        return False
    link(session, resources, ticket.number, kind, other, None)
    if kind is LinkKind.RELATED:
        clause = duty_clause(evaluator.edition, REPEATED_CONTACT)
        Flags(session).put_up(ticket.id, [Flag(REPEATED, clause, f"#{other}")])
    return True


def subject_key(subject: str) -> str:
    """Return the form in which subjects are compared: without the marks of answers, case and blanks folded."""
    return " ".join(_ANSWERS.sub("", subject).casefold().split())
