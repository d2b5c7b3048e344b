"""Problems: one cause behind several tickets, from its discovery to its resolution. Pure.

==========  =========================================  ==========
state       what happens                               leads to
==========  =========================================  ==========
open        its cause is found                         known
known       the cause turns out to be another          open
open        it is resolved                             resolved
known       it is resolved                             resolved
resolved    it is opened again                         open
==========  =========================================  ==========
"""

from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from helpdesk.contracts.log import Happened
from helpdesk.domain.known import Known, begin
from helpdesk.domain.ticket import Change
from helpdesk.kernel.errors import Conflict
from helpdesk.kernel.instants import Instant

PART_OF_PROBLEM = "part_of_problem"
"""What a ticket is to a problem, in its log."""


class ProblemState(StrEnum):
    """Where a problem stands."""

    OPEN = "open"
    """Its cause is not known."""
    KNOWN = "known"
    RESOLVED = "resolved"


TRANSITIONS: frozenset[tuple[ProblemState, ProblemState]] = frozenset(
    {
        (ProblemState.OPEN, ProblemState.KNOWN),
        (ProblemState.KNOWN, ProblemState.OPEN),
        (ProblemState.OPEN, ProblemState.RESOLVED),
        (ProblemState.KNOWN, ProblemState.RESOLVED),
        (ProblemState.RESOLVED, ProblemState.OPEN),
    }
)


class Problem(Struct, frozen=True):
    """One cause behind several tickets."""

    id: UUID
    number: int
    """Counted within the company, apart from tickets."""
    title: str
    cause: str
    workaround: str
    state: ProblemState
    resolution: str
    """What its tickets are answered with; its places are those of a canned answer."""
    created_at: Instant
    resolved_at: Instant | None
    version: int


def moved(problem: Problem, to: ProblemState) -> ProblemState:
    """Return the state that a problem comes into; staying is always possible but for what is resolved.

    Raises:
        Conflict: the table has no such edge.
    """
    if (problem.state, to) in TRANSITIONS or (problem.state is to is not ProblemState.RESOLVED):
        return to
    raise Conflict(f"the problem is {problem.state} and cannot become {to}")


def described(problem: Problem, cause: str) -> ProblemState:
    """Return the state of a problem whose cause is told now.

    Raises:
        Conflict: it is resolved.
    """
    if problem.state is ProblemState.RESOLVED:  # the table leads on from there, but not by a description
        raise Conflict("the problem is resolved: open it again first")
    return moved(problem, ProblemState.KNOWN if cause.strip() else ProblemState.OPEN)


def grouped(known: Known, what: Happened, problem: int) -> Change:
    """Return the change of a ticket that is put under a problem (``LINKED``) or taken from it (``UNLINKED``)."""
    progress = begin(known)
    progress.happened(what, relation=PART_OF_PROBLEM, problem=problem)
    return progress.change()
