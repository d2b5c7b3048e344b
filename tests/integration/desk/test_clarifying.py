"""Who asks, and what a request lacks: waits that begin with the registration and end with what is told."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from tests.integration.desk.lives import CLIENT, Life, at, is_about

from helpdesk.contracts.clocks import ClockState
from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Inbound
from helpdesk.desk.people.clients import add_organisation, identify
from helpdesk.desk.receiving.receive import Arrival, receive
from helpdesk.domain.attention import TOO_MANY, WITHHELD, Need
from helpdesk.domain.choices import choices
from helpdesk.domain.commands import Accept, Release, Reply, ReplyKind, Resolve, SetLevel, Supply
from helpdesk.domain.states import State
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.queries.tickets.choices import list_choices
from helpdesk.queries.tickets.filter import Wanted
from helpdesk.queries.tickets.listing import get_ticket, list_messages, list_tickets
from helpdesk.queries.tickets.queue import list_queue
from helpdesk.store.schema import outbox, tickets

Lives = Callable[[str], Life]
H = Happened
NOON = "2026-03-18T12:00:00+03:00"


def letters(life: Life) -> list[Any]:
    """Return what was written to the client, in order."""
    owed = select(outbox.c.payload).where(outbox.c.kind == "delivery").order_by(outbox.c.id)
    found: list[Any] = life.read(lambda s: list(s.connection.execute(owed).scalars()))
    return [each for each in found if each["recipient"] == CLIENT]


def seen(life: Life) -> Any:
    """Return the ticket as the API shows it."""
    return life.read(lambda s: get_ticket(s, life.number, life.five.resources.directory.of))


def by_phone(life: Life, **added: Any) -> None:
    """Register a call, as an agent does."""
    message = Inbound("phone", added.pop("dialled"), added.pop("key", "c1"), "+79160000001", None, subject="Беда",
                      text="Беда\n\nне включается")  # fmt: skip
    arrival = Arrival(message, contact=CLIENT, **added)
    taken = life.write(lambda s: receive(s, life.five.resources, arrival))
    life.number = taken.number


def needs(life: Life) -> str:
    """Return why an agent must act."""
    wanted = select(tickets.c.needs).where(tickets.c.number == life.number, tickets.c.id == life.ticket().id)
    found: str = life.read(lambda s: s.connection.execute(wanted).scalar_one())
    return found


def test_a_stranger_s_request_waits_until_somebody_says_who_it_is(lives: Lives) -> None:
    """TelemedHelp 6.7: registered at once, held; one letter tells both; the five minutes run on."""
    life = lives("telemedhelp")
    life.five.move_to(at(NOON))
    life.write(lambda s: add_organisation(s, "Клиника"))
    life.mail()
    assert life.happened() == [H.RECEIVED, H.REGISTERED, H.PAUSED]
    assert life.log()[-1].data == {
        "reason": "identification", "automatic": True, "clause": "6.7", "missing": ["email", "organisation"],
    }  # fmt: skip
    assert life.ticket().state is State.WAITING
    assert [flag.flag for flag in life.flags()] == ["identification_required"]
    (letter,) = letters(life)
    assert letter["subject"] == f"Запрос #{life.number}: обращение принято"
    assert "решение отложено до уточнения (пункт 6.7" in letter["text"]
    assert "- название организации" in letter["text"]
    assert life.clock("reaction").state is ClockState.RUNNING
    assert needs(life) == "promise"  # an agent owes the reaction, whatever it waits for
    life.reply("Клиника на Садовой")
    assert life.ticket().state is State.WAITING  # a stranger's word proves nobody
    view = seen(life)
    (wait,) = view.waits
    assert (wait.reason, wait.name_ru, wait.clause) == ("identification", "выясняем, кто обращается", "6.7")
    assert (wait.automatic, wait.until, wait.message, wait.stands_still) == (True, None, None, ())
    assert wait.missing == ("почта зарегистрированного пользователя", "название организации")
    changed = life.write(lambda s: identify(s, life.five.resources, life.number, None, "Клиника", None))
    assert changed.state == State.NEW  # nobody has taken it into work yet
    assert life.happened()[-2:] == [H.IDENTIFIED, H.RESUMED]
    assert life.flags() == ()
    assert needs(life) == "work"


def test_a_question_to_a_stranger_is_work(lives: Lives) -> None:
    """After an agent's question both waits are in force; who asks becomes known, the client is still awaited."""
    life = lives("telemedhelp")
    life.five.move_to(at(NOON))
    life.write(lambda s: add_organisation(s, "Клиника"))
    life.mail()
    life.do(Reply(life.number, ReplyKind.QUESTION, "Из какой вы клиники?"))
    assert [wait.reason for wait in seen(life).waits] == ["identification", "waiting_client"]
    assert needs(life) == ""  # reacted; the client's turn
    life.write(lambda s: identify(s, life.five.resources, life.number, None, "Клиника", None))
    assert life.ticket().state is State.WAITING
    life.reply("Садовая")
    assert life.ticket().state is State.OPEN


