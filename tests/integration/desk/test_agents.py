"""Clients are told of agents by the names they are displayed by; agents are warned of what they have."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import select
from tests.integration.desk.lives import Life

from helpdesk.contracts.clocks import ClockState
from helpdesk.contracts.log import Happened
from helpdesk.desk.people.agents import Described, add_agent
from helpdesk.domain.commands import Accept, Assign, Reply, ReplyKind
from helpdesk.kernel.principal import system
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import outbox
from helpdesk.store.tenants import Tenants

Lives = Callable[[str], Life]

MONDAY = "2026-03-16T10:00:00+03:00"
ANNA = Described("Анна Петрова", "anna@company.example")


def letters(life: Life, purpose: str) -> list[dict[str, Any]]:
    def work(session: Session) -> list[dict[str, Any]]:
        wanted = select(outbox.c.payload).where(outbox.c.kind == "delivery").order_by(outbox.c.created_at, outbox.c.id)
        return list(session.connection.execute(wanted).scalars())

    return [each for each in life.read(work) if each["purpose"] == purpose]


def keep(life: Life, name: str, what: Described) -> None:
    life.write(partial(add_agent, resources=life.five.resources, name=name, what=what))


def test_the_notice_that_is_the_reaction_names_the_engineer(lives: Lives) -> None:
    """SpecPromDesign: the reaction is met by the notice, and the client reads the name to display, not the handle."""
    life = lives("specpromdesign")
    life.now(MONDAY)
    keep(life, "a.petrova", ANNA)
    life.mail()
    life.do(Accept(1, "A.Petrova"))
    (notice,) = letters(life, "notice")
    assert "Анна Петрова" in notice["text"]
    assert "petrova" not in notice["text"].casefold()
    assert life.clock("reaction").state is ClockState.MET
    assert life.ticket().assignee == "a.petrova"
    life.do(Reply(1, ReplyKind.ANSWER, "Готово"))
    assert "a.petrova" not in letters(life, "answer")[-1]["text"]


def test_who_has_a_ticket_is_warned_of_it_besides_the_company(lives: Lives) -> None:
    """Once each; a ticket that nobody has warns the company alone."""
    life = lives("telemedhelp")
    tenant = life.five.tenants["telemedhelp"]
    head = {"name": "TelemedHelp", "alert_address": "head@company.example"}
    life.five.database.write_now(system("test"), lambda session: Tenants(session).change(tenant, **head))
    life.now(MONDAY)
    keep(life, "anna", ANNA)
    life.mail()
    life.do(Assign(1, "anna"))
    life.now("2026-03-16T11:00:00+03:00")
    assert Happened.BREACHED in life.happened()
    told = sorted(each["recipient"] for each in letters(life, "breach"))
    assert told == ["anna@company.example", "head@company.example"]
