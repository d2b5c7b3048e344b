"""Commands change one ticket wholly or not at all; its clocks follow its log."""

import asyncio

import pytest
from sqlalchemy import select
from tests.integration.desk.conftest import World
from tests.support.due import due_before

from helpdesk.contracts.clocks import ClockState
from helpdesk.contracts.log import Happened
from helpdesk.desk.changing.commit import fold
from helpdesk.desk.changing.directory import Directory
from helpdesk.domain.commands import (
    AddNote,
    Assign,
    Close,
    Expedite,
    Hold,
    Idempotency,
    Release,
    Reply,
    ReplyKind,
    Resolve,
    SetLevel,
    SetLine,
)
from helpdesk.domain.states import State
from helpdesk.kernel.errors import Conflict, Invalid, KeyReused, NotFound, VersionConflict
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import HOUR, MINUTE, SECOND
from helpdesk.kernel.principal import Principal, Role, system
from helpdesk.store.schema import messages
from helpdesk.store.timers import Clocks

pytestmark = pytest.mark.anyio


async def test_the_first_human_answer_stops_the_reaction(world: World) -> None:
    """An answer stops the reaction clock and leaves the resolution running."""
    await world.mail()
    await world.desk.change(world.agent, Reply(1, ReplyKind.ANSWER, "Смотрим"))
    assert (await world.clock("reaction")).state is ClockState.MET
    assert (await world.clock("resolution")).state is ClockState.RUNNING
    (letter,) = await world.owed("answer")
    assert letter["automatic"] is False
    assert "Смотрим" in str(letter["text"])


async def test_waiting_for_the_client_moves_the_limit_by_the_wait(world: World) -> None:
    """A question pauses the resolution until the client writes; the limit moves by exactly that long."""
    await world.mail()
    due = (await world.clock("resolution")).due
    assert due is not None
    await world.desk.change(world.agent, Reply(1, ReplyKind.QUESTION, "Какая версия?"))
    asked = (await world.log())[-1].at
    paused = await world.clock("resolution")
    assert (paused.state, paused.due) == (ClockState.PAUSED, None)
    await world.pass_seconds(1800)
    await world.desk.change(world.agent, Release(1, "waiting_client"))
    resumed = (await world.log())[-1].at
    clock = await world.clock("resolution")
    assert (clock.state, clock.due) == (ClockState.RUNNING, due + resumed - asked)


async def test_two_reasons_to_wait_both_have_to_end(world: World) -> None:
    """The ticket waits while any reason is in force."""
    await world.mail()
    await world.desk.change(world.agent, Hold(1, "update"))
    await world.desk.change(world.agent, Hold(1, "waiting_client"))
    assert (await world.desk.change(world.agent, Release(1, "update"))).state == State.WAITING
    assert (await world.clock("resolution")).state is ClockState.PAUSED
    assert (await world.desk.change(world.agent, Release(1, "waiting_client"))).state == State.NEW
    with pytest.raises(Conflict):
        await world.desk.change(world.agent, Release(1, "update"))


async def test_a_higher_level_counts_from_the_registration(world: World) -> None:
    """Re-rating recomputes the limit from the start, under the new level's amount."""
    await world.mail()
    registered = (await world.ticket()).registered_at
    await world.desk.change(world.agent, SetLevel(1, "high", "стоит всё"))
    assert (await world.clock("resolution")).due == registered + 2 * HOUR


async def test_a_level_raised_too_late_is_an_honest_breach(world: World) -> None:
    """The limit then lies in the past; the breach is said at once."""
    await world.mail()
    await world.pass_seconds(3 * 3600)
    await world.fire_due()
    await world.desk.change(world.agent, SetLevel(1, "high", "стоит всё"))
    assert (await world.clock("resolution")).state is ClockState.BREACHED
    assert await world.fire_due() == 1
    assert (await world.happened())[-1] is Happened.BREACHED


async def test_an_assignment_can_name_the_engineer_to_the_client(world: World) -> None:
    """One command assigns and informs."""
    await world.mail()
    changed = await world.desk.change(world.agent, Assign(1, "agent-7", inform_client=True))
    assert changed.state == State.OPEN
    assert (await world.log())[-1].data["names_engineer"] is True
    (letter,) = await world.owed("notice")
    assert "agent-7" in str(letter["text"])


async def test_what_the_regulation_does_not_know_is_refused_whole(world: World) -> None:
    """Unknown levels, lines, reasons and outcomes change nothing and say what is known."""
    await world.mail()
    for command in (
        SetLevel(1, "x", "y"),
        SetLine(1, "x"),
        Hold(1, "x"),
        Close(1, "x"),
        Reply(1, ReplyKind.ANSWER, " "),
    ):
        with pytest.raises(Invalid):
            await world.desk.change(world.agent, command)
    assert (await world.ticket()).version == 1
    assert len(await world.log()) == 2


