"""What the regulations demand besides times, held by the desk."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from tests.integration.desk.lives import CLIENT, Life, is_about

from helpdesk.contracts.clocks import ClockState
from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Nature, Outcome
from helpdesk.desk.outward.deliveries import letter_failed, letter_left
from helpdesk.domain.acceptance import NOT_ACCEPTED
from helpdesk.domain.clients import ContactAddress
from helpdesk.domain.commands import (
    Assign,
    Close,
    Confirm,
    Disagree,
    Reply,
    ReplyKind,
    Resolve,
    SetLevel,
    SetLine,
)
from helpdesk.domain.correspondence import ASK_AGAIN, VERDICT
from helpdesk.domain.states import State
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.instants import MINUTE
from helpdesk.store.contacts import Contacts
from helpdesk.store.organisations import Organisations
from helpdesk.store.schema import outbox

Lives = Callable[[str], Life]


def letters(life: Life, purpose: str) -> list[dict[str, str]]:
    """Return the letters of one purpose, oldest first."""
    wanted = select(outbox.c.payload).where(outbox.c.kind == "delivery").order_by(outbox.c.created_at, outbox.c.id)
    rows = life.read(lambda session: session.connection.execute(wanted).scalars().all())
    return [row for row in rows if row["purpose"] == purpose]


@pytest.mark.parametrize(
    ("company", "outcome", "clause"),
    [
        ("siroca", "no_answer", "3.6"),
        ("siroca", "confirmed_by_silence", "3.7"),
        ("intervale", "no_more_questions", "5.10"),
    ],
)
def test_nobody_says_by_hand_that_the_client_was_silent(lives: Lives, company: str, outcome: str, clause: str) -> None:
    """Silence closes when its term has run out, by itself; neither closing nor confirming claims it before."""
    life = lives(company)
    life.mail()
    life.do(Reply(1, ReplyKind.ANSWER, "Исправлено", resolves=True))
    for command in (Close(1, outcome), Confirm(1, outcome=outcome)):
        with pytest.raises(Conflict, match="silence") as early:
            life.do(command)
        assert early.value.clause == clause
    assert life.ticket().state is State.RESOLVED


def test_one_question_is_not_repeated_questions(lives: Lives) -> None:
    """Siroca 3.6: after three working days of silence on one question, ask again; on the second, it is closed."""
    life = lives("siroca")
    life.now("2026-03-02T10:00:00+06:00")
    life.mail()
    life.do(Reply(1, ReplyKind.QUESTION, "Какая версия?"))
    life.now("2026-03-10T12:00:00+06:00")
    assert life.ticket().state is State.WAITING
    assert life.log()[-1].data["then"] == "ask_again"
    assert [(flag.flag, flag.clause) for flag in life.flags()] == [(ASK_AGAIN, "3.6")]
    life.do(Reply(1, ReplyKind.QUESTION, "Ещё раз: какая версия?"))
    assert life.flags() == ()
    assert is_about(life.clock("client_no_reply", 1).due, "2026-03-14T00:00:00+06:00")
    life.now("2026-03-16T12:00:00+06:00")
    assert (life.ticket().state, life.ticket().outcome) == (State.CLOSED, "no_answer")


def test_whoever_answers_first_is_responsible(lives: Lives) -> None:
    """Intervale 5.6: every request has somebody responsible before it is answered; elsewhere nobody is assumed."""
    life = lives("intervale")
    life.mail()
    life.do(Reply(1, ReplyKind.ANSWER, "Смотрим"))
    assert life.ticket().assignee == "key:agent"
    assert life.happened()[2:4] == [Happened.ASSIGNED, Happened.ANSWER_SENT]
    assigned = lives("intervale")
    assigned.mail(key="m9")
    assigned.do(Assign(2, "Анна"))
    assigned.do(Resolve(2, "Готово"))
    assert assigned.ticket().assignee == "Анна"
    other = lives("pass24")
    other.mail()
    other.do(Reply(1, ReplyKind.ANSWER, "Смотрим"))
    assert other.ticket().assignee is None


def test_a_solution_is_postponed_for_a_reason_of_the_regulation(lives: Lives) -> None:
    """TelemedHelp 6.9: one of seven codes, with its clause; it moves no clock but that of the answer."""
    life = lives("telemedhelp")
    life.now("2026-03-16T10:00:00+03:00")
    life.mail()
    with pytest.raises(Invalid, match="tired") as unknown:
        life.do(Reply(1, ReplyKind.NOTICE, "Позже", postpones="tired"))
    assert "needs_development" in unknown.value.fields["postpones"]
    with pytest.raises(Invalid, match="question"):
        life.do(Reply(1, ReplyKind.QUESTION, "Когда?", postpones="needs_development"))
    life.do(Reply(1, ReplyKind.NOTICE, "Исправим в следующей версии", postpones="needs_development"))
    said = life.log()[-1].data
    assert (said["postponed"], said["clause"]) == ("needs_development", "6.9")
    assert life.clock("reaction").state is ClockState.RUNNING
    life.do(Reply(1, ReplyKind.ANSWER, "Так не делают", postpones="unconstructive"))
    assert life.log()[-1].data["postponed"] == "unconstructive"


def test_what_is_served_is_not_declined(lives: Lives) -> None:
    """TelemedHelp 1.5: a partner's project is out of scope, unless it is about an error of the product."""
    life = lives("telemedhelp")
    life.mail()
    with pytest.raises(Conflict) as served:
        life.do(Close(1, "out_of_scope", {"category": "product_error"}))
    assert served.value.clause == "5.2"
    with pytest.raises(Conflict):
        life.do(Close(1, "out_of_scope", {"category": "partner_project", "product_error": "да"}))
    with pytest.raises(Invalid, match="weather"):
        life.do(Close(1, "out_of_scope", {"category": "weather"}))
    life.do(Close(1, "out_of_scope", {"category": "partner_project"}))
    assert life.ticket().outcome == "out_of_scope"


