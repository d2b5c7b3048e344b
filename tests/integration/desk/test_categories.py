"""What a request is about: the level that follows, what may be declined, which line does the work."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from tests.integration.desk.lives import CLIENT, Life
from tests.integration.desk.test_duties import letters

from helpdesk.contracts.clocks import ClockState
from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Inbound
from helpdesk.desk.receiving.receive import Arrival, receive
from helpdesk.domain.commands import (
    Close,
    Confirm,
    Expedite,
    PlanRelease,
    RecordWork,
    Reply,
    ReplyKind,
    SetCategory,
    SetLevel,
    SetLine,
    Taken,
)
from helpdesk.domain.opening import Way
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.queries.companies.promise import Question, ask
from helpdesk.queries.views.promise import PromiseView

Lives = Callable[[str], Life]
CALLS = {"pass24": "+74953242442", "specpromdesign": "+74950000011"}


def call(life: Life, key: str = "c1", **fields: Any) -> Taken:
    """Have an agent register a call; the life is its ticket's from now on."""
    own = {name: fields.pop(name) for name in ("criterion", "facts", "affected", "repeats") if name in fields}
    given = {"sender": "+79160000001", "subject": "Не открывается", "received_at": None, **fields}
    message = Inbound(channel_kind="phone", address=CALLS[life.company], source_key=key, **given)
    arrival = replace(Arrival(message, CLIENT), **own)
    taken: Taken = life.write(lambda session: receive(session, life.five.resources, arrival))
    life.number = taken.number or 0
    return taken


def promised(life: Life, **fields: Any) -> PromiseView:
    """Ask what a call would be promised now."""
    question = Question(Way("phone", CALLS[life.company]), requester="+79160000001", contact=CLIENT, **fields)
    resources = life.five.resources
    found: PromiseView = life.read(lambda s: ask(s, question, None, resources.directory.in_force, resources.ways))
    return found


@pytest.mark.parametrize(
    ("category", "facts", "level", "clause"),
    [
        ("full_outage", ("not_client_fault",), "high", "1.5.1"),
        ("critical_error", ("confirmed_by_staff",), "high", "1.5.1"),
        ("partial_failure", (), "normal", "1.5.2"),
        ("install_advice", (), "normal", "1.5.2"),
        ("general_advice", (), "low", "1.5.3"),
    ],
)
def test_the_kind_of_problem_gives_the_level(
    lives: Lives, category: str, facts: tuple[str, ...], level: str, clause: str
) -> None:
    """PASS24 1.1: at a call's intake and by an agent's word; the promise says the same, the log by which clause."""
    life = lives("pass24")
    life.now("2026-03-16T10:00:00+03:00")
    view = promised(life, category=category, facts=facts)
    assert (view.level, view.needs) == (level, ())
    assert view.category is not None
    assert (view.category.level, view.category.clause, view.category.served) == (level, clause, True)
    call(life, category=category, facts=facts)
    ticket = life.ticket()
    assert (ticket.category, ticket.level) == (category, level)
    rated = next(entry for entry in life.log() if entry.what is Happened.LEVEL_SET)
    assert rated.data["criterion"]
    life.mail(subject=f"Письмо о {category}")
    life.do(SetCategory(life.number, category, "так сказал клиент", facts))
    assert (life.ticket().category, life.ticket().level) == (category, level)
    said = next(entry.data for entry in life.log() if entry.what is Happened.CATEGORY_SET)
    assert (said["clause"], said["before"], said["reason"]) == (clause, "", "так сказал клиент")
    if level != "normal":
        assert life.log()[-1].data["clause"] == clause


def test_a_category_s_level_wants_what_makes_it_true(lives: Lives) -> None:
    """PASS24 1.5.1: not by the client's fault, or confirmed by staff, as the kind of problem says; asked at intake."""
    life = lives("pass24")
    assert promised(life, category="full_outage").needs == ("not_client_fault",)
    assert promised(life, level="high", criterion="1.5.1").needs == ("not_client_fault", "confirmed_by_staff")
    assert promised(life, level="high").needs == ("not_client_fault", "confirmed_by_staff", "criterion")
    with pytest.raises(Invalid, match="not_client_fault") as lacking:
        call(life, category="full_outage")
    assert lacking.value.clause == "1.5.1"
    with pytest.raises(Invalid, match="level") as other:
        call(life, category="general_advice", level="high", criterion="x", facts=("not_client_fault",))
    assert "low" in other.value.fields["level"]
    with pytest.raises(Invalid, match="weather"):
        call(life, category="weather")
    life.mail()
    with pytest.raises(Invalid, match="confirmed_by_staff"):
        life.do(SetCategory(1, "critical_error"))
    assert (life.ticket().category, life.ticket().level) == ("", "normal")


