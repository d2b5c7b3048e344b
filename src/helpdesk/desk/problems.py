"""Problems: grouping tickets under a cause, and answering all of them once it is resolved.

Every ticket is answered in a transaction of its own, which also notes that it was: whatever happens in between, asking
again goes on with those that are left, and nobody is answered twice.
"""

from collections.abc import Sequence
from functools import partial

from msgspec import Struct

from helpdesk.contracts.log import Happened
from helpdesk.desk import canned
from helpdesk.desk.change import change_ticket, settle
from helpdesk.desk.desk import Desk
from helpdesk.desk.resources import Resources
from helpdesk.desk.versions import seen
from helpdesk.domain.commands import Idempotency, Reply, ReplyKind
from helpdesk.domain.problems import Problem, ProblemState, described, grouped, moved
from helpdesk.kernel.errors import Conflict, Invalid, NotFound
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.principal import Principal
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.problems import Problems
from helpdesk.store.tenants import Counters
from helpdesk.store.tickets import Tickets
from helpdesk.texts.canned import fill

MOST_ANSWERED = 200
"""Tickets answered in one call; asking again goes on."""


class Described(Struct, frozen=True):
    """What is known of a problem."""

    title: str
    cause: str = ""
    workaround: str = ""


class ProblemKept(Struct, frozen=True):
    """A problem as a change left it."""

    number: int
    version: int
    state: str


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


def open_problem(session: Session, resources: Resources, what: Described, tickets: Sequence[int]) -> ProblemKept:
    """Keep a problem, behind these tickets.

    Raises:
        Invalid: one of the tickets does not exist.
    """
    problem = Problem(
        id=new_id(),
        number=Counters(session).next("problem"),
        title=what.title.strip(),
        cause=what.cause.strip(),
        workaround=what.workaround.strip(),
        state=ProblemState.KNOWN if what.cause.strip() else ProblemState.OPEN,
        resolution="",
        created_at=session.now,
        resolved_at=None,
        version=1,
    )
    Problems(session).add(problem)
    Audit(session).record("problem.add", f"problem:{problem.number}", {"title": problem.title})
    for number in sorted(set(tickets)):
        _group(session, resources, problem, number, Happened.LINKED)
    return _kept(problem)


def describe(session: Session, number: int, what: Described, expected_version: int | None) -> ProblemKept:
    """Replace what is known of a problem; with a cause it is known, without one it is open.

    Raises:
        NotFound: there is none.
        VersionConflict: it is not at ``expected_version``.
        Conflict: it is resolved.
    """
    problems = Problems(session)
    before = problems.by_number(number)
    with seen(before.version, expected_version):
        state = described(before, what.cause)
        told = {"title": what.title.strip(), "cause": what.cause.strip(), "workaround": what.workaround.strip()}
        changed = problems.change(before, **told, state=state.value)
        Audit(session).record("problem.change", f"problem:{number}", told)
        return _kept(changed)


def group(
    session: Session, resources: Resources, number: int, ticket: int, expected_version: int | None
) -> ProblemKept:
    """Put a ticket under a problem; its log tells of it. One that is there already changes nothing.

    Raises:
        NotFound, VersionConflict: as for ``describe``.
        Invalid: there is no such ticket.
    """
    return _regroup(session, resources, number, ticket, expected_version, Happened.LINKED)


def ungroup(
    session: Session, resources: Resources, number: int, ticket: int, expected_version: int | None
) -> ProblemKept:
    """Take a ticket from a problem.

    Raises:
        NotFound, VersionConflict, Invalid: as for ``group``.
        Conflict: it is not under the problem.
    """
    return _regroup(session, resources, number, ticket, expected_version, Happened.UNLINKED)


def resolve(
    session: Session, resources: Resources, number: int, text: str, expected_version: int | None
) -> ProblemKept:
    """Say how a problem was resolved; the text is what `answer_tickets` answers with.

    Raises:
        NotFound, VersionConflict: as for ``describe``.
        Conflict: it is resolved already.
        Invalid: the text cannot be used, or holds a link that no answer may hold.
    """
    problems = Problems(session)
    before = problems.by_number(number)
    with seen(before.version, expected_version):
        state = moved(before, ProblemState.RESOLVED)
        canned.check(resources.directory.in_force(session, session.now), text)
        told = {"resolution": text.strip(), "resolved_at": session.now}
        changed = problems.change(before, **told, state=state.value)
        problems.forget_answers(before.id)
        Audit(session).record("problem.resolve", f"problem:{number}")
        return _kept(changed)


def reopen(session: Session, number: int, expected_version: int | None) -> ProblemKept:
    """Open a problem again that was not resolved after all; its tickets are untouched.

    Raises:
        NotFound, VersionConflict: as for ``describe``.
        Conflict: it is not resolved.
    """
    problems = Problems(session)
    before = problems.by_number(number)
    with seen(before.version, expected_version):
        if before.state is not ProblemState.RESOLVED:
            raise Conflict("the problem is not resolved")
        state = moved(before, ProblemState.OPEN)
        changed = problems.change(before, state=state.value, resolved_at=None, cause="")
        Audit(session).record("problem.reopen", f"problem:{number}", {"cause": before.cause})
        return _kept(changed)


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


def _regroup(
    session: Session, resources: Resources, number: int, ticket: int, expected_version: int | None, what: Happened
) -> ProblemKept:
    problems = Problems(session)
    before = problems.by_number(number)
    with seen(before.version, expected_version):
        if _group(session, resources, before, ticket, what):
            return _kept(problems.change(before))
        if what is Happened.UNLINKED:
            raise Conflict("the ticket is not under the problem")
        return _kept(before)


def _group(session: Session, resources: Resources, problem: Problem, number: int, what: Happened) -> bool:
    try:
        ticket = Tickets(session).by_number(number, held=True)
    except NotFound:
        raise Invalid("there is no such ticket", fields={"tickets": f"{number} is none"}) from None
    problems = Problems(session)
    put = problems.put_under if what is Happened.LINKED else problems.take_from
    if not put(problem.id, ticket.id):
        return False
    opened = resources.open(session, settle(session, resources, ticket), session.principal.actor)
    opened.committer.change(opened.ticket, opened.log, grouped(opened.known, what, problem.number))
    act = "problem.group" if what is Happened.LINKED else "problem.ungroup"
    Audit(session).record(act, f"problem:{problem.number}", {"ticket": number})
    return True


def _kept(problem: Problem) -> ProblemKept:
    return ProblemKept(problem.number, problem.version, problem.state.value)
