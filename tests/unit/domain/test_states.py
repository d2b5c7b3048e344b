"""The chart that people read and the table that the code follows are one."""

import re
from itertools import product
from pathlib import Path

import pytest

from helpdesk.contracts.log import Happened
from helpdesk.domain.states import TRANSITIONS, UNTOUCHED, State, after, taken_up
from helpdesk.kernel.errors import Conflict

PAGE = (Path(__file__).parents[3] / "docs" / "concepts" / "ticket-states.md").read_text(encoding="utf-8")
DRAWN = re.compile(r"^    (\w+) --> (\w+): (.+)$", re.MULTILINE)
NAMED = re.compile(r"^\| (\w+) → (\w+) \| `(\w+)` \| \S.+ \|$", re.MULTILINE)
STAYS = re.compile(r"^\| `(\w+)` \| (any state|[a-z, ]+) \|$", re.MULTILINE)
WITH_THE_TICKET = {Happened.RECEIVED, Happened.REGISTERED}


def moves() -> set[tuple[str, str, str]]:
    """Return the tables' edges between two states, each with what happens on it."""
    edges = (*TRANSITIONS.items(), *UNTOUCHED.items())
    return {(source, target, what) for (source, what), target in edges if source is not target}


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


def test_a_wait_that_nobody_worked_through_leads_back_to_new() -> None:
    """What waited from its registration on, and that nobody accepted, is accepted by nobody when the wait ends."""
    assert after(State.WAITING, Happened.RESUMED, untouched=True) is State.NEW
    assert after(State.WAITING, Happened.RESUMED, waiting=True, untouched=True) is State.WAITING
    worked = {what for what in Happened if taken_up(what)}
    assert worked == {
        Happened.ASSIGNED, Happened.ANSWER_SENT, Happened.QUESTION_SENT, Happened.RESOLVED, Happened.DISAGREED,
        Happened.REOPENED,
    }  # fmt: skip


def test_closed_is_final() -> None:
    """Nothing leads out of it."""
    assert {target for (source, _), target in TRANSITIONS.items() if source is State.CLOSED} == {State.CLOSED}