def test_a_channel_s_category_loses_nothing(lives: Lives) -> None:
    """What came by a channel is registered: a level that lacks its facts is left to agents, a strange word aside."""
    life = lives("pass24")
    life.mail(category="full_outage")
    assert (life.ticket().category, life.ticket().level) == ("full_outage", "normal")
    life.mail(key="m9", subject="Иное", category="weather", level="low")
    assert (life.ticket().category, life.ticket().level) == ("", "normal")


def test_staff_move_to_the_lowest_level_by_its_criterion(lives: Lives) -> None:
    """PASS24 1.5.3: re-rating is entered with criterion and clause, whatever the category gave."""
    life = lives("pass24")
    call(life, category="product_error")
    with pytest.raises(Invalid):
        life.do(SetLevel(1, "low", " "))
    life.do(SetLevel(1, "low", "не подходит ни под одну другую категорию"))
    said = life.log()[-1].data
    assert (said["clause"], said["before"], said["level"]) == ("1.5.3", "normal", "low")
    assert (life.ticket().category, life.ticket().level) == ("product_error", "low")


@pytest.mark.parametrize(
    ("company", "outcome", "unserved", "clause", "served", "served_by"),
    [
        ("telemedhelp", "out_of_scope", "installation", "5.1", "product_error", "5.2"),
        ("telemedhelp", "out_of_scope", "training", "5.3", "tariffs", "5.3"),
        ("telemedhelp", "out_of_scope", "partner_project", "1.5", "feature_request", "5.3"),
        ("pass24", "out_of_scope", "other_vendor", "Преамбула", "general_advice", "1.5.3"),
        ("intervale", "out_of_scope", "other", "2.2", "service", "2.2"),
    ],
)
def test_only_what_is_not_served_is_declined_and_by_its_clause(
    lives: Lives, company: str, outcome: str, unserved: str, clause: str, served: str, served_by: str
) -> None:
    """What it is about must be said; the product's own error is never declined; the client is told the clause."""
    life = lives(company)
    life.mail()
    with pytest.raises(Invalid, match="category"):
        life.do(Close(1, outcome))
    life.do(SetCategory(1, served))
    with pytest.raises(Conflict, match="serves") as kept:
        life.do(Close(1, outcome))
    assert kept.value.clause == served_by
    with pytest.raises(Conflict):
        life.do(Confirm(1, outcome=outcome))
    life.do(SetCategory(1, unserved, "выяснилось"))
    life.do(Close(1, outcome, {"refer_to": "ООО Партнёр, +7 495 000-00-00"}))
    assert (life.ticket().outcome, life.log()[-1].data["clause"]) == (outcome, clause)
    (letter,) = letters(life, "closed")
    assert clause in letter["text"]
    assert "ООО Партнёр" in letter["text"]


def test_another_s_product_is_named_with_its_maker(lives: Lives) -> None:
    """Siroca 3.5: the vendor is needed, told to the client, and the request is of that category from then on."""
    life = lives("siroca")
    life.mail()
    life.do(SetCategory(1, "software"))
    with pytest.raises(Invalid, match="vendor") as unnamed:
        life.do(Close(1, "third_party"))
    assert unnamed.value.clause == "3.5"
    life.do(Close(1, "third_party", {"vendor": "ООО Анализатор"}))
    assert life.ticket().category == "third_party_product"
    assert life.happened()[-2:] == [Happened.CATEGORY_SET, Happened.CLOSED]
    (letter,) = letters(life, "closed")
    assert "ООО Анализатор" in letter["text"]


