"""What a request needs to be registered with a level, and when a calendar ends before the request comes."""

from collections.abc import Callable

import pytest
from tests.integration.desk.lives import CLIENT, Life, is_about

from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Inbound, Outcome
from helpdesk.desk.receiving.receive import Arrival, receive
from helpdesk.domain.commands import Taken
from helpdesk.domain.opening import CALENDAR_UNKNOWN
from helpdesk.domain.rights import INCOMPLETE
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.principal import Principal, Role

Lives = Callable[[str], Life]

FACTS = ("not_client_fault", "confirmed_by_staff")


def call(life: Life, level: str | None = None, criterion: str = "", facts: tuple[str, ...] = ()) -> Taken:
    """Register a call with PASS24, or a form's request, as an agent does."""
    message = Inbound("phone", "+74953242442", "call-1", "+79990001122", None, "Не открывается", level=level)
    arrival = Arrival(message, CLIENT, criterion, facts=facts)
    found: Taken = life.write(lambda session: receive(session, life.five.resources, arrival))
    return found


@pytest.mark.parametrize(
    ("criterion", "facts", "missing"),
    [("", FACTS, "criterion"), ("всё стоит", FACTS[:1], "confirmed_by_staff"), ("всё стоит", (), "not_client_fault")],
)
def test_a_level_at_registration_wants_what_it_wants_later(
    lives: Lives, criterion: str, facts: tuple[str, ...], missing: str
) -> None:
    """PASS24 1.5.1: the highest level needs its criterion and its facts; without them nothing is registered."""
    life = lives("pass24")
    life.now("2026-03-16T10:00:00+03:00")
    with pytest.raises(Invalid, match=missing) as lacking:
        call(life, "high", criterion, facts)
    assert lacking.value.clause == "1.5.1"
    assert call(life, "high", "всё стоит", FACTS).outcome is Outcome.TICKET
    rated = life.log()[2]
    assert (rated.what, rated.data["facts"]) == (Happened.LEVEL_SET, [*FACTS])
    assert is_about(life.clock("resolution").due, "2026-03-16T14:00:00+03:00")


def test_a_channel_s_wish_for_a_level_is_left_to_the_agents(lives: Lives) -> None:
    """What comes by a channel is registered whatever it wishes; the level is then the regulation's own."""
    life = lives("pass24")
    assert life.mail(level="high").outcome is Outcome.TICKET
    assert life.ticket().level == "normal"


def test_nothing_is_lost_beyond_the_calendar(lives: Lives) -> None:
    """PASS24 1.2: whether that day is a holiday nobody knows yet: let in and flagged, no deadline invented."""
    life = lives("pass24")
    life.now("2032-05-04T10:00:00+03:00")
    assert call(life).outcome is Outcome.TICKET
    (flag,) = life.flags()
    assert (flag.flag, flag.clause) == (CALENDAR_UNKNOWN, "1.2")
    assert life.clock("resolution").due is None


def form(life: Life, role: Role, **given: str) -> Taken:
    """Hand in Intervale's form as ``role``."""
    fields = {name: text for name, text in given.items() if name not in {"text", "sender_name"}}
    message = Inbound(
        "web",
        "helpdesk.intervale.ru",
        "form-1",
        CLIENT,
        None,
        "Вопрос",
        given.get("text", ""),
        sender_name=given.get("sender_name", ""),
        fields=fields,
    )
    principal = Principal(role, "key:x", life.five.tenants["intervale"])
    work = lambda session: receive(session, life.five.resources, Arrival(message))  # noqa: E731
    found: Taken = life.five.database.write_now(principal, work)
    return found


def test_a_form_gives_what_the_regulation_demands(lives: Lives) -> None:
    """Intervale 5.3: a program is told what lacks, and registers nothing; with it all the request is a ticket."""
    life = lives("intervale")
    with pytest.raises(Invalid) as lacking:
        form(life, Role.INTEGRATOR)
    assert (set(lacking.value.fields), lacking.value.clause) == ({"text", "fields.steps"}, "5.3")
    assert form(life, Role.INTEGRATOR, text="Не платит", steps="Открыть, заплатить").outcome is Outcome.TICKET
    assert life.flags() == ()


def test_what_lacks_when_a_person_hands_it_in_is_flagged(lives: Lives) -> None:
    """An agent may ask later: nothing is refused, the flag names what lacks; a mail cannot be held to a form."""
    life = lives("intervale")
    assert form(life, Role.AGENT, text="Не платит").outcome is Outcome.TICKET
    assert [(flag.flag, flag.clause, flag.reason) for flag in life.flags()] == [(INCOMPLETE, "5.3", "steps")]
    life.mail(key="m2")
    assert life.flags() == ()
