"""Everything received becomes exactly one line of the ledger, and what that line says."""

import pytest
from sqlalchemy import func, select
from tests.integration.desk.conftest import SECRET, World

from helpdesk.contracts.clocks import ClockState
from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Inbound, Nature, Outcome, Standing
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.domain.attention import TOO_MANY, WITHHELD
from helpdesk.domain.clients import ContactAddress
from helpdesk.domain.commands import CallOutcome, Close, RegisterCall, Resolve
from helpdesk.domain.rights import Flag
from helpdesk.domain.states import State
from helpdesk.domain.threading import make_token
from helpdesk.kernel.errors import Invalid, KeyReused, NotFound, Refused
from helpdesk.kernel.instants import DAY, HOUR, MINUTE, to_datetime
from helpdesk.store.contacts import Contacts
from helpdesk.store.flags import Flags
from helpdesk.store.ledger import Ledger
from helpdesk.store.schema import ledger

pytestmark = pytest.mark.anyio


async def balance(world: World) -> dict[Outcome, int]:
    def work(session):  # type: ignore[no-untyped-def]

        return dict(session.connection.execute(select(ledger.c.outcome, func.count()).group_by(ledger.c.outcome)).all())

    found = await world.database.read(world.agent, work)
    return {Outcome(outcome): count for outcome, count in found.items()}


async def test_a_mail_becomes_a_ticket_with_running_clocks_and_an_acknowledgement(world: World) -> None:
    """Number, log, deadlines, ledger and the owed letter are one transaction."""
    taken = await world.mail()
    assert (taken.outcome, taken.number, taken.tenant) == (Outcome.TICKET, 1, "sample")
    ticket = await world.ticket()
    assert (ticket.state, ticket.level, ticket.contact) == (State.NEW, "low", "client@client.example")
    assert await world.happened() == [Happened.RECEIVED, Happened.REGISTERED]
    reaction = await world.clock("reaction")
    assert (reaction.state, reaction.due) == (ClockState.RUNNING, ticket.registered_at + 10 * MINUTE)
    resolution = await world.clock("resolution")
    assert resolution.due == ticket.registered_at + 8 * HOUR
    (letter,) = await world.owed("acknowledgement")
    assert letter["recipient"] == "client@client.example"
    assert "1" in str(letter["subject"])
    assert letter["automatic"] is True
    assert await balance(world) == {Outcome.TICKET: 1}


@pytest.mark.parametrize("subject", ["", "  "])
async def test_a_mail_without_a_subject_is_known_by_its_first_words(world: World, subject: str) -> None:
    """Lists show something for it; the message itself stays as it came."""
    await world.mail(subject=subject, text="\n Терминал не печатает чек \n\nС утра.")
    assert (await world.ticket()).subject == "Терминал не печатает чек"


async def test_the_same_mail_again_is_a_duplicate_of_the_first(world: World) -> None:
    """A redelivered message makes no second ticket, and is counted."""
    first = await world.mail()
    again = await world.mail()
    assert (again.outcome, again.number, again.ledger_id) == (Outcome.DUPLICATE, 1, first.ledger_id)
    with pytest.raises(NotFound):
        await world.ticket(2)
    assert await balance(world) == {Outcome.TICKET: 1, Outcome.DUPLICATE: 1}


async def test_another_content_under_the_same_key_is_refused_as_such(world: World) -> None:
    """A key names one input only."""
    await world.mail()
    with pytest.raises(KeyReused):
        await world.mail(text="Другое")


async def test_a_reply_with_the_ticket_s_token_joins_it(world: World) -> None:
    """A participant who brings back our token writes into the ticket."""
    taken = await world.mail()
    assert taken.ticket_id is not None
    token = make_token(SECRET, world.tenant_id, taken.ticket_id)
    reply = await world.mail("m2", tokens=(token,))
    assert (reply.outcome, reply.number) == (Outcome.FOLLOW_UP, 1)
    assert (await world.happened())[-1] is Happened.CLIENT_MESSAGE


