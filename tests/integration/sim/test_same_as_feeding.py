"""A simulation says the same as feeding the same inputs, at the same instants, into a fresh database under a draft."""

import asyncio
import contextlib
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from tests.integration.desk.conftest import SAMPLE, SECRET
from tests.integration.editions.conftest import edited
from tests.support.due import due_before

from helpdesk.contracts.clocks import ClockState
from helpdesk.contracts.messages import Inbound
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.companies.onboarding import prepare, take_on
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.domain import commands
from helpdesk.domain.commands import ReplyKind, TicketCommand
from helpdesk.domain.threading import make_token
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.instants import HOUR, MINUTE, Instant
from helpdesk.kernel.principal import Principal, Role, system
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import take_snapshot
from helpdesk.regulation.loading.loader import load_package
from helpdesk.sim.history import Period, Standing, read, spans
from helpdesk.sim.judge import Judge, Judged, manner_of
from helpdesk.sim.run import Draft, simulate
from helpdesk.store.engine.database import open_database
from helpdesk.store.engine.sqlite import SqliteDatabase
from helpdesk.store.tickets import Tickets
from helpdesk.store.timers import Clocks

BEGIN: Instant = 1_772_600_000_000_000
"""4 March 2026."""
PERIOD = Period(0, 1 << 62)

Step = tuple[Instant, int, TicketCommand | str]
"""When, on which ticket (its place, from 1), and what: a command, ``mail`` (a new request) or ``again`` (a reply)."""


class Town:
    """A desk over a database of its own, at a time that stands still until it is told to move."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.database = open_database(url)
        assert isinstance(self.database, SqliteDatabase)
        self.now = BEGIN
        self.database._now = lambda *_: self.now  # type: ignore[method-assign]  # the test's own clock
        company = prepare(load_package(folder), {})
        self.tenant: UUID = self.database.write_now(system("test"), lambda s: take_on(s, company)).id
        self.desk = Desk(self.database, Resources(Directory(), SECRET))
        self.agent = Principal(Role.AGENT, "key:agent", self.tenant)
        self.numbers: dict[int, int] = {}
        """The number that the ticket at each place got."""

    async def go_to(self, instant: Instant) -> None:
        """Let time pass, firing every timer at its very moment."""
        while True:
            due = await self.database.read(system("test"), lambda s: due_before(s, instant + 1, 1))
            if not due:
                break
            timer = due[0]
            self.now = max(self.now, timer.due_at)
            await self.desk.fire(system("timekeeper", timer.tenant_id), [timer])
        self.now = max(self.now, instant)

    async def do(self, step: Step) -> None:
        instant, place, what = step
        await self.go_to(instant)
        if what == "mail":
            taken = await self.desk.receive(system("channel:email", self.tenant), Arrival(self.letter(place, instant)))
            assert taken.number is not None
            self.numbers[place] = taken.number
        elif isinstance(what, str):
            await self.again(place, instant)
        else:
            with contextlib.suppress(Conflict, Invalid):
                await self.desk.change(self.agent, replaced(what, self.numbers[place]))

    def letter(self, place: int, instant: Instant, tokens: tuple[str, ...] = ()) -> Inbound:
        return Inbound("email", "help@sample.example", f"{place}-{instant}", f"c{place}@client.example", None,
                       "Вопрос", "Текст", tokens=tokens, category=CATEGORIES[place % 4])  # fmt: skip

    async def again(self, place: int, instant: Instant) -> None:
        """Reply to the ticket, unless it is closed: such a reply would be a ticket of its own."""
        number = self.numbers[place]
        ticket = await self.database.read(self.agent, lambda s: Tickets(s).by_number(number))
        if ticket.closed_at is None:
            token = make_token(SECRET, self.tenant, ticket.id)
            await self.desk.receive(
                system("channel:email", self.tenant), Arrival(self.letter(place, instant, (token,)))
            )

    async def standing(self, number: int) -> tuple[Standing, ...]:
        """Return the ticket's stored clocks, brought to the present."""
        ticket = await self.database.read(self.agent, lambda s: Tickets(s).by_number(number))
        log = await self.database.read(self.agent, lambda s: Tickets(s).log(ticket.id))
        found = await self.database.read(self.agent, lambda s: Clocks(s).of(ticket.id))
        evaluator = await self.database.read(self.agent, lambda s: Directory().of(s, ticket.snapshot_hash))
        assert {(c.name, c.seq, c.due) for c in found} == {
            (c.name, c.seq, c.due) for c in evaluator.clocks(log, max(entry.at for entry in log))
        }
        views = evaluator.clocks(log, max(self.now, log[-1].at))
        return tuple(
            sorted(
                (Standing(v.name, v.seq, v.kind.value, v.state.value, v.goal, v.due) for v in views),
                key=lambda one: (one.name, one.seq),
            )
        )


