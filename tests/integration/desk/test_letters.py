"""Letters speak the client's language: names as the regulation gives them, never our codes."""

from collections.abc import Callable

from sqlalchemy import select
from tests.integration.desk.lives import Life, at

from helpdesk.contracts.log import Happened
from helpdesk.domain.commands import Close, Reply, ReplyKind, Resolve
from helpdesk.kernel.principal import system
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import outbox
from helpdesk.store.tenants import Tenants

Lives = Callable[[str], Life]

MONDAY = "2026-03-16T10:00:00+03:00"


def letter(life: Life, purpose: str) -> str:
    """Return the text of the last letter of this purpose that is owed."""

    def work(session: Session) -> list[dict[str, str]]:
        wanted = select(outbox.c.payload).where(outbox.c.kind == "delivery").order_by(outbox.c.created_at, outbox.c.id)
        return list(session.connection.execute(wanted).scalars())

    found = [each for each in life.read(work) if each["purpose"] == purpose]
    return f"{found[-1]['subject']}\n{found[-1]['text']}"


def test_the_closing_letter_names_outcome_and_company_in_russian(lives: Lives) -> None:
    """The outcome's Russian name, and the company's."""
    life = lives("specpromdesign")
    life.now(MONDAY)
    life.mail()
    assert "СпецПромДизайн" in letter(life, "acknowledgement")
    life.do(Resolve(1, "Готово"))
    life.do(Close(1, "solved"))
    told = letter(life, "closed")
    assert "закрыто: решено." in told
    assert "СпецПромДизайн" in told
    assert "solved" not in told


def test_an_alert_names_the_target_as_the_regulation_does(lives: Lives) -> None:
    """A warning says «реакция», with its deadline in the company's zone."""
    life = lives("telemedhelp")
    tenant = life.five.tenants["telemedhelp"]
    life.five.database.write_now(
        system("test"),
        lambda session: Tenants(session).change(tenant, name="TelemedHelp", alert_address="head@telemed.example"),
    )
    life.now(MONDAY)
    life.mail()
    life.now("2026-03-16T11:00:00+03:00")
    assert Happened.BREACHED in life.happened()
    told = letter(life, "breach")
    assert "«реакция»" in told
    assert "reaction" not in told


def test_a_second_answer_goes_out_where_every_answer_closes_preliminarily(lives: Lives) -> None:
    """Intervale 5.9, 5.10: the client's three working days count from the last answer."""
    life = lives("intervale")
    life.now(MONDAY)
    life.mail()
    life.do(Reply(1, ReplyKind.ANSWER, "Попробуйте так"))
    first = life.clock("client_reply").due
    life.now("2026-03-17T10:00:00+03:00")
    life.do(Reply(1, ReplyKind.ANSWER, "И ещё так"))
    assert life.happened().count(Happened.RESOLVED) == 1
    assert "И ещё так" in letter(life, "answer")
    assert first == at("2026-03-20T00:00:00+03:00")
    assert life.clock("client_reply", 1).due == at("2026-03-21T00:00:00+03:00")
