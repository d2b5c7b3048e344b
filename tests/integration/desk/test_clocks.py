"""Every clock of the five regulations, driven by what happens at the desk and by nothing else."""

from collections.abc import Callable

import pytest
from tests.integration.desk.companies import COMPANIES
from tests.integration.desk.lives import Life, is_about

from helpdesk.contracts.clocks import ClockKind, ClockState
from helpdesk.contracts.log import Happened
from helpdesk.desk.upkeep.refolding import check_clocks
from helpdesk.domain.commands import (
    Accept,
    Assign,
    Disagree,
    Hold,
    Release,
    Reply,
    ReplyKind,
    Resolve,
    SetLevel,
    SetLine,
)
from helpdesk.domain.states import State
from helpdesk.kernel.instants import HOUR, MINUTE

Lives = Callable[[str], Life]


def begun(lives: Lives, company: str, moment: str) -> Life:
    """Return a life that begins with a mail at ``moment``."""
    life = lives(company)
    life.now(moment)
    life.mail()
    return life


def test_telemedhelp_reacts_within_five_working_minutes(lives: Lives) -> None:
    """3.1, 2.1: an evening's mail is due in the morning; the acknowledgement stops nothing, a person's answer does."""
    life = begun(lives, "telemedhelp", "2026-03-16T19:58:00+03:00")
    assert is_about(life.clock("reaction").due, "2026-03-17T08:03:00+03:00")
    life.do(Assign(1, "Анна", inform_client=True))
    assert life.clock("reaction").state is ClockState.RUNNING
    life.now("2026-03-17T08:02:00+03:00")
    life.do(Reply(1, ReplyKind.QUESTION, "Какая версия?"))
    assert life.clock("reaction").state is ClockState.MET
    assert (life.clock("resolution").kind, life.clock("resolution").due) == (ClockKind.NONE, None)


def test_telemedhelp_reacts_to_each_further_word(lives: Lives) -> None:
    """2.4: each message of the client has a clock of its own; one answer stops them all."""
    life = begun(lives, "telemedhelp", "2026-03-16T10:00:00+03:00")
    life.do(Reply(1, ReplyKind.ANSWER, "Смотрим"))
    life.now("2026-03-16T11:00:00+03:00")
    life.reply("Ещё", "m2")
    life.now("2026-03-16T11:02:00+03:00")
    life.reply("И ещё", "m3")
    assert is_about(life.clock("reaction_followup", 0).due, "2026-03-16T11:05:00+03:00")
    assert is_about(life.clock("reaction_followup", 1).due, "2026-03-16T11:07:00+03:00")
    life.now("2026-03-16T11:06:00+03:00")
    life.do(Reply(1, ReplyKind.ANSWER, "Вот как"))
    states = [life.clock("reaction_followup", seq).state for seq in (0, 1)]
    assert states == [ClockState.BREACHED, ClockState.MET]
    assert [entry.data["clock_seq"] for entry in life.log() if entry.what is Happened.BREACHED] == [0]


def test_telemedhelp_s_development_reacts_within_three_working_days(lives: Lives) -> None:
    """4.2: from each transfer; handing back and over again gains no time; a notice is a reaction to both."""
    life = begun(lives, "telemedhelp", "2026-03-16T10:00:00+03:00")
    life.do(SetLine(1, "development", "ошибка продукта"))
    assert is_about(life.clock("dev_reaction").due, "2026-03-19T20:00:00+03:00")
    life.now("2026-03-17T10:00:00+03:00")
    life.do(SetLine(1, "support"))
    life.do(SetLine(1, "development", "повторилось"))
    assert is_about(life.clock("dev_reaction", 0).due, "2026-03-19T20:00:00+03:00")
    assert life.clock("dev_reaction", 0).state is ClockState.RUNNING
    assert is_about(life.clock("dev_reaction", 1).due, "2026-03-20T20:00:00+03:00")
    life.do(Reply(1, ReplyKind.NOTICE, "Войдёт в следующую версию"))
    assert {life.clock("dev_reaction", seq).state for seq in (0, 1)} == {ClockState.MET}


