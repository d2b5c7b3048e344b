"""Answering all tickets of a resolved problem.

Every ticket is answered in a transaction of its own, which also notes that it was: whatever happens in between, asking
again goes on with those that are left, and nobody is answered twice.
"""

from functools import partial

from msgspec import Struct

from helpdesk.desk.changing.change import change_ticket
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.desk import Desk
from helpdesk.domain.commands import Idempotency, Reply, ReplyKind
from helpdesk.domain.problems import Problem, ProblemState
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.principal import Principal
from helpdesk.store.engine.session import Session
from helpdesk.store.problems import Problems
from helpdesk.store.tickets import Tickets
from helpdesk.texts.canned import fill

MOST_ANSWERED = 200
"""Tickets answered in one call; asking again goes on."""


class Unanswered(Struct, frozen=True):
    """A ticket that could not be answered."""

    number: int
    why: str


class Answers(Struct, frozen=True):
    """What became of answering a problem's tickets."""

    answered: tuple[int, ...]
    """Numbers, of this call."""
    unanswered: tuple[Unanswered, ...]
    left: int
    """Unclosed tickets that are not answered yet."""


async def answer_tickets(
    desk: Desk, principal: Principal, number: int, idempotency: Idempotency | None, *, most: int = MOST_ANSWERED
) -> Answers:
    """Answer every unclosed ticket of a resolved problem that was not answered yet, each in its own transaction.

    Raises:
        NotFound: there is no such problem.
        Conflict: it is not resolved.
        KeyReused, Unavailable: as for any write; what was answered stays answered.
    """
    waiting = await desk.keep(principal, partial(_waiting, number=number, most=most), list[int], None)
    answered: list[int] = []
    unanswered: list[Unanswered] = []
    for ticket in waiting:
        work = partial(_answer_one, resources=desk.resources, number=number, ticket=ticket)
        try:
            if await desk.keep(principal, work, bool, None):
                answered.append(ticket)
        except (Conflict, Invalid) as error:
            unanswered.append(Unanswered(ticket, error.detail))

    def report(session: Session) -> Answers:
        problems = Problems(session)
        left = problems.count_unanswered(problems.by_number(number).id)
        return Answers(tuple(answered), tuple(unanswered), left)

    return await desk.keep(principal, report, Answers, idempotency)


def _waiting(session: Session, number: int, most: int) -> list[int]:
    problems = Problems(session)
    problem = _resolved(problems, number)
    return [ticket for _, ticket in problems.unanswered(problem.id, most)]


def _answer_one(session: Session, resources: Resources, number: int, ticket: int) -> bool:
    problems = Problems(session)
    problem = _resolved(problems, number)
    found = Tickets(session).by_number(ticket, held=True)
    if not problems.claim_answer(problem.id, found.id):
        return False  # answered by another call meanwhile, or taken from the problem
    evaluator = resources.directory.of(session, found.snapshot_hash)
    arguments = resources.composer(session, evaluator).arguments_of(found)
    words = {**arguments, "client": found.requester_name, "organisation": found.organisation}
    reply = Reply(ticket, ReplyKind.ANSWER, fill(problem.resolution, words), resolves=True)
    change_ticket(session, resources, reply, None)
    return True


def _resolved(problems: Problems, number: int) -> Problem:
    problem = problems.by_number(number)
    if problem.state is not ProblemState.RESOLVED:
        raise Conflict("the problem is not resolved: there is nothing to answer with")
    return problem
