"""The chart that people read and the table that the code follows are one."""

import re
from itertools import product
from pathlib import Path

import pytest

from helpdesk.contracts.log import Happened
from helpdesk.domain.states import TRANSITIONS, State, after
from helpdesk.kernel.errors import Conflict

PAGE = (Path(__file__).parents[3] / "docs" / "concepts" / "ticket-states.md").read_text(encoding="utf-8")
DRAWN = re.compile(r"^    (\w+) --> (\w+): (.+)$", re.MULTILINE)
NAMED = re.compile(r"^\| (\w+) → (\w+) \| `(\w+)` \| \S.+ \|$", re.MULTILINE)
STAYS = re.compile(r"^\| `(\w+)` \| (any state|[a-z, ]+) \|$", re.MULTILINE)
WITH_THE_TICKET = {Happened.RECEIVED, Happened.REGISTERED}


def moves() -> set[tuple[str, str, str]]:
    """Return the table's edges between two states, each with what happens on it."""
    return {(source, target, what) for (source, what), target in TRANSITIONS.items() if source is not target}


def test_every_edge_is_drawn_and_named() -> None:
    """The picture and the list of edges have the table's moves, and no other."""
    drawn = {(source, target, what) for source, target, many in DRAWN.findall(PAGE) for what in many.split(", ")}
    assert drawn == moves()
    assert {tuple(edge) for edge in NAMED.findall(PAGE)} == moves()


def test_everything_that_may_happen_without_a_move_is_listed() -> None:
    """With the states in which it may."""
    listed = {
        (state, what)
        for what, places in STAYS.findall(PAGE)
        for state in (State if places == "any state" else places.split(", "))
    }
    assert listed == {(source, what) for (source, what), target in TRANSITIONS.items() if source is target}


def test_whatever_can_happen_has_a_place() -> None:
    """Nothing in the log's vocabulary is without an edge, but for the two entries that make the ticket."""
    assert {what for _, what in TRANSITIONS} == set(Happened) - WITH_THE_TICKET


def test_what_the_table_does_not_name_cannot_happen() -> None:
    """For every pair of state and entry: the table's target, or a conflict that names the state."""
    for state, what in product(State, Happened):
        if (state, what) in TRANSITIONS:
            assert after(state, what) is TRANSITIONS[state, what]
        else:
            with pytest.raises(Conflict, match=state.value):
                after(state, what)


def test_two_reasons_to_wait_both_have_to_end() -> None:
    """While another reason is in force the ticket goes on waiting."""
    assert after(State.WAITING, Happened.RESUMED, waiting=True) is State.WAITING
    assert after(State.WAITING, Happened.RESUMED) is State.OPEN


def test_closed_is_final() -> None:
    """Nothing leads out of it."""
    assert {target for (source, _), target in TRANSITIONS.items() if source is State.CLOSED} == {State.CLOSED}
