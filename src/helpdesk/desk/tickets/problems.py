"""Problems: grouping tickets under a cause, and saying how it was resolved. Answering them: `desk.answering`."""

from collections.abc import Sequence

from msgspec import Struct

from helpdesk.contracts.log import Happened
from helpdesk.desk.changing.firing import settle
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.changing.versions import seen
from helpdesk.desk.tickets import canned
from helpdesk.domain.problems import Problem, ProblemState, described, grouped, moved
from helpdesk.kernel.errors import Conflict, Invalid, NotFound
from helpdesk.kernel.ids import new_id
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.problems import Problems
from helpdesk.store.tenants import Counters
from helpdesk.store.tickets import Tickets


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