@pytest.mark.parametrize(
    ("level", "due"),
    [
        ("critical", "2026-03-17T09:00:00+03:00"),
        ("high", "2026-03-17T11:00:00+03:00"),
        ("medium", "2026-03-17T15:00:00+03:00"),
        ("low", "2026-03-19T13:00:00+03:00"),
    ],
)
def test_specpromdesign_names_the_engineer_in_time(lives: Lives, level: str, due: str) -> None:
    """Working hours from the registration by priority; only the notice that names the engineer stops the clock."""
    life = begun(lives, "specpromdesign", "2026-03-16T16:00:00+03:00")
    if level != "low":
        life.do(SetLevel(1, level, "по классификации"))
    assert is_about(life.clock("reaction").due, due)
    life.do(Reply(1, ReplyKind.ANSWER, "Смотрим"))
    life.do(Assign(1, "Иванова"))
    life.do(Reply(1, ReplyKind.QUESTION, "Какой аппарат?"))
    assert life.clock("reaction").state is ClockState.RUNNING
    life.do(Reply(1, ReplyKind.NOTICE, "Занимается Иванова", names_engineer=True))
    assert life.clock("reaction").state is ClockState.MET
    assert life.clock("resolution").kind is ClockKind.NONE


def test_specpromdesign_s_priority_raised_late_is_an_honest_breach(lives: Lives) -> None:
    """The new deadline counts from the registration; it lay in the past, and the breach is said at once."""
    life = begun(lives, "specpromdesign", "2026-03-16T09:00:00+03:00")
    life.now("2026-03-16T12:00:00+03:00")
    life.do(SetLevel(1, "critical", "стоит линия"))
    assert life.clock("reaction").state is ClockState.BREACHED
    life.now("2026-03-16T12:01:00+03:00")
    assert life.happened()[-1] is Happened.BREACHED
    life.do(Accept(1, "Иванова"))
    assert life.clock("reaction").state is ClockState.BREACHED


def test_intervale_solves_by_the_operator_s_appendix(lives: Lives) -> None:
    """4.1, 4.2: the highest round the clock, as the parameters say; a question's wait is not counted."""
    life = begun(lives, "intervale", "2026-03-14T22:00:00+03:00")
    life.do(SetLevel(1, "highest", "сервис недоступен"))
    clock = life.clock("resolution")
    assert clock.due is not None
    assert clock.started_at is not None
    whole = clock.due - clock.started_at
    life.do(Reply(1, ReplyKind.QUESTION, "Какая операция?"))
    assert life.clock("resolution").state is ClockState.PAUSED
    life.now("2026-03-15T01:00:00+03:00")
    life.reply("Все")
    resumed = life.clock("resolution")
    assert resumed.due is not None
    assert abs(resumed.due - clock.started_at - whole - 3 * HOUR) < MINUTE
    life.do(Reply(1, ReplyKind.ANSWER, "Исправлено"))
    assert life.clock("resolution").state is ClockState.MET
    life.reply("Нет", "m3")
    assert life.clock("resolution").state is ClockState.RUNNING


def test_intervale_s_client_has_three_working_days_and_each_answer_gives_them_anew(lives: Lives) -> None:
    """5.10: until 24:00 of the third; the last answer counts; then it is closed by itself."""
    life = begun(lives, "intervale", "2026-03-16T12:00:00+03:00")
    life.do(Reply(1, ReplyKind.ANSWER, "Вот так"))
    assert life.clock("client_reply").due is not None
    assert is_about(life.clock("client_reply").due, "2026-03-20T00:00:00+03:00")
    life.now("2026-03-18T12:00:00+03:00")
    life.do(Reply(1, ReplyKind.ANSWER, "И ещё так"))
    assert is_about(life.clock("client_reply", 1).due, "2026-03-24T00:00:00+03:00")
    life.now("2026-03-24T00:00:10+03:00")
    assert (life.ticket().state, life.ticket().outcome) == (State.CLOSED, "no_more_questions")


def test_siroca_s_response_is_a_mean_that_no_ticket_breaches(lives: Lives) -> None:
    """2.6: fifteen minutes from arrival at any hour; late, it is late in the mean only."""
    life = begun(lives, "siroca", "2026-03-14T23:50:00+06:00")
    assert is_about(life.clock("reaction").due, "2026-03-15T00:05:00+06:00")
    life.now("2026-03-15T09:00:00+06:00")
    clock = life.clock("reaction")
    assert (clock.kind, clock.state) == (ClockKind.AVERAGE, ClockState.RUNNING)
    assert Happened.BREACHED not in life.happened()
    life.do(Reply(1, ReplyKind.ANSWER, "Смотрим"))
    assert life.clock("reaction").state is ClockState.MET


