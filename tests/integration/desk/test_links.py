"""Tickets that belong together: both logs tell of it, clocks end honestly, and nobody's letter is lost."""

import asyncio
import random
import shutil
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.integration.desk.binding import audited, do, holds, last
from tests.integration.desk.conftest import World
from tests.integration.editions.conftest import edited

from helpdesk.contracts.clocks import ClockKind, ClockState
from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Inbound, Outcome
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.desk.tickets import links
from helpdesk.domain.commands import AddNote, Assign, Close, Hold, Reply, ReplyKind, SetLevel
from helpdesk.domain.linking import LinkKind, SplitPart
from helpdesk.domain.states import State
from helpdesk.domain.threading import make_token
from helpdesk.kernel.errors import Conflict, Invalid, NotFound, VersionConflict
from helpdesk.kernel.instants import MINUTE
from helpdesk.queries.tickets.evidence import gather_evidence, seal_evidence
from helpdesk.queries.tickets.links import list_links
from helpdesk.regulation.certifying.certificates import certify, to_json
from helpdesk.regulation.certifying.seal import Seal
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import take_snapshot
from helpdesk.regulation.loading.loader import load_package
from helpdesk.sim.history import Period, read, spans
from helpdesk.sim.judge import Judge, manner_of
from helpdesk.store.editions import Editions
from helpdesk.store.engine.database import Database, open_database
from helpdesk.store.tickets import Tickets
from helpdesk.store.timers import Clocks
from helpdesk.verify.certificates import verify
from helpdesk.verify.evidence import verify_evidence

pytestmark = pytest.mark.anyio

SECRET = b"0" * 32


