"""What is offered is what is granted: each choice is held against carrying it out, in a transaction that is undone."""

from collections.abc import Callable

import pytest
from tests.integration.desk.lives import Life

from helpdesk.desk.changing.change import change_ticket
from helpdesk.domain.commands import (
    Accept,
    Assign,
    Close,
    Confirm,
    Disagree,
    Expedite,
    Hold,
    RecordWork,
    Release,
    Reopen,
    Reply,
    ReplyKind,
    Resolve,
    SetCategory,
    SetLevel,
    SetLine,
    Supply,
    TellNumber,
    TicketCommand,
    Unassign,
)  # fmt: skip
from helpdesk.kernel.errors import Conflict, Invalid, NotFound
from helpdesk.queries.tickets.choices import ChoiceList, ChoiceView, list_choices
from helpdesk.store.engine.session import Session

Lives = Callable[[str], Life]
COMPANIES = ("siroca", "telemedhelp", "specpromdesign", "intervale", "pass24")
STAGES: tuple[tuple[TicketCommand, ...], ...] = (
    (),
    (Accept(1, "Анна"),),
    (Reply(1, ReplyKind.QUESTION, "Какая версия?"),),
    (Reply(1, ReplyKind.ANSWER, "Обновите"),),
    (Resolve(1, "Готово"),),
)
AT_TIMES = {"set_level", "record_work", "end_wait", "supply", "tell_number"}
"""Choices only where there are levels, kinds of work, waits in force, something missing, a client who was not told."""
_COMMANDS: dict[str, Callable[[dict[str, str]], TicketCommand]] = {
    "accept": lambda given: Accept(1, "key:agent"),
    "assign": lambda given: Assign(1, "key:agent"),
    "unassign": lambda given: Unassign(1),
    "reply": lambda given: Reply(1, ReplyKind(given["kind"]), "Здравствуйте"),
    "set_level": lambda given: SetLevel(1, given["level"], "по определению уровня"),
    "set_line": lambda given: SetLine(1, given["line"], "передаём"),
    "set_category": lambda given: SetCategory(1, given["category"]),
    "record_work": lambda given: RecordWork(1, given["work"]),
    "wait": lambda given: Hold(1, given["reason"]),
    "end_wait": lambda given: Release(1, given["reason"]),
    "supply": lambda given: Supply(1, {given["detail"]: "…"}),
    "tell_number": lambda given: TellNumber(1, given["channel"]),
    "expedite": lambda given: Expedite(1, "стоит работа"),
    "resolve": lambda given: Resolve(1),
    "confirm": lambda given: Confirm(1),
    "disagree": lambda given: Disagree(1),
    "reopen": lambda given: Reopen(1, "ошибка повторилась"),
    "close": lambda given: Close(1, given["outcome"]),
}


class Undo(Exception):
    """Rolls the transaction back."""


def tried(life: Life, command: TicketCommand) -> tuple[bool, frozenset[str]]:
    """Carry ``command`` out and undo it; say whether it is possible, and the fields that it still needs."""

    def work(session: Session) -> None:
        change_ticket(session, life.five.resources, command, None)
        raise Undo

    try:
        life.write(work)
    except Undo:
        return True, frozenset()
    except Conflict:
        return False, frozenset()
    except Invalid as error:
        return True, frozenset(error.fields)
    raise AssertionError("nothing was tried")


def choices_of(life: Life, number: int) -> ChoiceList:
    found = life.read(lambda session: list_choices(session, number, life.five.resources.directory.of))
    assert isinstance(found, ChoiceList)
    return found


def offered(life: Life) -> tuple[ChoiceView, ...]:
    return choices_of(life, 1).items


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("company", COMPANIES)
def test_what_is_offered_is_what_is_granted(lives: Lives, company: str, stage: tuple[TicketCommand, ...]) -> None:
    """At every stage of a ticket each choice is possible, needs and refuses just what the command itself does."""
    life = lives(company)
    life.now("2026-03-16T10:00:00+03:00")
    life.mail()
    for command in stage:
        life.do(command)
    found = offered(life)
    assert set(_COMMANDS) - AT_TIMES <= {choice.act for choice in found}
    for choice in found:
        granted = tried(life, _COMMANDS[choice.act](choice.given))
        assert (choice.possible, frozenset(choice.needs)) == granted, choice
        assert choice.possible or choice.why


def test_a_choice_names_what_is_needed_and_by_which_clause(lives: Lives) -> None:
    """PASS24 1.5.1: the high level wants two facts; once closed, nothing but the reason is left."""
    life = lives("pass24")
    life.now("2026-03-16T10:00:00+03:00")
    life.mail()
    high = next(choice for choice in offered(life) if choice.given == {"level": "high"})
    assert (high.possible, high.clause) == (True, "1.5.1")
    assert set(high.needs) == {"facts"}
    life.do(Close(1, "solved"))
    assert not any(choice.possible for choice in offered(life))


def test_a_choice_says_which_levels_would_do(lives: Lives) -> None:
    """Siroca 2.7: only the two highest levels wait for an update; the refusal says the same."""
    life = lives("siroca")
    life.now("2026-03-16T10:00:00+06:00")
    life.mail()
    life.do(SetLevel(1, "3", "по определению уровня", affected=1))
    update = next(choice for choice in offered(life) if choice.given == {"reason": "update"})
    assert (update.possible, update.clause, update.needs) == (True, "2.7", {"reason": "needs level 1 or 2"})
    with pytest.raises(Invalid, match=r"clause 2\.7 demands more: level 1 or 2"):
        life.do(Hold(1, "update"))


def test_no_ticket_no_choices(lives: Lives) -> None:
    """A number that the company does not have is not found, whatever its size."""
    life = lives("pass24")
    for number in (0, 1, 2**70):
        with pytest.raises(NotFound):
            choices_of(life, number)