@pytest.mark.parametrize("company", ["telemedhelp", "siroca", "pass24"])
def test_what_is_only_recommended_is_not_waited_for(lives: Lives, company: str) -> None:
    """TelemedHelp 6.2, Siroca 3.2, PASS24 3.2: whatever a letter leaves out, its ticket is new."""
    life = lives(company)
    life.five.move_to(at(NOON))
    life.mail("")
    assert (life.ticket().state, life.flags()) == (State.NEW, ())


def test_an_empty_letter_is_asked_for_what_it_must_contain_by_a_date(lives: Lives) -> None:
    """Intervale 5.3, 5.8: asked at once, to 24:00 of the third working day; the resolution's clock stands meanwhile."""
    life = lives("intervale")
    life.five.move_to(at("2026-03-18T12:00:00+03:00"))
    life.mail("")
    assert life.ticket().state is State.WAITING
    (letter,) = letters(life)
    assert "решение отложено до уточнения" in letter["text"]
    assert "- подробное описание вопроса" in letter["text"]
    assert "до 24.03.2026 00:00" in letter["text"]
    assert life.clock("missing_information").due == at("2026-03-24T00:00:00+03:00")  # Thursday, Friday, Monday
    assert needs(life) == "responsible"  # 5.6: somebody is to be responsible for it all the same
    life.do(SetLevel(life.number, "high", "часть операций не проходит"))
    clock = life.clock("resolution")
    assert (clock.state, clock.elapsed_us) == (ClockState.PAUSED, 0)
    assert seen(life).waits[0].stands_still == ("resolution",)
    life.do(Accept(life.number, "Анна"))
    assert (life.ticket().state, needs(life)) == (State.WAITING, "")
    life.now("2026-03-24T00:00:01+03:00")
    assert [flag.flag for flag in life.flags()] == ["ask_again", "incomplete"]
    assert needs(life) == "ask_again"
    life.reply("Перевод не проходит")
    assert life.ticket().state is State.OPEN
    assert (life.flags(), needs(life)) == ((), "work")
    assert life.clock("missing_information").state is ClockState.EXPIRED
    clock = life.clock("resolution")
    assert clock.state is ClockState.RUNNING
    assert is_about(clock.due, "2026-03-24T08:00:01+03:00")  # its eight hours begin now


def test_a_question_is_awaited_whatever_became_of_the_details(lives: Lives) -> None:
    """Intervale 5.8: each thing asked for has a date of its own; what is supplied by telephone answers no question."""
    life = lives("intervale")
    life.five.move_to(at("2026-03-18T12:00:00+03:00"))
    life.mail("")
    life.do(Accept(life.number, "Анна"))
    life.five.move_to(at("2026-03-19T12:00:00+03:00"))
    life.do(Reply(life.number, ReplyKind.QUESTION, "В какой версии приложения?"))
    assert "до 25.03.2026 00:00" in letters(life)[-1]["text"]  # the question's own date: Friday, Monday, Tuesday
    life.do(Supply(life.number, {"description": "Перевод не проходит"}))
    assert [wait.reason for wait in seen(life).waits] == ["waiting_client"]
    assert life.clock("missing_information").state is ClockState.CANCELLED
    life.now("2026-03-24T00:00:01+03:00")
    assert needs(life) == ""
    life.now("2026-03-25T00:00:01+03:00")
    assert ([flag.flag for flag in life.flags()], needs(life)) == (["ask_again"], "ask_again")


def test_a_letter_that_says_something_is_worked_on_and_asked_for_the_rest(lives: Lives) -> None:
    """Intervale 5.3: what a letter may have told in its own words is asked for and not waited for."""
    life = lives("intervale")
    life.five.move_to(at(NOON))
    life.mail("Перевод не проходит")
    assert (life.ticket().state, life.flags()) == (State.NEW, ())
    (letter,) = letters(life)
    assert "- действия по воспроизведению" in letter["text"]
    assert "подробное описание" not in letter["text"]


def test_the_agent_who_takes_a_call_says_what_is_missing(lives: Lives) -> None:
    """SpecPromDesign: registered, the client told what the solution waits for; the last detail ends it."""
    life = lives("specpromdesign")
    life.five.move_to(at("2026-05-19T08:00:00+03:00"))
    by_phone(life, dialled="+74950000011", missing=("серийный номер", "что на индикаторах"))
    assert life.log()[-1].data["missing"] == ["серийный номер", "что на индикаторах"]
    (letter,) = letters(life)
    assert "её решение отложено до уточнения" in letter["text"]
    assert "- что на индикаторах" in letter["text"]
    assert needs(life) == "promise"
    assert is_about(life.clock("reaction").due, "2026-05-21T14:00:00+03:00")  # low: 9 + 9 + 6 working hours
    with pytest.raises(Invalid, match="nobody asks for"):
        life.do(Supply(life.number, {"цвет": "красный"}))
    life.do(Supply(life.number, {"серийный номер": " 17 "}))
    assert life.ticket().state is State.WAITING
    life.do(Supply(life.number, {"что на индикаторах": "горит красный"}))
    assert life.happened()[-3:] == [H.SUPPLIED, H.SUPPLIED, H.RESUMED]
    assert (life.ticket().state, life.flags()) == (State.NEW, ())
    told = life.read(lambda s: list_messages(s, life.number, limit=9)).items
    assert [(each.kind, each.text) for each in told[-2:]] == [
        ("told", "серийный номер: 17"), ("told", "что на индикаторах: горит красный"),
    ]  # fmt: skip
    assert is_about(life.clock("reaction").due, "2026-05-21T14:00:00+03:00")


