"""The client's verdict on a solution, as each of the five regulations has it."""

from collections.abc import Callable

import pytest
from tests.integration.desk.companies import COMPANIES
from tests.integration.desk.lives import Life, at, is_about

from helpdesk.contracts.clocks import ClockState
from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Outcome
from helpdesk.domain.commands import Accept, Close, Confirm, Disagree, Reopen, Reply, ReplyKind, Resolve, SetLevel
from helpdesk.domain.states import State
from helpdesk.kernel.errors import Conflict, Invalid

Lives = Callable[[str], Life]

MONDAY = "2026-03-16T10:00:00+03:00"
CONFIRMED = {
    "intervale": "confirmed",
    "pass24": "solved",
    "siroca": "confirmed",
    "specpromdesign": "solved",
    "telemedhelp": "solved",
}


@pytest.mark.parametrize("company", COMPANIES)
def test_a_confirmation_closes_with_the_regulation_s_outcome(lives: Lives, company: str) -> None:
    """The client's word, here heard by an agent, is kept as the client's; then the ticket is closed for good."""
    life = lives(company)
    life.now(MONDAY)
    life.mail()
    life.do(Reply(1, ReplyKind.ANSWER, "Исправили", resolves=True))
    changed = life.do(Confirm(1, "Спасибо, работает"))
    assert (changed.state, life.ticket().outcome) == (State.CLOSED, CONFIRMED[company])
    assert life.happened()[-3:] == [Happened.CLIENT_MESSAGE, Happened.CONFIRMED, Happened.CLOSED]
    with pytest.raises(Conflict) as late:
        life.do(Disagree(1, "Нет, не работает"))
    assert late.value.clause
    assert "request of its own" in str(late.value.hint)


def test_nothing_is_confirmed_before_it_is_answered(lives: Lives) -> None:
    """Neither what nobody answered, nor with an outcome that the regulation does not know."""
    life = lives("siroca")
    life.now(MONDAY)
    life.mail()
    with pytest.raises(Conflict, match="nothing was answered") as early:
        life.do(Confirm(1))
    assert early.value.clause == "3.7"
    life.do(Resolve(1, "Готово"))
    with pytest.raises(Invalid, match="outcome"):
        life.do(Confirm(1, outcome="content"))
    with pytest.raises(Conflict, match="declines"):
        life.do(Confirm(1, outcome="third_party"))


@pytest.mark.parametrize("outcome", ["solved_info", "not_our_software", "future_update"])
def test_closing_says_that_the_work_is_done(lives: Lives, outcome: str) -> None:
    """Siroca 3.6: work ends with these; the promise of a solution is kept then, not left out of every count."""
    life = lives("siroca")
    life.now("2026-03-16T12:00:00+06:00")
    life.mail()
    life.do(SetLevel(1, "1", "стоит всё", affected=12))
    life.do(Reply(1, ReplyKind.QUESTION, "Какая версия?"))
    life.now("2026-03-16T13:00:00+06:00")
    life.do(Close(1, outcome))
    assert life.happened()[-3:] == [Happened.RESUMED, Happened.RESOLVED, Happened.CLOSED]
    assert life.clock("resolution").state is ClockState.MET
    assert life.clock("auto_close").state is ClockState.CANCELLED


def test_what_is_declined_is_no_promise_kept(lives: Lives) -> None:
    """3.5: whom we send elsewhere has no solution of ours; what was done before is not done twice."""
    life = lives("siroca")
    life.now("2026-03-16T12:00:00+06:00")
    life.mail()
    life.do(SetLevel(1, "1", "стоит всё", affected=12))
    life.do(Close(1, "third_party", {"vendor": "ООО Касса"}))
    assert life.clock("resolution").state is ClockState.CANCELLED
    life.mail(key="m9", subject="Ещё")
    life.do(Resolve(2, "Готово"))
    life.do(Close(2, "solved_info"))
    assert life.happened().count(Happened.RESOLVED) == 1


