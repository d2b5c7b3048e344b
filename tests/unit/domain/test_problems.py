"""What is told of a problem moves it between open and known, and never takes a resolution back."""

import pytest
from msgspec.structs import replace

from helpdesk.domain.problems import Problem, ProblemState, described
from helpdesk.kernel.errors import Conflict
from helpdesk.kernel.ids import new_id

PROBLEM = Problem(new_id(), 1, "Сбой", "", "", ProblemState.OPEN, "", 0, None, 1)


@pytest.mark.parametrize("state", [ProblemState.OPEN, ProblemState.KNOWN])
def test_a_cause_makes_it_known(state: ProblemState) -> None:
    """With one it is known, without one it is open."""
    problem = replace(PROBLEM, state=state)
    assert (described(problem, "Сеть"), described(problem, " ")) == (ProblemState.KNOWN, ProblemState.OPEN)


@pytest.mark.parametrize("cause", ["Сеть", ""])
def test_what_is_resolved_is_not_described_away(cause: str) -> None:
    """With a cause or without one: it is opened again first, by an act of its own."""
    with pytest.raises(Conflict):
        described(replace(PROBLEM, state=ProblemState.RESOLVED), cause)