def test_a_wait_that_began_by_itself_ends_by_hand_and_with_the_work(lives: Lives) -> None:
    """An agent may say that it is enough; what is done waits for nothing."""
    life = lives("specpromdesign")
    life.five.move_to(at(NOON))
    life.mail("")
    life.do(Release(life.number, "incomplete"))
    assert (life.ticket().state, life.flags()) == (State.NEW, ())
    with pytest.raises(Conflict):
        life.do(Release(life.number, "incomplete"))
    life.mail("", "m5")
    life.do(Resolve(life.number, "Заменили"))
    assert life.happened()[-3:] == [H.ANSWER_SENT, H.RESUMED, H.RESOLVED]
    assert (life.ticket().state, life.flags(), needs(life)) == (State.RESOLVED, (), "")


def test_a_question_that_was_withheld_is_an_agent_s_to_ask(lives: Lives) -> None:
    """P12: a request waits for what nobody asked for, as its letter was withheld: the queue says so."""
    life = lives("intervale")
    life.five.move_to(at(NOON))
    for each in range(4):
        life.mail("", f"m{each}")
    flags = [(flag.flag, flag.reason) for flag in life.flags()]
    assert (WITHHELD, f"{TOO_MANY}, incomplete") in flags
    assert (life.ticket().state, needs(life)) == (State.WAITING, Need.TELL_CLIENT)
    offered = life.read(lambda s: list_choices(s, life.number, life.five.resources.directory.of)).items
    assert {"channel": "phone"} in [each.given for each in offered if each.act == "tell_number" and each.possible]
    listed = life.read(lambda s: list_queue(s, limit=50, needs=Need.TELL_CLIENT)).items
    assert [each.number for each in listed] == [life.number]
    life.do(Reply(life.number, ReplyKind.QUESTION, "Что случилось?"))
    assert WITHHELD not in [flag.flag for flag in life.flags()]
    assert needs(life) != Need.TELL_CLIENT
    offered = life.read(lambda s: list_choices(s, life.number, life.five.resources.directory.of)).items
    assert "tell_number" not in {each.act for each in offered}


def test_tickets_are_listed_by_what_they_wait_for(lives: Lives) -> None:
    """By reason, by flag, by why an agent must act."""
    life = lives("intervale")
    life.five.move_to(at(NOON))
    life.mail("", "m1")
    first = life.number
    life.mail("Всё сказано", "m2")
    find = life.five.resources.directory.of

    def numbers(**wanted: Any) -> set[int]:
        return {each.number for each in life.read(lambda s: list_tickets(s, Wanted(**wanted), find, limit=50)).items}

    assert first in numbers(waiting="incomplete") & numbers(flag="incomplete") & numbers(state=State.WAITING)
    assert life.number not in numbers(waiting="incomplete") | numbers(flag="incomplete")
    assert numbers(waiting="incomp") == numbers(waiting="%") == set()
    assert life.number in numbers(needs=Need.WORK)


def test_whoever_has_nobody_responsible_is_flagged_before_the_limit(lives: Lives) -> None:
    """Intervale 5.6: the warning finds nobody responsible; whoever takes the ticket takes the flag down."""
    life = lives("intervale")
    life.five.move_to(at(NOON))
    life.mail("Перевод не проходит")
    life.do(SetLevel(life.number, "high", "часть операций не проходит"))
    life.now("2026-03-18T18:00:01+03:00")  # three quarters of eight hours
    assert [(flag.flag, flag.clause) for flag in life.flags()] == [("nobody_responsible", "5.6")]
    assert needs(life) == "work"
    life.do(Accept(life.number, "Анна"))
    assert life.flags() == ()
    life.now("2026-03-18T20:00:01+03:00")
    assert life.flags() == ()


def test_what_is_missing_is_among_the_choices(lives: Lives) -> None:
    """An agent is offered what may still be put down, and the waits that may be ended."""
    life = lives("specpromdesign")
    life.mail("")
    known = life.read(lambda s: life.five.resources.open(s, life.ticket(), "key:agent").known)
    offered = {(choice.act, *choice.given.values()) for choice in choices(known) if choice.possible}
    assert {("supply", "description"), ("end_wait", "incomplete")} <= offered