def test_siroca_s_client_disagrees_with_reasons_and_the_work_goes_on(lives: Lives) -> None:
    """3.7: without reasons no; with them the resolution's clock goes on with what it had counted."""
    life = lives("siroca")
    life.now("2026-03-16T12:00:00+06:00")
    life.mail()
    life.do(SetLevel(1, "1", "стоит всё", affected=12))
    life.now("2026-03-16T13:00:00+06:00")
    life.do(Resolve(1, "Готово"))
    with pytest.raises(Invalid) as wordless:
        life.do(Disagree(1))
    assert (wordless.value.clause, "text" in wordless.value.fields) == ("3.7", True)
    life.now("2026-03-16T20:00:00+06:00")
    assert life.do(Disagree(1, "Ошибка та же, вот снимок")).state == State.OPEN
    assert life.happened()[-2:] == [Happened.CLIENT_MESSAGE, Happened.DISAGREED]
    assert life.log()[-1].data == {"message_id": life.log()[-2].data["message_id"]}
    assert life.clock("auto_close").state is ClockState.CANCELLED
    assert is_about(life.clock("resolution").due, "2026-03-17T00:00:00+06:00")


def test_siroca_s_agent_gives_the_verdict_on_what_the_client_wrote(lives: Lives) -> None:
    """3.7: a letter while the request is complete is no silence; it waits for the agent, however long."""
    life = lives("siroca")
    life.now("2026-03-20T18:00:00+06:00")
    life.mail()
    life.do(Resolve(1, "Готово"))
    life.now("2026-03-21T17:00:00+06:00")
    assert life.reply("Не работает: снимок во вложении").outcome is Outcome.FOLLOW_UP
    life.now("2026-03-23T09:00:00+06:00")
    assert life.ticket().state is State.RESOLVED
    life.do(Disagree(1))
    word = next(entry for entry in life.log() if entry.what is Happened.CLIENT_MESSAGE)
    assert life.log()[-1].data["message_id"] == word.data["message_id"]


def test_siroca_s_answer_to_the_client_s_words_gives_them_a_new_day(lives: Lives) -> None:
    """3.7: whoever writes on what is complete is told that it is done once more, and silence counts from that."""
    life = lives("siroca")
    life.now("2026-03-20T18:00:00+06:00")
    life.mail()
    life.do(Reply(1, ReplyKind.ANSWER, "Исправлено", resolves=True))
    with pytest.raises(Conflict, match="resolved already"):
        life.do(Reply(1, ReplyKind.ANSWER, "Исправлено", resolves=True))  # nobody said anything
    life.now("2026-03-21T10:00:00+06:00")
    life.reply("А где это посмотреть?")
    assert [flag.flag for flag in life.flags()] == ["verdict_awaited"]
    assert life.clock("auto_close").state is ClockState.CANCELLED
    with pytest.raises(Conflict, match="resolved already"):
        life.do(Resolve(1))  # words are answered with words
    life.do(Reply(1, ReplyKind.ANSWER, "В отчёте за март", resolves=True))
    assert life.happened()[-2:] == [Happened.ANSWER_SENT, Happened.RESOLVED]
    assert (life.ticket().state, life.flags()) == (State.RESOLVED, ())
    assert is_about(life.clock("auto_close", 1).due, "2026-03-22T10:00:00+06:00")
    life.now("2026-03-22T10:05:00+06:00")
    assert (life.ticket().state, life.ticket().outcome) == (State.CLOSED, "confirmed_by_silence")


def test_a_question_on_what_is_complete_passes_the_word_to_the_client(lives: Lives) -> None:
    """3.6, 3.7: an agent asks what the client means; the silence that follows is that of a question."""
    life = lives("siroca")
    life.now("2026-03-20T18:00:00+06:00")
    life.mail()
    life.do(Resolve(1, "Готово"))
    life.reply("Не уверен")
    life.do(Reply(1, ReplyKind.QUESTION, "Что именно не так?"))
    assert (life.ticket().state, life.flags()) == (State.RESOLVED, ())
    assert life.clock("client_no_reply").due == at("2026-03-26T00:00:00+06:00")  # Monday to Wednesday
    life.now("2026-03-26T00:00:01+06:00")
    assert [flag.flag for flag in life.flags()] == ["ask_again"]