@pytest.fixture
def database(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """SQLite, but where a test asks for both kinds."""
    if "database_urls" in request.fixturenames:
        opened = open_database(request.getfixturevalue("database_urls").application)
    else:
        shutil.copy(sqlite_template, tmp_path / "alone.db")
        opened = open_database(f"sqlite:///{tmp_path / 'alone.db'}")
    yield opened
    opened.close()


async def test_a_link_is_an_entry_in_both_logs(world: World) -> None:
    """Each log says what its ticket is to the other one; versions rise by one; taken back, both say that too."""
    await world.mail("m1")
    await world.mail("m2")
    done = await do(world, links.link, 2, kind=LinkKind.DUPLICATE_OF, other=1)
    assert (done.number, done.version, [(each.number, each.version) for each in done.others]) == (2, 2, [(1, 2)])
    assert last(await world.log(2)) == (Happened.LINKED, {"relation": "duplicate_of", "number": 1})
    assert last(await world.log(1)) == (Happened.LINKED, {"relation": "has_duplicate", "number": 2})
    again = await do(world, links.link, 2, kind=LinkKind.DUPLICATE_OF, other=1)
    assert again.version == 2
    await do(world, links.unlink, 2, kind=LinkKind.DUPLICATE_OF, other=1)
    assert last(await world.log(1)) == (Happened.UNLINKED, {"relation": "has_duplicate", "number": 2})
    with pytest.raises(Conflict):
        await do(world, links.unlink, 2, kind=LinkKind.DUPLICATE_OF, other=1)
    assert (await audited(world))[:2] == ["ticket.unlink", "ticket.link"]
    for number in (1, 2):
        await holds(world, number)


async def test_related_is_the_same_from_either_side(world: World) -> None:
    """Linked from one, it is there from the other, and may be taken back from there. Closed tickets may be linked."""
    await world.mail("m1")
    await world.mail("m2")
    await world.desk.change(world.agent, Close(1, "solved"))
    await do(world, links.link, 1, kind=LinkKind.RELATED, other=2)
    assert (await do(world, links.link, 2, kind=LinkKind.RELATED, other=1)).version == 2
    await do(world, links.unlink, 2, kind=LinkKind.RELATED, other=1)


async def test_what_cannot_be_linked_is_told(world: World) -> None:
    """Itself, a ticket that is not there, a kind that only a split or merge makes, another version."""
    await world.mail("m1")
    await world.mail("m2")
    for other, kind in ((1, LinkKind.RELATED), (9, LinkKind.RELATED), (2, LinkKind.MERGED_INTO)):
        with pytest.raises(Invalid):
            await do(world, links.link, 1, kind=kind, other=other)
    with pytest.raises(NotFound):
        await do(world, links.link, 9, kind=LinkKind.RELATED, other=1)
    with pytest.raises(VersionConflict) as caught:
        await do(world, links.link, 1, kind=LinkKind.RELATED, other=2, expected_version=7)
    assert caught.value.current == 1
    assert len(await world.log(1)) == 2


async def test_a_question_split_off_keeps_receipt_and_clocks(world: World) -> None:
    """The new ticket's deadlines are the request's own, to the microsecond; each part is told its number."""
    await world.mail("m1", subject="Два вопроса")
    await world.desk.change(world.agent, SetLevel(1, "high", "3"))
    await world.pass_seconds(600)
    await world.desk.change(world.agent, Hold(1, "update"))
    await world.pass_seconds(600)
    parts = tuple(SplitPart(f"Вопрос {n}", "Почему?") for n in (2, 3, 4, 5, 6))
    done = await do(world, links.split, 1, parts=parts)
    assert [each.number for each in done.others] == [2, 3, 4, 5, 6]
    parent, child = await world.ticket(1), await world.ticket(3)
    same = ("received_at", "registered_at", "level", "requester", "contact", "channel", "snapshot_hash", "language")
    assert [getattr(parent, name) for name in same] == [getattr(child, name) for name in same]
    assert (child.subject, child.state, child.assignee) == ("Вопрос 3", State.WAITING, None)
    for name in ("reaction", "resolution"):
        assert await world.clock(name, number=3) == await world.clock(name, number=1)
    assert [entry.what for entry in (await world.log(1))[-5:]] == [Happened.SPLIT] * 5
    assert last(await world.log(3))[1] == {"relation": "split_from", "number": 1, "clause": ""}
    letters = await world.owed("acknowledgement")
    assert [str(number) in str(letter["subject"]) for number, letter in zip(range(1, 7), letters, strict=True)] == [
        True
    ] * 6
    assert len(await world.owed("acknowledgement")) == 6
    for number in (1, 3):
        await holds(world, number)


async def test_an_answer_to_the_first_question_is_none_to_the_others(world: World) -> None:
    """The reaction of a ticket split off late is not met by what was answered before; a question asked stands."""
    await world.mail("m1")
    await world.mail("m2")
    await world.desk.change(world.agent, Reply(1, ReplyKind.ANSWER, "На первый вопрос", resolves=True))
    await world.desk.change(world.agent, Reply(2, ReplyKind.QUESTION, "Какая версия?"))
    for number in (1, 2):
        await do(world, links.split, number, parts=(SplitPart("Второй", "А второй?"),))
    assert (await world.clock("reaction", number=1)).state is ClockState.MET
    unanswered, asked = await world.ticket(3), await world.ticket(4)
    assert (unanswered.state, asked.state) == (State.NEW, State.WAITING)
    assert (await world.clock("reaction", number=3)).state is ClockState.RUNNING
    assert (await world.clock("reaction", number=4)).state is ClockState.MET
    await world.pass_seconds(601)
    await world.fire_due()
    late = await world.clock("reaction", number=3)
    assert (late.state, late.due) == (ClockState.BREACHED, unanswered.registered_at + 10 * MINUTE)


async def test_letters_to_a_part_find_it(world: World) -> None:
    """Who takes part in the request takes part in each of its questions."""
    await world.mail("m1")
    await do(world, links.split, 1, parts=(SplitPart("Второй", ""),))
    token = make_token(SECRET, world.tenant_id, (await world.ticket(2)).id)
    taken = await world.mail("m2", tokens=(token,))
    assert (taken.outcome, taken.number) == (Outcome.FOLLOW_UP, 2)


async def test_a_deadline_of_a_part_is_certified(world: World) -> None:
    """What was carried over is enough for the independent verifier to count the part's deadline anew."""
    await world.mail("m1")
    await world.desk.change(world.agent, SetLevel(1, "high", "3"))
    await world.pass_seconds(1000)
    await do(world, links.split, 1, parts=(SplitPart("Второй", ""),))
    await do(world, links.merge, 1, into=2)
    for number, state in ((1, ClockState.CANCELLED), (2, ClockState.RUNNING)):
        log, ticket = await world.log(number), await world.ticket(number)
        evaluator = await world.database.read(
            world.agent,
            lambda s, h=ticket.snapshot_hash: Directory().of(s, h),  # type: ignore[misc]
        )
        seal = Seal(b"the secret of a test installation")
        found = certify(evaluator, seal, number, log, "resolution", 0, log[-1].at)
        assert found.derived.state is state
        verify(to_json(found), seal.public_key)


async def test_nothing_is_split_off_that_is_not_there(world: World) -> None:
    """No question, an empty one, another ticket's message, a closed ticket; and under one key it happens once."""
    await world.mail("m1")
    await world.mail("m2")
    note = (await world.desk.change(world.agent, AddNote(2, "чужое"))).message_id
    for parts in ((), (SplitPart(" ", "x"),), (SplitPart("x", "", note),)):
        with pytest.raises(Invalid):
            await do(world, links.split, 1, parts=parts)
    first, again = [await do(world, links.split, 1, parts=(SplitPart("x", ""),), key="k") for _ in range(2)]
    assert first == again
    await world.desk.change(world.agent, Close(1, "solved"))
    with pytest.raises(Conflict):
        await do(world, links.split, 1, parts=(SplitPart("x", ""),))
    assert (await world.ticket(3)).subject == "x"
    with pytest.raises(NotFound):
        await world.ticket(4)


async def test_a_merged_ticket_closes_and_its_clocks_are_cancelled(world: World) -> None:
    """Never met: what ran is cancelled, what was breached or met before stays so."""
    for key in ("m1", "m2", "m3"):
        await world.mail(key)
    await world.desk.change(world.agent, Reply(3, ReplyKind.ANSWER, "Смотрим"))
    await world.pass_seconds(601)
    await world.mail("m4")
    due = (await world.clock("resolution", number=2)).due
    done = await do(world, links.merge, 2, into=1)
    assert (done.state, done.others[0].state) == ("closed", "new")
    await do(world, links.merge, 3, into=1)
    await do(world, links.merge, 4, into=1)
    assert [(await world.clock("reaction", number=n)).state for n in (2, 3, 4)] == [
        ClockState.BREACHED, ClockState.MET, ClockState.CANCELLED,
    ]  # fmt: skip
    resolution = await world.clock("resolution", number=2)
    assert (resolution.state, resolution.due) == (ClockState.CANCELLED, due)
    merged = await world.ticket(2)
    assert (merged.outcome, merged.closed_at is not None) == ("merged", True)
    told = [what for what in await world.happened(2) if what is not Happened.WITHHELD]
    assert told[-2:] == [Happened.MERGED, Happened.CLOSED]
    assert [entry.data["number"] for entry in await world.log(1) if entry.what is Happened.ABSORBED] == [2, 3, 4]
    await world.pass_seconds(9 * 3600)
    fired = await world.happened(2)
    await world.fire_due()
    assert fired == await world.happened(2)
    for number in (1, 2, 3, 4):
        await holds(world, number)


async def test_no_rule_is_met_by_merging(world: World) -> None:
    """Even a target that closing stops is cancelled: being merged comes first, for every rule. The client is told."""
    await world.mail("m1")
    await world.mail("m2")
    await do(world, links.merge, 2, into=1)
    ticket = await world.ticket(2)
    clocks = await world.database.read(world.agent, lambda s: Clocks(s).of(ticket.id))
    assert {clock.state for clock in clocks if clock.kind is not ClockKind.NONE} == {ClockState.CANCELLED}
    (letter,) = await world.owed("merged")
    assert "обращением 1" in str(letter["text"])


async def test_a_rule_that_closing_stops_is_not_met_by_a_merge(world: World, tmp_path: Path) -> None:
    """Under a regulation whose resolution stops on closing too, the same log cancels it; closed alone, it is met."""
    folder = edited(tmp_path / "edited", ('stops_on = ["resolved"]', 'stops_on = ["resolved", "closed"]'))
    evaluator = Evaluator(take_snapshot(load_package(folder)))
    for key in ("m1", "m2", "m3"):
        await world.mail(key)
    await do(world, links.merge, 2, into=1)
    await world.desk.change(world.agent, Close(3, "solved"))
    states = []
    for number in (2, 3):
        log = await world.log(number)
        states += [clock.state for clock in evaluator.clocks(log, log[-1].at) if clock.name == "resolution"]
    assert states == [ClockState.CANCELLED, ClockState.MET]


async def test_people_and_later_letters_go_to_the_other_ticket(world: World) -> None:
    """By token or number of the merged one, through several merges; after the last one closed, a new ticket follows."""
    for key in ("m1", "m2", "m3"):
        await world.mail(key)
    await do(world, links.merge, 1, into=2)
    await do(world, links.merge, 2, into=3)
    token = make_token(SECRET, world.tenant_id, (await world.ticket(1)).id)
    taken = await world.mail("m4", tokens=(token,), text="И ещё")
    assert (taken.outcome, taken.number) == (Outcome.FOLLOW_UP, 3)
    assert last(await world.log(3))[0] is Happened.CLIENT_MESSAGE
    assert Happened.CLIENT_MESSAGE not in await world.happened(1)
    await world.desk.change(world.agent, Close(3, "solved"))
    late = await world.mail("m5", tokens=(token,))
    assert (late.outcome, late.number, (await world.ticket(4)).follows) == (Outcome.TICKET, 4, 3)
    for number, told in (
        (3, [("absorbed", 2), ("followed_by", 4)]),
        (4, [("follows", 3)]),
        (2, [("absorbed", 1), ("merged_into", 3)]),
    ):
        found = await world.database.read(world.agent, partial(list_links, number=number))
        assert [(link.relation, link.number) for link in found.items] == told


async def test_what_the_client_wrote_on_the_merged_ticket_is_their_word_on_the_other(world: World) -> None:
    """They were not silent: waits for them end, what is done waits for a verdict, and what is owed counts from then."""
    await world.mail("m1")
    await world.mail("m2", text="Давно известно")
    await world.desk.change(world.agent, Reply(1, ReplyKind.QUESTION, "Какая версия?"))
    await do(world, links.merge, 2, into=1)  # written before we asked: no answer to that
    assert last(await world.log(1))[0] is Happened.ABSORBED
    assert (await world.ticket(1)).state is State.WAITING
    await world.pass_seconds(60)
    await world.mail("m3", text="Версия 5")
    await world.pass_seconds(60)
    await do(world, links.merge, 3, into=1)
    ticket, log = await world.ticket(1), await world.log(1)
    assert ticket.state is State.OPEN
    assert [entry.what for entry in log[-3:]] == [Happened.ABSORBED, Happened.CLIENT_MESSAGE, Happened.RESUMED]
    word = log[-2].data
    assert (word["absorbed"], word["channel"]) == (3, "email")
    assert word["counts_from"] == (await world.ticket(3)).received_at < log[-2].at
    told = await world.database.read(world.agent, lambda s: Tickets(s).incoming(ticket.id))
    assert [(seq, note.text, str(note.id)) for seq, note in told[1:]] == [(log[-2].seq, "Версия 5", word["message_id"])]
    await world.desk.change(world.agent, Reply(1, ReplyKind.ANSWER, "Обновите", resolves=True))
    await world.pass_seconds(60)
    await world.mail("m4", text="Не помогло")
    await world.desk.change(world.agent, Reply(4, ReplyKind.ANSWER, "Объединяем"))
    await do(world, links.merge, 4, into=1)
    assert "counts_from" not in next(e for e in reversed(await world.log(1)) if e.what is Happened.CLIENT_MESSAGE).data
    assert (await world.ticket(1)).state is State.OPEN
    await holds(world, 1)


async def test_a_stranger_gains_nothing_by_a_merge(world: World) -> None:
    """Tickets of different clients are not merged: one would be shown to the other."""
    await world.mail("m1")
    await world.mail("m2", sender="other@other.example")
    with pytest.raises(Conflict, match="different clients"):
        await do(world, links.merge, 2, into=1)
    for key, sender in (("a", "a@one.example"), ("b", "b@one.example")):
        message = Inbound("email", "help@sample.example", key, sender, None, "x", "y")
        await world.desk.receive(world.channel, Arrival(message, organisation="ООО «Один»"))
    assert (await do(world, links.merge, 4, into=3)).state == "closed"


async def test_merging_where_it_cannot_be(world: World) -> None:
    """Into itself, into nothing, into or from a closed ticket; twice into the same is once; then it is too late."""
    for key in ("m1", "m2", "m3"):
        await world.mail(key)
    for into in (1, 9):
        with pytest.raises(Invalid):
            await do(world, links.merge, 1, into=into)
    first = await do(world, links.merge, 2, into=1)
    assert await do(world, links.merge, 2, into=1) == first
    for number, into in ((2, 3), (3, 2), (1, 2)):
        with pytest.raises(Conflict):
            await do(world, links.merge, number, into=into)
    assert (await audited(world)).count("ticket.merge") == 1
    for number in (1, 3):
        assert (await world.ticket(number)).state is State.NEW


async def test_evidence_and_simulation_hold_for_bound_tickets(world: World) -> None:
    """Split and merged tickets: their evidence verifies; rehearsed under the same edition they come out the same."""
    for key in ("m1", "m2"):
        await world.mail(key)
    await world.desk.change(world.agent, SetLevel(1, "high", "3"))
    await world.pass_seconds(700)
    await world.desk.change(world.agent, Reply(1, ReplyKind.QUESTION, "Какая версия?"))
    await do(world, links.split, 1, parts=(SplitPart("Второй", ""), SplitPart("Третий", "")))
    await world.desk.change(world.agent, Reply(3, ReplyKind.ANSWER, "Вот", resolves=True))
    await do(world, links.merge, 2, into=1)
    await do(world, links.link, 3, kind=LinkKind.CAUSED_BY, other=4)
    find = Directory().of
    for number in (1, 2, 3, 4):
        found = await world.database.read(world.agent, partial(gather_evidence, number=number, find=find))
        assert verify_evidence(seal_evidence(found, lambda *_: b"")).ticket == number
    draft = await world.database.read(world.agent, lambda s: find(s, Editions(s).snapshot_in_force(s.now) or ""))
    other_manner = replace(manner_of(draft), demands=b"so that every act is rehearsed")
    now = (await world.log(4))[-1].at
    judge = Judge(draft, {draft.snapshot.hash: other_manner}, now)
    period = Period(0, 1 << 62)
    (span,) = await asyncio.to_thread(spans, world.database, world.agent, period)
    judged = judge.judge(await asyncio.to_thread(read, world.database, world.agent, period, span))
    assert [one.number for one in judged if one.refused or one.impossible] == []
    assert {one.number: one.after for one in judged} == {one.number: one.before for one in judged}


async def test_works_on_the_same_two_wait_for_each_other(world: World, database_urls: object) -> None:
    """Links, merges and other changes from both sides at once, on both databases: all are decided, without a gap."""
    assert database_urls
    await world.mail("m1")
    await world.mail("m2")
    works: list[Callable[[], Awaitable[object]]] = []
    for n in (1, 2):
        works += [partial(do, world, links.link, n, kind=LinkKind.CAUSED_BY, other=3 - n)] * 3
        works += [partial(do, world, links.merge, n, into=3 - n)]
        works += [partial(world.desk.change, world.agent, Assign(n, "Анна"))]
    random.Random(5).shuffle(works)
    done = await asyncio.gather(*(work() for work in works), return_exceptions=True)
    assert {type(each) for each in done if isinstance(each, BaseException)} <= {Conflict}
    outcomes = {(await world.ticket(number)).outcome for number in (1, 2)}
    assert outcomes == {None, "merged"}
    for number in (1, 2):
        await holds(world, number)
        assert (await world.happened(number)).count(Happened.LINKED) == 2