def test_only_a_failure_of_the_product_goes_out_of_turn(lives: Lives) -> None:
    """TelemedHelp 2.1, 4.1: what it is about must be the product's failure, besides what must be true of it."""
    life = lives("telemedhelp")
    life.mail()
    facts = ("not_client_fault", "confirmed_by_staff", "no_workaround")
    with pytest.raises(Invalid, match="category"):
        life.do(Expedite(1, "стоит всё", facts))
    life.do(SetCategory(1, "product_error"))
    with pytest.raises(Invalid, match="no_workaround"):
        life.do(Expedite(1, "стоит всё", facts[:2]))
    life.do(Expedite(1, "стоит всё", facts))
    assert life.ticket().expedited
    life.do(SetCategory(1, "explanation"))
    assert not life.ticket().expedited, "a question of another kind is answered in its turn"
    assert life.log()[-1].data["expedited"] is False


def test_what_loses_its_level_goes_back_into_turn(lives: Lives) -> None:
    """PASS24 1.2: only what is urgent goes out of turn; rated lower afterwards, it does so no longer."""
    life = lives("pass24")
    life.mail()
    life.do(SetLevel(1, "high", "система стоит", ("not_client_fault", "confirmed_by_staff")))
    life.do(Expedite(1, "стоит всё"))
    life.do(SetLevel(1, "low", "нужна консультация"))
    assert not life.ticket().expedited
    assert life.log()[-1].data["expedited"] is False
    life.do(SetLevel(1, "high", "всё же стоит", ("not_client_fault", "confirmed_by_staff")))
    assert not life.ticket().expedited
    life.do(Expedite(1, "стоит всё"))
    assert life.ticket().expedited


def test_each_line_does_its_work(lives: Lives) -> None:
    """SpecPromDesign, terms: a line is handed what it does, with a reason; work of another line is not its own."""
    life = lives("specpromdesign")
    call(life)
    assert life.ticket().line == "line_1"
    with pytest.raises(Invalid) as bare:
        life.do(SetLine(1, "line_2"))
    assert set(bare.value.fields) == {"work", "reason"}
    assert bare.value.clause == "Термины и определения"
    with pytest.raises(Invalid, match="does not do") as foreign:
        life.do(SetLine(1, "line_2", "доработать", "software_changes"))
    assert "line_3" in foreign.value.fields["work"]
    with pytest.raises(Conflict) as undone:
        life.do(RecordWork(1, "remote_diagnosis"))
    assert (undone.value.clause, undone.value.hint) == (
        "Термины и определения",
        "Hand it over: remote_diagnosis is the work of line_2.",
    )
    with pytest.raises(Invalid, match="singing"):
        life.do(RecordWork(1, "singing"))
    life.do(RecordWork(1, "instructions", "Отправлена инструкция"))
    life.do(SetLine(1, "line_2", "нужна диагностика", "remote_diagnosis"))
    life.do(RecordWork(1, "remote_diagnosis", "Проверен контроллер"))
    said = [entry.data for entry in life.log() if entry.what in {Happened.LINE_SET, Happened.WORK_RECORDED}]
    assert [(each["line"], each["work"]) for each in said] == [
        ("line_1", "instructions"),
        ("line_2", "remote_diagnosis"),
        ("line_2", "remote_diagnosis"),
    ]
    assert said[1]["reason"] == "нужна диагностика"


def test_where_no_line_has_a_list_any_work_is_recorded(lives: Lives) -> None:
    """TelemedHelp 2.2 names two lines and tells no kinds of work apart."""
    life = lives("telemedhelp")
    life.mail()
    life.do(RecordWork(1, "diagnosis"))
    life.do(SetLine(1, "development"))
    assert life.ticket().line == "development"


def test_a_planned_release_informs_and_promises_nothing(lives: Lives) -> None:
    """TelemedHelp 2.2, PASS24 1.3: shown on the ticket; every deadline stays."""
    life = lives("telemedhelp")
    life.now("2026-03-16T10:00:00+03:00")
    life.mail()
    life.do(SetLine(1, "development", "нужна доработка"))
    before = life.clock("dev_reaction")
    with pytest.raises(Invalid, match="day"):
        life.do(PlanRelease(1, "2.4", "2026-02-30"))
    life.do(PlanRelease(1, "2.4", "2026-05-01"))
    assert (life.ticket().planned_release, life.ticket().planned_day) == ("2.4", "2026-05-01")
    assert (life.clock("dev_reaction").due, life.clock("dev_reaction").state) == (before.due, ClockState.RUNNING)
    life.do(PlanRelease(1, ""))
    assert life.ticket().planned_release == ""


