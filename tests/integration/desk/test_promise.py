"""What is promised is what registering gives."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.integration.desk.companies import COMPANIES, Five, take_on_all

from helpdesk.contracts.clocks import ClockKind
from helpdesk.contracts.messages import Inbound, Outcome, Standing
from helpdesk.desk.receiving.receive import Arrival, receive
from helpdesk.domain.commands import Taken
from helpdesk.domain.opening import Way
from helpdesk.domain.waiting import in_force
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import DAY, HOUR, from_datetime, to_datetime
from helpdesk.queries.companies.promise import Question, ask, promise
from helpdesk.queries.tickets.deadlines import list_deadlines
from helpdesk.queries.views.promise import PromiseView
from helpdesk.queries.views.tickets import Deadlines
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.tickets import Tickets

FIRST = from_datetime(datetime.fromisoformat("2026-01-01T00:00:00+03:00"))
LAST = FIRST + 350 * DAY
FACTS = ("not_client_fault", "confirmed_by_staff")
"""What some level wants recorded."""
HOLIDAY = FIRST + 3 * DAY + 12 * HOUR


@pytest.fixture
def five(database: Database) -> Five:
    return take_on_all(database)


def _evaluator(five: Five, company: str) -> Evaluator:
    def work(session: Session) -> Evaluator:
        return five.resources.directory.in_force(session, session.now)

    return five.database.read_now(five.agent(company), work)


def _ways(evaluator: Evaluator) -> Iterator[Way]:
    for channel in evaluator.channels:
        for address in channel.addresses:
            yield Way(channel.kind, address, "private")
            yield Way(channel.kind, address, "group")
        yield Way(channel.name)
    for refusal in evaluator.edition.refusals:
        yield Way(refusal.kind, "@nobody", "group")
        yield Way(refusal.name)
    yield Way("pigeon", "roof")


TEXTS = ("", "Не открывается")
MISSING = ("серийный номер",)


def _submit(
    five: Five, company: str, way: Way, level: str | None, category: str, text: str = ""
) -> tuple[PromiseView, Taken, Deadlines | None]:
    """Promise and register in one transaction, so that both see one instant; give the promise and what came of it."""

    def work(session: Session) -> tuple[PromiseView, Taken, Deadlines | None]:
        question = Question(
            way, level, "client@client.example", category=category, facts=FACTS, affected=1,
            fields={"description": text} if text else {}, missing=MISSING if text else (),
        )  # fmt: skip
        promised = ask(session, question, None, five.resources.directory.in_force, five.resources.ways)
        message = Inbound(
            channel_kind=way.channel_kind,
            address=way.address,
            chat_kind=way.chat_kind,
            source_key=str(new_id()),
            sender="client@client.example",
            received_at=None,
            subject="Не работает",
            standing=Standing.AUTHENTICATED,
            level=level,
            category=category,
            text=text,
        )
        missing = MISSING if text else ()
        arrival = Arrival(message, criterion="проверка", facts=FACTS, affected=1, missing=missing)
        taken = receive(session, five.resources, arrival)
        if taken.ticket_id is not None:
            waits = in_force(Tickets(session).log(taken.ticket_id))
            assert [wait.reason for wait in waits] == [wait.reason for wait in promised.waits]
        found = list_deadlines(session, taken.number, five.resources.directory.of) if taken.number else None
        return promised, taken, found

    return five.database.write_now(five.agent(company), work)


@settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(company=st.sampled_from(COMPANIES), at=st.integers(FIRST, LAST), pick=st.integers(0, 10_000))
@example(company="pass24", at=HOLIDAY, pick=3)
@example(company="pass24", at=HOLIDAY, pick=6)
@example(company="telemedhelp", at=HOLIDAY, pick=4)
def test_promise_equals_what_submitting_gives(five: Five, company: str, at: int, pick: int) -> None:
    """Outcome, clause, hint, level and every deadline, whatever the company, the way in, what is said, and the hour."""
    five.move_to(at)
    evaluator = _evaluator(five, company)
    ways = list(_ways(evaluator))
    levels = [(level, "") for level in (None, *(level.id for level in evaluator.levels()))]
    wishes = [*levels, *((None, rule.category) for rule in evaluator.edition.scope)]
    wish = wishes[pick // len(ways) % len(wishes)]
    promised, taken, found = _submit(five, company, ways[pick % len(ways)], *wish, TEXTS[pick % 2])
    assert (taken.outcome, taken.clause) == (
        promised.outcome,
        promised.clause if promised.outcome is Outcome.REFUSED else "",
    )
    if promised.outcome is Outcome.REFUSED:
        assert (taken.hint, taken.detail) == (promised.hint_ru, promised.reason_ru)
        assert promised.say_ru
        assert found is None
        return
    assert found is not None
    expected = [(d.name, d.kind, d.clause, d.goal, d.due, d.note, d.explanation.text_ru) for d in found.items]
    assert expected == [(d.name, d.kind, d.clause, d.goal, d.due, d.note, d.text_ru) for d in promised.deadlines]


def _promised(five: Five, company: str, way: Way, at: str, level: str | None = None) -> PromiseView:
    moment = from_datetime(datetime.fromisoformat(at))
    return promise(_evaluator(five, company), company, Question(way, level), moment)


def test_a_holiday_call_is_told_to_write_and_when_the_phone_opens(five: Five) -> None:
    """PASS24 1.2: on a holiday calls are refused with the mail's address; the line opens on the first day after."""
    phone = Way("phone", "+74953242442")
    holiday = _promised(five, "pass24", phone, "2026-01-04T12:00:00+03:00")
    assert (holiday.outcome, holiday.official, holiday.clause) == (Outcome.REFUSED, True, "1.2")
    assert holiday.opens_at is not None
    assert _promised(five, "pass24", phone, holiday.opens_at.isoformat()).outcome is Outcome.TICKET
    assert "support@pass24online.ru" in holiday.say_ru
    assert "Приём откроется" in holiday.say_ru
    assert [way.channel for way in holiday.ways if way.accepted] == ["email"]


