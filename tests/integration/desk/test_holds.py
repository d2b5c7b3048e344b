"""What an agent makes of a doubtful message; the ledger keeps its sum."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import func, select
from tests.integration.desk.lives import CLIENT, Life, is_about

from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Inbound, Outcome, Standing
from helpdesk.desk.receiving.holds import HoldResolved, ResolveHold, resolve_hold
from helpdesk.desk.receiving.receive import Arrival, receive
from helpdesk.domain.commands import Close
from helpdesk.kernel.errors import Conflict, Invalid, NotFound, Refused
from helpdesk.kernel.ids import new_id
from helpdesk.store.audit import Audit
from helpdesk.store.organisations import Organisations
from helpdesk.store.participants import Participants
from helpdesk.store.schema import ledger, messages

Lives = Callable[[str], Life]

STRANGER = "somebody@elsewhere.example"
RAW = b"From: somebody\r\n\r\nwhole"


def hold(life: Life) -> UUID:
    """Have a request on record and a letter held that names it, from somebody else; return the letter's line."""
    life.mail()
    held = life.mail("Добавлю к заявке", "m2", subject="Re: #1", sender=STRANGER, raw=RAW)
    assert held.outcome is Outcome.HELD
    return held.ledger_id


def resolve(life: Life, command: ResolveHold) -> HoldResolved:
    found: HoldResolved = life.write(lambda session: resolve_hold(session, life.five.resources, command))
    return found


def lines(life: Life) -> dict[str, int]:
    """Count the ledger by outcome."""
    wanted = select(ledger.c.outcome, func.count()).where(ledger.c.tenant_id == life.five.tenants[life.company])
    rows = life.read(lambda session: session.connection.execute(wanted.group_by(ledger.c.outcome)).all())
    return dict(tuple(row) for row in rows)


def test_a_held_letter_becomes_a_ticket_that_counts_from_its_receipt(lives: Lives) -> None:
    """Our doubt is not the client's time: five minutes from the receipt, though an agent looked an hour later."""
    life = lives("telemedhelp")
    life.now("2026-03-16T10:00:00+03:00")
    line = hold(life)
    life.now("2026-03-16T11:00:00+03:00")
    done = resolve(life, ResolveHold(line, "ticket"))
    assert done == HoldResolved(line, "ticket", 2)
    life.number = 2
    assert is_about(life.ticket().received_at, "2026-03-16T10:00:00+03:00")
    assert is_about(life.clock("reaction").due, "2026-03-16T10:05:00+03:00")
    assert life.ticket().requester == STRANGER
    assert lines(life) == {"ticket": 1, "held": 1}
    raw = life.read(
        lambda s: s.connection.execute(select(messages.c.raw_hash).where(messages.c.direction == "in")).all()
    )
    assert [row[0] is not None for row in raw] == [False, True]


def test_a_held_letter_joins_the_ticket_and_its_sender_takes_part(lives: Lives) -> None:
    """The client's wait is over with it; the next letter of the same person joins by itself."""
    life = lives("siroca")
    life.now("2026-03-16T10:00:00+03:00")
    line = hold(life)
    assert resolve(life, ResolveHold(line, "joined", 1)).number == 1
    assert life.happened()[-1] is Happened.CLIENT_MESSAGE
    again = life.mail("Ещё", "m3", subject="Re: #1", sender=STRANGER, standing=Standing.AUTHENTICATED)
    assert (again.outcome, again.number) == (Outcome.FOLLOW_UP, 1)
    assert lines(life) == {"ticket": 1, "held": 1, "follow_up": 1}
    ticket = life.ticket()
    assert life.read(lambda s: Participants(s).addresses(ticket.id, "email")) == {CLIENT, STRANGER}


def test_what_is_owed_for_a_letter_that_joins_counts_from_its_receipt(lives: Lives) -> None:
    """Telemed 2.4: five minutes from the letter, not from when somebody found out whose it is."""
    life = lives("telemedhelp")
    life.now("2026-03-16T10:00:00+03:00")
    line = hold(life)
    life.now("2026-03-16T11:00:00+03:00")
    resolve(life, ResolveHold(line, "joined", 1))
    assert is_about(life.clock("reaction_followup").due, "2026-03-16T10:05:00+03:00")
    assert is_about(life.log()[-1].at, "2026-03-16T11:00:00+03:00")


def test_a_further_word_has_the_time_of_the_channel_it_comes_by(lives: Lives) -> None:
    """Telemed 2.4 and 3.1: ten minutes in the chat, five by mail, whichever way the request itself came by."""
    life = lives("telemedhelp")
    life.now("2026-03-16T10:00:00+03:00")
    chat = Inbound("chat", "telemed.help", "c1", "user-1", None, "Беда", "Не работает", standing=Standing.AUTHENTICATED)
    resources, agent = life.five.resources, life.five.agent("telemedhelp")
    arrival = Arrival(chat, contact=CLIENT)
    life.five.database.write_now(agent, lambda session: receive(session, resources, arrival))
    assert is_about(life.clock("reaction").due, "2026-03-16T10:10:00+03:00")
    life.now("2026-03-16T11:00:00+03:00")
    assert life.reply("Ещё").outcome is Outcome.FOLLOW_UP
    assert is_about(life.clock("reaction_followup").due, "2026-03-16T11:05:00+03:00")


def test_joined_to_a_closed_ticket_it_is_a_late_word(lives: Lives) -> None:
    """It becomes a request of its own, linked to the closed one."""
    life = lives("pass24")
    line = hold(life)
    life.do(Close(1, "solved"))
    assert resolve(life, ResolveHold(line, "joined", 1)).number == 2
    life.number = 2
    assert life.ticket().follows == 1


def test_a_held_letter_is_resolved_once_and_with_reason(lives: Lives) -> None:
    """Who, when and why stand in the audit; a second resolution finds the first."""
    life = lives("intervale")
    line = hold(life)
    with pytest.raises(Invalid, match="reason"):
        resolve(life, ResolveHold(line, "discarded"))
    with pytest.raises(Invalid, match="named"):
        resolve(life, ResolveHold(line, "joined"))
    with pytest.raises(Invalid, match="no ticket 77"):
        resolve(life, ResolveHold(line, "joined", 77))
    with pytest.raises(NotFound):
        resolve(life, ResolveHold(new_id(), "ticket"))
    assert resolve(life, ResolveHold(line, "discarded", reason="реклама")).number is None
    with pytest.raises(Conflict, match="discarded"):
        resolve(life, ResolveHold(line, "ticket"))
    (act, *_) = life.read(lambda session: Audit(session).latest(1))
    assert (act.act, act.object, act.data["reason"]) == ("hold.resolve", f"hold:{line}", "реклама")


def test_what_the_regulation_does_not_let_in_stays_held(lives: Lives) -> None:
    """SpecPromDesign serves who has an act of acceptance; the refusal names the clause and the letter stays."""
    life = lives("specpromdesign")
    line = hold(life)
    life.write(lambda session: Organisations(session).add("ООО Ромашка"))
    with pytest.raises(Refused) as refused:
        resolve(life, ResolveHold(line, "ticket"))
    assert (refused.value.clause, refused.value.ledger_id) == ("Порядок активации услуг", line)
    assert resolve(life, ResolveHold(line, "discarded", reason="нет акта")).resolution == "discarded"