async def test_a_closed_ticket_takes_no_command_but_a_note(world: World) -> None:
    """Closed is final."""
    await world.mail()
    await world.desk.change(world.agent, Close(1, "solved"))
    for command in (Resolve(1), Assign(1, "a"), Hold(1, "update"), SetLevel(1, "high", "x"), Close(1, "solved")):
        with pytest.raises(Conflict):
            await world.desk.change(world.agent, command)
    await world.desk.change(world.agent, AddNote(1, "для памяти"))
    assert (await world.ticket()).state is State.CLOSED


async def test_a_version_that_passed_is_told_with_the_current_one(world: World) -> None:
    """Optimistic concurrency: nobody overwrites what he has not seen."""
    await world.mail()
    await world.desk.change(world.agent, Assign(1, "a"), expected_version=1)
    with pytest.raises(VersionConflict) as conflict:
        await world.desk.change(world.agent, Assign(1, "b"), expected_version=1)
    assert conflict.value.current == 2


async def test_concurrent_commands_all_take_effect_in_one_gapless_order(world: World) -> None:
    """Writers of one ticket come one after another; the log has every entry once, numbered without gaps."""
    await world.mail()
    await asyncio.gather(*(world.desk.change(world.agent, AddNote(1, f"заметка {i}")) for i in range(16)))
    log = await world.log()
    assert [entry.seq for entry in log] == list(range(1, 19))
    assert (await world.ticket()).version == 17


async def test_an_idempotency_key_makes_a_command_happen_once(world: World) -> None:
    """The same key with the same request gives the stored answer, with another request an error."""
    await world.mail()
    key = Idempotency("k1", b"h" * 32)
    first = await world.desk.change(world.agent, AddNote(1, "раз"), idempotency=key)
    assert await world.desk.change(world.agent, AddNote(1, "раз"), idempotency=key) == first
    with pytest.raises(KeyReused):
        await world.desk.change(world.agent, AddNote(1, "два"), idempotency=Idempotency("k1", b"x" * 32))
    assert len(await world.log()) == 3


async def test_a_stranger_s_ticket_is_not_there(world: World) -> None:
    """Another tenant's principal finds nothing under the same number."""
    await world.mail()

    stranger = Principal(Role.AGENT, "key:other", new_id())
    with pytest.raises(NotFound):
        await world.desk.change(stranger, AddNote(1, "x"))


async def test_timers_warn_pass_the_goal_and_breach_in_order_and_once(world: World) -> None:
    """Firing twice changes nothing; letters go to the tenant's alert address."""
    await world.mail()
    await world.pass_seconds(301)
    assert await world.fire_due() == 1
    assert await world.fire_due() == 0
    assert (await world.happened())[-1] is Happened.WARNED
    await world.pass_seconds(8 * 3600)
    await world.fire_due()
    assert (await world.happened())[2:] == [
        Happened.WARNED,
        Happened.BREACHED,
        Happened.GOAL_PASSED,
        Happened.BREACHED,
    ]
    (warning,) = await world.owed("warning")
    assert warning["recipient"] == "head@sample.example"
    assert len(await world.owed("breach")) == 2


async def test_a_timer_moved_meanwhile_does_not_fire(world: World) -> None:
    """A firing prepared for an epoch that passed takes no effect."""

    await world.mail()
    await world.pass_seconds(8 * 3600 + 1)
    prepared = await world.database.read(system("test"), lambda s: due_before(s, s.now, 100))
    await world.fire_due()
    before = await world.log()
    for timer in prepared:
        bound = system("test", world.tenant_id)
        assert not await world.desk.fire(bound, [timer])
    assert await world.log() == before


async def test_a_timer_never_fires_early(world: World) -> None:
    """Asked before its moment, it does nothing."""

    await world.mail()
    (first, *_) = await world.database.read(system("test"), lambda s: due_before(s, s.now + HOUR, 100))
    assert first.due_at == (await world.ticket()).registered_at + 5 * MINUTE
    assert not await world.desk.fire(system("test", world.tenant_id), [first])


async def test_a_breach_before_a_late_answer_is_said_first(world: World) -> None:
    """Whatever was due before a command has fired before it, also while the timekeeper sleeps."""
    await world.mail()
    await world.pass_seconds(11 * 60)
    await world.desk.change(world.agent, Reply(1, ReplyKind.ANSWER, "Поздно"))
    assert (await world.happened())[2:] == [Happened.WARNED, Happened.BREACHED, Happened.ANSWER_SENT]
    assert (await world.clock("reaction")).state is ClockState.BREACHED
    assert await world.fire_due() == 0


async def test_silence_after_the_resolution_closes(world: World) -> None:
    """The term runs out into its act, with its outcome; the client is told."""
    await world.mail()
    await world.desk.change(world.agent, Resolve(1, "Готово"))
    await world.pass_seconds(24 * 3600 - 2)
    assert await world.fire_due() == 0
    await world.pass_seconds(3)
    assert await world.fire_due() == 1
    ticket = await world.ticket()
    assert (ticket.state, ticket.outcome) == (State.CLOSED, "confirmed_by_silence")
    assert len(await world.owed("closed")) == 1
    assert ticket.closed_at is not None
    assert ticket.closed_at - (await world.clock("auto_close")).due < 10 * SECOND  # type: ignore[operator]