def test_siroca_closes_on_a_day_of_silence_and_a_late_word_is_a_new_request(lives: Lives) -> None:
    """3.7: from Friday 18:00 to Saturday 18:00 by the clock; what comes then is linked."""
    life = lives("siroca")
    life.now("2026-03-20T18:00:00+06:00")
    life.mail()
    life.do(Resolve(1, "Готово"))
    assert is_about(life.clock("auto_close").due, "2026-03-21T18:00:00+06:00")
    life.now("2026-03-21T18:05:00+06:00")
    assert (life.ticket().state, life.ticket().outcome) == (State.CLOSED, "confirmed_by_silence")
    late = life.reply("Всё ещё не работает")
    assert (late.outcome, life.ticket().follows) == (Outcome.TICKET, 1)


def test_intervale_closes_preliminarily_and_any_word_reopens(lives: Lives) -> None:
    """5.10: an answer closes preliminarily; thanks reopen as any word does, and can be confirmed as they are."""
    life = lives("intervale")
    life.now("2026-03-17T12:00:00+03:00")
    life.mail()
    assert life.do(Reply(1, ReplyKind.ANSWER, "Попробуйте так")).state == State.RESOLVED
    life.reply("Спасибо, помогло")
    assert life.ticket().state is State.OPEN
    assert life.do(Confirm(1)).state == State.CLOSED
    assert life.happened()[-3:] == [Happened.RESOLVED, Happened.CONFIRMED, Happened.CLOSED]


def test_intervale_s_client_has_three_working_days_to_disagree(lives: Lives) -> None:
    """5.10: answered on Tuesday, until the end of Friday; then it is closed, and disagreeing comes too late."""
    life = lives("intervale")
    life.now("2026-03-17T12:00:00+03:00")
    life.mail()
    life.do(Reply(1, ReplyKind.ANSWER, "Попробуйте так"))
    assert life.clock("client_reply").due == at("2026-03-21T00:00:00+03:00")
    life.now("2026-03-20T23:50:00+03:00")
    assert life.do(Disagree(1, "Не помогло")).state == State.OPEN
    life.do(Reply(1, ReplyKind.ANSWER, "Тогда так"))
    life.now("2026-04-03T10:00:00+03:00")
    assert (life.ticket().state, life.ticket().outcome) == (State.CLOSED, "no_more_questions")
    with pytest.raises(Conflict, match="closed"):
        life.do(Disagree(1, "Поздно"))


@pytest.mark.parametrize("company", ["pass24", "specpromdesign", "telemedhelp"])
def test_where_the_text_has_no_rule_a_further_word_reopens(lives: Lives, company: str) -> None:
    """No term closes by silence; the client's word, or an agent's reason, opens the ticket again."""
    life = lives(company)
    life.now(MONDAY)
    life.mail()
    life.do(Resolve(1, "Готово"))
    life.now("2026-04-16T10:00:00+03:00")
    assert life.ticket().state is State.RESOLVED
    life.reply("Снова то же")
    assert life.ticket().state is State.OPEN
    life.do(Resolve(1))
    with pytest.raises(Invalid, match="reason"):
        life.do(Reopen(1, " "))
    assert life.do(Reopen(1, "нашли ещё одну причину")).state == State.OPEN
    life.do(Close(1, "solved"))
    with pytest.raises(Conflict):
        life.do(Reopen(1, "поздно"))


def test_accepting_names_the_engineer_where_the_regulation_measures_by_it(lives: Lives) -> None:
    """SpecPromDesign's reaction ends with that notice; elsewhere nobody is told unless it is wished."""
    life = lives("specpromdesign")
    life.now(MONDAY)
    life.mail()
    assert life.do(Accept(1, "Иванова")).state == State.OPEN
    assert life.clock("reaction").state is ClockState.MET
    assert life.happened()[-2:] == [Happened.ASSIGNED, Happened.NOTICE_SENT]
    with pytest.raises(Conflict, match="Иванова"):
        life.do(Accept(1, "Петрова"))
    other = lives("pass24")
    other.mail()
    other.do(Accept(1, "Петрова"))
    assert other.happened()[-1] is Happened.ASSIGNED