def test_what_is_lacking_is_asked_for_and_the_client_hears_that_the_solution_waits(lives: Lives) -> None:
    """SpecPromDesign: registered whatever lacks; the letter lists it, the wait begins, the reaction's clock runs on."""
    life = lives("specpromdesign")
    life.now("2026-03-16T10:00:00+03:00")
    life.mail()
    with pytest.raises(Invalid, match="empty"):
        life.do(Reply(1, ReplyKind.QUESTION, " "))
    with pytest.raises(Invalid, match="only a question"):
        life.do(Reply(1, ReplyKind.NOTICE, "x", missing=("модель",)))
    life.do(Reply(1, ReplyKind.QUESTION, "", missing=("модель устройства", "серийный номер")))
    (letter,) = letters(life, "question")
    assert "отложено до уточнения" in letter["text"]
    assert "- серийный номер" in letter["text"]
    assert life.happened()[-2:] == [Happened.QUESTION_SENT, Happened.PAUSED]
    assert (life.ticket().state, life.clock("reaction").state) == (State.WAITING, ClockState.RUNNING)


def test_notices_of_updates_reach_the_authorised_persons(lives: Lives) -> None:
    """Siroca 2.7: those of the organisation whose addresses are verified, besides who asked."""
    life = lives("siroca")
    organisation = life.write(lambda session: Organisations(session).add("ООО Ромашка"))
    head = (ContactAddress("email", "head@client.example", True), ContactAddress("email", "old@client.example", False))

    def people(session):  # type: ignore[no-untyped-def]
        Organisations(session).add_contract(organisation.id, "licence", "1", "2020-01-01", None)
        Contacts(session).add("Начальник", organisation.id, authorised=True, addresses=head)
        client = (ContactAddress("email", CLIENT, True),)
        Contacts(session).add("Клиент", organisation.id, authorised=False, addresses=client)

    life.write(people)
    life.mail()
    with pytest.raises(Invalid, match="notices"):
        life.do(Reply(1, ReplyKind.ANSWER, "Обновим", to_authorised=True))
    life.do(Reply(1, ReplyKind.NOTICE, "Обновим в полночь", to_authorised=True))
    assert sorted(letter["recipient"] for letter in letters(life, "notice")) == [CLIENT, "head@client.example"]
    assert life.log()[-1].data["authorised"] == 1