async def test_a_number_in_the_subject_is_not_enough(world: World) -> None:
    """An unauthenticated sender who knows the number is held for an agent; the ticket sees nothing of it."""
    await world.mail()
    held = await world.mail("m2", subject="Re: [#1] Не работает")
    assert held.outcome is Outcome.HELD
    assert len(await world.log()) == 2
    joined = await world.mail("m3", subject="Re: [#1] Не работает", standing=Standing.AUTHENTICATED)
    assert joined.outcome is Outcome.FOLLOW_UP


async def test_automatic_mail_is_noted_and_never_answered(world: World) -> None:
    """A robot gets no ticket and no letter (RFC 3834)."""
    taken = await world.mail(nature=Nature.AUTOMATIC)
    assert taken.outcome is Outcome.NOTED
    assert await world.owed("acknowledgement") == []


async def test_a_late_reply_becomes_a_linked_ticket(world: World) -> None:
    """A closed ticket stays closed; the word that comes later is a request of its own that says what it follows."""
    taken = await world.mail()
    assert taken.ticket_id is not None
    await world.desk.change(world.agent, Close(1, "solved"))
    reply = await world.mail("m2", tokens=(make_token(SECRET, world.tenant_id, taken.ticket_id),))
    assert (reply.outcome, reply.number) == (Outcome.TICKET, 2)
    assert (await world.ticket(2)).follows == 1


async def test_what_comes_by_an_unofficial_way_is_refused_with_the_clause(world: World) -> None:
    """The refusal is in the ledger with its clause and hint; there is no ticket."""
    message = Inbound("telegram", "@sample_bot", "t1", "user:1", None, text="Привет")
    taken = await world.desk.receive(world.channel, Arrival(message))
    assert (taken.outcome, taken.clause, taken.hint) == (Outcome.REFUSED, "2.1", "Telegram не канал.")
    assert taken.number is None


async def test_an_unreadable_message_is_quarantined_once(world: World) -> None:
    """What cannot be read is kept with its cause, and accounted for."""
    message = Inbound("email", "help@sample.example", "q1", "", None, raw=b"\xff\xfe")
    taken = await world.desk.quarantine(world.channel, message, "cannot be parsed")
    assert taken.outcome is Outcome.QUARANTINED
    assert await balance(world) == {Outcome.QUARANTINED: 1}


def call(**fields: object) -> RegisterCall:
    given = {"call_id": "c1", "dialled": "+74950000042", "caller": "+79990000001", "summary": "Не звонит", **fields}
    return RegisterCall(**given)  # type: ignore[arg-type]


async def test_a_call_becomes_a_ticket_received_when_it_began(world: World) -> None:
    """The call's start counts as the receipt; the number is mailed where the agent gave an address."""
    now = await world.database.read(world.agent, lambda session: session.now)
    began = now - 3 * MINUTE
    taken = await world.desk.register_call(
        world.agent, call(started_at=began, level="high", contact="client@client.example", criterion="стоит всё")
    )
    ticket = await world.ticket()
    assert (taken.number, ticket.received_at, ticket.level) == (1, began, "high")
    assert await world.happened() == [Happened.RECEIVED, Happened.REGISTERED, Happened.LEVEL_SET]
    (letter,) = await world.owed("acknowledgement")
    assert (letter["recipient"], letter["sender"]) == ("client@client.example", "help@sample.example")


async def test_the_same_call_again_gets_the_same_answer(world: World) -> None:
    """A phone agent's second click changes nothing."""
    first = await world.desk.register_call(world.agent, call())
    assert await world.desk.register_call(world.agent, call()) == first


async def test_another_call_under_the_same_id_is_told(world: World) -> None:
    """An id names one call: another outcome or address under it is no repetition."""
    await world.desk.register_call(world.agent, call())
    for other in (call(contact="b@client.example"), call(outcome=CallOutcome.CONSULTED), call(criterion="x")):
        with pytest.raises(KeyReused):
            await world.desk.register_call(world.agent, other)