def replaced(command: TicketCommand, number: int) -> TicketCommand:
    return msgspec.structs.replace(command, number=number)


def history(seed: int, tickets: int = 24) -> list[Step]:
    """Return a random history: requests, answers, questions, pauses, levels, lines, resolutions, replies, closings."""
    luck = random.Random(seed)
    steps: list[Step] = []
    for place in range(1, tickets + 1):
        at = BEGIN + luck.randrange(0, 72 * HOUR)
        steps.append((at, place, "mail"))
        for _ in range(luck.randrange(0, 8)):
            at += luck.choice((3 * MINUTE, 40 * MINUTE, 3 * HOUR, 9 * HOUR, 30 * HOUR)) + luck.randrange(MINUTE)
            what = luck.choice(CHOICES)
            if isinstance(what, commands.Hold) and luck.random() < 0.5:
                what = msgspec.structs.replace(what, until=at + luck.randrange(HOUR, 40 * HOUR))
            steps.append((at, place, what))
    return sorted(steps, key=lambda step: step[0])


CATEGORIES = ("", "outage", "advice", "no such")
"""What letters say that they are about, by the tickets' places."""
CHOICES: tuple[TicketCommand | str, ...] = (
    "again",
    "again",
    commands.Reply(0, ReplyKind.ANSWER, "Ответ"),
    commands.Reply(0, ReplyKind.ANSWER, "Решение", resolves=True),
    commands.Reply(0, ReplyKind.QUESTION, "Вопрос"),
    commands.Reply(0, ReplyKind.NOTICE, "Сообщение", names_engineer=True),
    commands.Assign(0, "ann", inform_client=True),
    commands.SetLevel(0, "high", "стоят все"),
    commands.SetLevel(0, "low", "не стоят"),
    commands.SetLine(0, "development"),
    commands.SetCategory(0, "outage", "стоят все"),
    commands.SetCategory(0, "advice"),
    commands.RecordWork(0, "diagnosis"),
    commands.Hold(0, "update"),
    commands.Release(0, "update"),
    commands.Release(0, "waiting_client"),
    commands.Resolve(0, "Готово"),
    commands.Resolve(0),
    commands.AddNote(0, "Заметка"),
    commands.Accept(0, "bob"),
    commands.Confirm(0, "Спасибо", "solved"),
    commands.Confirm(0, outcome="solved"),
    commands.Disagree(0, "Не работает"),
    commands.Disagree(0),
    commands.Reopen(0, "нашли ещё"),
    commands.Close(0, "solved"),
)

DRAFTS: dict[str, tuple[tuple[str, str], ...]] = {
    "same": (),
    "faster": (('"8 elapsed hours"', '"5 elapsed hours"'), ('"10 elapsed minutes"', '"5 elapsed minutes"')),
    "silence shorter": (('"24 elapsed hours"', '"4 elapsed hours"'),),
    "answers resolve": (('on = "resolved"', 'on = "answer_sent"'),),
    "no reopening": (('reopens_on = ["client_message"]', "reopens_on = []"),),
    "no update": (('reason = "update"', 'reason = "upgrade"'), ('"update"]', '"upgrade"]')),
    "one line": (('name = "development"', 'name = "makers"'),),
    "one level": (('[levels.high]', '[levels.urgent]'), ('levels = ["high"]', 'levels = ["urgent"]'),
                  ('level = "high"', 'level = "urgent"')),
    "other categories": (('level = "high"', 'level = "low"'),),
    "no categories": (('level = "high"\n', ""), ('level = "low"\n', "")),
    "working days": (('"8 elapsed hours"\ngoal = "4 elapsed hours"', '"2 working days"\ncalendar = "office"'),),
    "each message": (('stops_on = ["answer_sent", "question_sent"]',
                      'stops_on = ["answer_sent", "question_sent"]\nrepeat = "each"'),
                     ('starts_on = ["registered"]\nstops_on = ["answer_sent"',
                      'starts_on = ["registered", "client_message"]\nstops_on = ["answer_sent"')),
}  # fmt: skip


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[[str, Path], Town]]:
    made: list[Town] = []

    def make(name: str, folder: Path) -> Town:
        path = tmp_path / f"{name}.db"
        shutil.copy(sqlite_template, path)
        made.append(Town(f"sqlite:///{path}", folder))
        return made[-1]

    yield make
    for one in made:
        one.database.close()


