"""A question split off shares what the client answered before: no silence is counted that never was."""

from collections.abc import Callable
from functools import partial

from tests.integration.desk.lives import Life

from helpdesk.desk.tickets.links import split
from helpdesk.domain import commands
from helpdesk.domain.commands import ReplyKind
from helpdesk.domain.linking import SplitPart
from helpdesk.domain.states import State

TALE = Callable[[str], Life]


def asked_twice(lives: TALE) -> Life:
    """Siroca 3.6: after two requests without an answer, three working days close a ticket."""
    life = lives("siroca")
    life.now("2026-03-16T10:00:00+06:00")
    life.mail()
    for moment in ("10:10", "11:00"):
        life.now(f"2026-03-16T{moment}:00+06:00")
        life.do(commands.Reply(1, ReplyKind.QUESTION, "Какая версия?"))
    return life


def split_off(life: Life) -> Life:
    """Split a question off the ticket; return the life of what was split off."""
    parts = (SplitPart("Второй вопрос", "Почему?"),)
    work = partial(split, resources=life.five.resources, number=1, parts=parts, expected_version=None)
    done = life.write(work)
    return Life(life.five, life.company, done.others[0].number)


def test_what_the_client_answered_was_no_silence(lives: TALE) -> None:
    """Two requests, an answer, then the split: days later the new ticket is open, as the first one is."""
    life = asked_twice(lives)
    life.now("2026-03-16T12:00:00+06:00")
    life.reply("Версия 3")
    child = split_off(life)
    child.now("2026-03-23T12:00:00+06:00")
    assert (life.ticket().state, child.ticket().state) == (State.OPEN, State.OPEN)


def test_what_was_done_without_an_answer_was_no_silence(lives: TALE) -> None:
    """Two requests, done all the same, opened again, then the split: the silence ended with the work."""
    life = asked_twice(lives)
    life.now("2026-03-16T12:00:00+06:00")
    life.do(commands.Resolve(1))
    life.do(commands.Reopen(1, "не всё"))
    child = split_off(life)
    child.now("2026-03-23T12:00:00+06:00")
    assert (life.ticket().state, child.ticket().state) == (State.OPEN, State.OPEN)


def test_a_silence_that_goes_on_goes_on_for_both(lives: TALE) -> None:
    """Two requests and no answer: both are closed at the same moment."""
    life = asked_twice(lives)
    life.now("2026-03-17T12:00:00+06:00")
    child = split_off(life)
    child.now("2026-03-23T12:00:00+06:00")
    assert (life.ticket().outcome, child.ticket().outcome) == ("no_answer", "no_answer")
    assert life.ticket().closed_at == child.ticket().closed_at