async def test_rebuilding_the_clocks_from_the_log_gives_the_cached_rows(world: World) -> None:
    """Clock rows are a cache of the log, equal to the fold."""

    await world.mail()
    await world.desk.change(world.agent, Reply(1, ReplyKind.QUESTION, "?"))
    await world.pass_seconds(700)
    await world.desk.change(world.agent, Release(1, "waiting_client"))
    await world.desk.change(world.agent, SetLevel(1, "high", "x"))
    await world.desk.change(world.agent, Resolve(1))
    ticket, log = await world.ticket(), await world.log()

    def work(session):  # type: ignore[no-untyped-def]
        return Directory().of(session, ticket.snapshot_hash), Clocks(session).of(ticket.id)

    evaluator, cached = await world.database.read(world.agent, work)
    key = lambda clock: (clock.name, clock.seq)  # noqa: E731
    assert sorted(cached, key=key) == sorted(fold(evaluator, ticket, log).clocks, key=key)


async def test_a_letter_made_from_our_text_is_stored_as_it_was_written(world: World) -> None:
    """The ticket's messages show what the client got, word for word."""
    await world.mail(message_id="<first@client.example>")
    await world.desk.change(world.agent, Assign(1, "agent-7", inform_client=True))

    def work(session):  # type: ignore[no-untyped-def]

        return session.connection.execute(select(messages.c.text).where(messages.c.direction == "out")).scalars().all()

    (letter,) = await world.owed("notice")
    assert await world.database.read(world.agent, work) == [letter["text"]]


async def test_letters_answer_the_client_s_latest_mail(world: World) -> None:
    """In-Reply-To and References name it, so that the client's own program threads them."""
    await world.mail(message_id="<first@client.example>")
    (acknowledgement,) = await world.owed("acknowledgement")
    assert acknowledgement["in_reply_to"] == "<first@client.example>"
    await world.desk.change(world.agent, Reply(1, ReplyKind.ANSWER, "Смотрим"))
    (answer,) = await world.owed("answer")
    assert answer["references"] == ["<first@client.example>"]


async def test_a_level_wants_the_facts_that_its_clause_names(world: World) -> None:
    """Without them the level is not set, and the answer says what is missing."""
    await world.mail()
    with pytest.raises(Invalid, match=r"clause 3\.1 demands more: no_workaround"):
        await world.desk.change(world.agent, SetLevel(1, "emergency", "стоит всё", ("confirmed_by_staff",)))
    facts = ("confirmed_by_staff", "no_workaround")
    await world.desk.change(world.agent, SetLevel(1, "emergency", "стоит всё", facts))
    assert (await world.log())[-1].data["facts"] == [*facts]


async def test_a_wait_that_wants_a_notice_begins_only_after_one(world: World) -> None:
    """The notice must have been sent since the last wait ended; the reason holds for its levels only."""
    await world.mail()
    await world.desk.change(world.agent, Reply(1, ReplyKind.NOTICE, "Будем обновлять"))
    with pytest.raises(Invalid, match="level"):
        await world.desk.change(world.agent, Hold(1, "installation"))
    await world.desk.change(world.agent, SetLevel(1, "high", "x"))
    await world.desk.change(world.agent, Hold(1, "installation"))
    await world.desk.change(world.agent, Release(1, "installation"))
    with pytest.raises(Invalid, match="notice"):
        await world.desk.change(world.agent, Hold(1, "installation"))


async def test_an_outcome_wants_what_its_clause_names(world: World) -> None:
    """Third-party products are closed with the vendor's name."""
    await world.mail()
    for facts in ({}, {"vendor": " "}):
        with pytest.raises(Invalid, match="vendor"):
            await world.desk.change(world.agent, Close(1, "third_party", facts))
    await world.desk.change(world.agent, Close(1, "third_party", {"vendor": "Изготовитель"}))
    closed = next(entry for entry in await world.log() if entry.what is Happened.CLOSED)
    assert closed.data["facts"] == {"vendor": "Изготовитель"}


async def test_only_what_the_regulation_allows_is_taken_out_of_turn(world: World) -> None:
    """Expediting needs its facts and a cause, happens once, and puts the ticket in front."""
    await world.mail()
    with pytest.raises(Invalid, match="product_failure"):
        await world.desk.change(world.agent, Expedite(1, "просят"))
    await world.desk.change(world.agent, Expedite(1, "отказ", ("product_failure",)))
    assert (await world.ticket()).expedited
    with pytest.raises(Conflict):
        await world.desk.change(world.agent, Expedite(1, "отказ", ("product_failure",)))