@pytest.mark.parametrize(
    ("level", "due"),
    [
        ("1", "2026-03-17T05:00:00+06:00"),
        ("2", "2026-03-17T08:00:00+06:00"),
        ("3", "2026-03-19T18:00:00+06:00"),
        ("4", "2026-03-25T18:00:00+06:00"),
    ],
)
def test_siroca_solves_by_level(lives: Lives, level: str, due: str) -> None:
    """2.6, 2.4: five and eight hours by the clock, two and five working days around the holidays; none unrated."""
    life = begun(lives, "siroca", "2026-03-17T00:00:00+06:00")
    with pytest.raises(StopIteration):
        life.clock("resolution")
    life.do(SetLevel(1, level, "по критерию", affected=2))
    assert is_about(life.clock("resolution").due, due)


def test_siroca_s_resolution_goes_on_after_a_disagreement(lives: Lives) -> None:
    """3.7: what was counted stays counted; the time between does not count."""
    life = begun(lives, "siroca", "2026-03-17T00:00:00+06:00")
    life.do(SetLevel(1, "2", "половина", affected=2))
    life.now("2026-03-17T03:00:00+06:00")
    life.do(Resolve(1, "Готово"))
    life.now("2026-03-17T10:00:00+06:00")
    life.do(Disagree(1, "Не готово"))
    assert is_about(life.clock("resolution").due, "2026-03-17T15:00:00+06:00")
    life.now("2026-03-17T15:00:10+06:00")
    assert life.happened()[-1] is Happened.BREACHED


def test_pass24_has_a_goal_and_a_limit(lives: Lives) -> None:
    """1.5.2: 24 working hours are aimed at, five days without weekends are the limit; 1.2 gives no number to react."""
    life = begun(lives, "pass24", "2026-03-16T10:00:00+03:00")
    clock = life.clock("resolution")
    assert is_about(clock.goal, "2026-03-18T16:00:00+03:00")
    assert is_about(clock.due, "2026-03-23T18:00:00+03:00")
    assert life.clock("reaction").kind is ClockKind.UNKNOWN
    life.now("2026-03-18T16:00:10+03:00")
    assert life.happened()[-1] is Happened.GOAL_PASSED
    life.do(SetLevel(1, "high", "стоит всё", ("not_client_fault", "confirmed_by_staff")))
    assert is_about(life.clock("resolution").due, "2026-03-16T14:00:00+03:00")
    assert life.clock("resolution").state is ClockState.BREACHED


@pytest.mark.parametrize("company", COMPANIES)
def test_a_whole_life_folds_to_what_is_stored(lives: Lives, company: str) -> None:
    """After waits, hand-overs, verdicts and silence the log folds to the very rows; its numbers have no gap."""
    life = begun(lives, company, "2026-03-16T10:00:00+03:00")
    life.do(Reply(1, ReplyKind.QUESTION, "Что видно?"))
    life.now("2026-03-16T12:00:00+03:00")
    life.reply("Ничего", "m2")
    life.do(Reply(1, ReplyKind.QUESTION, "Какая версия?"))
    life.do(Release(1, "waiting_client"))
    life.do(Reply(1, ReplyKind.QUESTION, "Какая всё же?"))
    life.do(Resolve(1, "Готово"))
    life.do(Disagree(1, "Нет"))
    if company == "intervale":
        life.do(Hold(1, "service_suspended"))
    life.do(Resolve(1, "Теперь"))
    life.now("2026-05-16T10:00:00+03:00")
    assert [entry.seq for entry in life.log()] == [*range(1, len(life.log()) + 1)]
    assert all(one.at <= two.at for one, two in zip(life.log(), life.log()[1:], strict=False))
    found = life.read(lambda session: check_clocks(session, life.five.resources.directory.of))
    assert (found.tickets, found.differences) == (1, ())
    closes = company in {"intervale", "siroca"}
    assert (life.ticket().state is State.CLOSED) == closes
