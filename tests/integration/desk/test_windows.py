"""Announced windows: waits with a planned end, which end by themselves."""

from collections.abc import Callable

import pytest
from tests.integration.desk.lives import Life, at, is_about

from helpdesk.contracts.clocks import ClockState
from helpdesk.contracts.log import Happened
from helpdesk.desk.changing.firing import settle
from helpdesk.desk.upkeep.refolding import check_clocks
from helpdesk.domain.commands import Hold, Release, Reply, ReplyKind, Resolve, SetLevel
from helpdesk.domain.states import State
from helpdesk.kernel.errors import Invalid
from helpdesk.store.tickets import Tickets

Lives = Callable[[str], Life]


@pytest.fixture
def life(lives: Lives) -> Life:
    """A critical request with Siroca, taken in at noon; of an update to come at 14:00 the client was told."""
    life = lives("siroca")
    life.now("2026-03-16T12:00:00+06:00")
    life.mail()
    life.do(SetLevel(1, "1", "стоит всё", affected=40))
    life.do(Reply(1, ReplyKind.NOTICE, "С 14 до 16 часов ставим обновление", to_authorised=True))
    life.now("2026-03-16T14:00:00+06:00")
    return life


def test_the_window_ends_by_itself_and_is_not_counted(life: Life) -> None:
    """2.6: five hours without the two of the update; nobody has to say that it is over."""
    assert life.do(Hold(1, "update", "план", at("2026-03-16T16:00:00+06:00"))).state == State.WAITING
    assert life.clock("resolution").state is ClockState.PAUSED
    life.now("2026-03-16T15:59:00+06:00")
    assert life.ticket().state is State.WAITING
    life.now("2026-03-16T16:00:05+06:00")
    assert life.ticket().state is State.NEW  # nobody has it: it waits for an agent again
    assert (life.log()[-1].what, life.log()[-1].data) == (Happened.RESUMED, {"reason": "update", "planned": True})
    assert is_about(life.clock("resolution").due, "2026-03-16T19:00:00+06:00")


def test_a_service_that_slept_ends_the_window_at_its_planned_moment(life: Life) -> None:
    """Our own downtime is not the client's: the log says the planned moment, and the clock went on from it."""
    life.do(Hold(1, "update", "план", at("2026-03-16T16:00:00+06:00")))
    life.five.move_to(at("2026-03-16T18:30:00+06:00"))
    life.write(lambda session: settle(session, life.five.resources, Tickets(session).by_number(1)))
    resumed = next(entry for entry in life.log() if entry.what is Happened.RESUMED)
    assert resumed.at == at("2026-03-16T16:00:00+06:00")
    assert is_about(life.clock("resolution").due, "2026-03-16T19:00:00+06:00")


def test_what_fired_late_beside_it_does_not_move_the_end(lives: Lives) -> None:
    """TelemedHelp's reaction is breached at 10:05, while the service sleeps; the wait still ended at noon."""
    life = lives("telemedhelp")
    life.now("2026-03-16T10:00:00+03:00")
    life.mail()
    life.do(Reply(1, ReplyKind.QUESTION, "Какая версия?"))
    life.reply("Вторая")
    life.do(Hold(1, "waiting_client", "отпуск", at("2026-03-16T12:00:00+03:00")))
    life.five.move_to(at("2026-03-16T13:00:00+03:00"))
    life.write(lambda session: settle(session, life.five.resources, Tickets(session).by_number(1)))
    late = [entry for entry in life.log() if entry.what in {Happened.BREACHED, Happened.RESUMED}][-2:]
    assert [entry.what for entry in late] == [Happened.BREACHED, Happened.RESUMED]
    assert is_about(late[0].at, "2026-03-16T10:05:00+03:00")
    assert late[1].at == at("2026-03-16T12:00:00+03:00")


def test_an_agent_may_end_it_before_and_it_ends_once(life: Life) -> None:
    """Released at 15:00, the planned end finds nothing to end; so does it after a solution."""
    life.do(Hold(1, "update", "план", at("2026-03-16T16:00:00+06:00")))
    life.now("2026-03-16T15:00:00+06:00")
    life.do(Release(1, "update"))
    life.do(Reply(1, ReplyKind.NOTICE, "Ещё раз, с 15:10", to_authorised=True))
    life.do(Hold(1, "update", "план", at("2026-03-16T15:40:00+06:00")))
    life.do(Resolve(1, "Готово"))
    life.now("2026-03-16T17:00:00+06:00")
    assert [entry.what for entry in life.log()].count(Happened.RESUMED) == 2
    assert life.ticket().state is State.RESOLVED
    found = life.read(lambda session: check_clocks(session, life.five.resources.directory.of))
    assert found.differences == ()


def test_a_window_without_notice_or_in_the_past_is_refused(lives: Lives, life: Life) -> None:
    """2.7: the notice comes first; and nothing is planned to have ended already."""
    with pytest.raises(Invalid, match="passed"):
        life.do(Hold(1, "update", "план", at("2026-03-16T13:00:00+06:00")))
    other = lives("siroca")
    other.mail(key="m9")
    other.do(SetLevel(other.number, "2", "половина стоит", affected=3))
    with pytest.raises(Invalid, match="notice") as unannounced:
        other.do(Hold(other.number, "update", "план", at("2026-03-16T16:00:00+06:00")))
    assert unannounced.value.clause == "2.7"