async def feed(town: Town, steps: list[Step]) -> None:
    for step in steps:
        await town.do(step)
    await town.go_to(BEGIN + 300 * HOUR)


def judged(town: Town, folder: Path) -> list[Judged]:
    principal = Principal(Role.OPERATOR, "operator:test", town.tenant)
    cut = spans(town.database, principal, PERIOD, 7)
    past = [one for span in cut for one in read(town.database, principal, PERIOD, span)]
    manners = {
        found.ticket.snapshot_hash: town.database.read_now(
            principal,
            lambda s, found=found: manner_of(Directory().of(s, found.ticket.snapshot_hash)),  # type: ignore[misc]
        )
        for found in past
    }
    draft = Evaluator(take_snapshot(load_package(folder)))
    return Judge(draft, manners, town.now).judge(past)


@pytest.mark.parametrize("name", DRAFTS)
@pytest.mark.parametrize("seed", range(3))
def test_a_simulation_is_a_rehearsal(name: str, seed: int, tmp_path: Path, town: Callable[[str, Path], Town]) -> None:
    """Every deadline, goal and state of every ticket; replies after closing are the only difference, and counted."""
    steps = history(seed)
    folder = edited(tmp_path / "draft", *DRAFTS[name])
    real, fresh = town("real", SAMPLE), town("fresh", folder)
    asyncio.run(feed(real, steps))
    asyncio.run(feed(fresh, steps))
    found = judged(real, folder)
    assert [one.number for one in found] == list(range(1, 25))
    differences = []
    for one in found:
        expected = asyncio.run(fresh.standing(one.number))
        if one.after != expected:
            differences.append((one.number, one.after, expected))
    assert not differences
    if name == "same":
        assert all(one.before == one.after and not one.apart and not one.refused for one in found)


def test_the_report_adds_up(tmp_path: Path, town: Callable[[str, Path], Town]) -> None:
    """Attainment is the share of those kept; moved, breached and met are those of the tickets; two processes say the
    same as one.
    """
    real = town("real", SAMPLE)
    asyncio.run(feed(real, history(5)))
    folder = edited(tmp_path / "draft", *DRAFTS["faster"])
    snapshot = take_snapshot(load_package(folder))
    principal = Principal(Role.OPERATOR, "operator:test", real.tenant)
    told: list[tuple[int, int]] = []
    draft = Draft(snapshot, PERIOD, most=10_000)
    report = simulate(real.database, principal, draft, progress=lambda done, of: told.append((done, of)), processes=1)
    assert told[-1] == (24, 24)
    tickets = judged(real, folder)
    resolution = next(target for target in report.targets if target.name == "resolution")
    for side, kept in (("before", resolution.before), ("after", resolution.after)):
        states = [c.state for one in tickets for c in getattr(one, side) if c.name == "resolution"]
        assert (kept.met, kept.breached) == (states.count(ClockState.MET), states.count(ClockState.BREACHED))
    assert resolution.earlier > 0
    assert resolution.later == 0
    assert len([moved for moved in report.moved if moved.name == "resolution"]) >= resolution.earlier
    assert simulate(real.database, principal, draft, url=real.url, processes=2) == report
    some = simulate(real.database, principal, Draft(snapshot, Period(BEGIN, BEGIN + 24 * HOUR)), processes=1)
    assert 0 < some.tickets < 24


def test_a_ticket_that_the_draft_would_not_let_in_is_told(tmp_path: Path, town: Callable[[str, Path], Town]) -> None:
    """By clause; it has no deadlines to compare."""
    real = town("real", SAMPLE)
    asyncio.run(feed(real, history(1)[:3]))
    folder = edited(tmp_path / "draft", ('addresses = ["help@sample.example"]', 'addresses = ["other@sample.example"]'))
    found = judged(real, folder)
    assert found
    assert all(one.refused.startswith("2") and not one.after for one in found)