def test_the_sentence_says_each_promise_in_the_company_s_zone(five: Five) -> None:
    """The words name the clause, when work begins and the due instant, by the company's clock, in both languages."""
    found = _promised(five, "pass24", Way("phone", "+74953242442"), "2026-03-14T12:00:00+03:00", "high")
    assert found.opens_at == to_datetime(from_datetime(found.at) + 45 * HOUR)  # Saturday noon to Monday 09:00
    assert "Работа начнётся в понедельник, 16 марта 2026 года, в 09:00 по Москве" in found.say_ru
    assert "Решение: не позднее понедельника, 16 марта 2026 года, 13:00 по Москве (пункт 1.5.1)." in found.say_ru
    assert "no later than Monday 16 March 2026, 13:00 Moscow time (clause 1.5.1)" in found.say_en


def test_a_mean_and_a_refusal_are_said_as_what_they_are(five: Five) -> None:
    """Siroca's 15 minutes are a mean, not a limit; TelemedHelp takes no calls at all."""
    mean = _promised(five, "siroca", Way("phone", "+996755979805"), "2026-03-14T03:00:00+06:00")
    assert [each.kind for each in mean.deadlines] == [ClockKind.AVERAGE]
    assert "в среднем 15 минут" in mean.say_ru
    assert "Решение: срок зависит от уровня, который будет присвоен (пункт 2.6)." in mean.say_ru
    assert "Resolution: the time depends on the level that is given (clause 2.6)." in mean.say_en
    refused = _promised(five, "telemedhelp", Way("phone", "+74951234567"), "2026-03-14T12:00:00+03:00")
    assert (refused.outcome, refused.official, refused.clause, refused.opens_at) == (
        Outcome.REFUSED, False, "6.1", None,
    )  # fmt: skip


def test_a_maximum_is_told_with_the_clause_that_guarantees_nothing(five: Five) -> None:
    """Siroca 1.5 beside 2.6, PASS24 1.4 beside 1.5: the maximum is promised, the disclaimer read with it."""
    siroca = _promised(five, "siroca", Way("phone", "+996755979805"), "2026-03-16T10:00:00+06:00", "1")
    (resolution,) = [each for each in siroca.deadlines if each.name == "resolution"]
    assert (resolution.clause, resolution.disclaimed_by) == ("2.6", "1.5")
    assert "Этот срок регламент не гарантирует (пункт 1.5)." in siroca.say_ru
    assert "зависит от уровня" not in siroca.say_ru
    assert "По телефону можно получить консультацию или зарегистрировать обращение." in siroca.say_ru
    pass24 = _promised(five, "pass24", Way("phone", "+74953242442"), "2026-03-16T10:00:00+03:00")
    assert "The regulation does not guarantee this time (clause 1.4)." in pass24.say_en


def test_too_far_is_told(five: Five) -> None:
    """A promise reaches a week back and a year ahead, and no further than the calendar is known."""
    in_force, ways = five.resources.directory.in_force, five.resources.ways
    for shift in (-8 * DAY, 367 * DAY):
        with pytest.raises(Invalid) as caught:
            five.database.read_now(
                five.agent("pass24"),
                lambda s, d=shift: ask(s, Question(Way("phone")), s.now + d, in_force, ways),  # type: ignore[misc]
            )
        assert list(caught.value.fields) == ["at"]
    with pytest.raises(Invalid):
        _promised(five, "pass24", Way("phone"), "2099-01-04T12:00:00+03:00")