async def test_a_call_to_another_number_is_refused_twice_alike(world: World) -> None:
    """The caller is told the clause and where the ledger has it, at the repetition too."""
    refusals = []
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            await world.desk.register_call(world.agent, call(dialled="+74950000099"))
        refusals.append((refused.value.clause, refused.value.ledger_id))
    assert refusals[0] == refusals[1]
    assert refusals[0][0] == "2"


async def test_a_call_answered_on_the_spot_is_counted_without_a_ticket(world: World) -> None:
    """Consultation: a line of the ledger, nothing else."""
    taken = await world.desk.register_call(world.agent, call(outcome=CallOutcome.CONSULTED))
    assert (taken.outcome, taken.number) == (Outcome.CONSULTED, None)


@pytest.mark.parametrize("shift", [-8 * DAY, 10 * MINUTE])
async def test_a_call_cannot_have_begun_at_any_time(world: World, shift: int) -> None:
    """The agent's word about the start is bounded; nothing is stored of a call out of bounds."""
    now = await world.database.read(world.agent, lambda session: session.now)
    with pytest.raises(Invalid):
        await world.desk.register_call(world.agent, call(started_at=now + shift))
    assert await balance(world) == {}


async def test_the_fourth_automatic_mail_within_an_hour_is_withheld_and_says_so(world: World) -> None:
    """At most three automatic mails an hour go to one address; the ticket is registered all the same."""
    for index in range(4):
        await world.mail(f"m{index}", text=f"Вопрос {index}")
    assert len(await world.owed("acknowledgement")) == 3
    assert (await world.happened(4))[-1] is Happened.WITHHELD
    ticket = await world.ticket(4)
    flags = await world.database.read(world.agent, lambda session: Flags(session).of(ticket.id))
    assert flags == (Flag(WITHHELD, "", TOO_MANY),)
    await world.pass_seconds(3601)
    await world.mail("m5", text="Ещё")
    assert len(await world.owed("acknowledgement")) == 4


@pytest.mark.parametrize(("verified", "letters"), [(False, 1), (True, 2)])
async def test_a_verified_address_gets_what_its_own_letters_would(world: World, verified: bool, letters: int) -> None:
    """Of calls in one hour: an address that only the caller gave gets one letter, a contact's verified one each."""
    addresses = (ContactAddress("email", "client@client.example", verified=verified),)
    await world.database.write(
        world.agent, lambda session: Contacts(session).add("Клиент", None, authorised=False, addresses=addresses)
    )
    for index in range(2):
        await world.desk.register_call(world.agent, call(call_id=f"c{index}", contact="client@client.example"))
    assert len(await world.owed("acknowledgement")) == letters


async def test_numbers_have_no_gaps_though_a_registration_failed(world: World) -> None:
    """A number given out in a transaction that fails is given out again."""
    await world.mail("m1")
    with pytest.raises(Invalid):
        await world.desk.register_call(world.agent, call(level="неведомый"))
    await world.mail("m2", text="Второе")
    assert (await world.ticket(2)).number == 2


async def test_the_ledger_s_balance_is_per_day_and_channel(world: World) -> None:
    """Received equals the sum of outcomes."""
    await world.mail()
    await world.mail()
    await world.desk.register_call(world.agent, call())
    day = (await world.database.read(world.agent, lambda session: session.now)) + 3 * HOUR

    found = await world.database.read(
        world.agent, lambda session: Ledger(session).balance(to_datetime(day).date().isoformat())
    )
    assert found == {("email", Outcome.TICKET): 1, ("email", Outcome.DUPLICATE): 1, ("phone", Outcome.TICKET): 1}


async def test_a_word_after_the_resolution_reopens(world: World) -> None:
    """The regulation's closing machine decides: here the client's message puts the ticket back into work."""
    taken = await world.mail()
    assert taken.ticket_id is not None
    await world.desk.change(world.agent, Resolve(1))
    await world.mail("m2", tokens=(make_token(SECRET, world.tenant_id, taken.ticket_id),))
    assert (await world.ticket()).state is State.OPEN
    assert (await world.clock("auto_close")).state is ClockState.CANCELLED
    assert (await world.clock("resolution")).state is ClockState.RUNNING
