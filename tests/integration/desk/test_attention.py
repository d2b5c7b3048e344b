"""What needs an agent's act: one pure function, the database's query and the windows in memory are of one mind."""

import random
from collections.abc import Callable

import pytest
from sqlalchemy import select
from tests.integration.desk.companies import COMPANIES
from tests.integration.desk.lives import Life, at

from helpdesk.contracts.messages import Nature
from helpdesk.desk.outward.deliveries import letter_failed, letter_left
from helpdesk.desk.tickets.handing import TakeNext, hand_next
from helpdesk.domain.acceptance import NOT_ACCEPTED
from helpdesk.domain.attention import ACKNOWLEDGEMENT, LOST, WITHHELD, Need, need_of, waits_for_work
from helpdesk.domain.commands import (
    Assign,
    Hold,
    Reply,
    ReplyKind,
    Resolve,
    SetLevel,
    Supply,
    TellNumber,
    TicketCommand,
    Unassign,
)
from helpdesk.domain.ticket import Ticket
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.instants import DAY, HOUR, to_datetime
from helpdesk.queries.tickets.queue import list_queue
from helpdesk.store.engine.session import Session
from helpdesk.store.flags import Flags
from helpdesk.store.schema import tickets
from helpdesk.store.tickets import Tickets
from helpdesk.store.waiting import first_waiting

Lives = Callable[[str], Life]
TICKETS, ACTS = 12, 90


def deeds(dice: random.Random, number: int, company: str) -> TicketCommand:
    """Return something that an agent may try."""
    kind = dice.choice([*ReplyKind, ReplyKind.QUESTION, ReplyKind.ANSWER])
    level = {"siroca": "1", "intervale": "high", "specpromdesign": "high", "pass24": "low"}.get(company, "x")
    acts: list[TicketCommand] = [
        Reply(number, kind, "Слова", resolves=kind is ReplyKind.ANSWER and dice.random() < 0.6),
        Reply(number, kind, "Слова"),
        Assign(number, "Анна"),
        Unassign(number),
        Resolve(number),
        SetLevel(number, level, "по таблице", affected=1),
        Hold(number, dice.choice(["waiting_client", "update", "incomplete", "service_suspended"])),
        Supply(number, {"description": "стоит"}),
        TellNumber(number, "email"),
    ]
    return dice.choice(acts)


def everything(session: Session) -> list[Ticket]:
    numbers = session.connection.execute(select(tickets.c.number).where(tickets.c.tenant_id == session.tenant_id))
    return [Tickets(session).by_number(number) for number in numbers.scalars()]


def post(life: Life, dice: random.Random, key: str) -> None:
    """Let the letter with the number leave, or fail, or come back."""
    ticket_id, sender = life.ticket().id, life.ticket().contact
    resources = life.five.resources
    match dice.choice(["left", "failed", "came back"]):
        case "left":
            life.write(lambda s: letter_left(s, resources, ticket_id, ACKNOWLEDGEMENT, sender))
        case "failed":
            life.write(lambda s: letter_failed(s, resources, ticket_id, ACKNOWLEDGEMENT, sender, "550"))
        case _:
            life.mail("Адресат неизвестен", key, nature=Nature.BOUNCE, tokens=(life.token(),), subject="550 unknown")


@pytest.mark.parametrize("company", COMPANIES)
def test_function_query_and_windows_agree_over_random_histories(lives: Lives, company: str) -> None:
    """What is kept is what the log says; the queue lists exactly that; `next` hands out exactly that, in its order."""
    life, dice = lives(company), random.Random(company)
    life.five.move_to(at("2026-03-18T12:00:00+03:00"))
    for each in range(TICKETS):
        life.mail(dice.choice(["", "Не работает"]), f"m{each}", sender=f"c{each % 3}@client.example")
    windows = life.five.resources.waiting
    life.write(lambda s: windows.propose(s, None))  # the window is read, and followed from now on
    windows.give_back(life.five.tenants[company])
    for each in range(ACTS):
        life.number = dice.randrange(1, TICKETS + 1)
        draw = dice.random()
        try:
            if draw < 0.15:
                life.reply("Ещё слово", f"r{each}")
            elif draw < 0.25:
                post(life, dice, f"b{each}")
            elif draw < 0.3:
                life.now(to_datetime(life.read(lambda s: s.now) + dice.choice([HOUR, DAY])).isoformat())
            else:
                life.do(deeds(dice, life.number, company))
        except (Conflict, Invalid):
            continue
    for each in range(4):
        life.mail("Не работает", f"l{each}", sender="late@client.example")
    find = life.five.resources.directory.of

    def look(session: Session) -> dict[int, tuple[Ticket, Need]]:
        found = {}
        for ticket in everything(session):
            log = Tickets(session).log(ticket.id)
            evaluator = find(session, ticket.snapshot_hash)
            clocks = evaluator.clocks(log, log[-1].at)
            need = need_of(ticket, log, clocks, evaluator)
            flags = {flag.flag for flag in Flags(session).of(ticket.id)}
            assert (need is Need.VERDICT) == ("verdict_awaited" in flags and ticket.state != "closed")
            assert (need is Need.ASK_AGAIN) <= ("ask_again" in flags)
            untold = bool(flags & {WITHHELD, LOST, NOT_ACCEPTED}) and ticket.state != "closed"
            assert (need is Need.TELL_CLIENT) == (untold and need is not Need.VERDICT)
            found[ticket.number] = (ticket, need)
        return found

    known = life.read(look)
    kept = select(tickets.c.number, tickets.c.needs).where(tickets.c.tenant_id == life.five.tenants[company])
    assert dict(life.read(lambda s: s.connection.execute(kept).all())) == {n: need for n, (_, need) in known.items()}
    listed = life.read(lambda s: list_queue(s, limit=200)).items
    assert {each.number for each in listed} == {n for n, (_, need) in known.items() if need}
    waiting = {n for n, (ticket, need) in known.items() if waits_for_work(ticket.assignee, need)}
    assert [w.number for w in life.read(lambda s: first_waiting(s, None, 200))] == [
        each.number for each in listed if each.number in waiting
    ]
    handed = []
    while (given := life.write(lambda s: hand_next(s, life.five.resources, TakeNext("Борис")))).ticket is not None:
        handed.append(given.ticket.number)
    assert handed == [each.number for each in listed if each.number in waiting]
    needs = {need for _, need in known.values()}
    assert Need.TELL_CLIENT in needs, "every client was told"
    assert len(needs) > 1, "the histories are all alike"
    mine = life.read(lambda s: list_queue(s, limit=200, assignee="Борис")).items
    assert {each.number for each in mine} <= set(handed)