def test_asking_again_is_linked_and_raises_nothing(lives: Lives) -> None:
    """PASS24 1.4: a call about what is open already has its level, and no higher one; a letter is related by itself."""
    life = lives("pass24")
    life.mail(subject="Не открывается шлагбаум")
    life.do(SetLevel(1, "low", "консультация"))
    assert promised(life, repeats=1).level == "low"
    with pytest.raises(Invalid, match="raises nothing") as raised:
        call(life, repeats=1, level="high", criterion="1.5.1", facts=("not_client_fault", "confirmed_by_staff"))
    assert raised.value.clause == "1.4"
    with pytest.raises(Invalid, match="no such ticket"):
        call(life, repeats=99)
    call(life, repeats=1)
    assert life.ticket().level == "low"
    assert (life.log()[-1].what, life.log()[-1].data["relation"]) == (Happened.LINKED, "duplicate_of")
    first = life.ticket().number
    life.mail(key="m7", subject="RE: не открывается  Шлагбаум")
    assert life.ticket().number != first
    assert (life.log()[-1].what, life.log()[-1].data["number"]) == (Happened.LINKED, 1)
    assert [(flag.flag, flag.clause) for flag in life.flags()] == [("repeated_contact", "1.4")]
    other = lives("telemedhelp")
    other.mail()
    other.mail(key="m8")
    assert Happened.LINKED not in other.happened()


def test_a_question_out_of_scope_is_registered_and_told(lives: Lives) -> None:
    """PASS24, preamble: another maker's product is a ticket all the same; the promise says that it is not served."""
    life = lives("pass24")
    view = promised(life, category="other_vendor")
    assert view.category is not None
    assert (view.category.served, view.category.clause) == (False, "Преамбула")
    taken = call(life, category="other_vendor")
    assert taken.number
    life.do(Reply(life.number, ReplyKind.ANSWER, "Обратитесь к производителю", postpones="out_of_scope"))
    life.do(Close(life.number, "out_of_scope"))
    assert life.ticket().outcome == "out_of_scope"


def test_an_incident_is_told_from_a_question(lives: Lives) -> None:
    """SpecPromDesign, terms: an incident is a failure of equipment or software; both are requests, both are served."""
    life = lives("specpromdesign")
    call(life, category="incident")
    assert life.ticket().category == "incident"
    life.do(SetCategory(1, "consultation", "оказалось вопросом"))
    said = life.log()[-1].data
    assert (said["before"], said["category"], said["served"]) == ("incident", "consultation", True)
    assert life.ticket().level == "low"


def test_where_nothing_is_left_out_nothing_served_is_declined(lives: Lives) -> None:
    """SpecPromDesign lists what it serves and nothing that it does not: what it serves is not declined."""
    life = lives("specpromdesign")
    life.mail()
    life.do(SetCategory(1, "service_centre"))
    with pytest.raises(Conflict, match="serves") as kept:
        life.do(Close(1, "out_of_scope"))
    assert kept.value.clause == "Оказание услуги"
    life.do(Close(1, "solved"))
    life.mail(key="m4")
    life.do(Close(life.number, "out_of_scope"))
    assert life.ticket().outcome == "out_of_scope"


@pytest.mark.parametrize(
    ("company", "clause", "reasons"),
    [
        ("siroca", "3.4", ("insufficient_information", "needs_development", "violates_requirements", "out_of_scope")),
        ("pass24", "3.7", ("not_reproducible", "unsupported_use", "out_of_scope", "unconstructive")),
    ],
)
def test_only_the_text_s_reasons_postpone(lives: Lives, company: str, clause: str, reasons: tuple[str, ...]) -> None:
    """Four reasons each, entered with their clause; a reason of another company's is none here."""
    life = lives(company)
    life.mail()
    for reason in reasons:
        life.do(Reply(1, ReplyKind.NOTICE, "Позже", postpones=reason))
        assert (life.log()[-1].data["postponed"], life.log()[-1].data["clause"]) == (reason, clause)
    with pytest.raises(Invalid, match="offensive"):
        life.do(Reply(1, ReplyKind.NOTICE, "Нет", postpones="offensive"))