def test_a_word_on_what_is_done_wants_a_verdict(lives: Lives) -> None:
    """Siroca 3.7: an agent is told to look, until a verdict is given."""
    life = lives("siroca")
    life.mail()
    life.do(Resolve(1, "Готово"))
    life.reply("Почти")
    assert [flag.flag for flag in life.flags()] == [VERDICT]
    life.do(Disagree(1))
    assert life.flags() == ()
    life.do(Resolve(1, "Теперь точно"))
    life.reply("Да", key="m3")
    assert [flag.flag for flag in life.flags()] == [VERDICT]
    life.do(Confirm(1))
    assert life.flags() == ()


def test_a_line_that_has_it_is_not_handed_it_again(lives: Lives) -> None:
    """TelemedHelp 4.2: the development's three days begin with the transfer, and not anew with a second one."""
    life = lives("telemedhelp")
    life.now("2026-03-16T10:00:00+03:00")
    life.mail()
    life.do(SetLine(1, "development", "ошибка"))
    due = life.clock("dev_reaction").due
    with pytest.raises(Conflict, match="already"):
        life.do(SetLine(1, "development", "ещё раз"))
    assert life.clock("dev_reaction").due == due


def test_a_level_is_recorded_with_its_clause_and_who_is_affected(lives: Lives) -> None:
    """Siroca 2.5: criterion and number of users."""
    life = lives("siroca")
    life.mail()
    with pytest.raises(Invalid) as uncounted:
        life.do(SetLevel(1, "2", "работает частично"))
    assert (uncounted.value.fields, uncounted.value.clause) == ({"affected": "is needed"}, "2.5")
    life.do(SetLevel(1, "2", "работает частично", affected=7))
    assert (life.log()[-1].data["clause"], life.log()[-1].data["affected"]) == ("2.5", 7)


@pytest.mark.parametrize(
    ("company", "clause", "others"), [("telemedhelp", "6.10", "chat"), ("pass24", "3.8", "chat_bot, phone")]
)
def test_accepted_is_what_got_its_letter(lives: Lives, company: str, clause: str, others: str) -> None:
    """A letter of registration that came back within the hour, or never left, is told, with other ways to go."""
    life = lives(company)
    life.now("2026-03-16T10:00:00+03:00")
    for number, minutes in ((1, 50), (2, 70)):
        life.mail(key=f"m{number}", subject=f"Беда {number}")
        ticket_id = life.ticket().id
        life.write(lambda s, i=ticket_id: letter_left(s, life.five.resources, i, "acknowledgement", CLIENT))
        life.five.move_to(life.read(lambda session: session.now) + minutes * MINUTE)
        back = life.mail("Адресат неизвестен", f"b{number}", nature=Nature.BOUNCE, tokens=(life.token(),))
        assert (back.outcome, life.happened()[-1]) == (Outcome.NOTED, Happened.BOUNCED)
        flags = [(flag.flag, flag.clause, flag.reason) for flag in life.flags()]
        assert flags == ([(NOT_ACCEPTED, clause, others)] if minutes < 60 else [])
    life.mail(key="m3")
    ticket_id = life.ticket().id
    life.write(lambda s: letter_failed(s, life.five.resources, ticket_id, "answer", CLIENT, "550"))
    assert life.flags() == ()
    life.write(lambda s: letter_failed(s, life.five.resources, ticket_id, "acknowledgement", CLIENT, "550"))
    assert [flag.flag for flag in life.flags()] == [NOT_ACCEPTED]
