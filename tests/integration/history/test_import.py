"""Another system's tickets are brought in once, judged as if they had been lived here, told to nobody; none is lost."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.integration.desk.companies import POLICIES
from tests.integration.desk.conftest import SAMPLE
from tests.integration.sim.test_same_as_feeding import BEGIN, Town, feed, history
from tests.support.due import due_before

from helpdesk.contracts.clocks import ClockState
from helpdesk.contracts.log import Happened
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.upkeep.refolding import check_clocks
from helpdesk.domain import commands
from helpdesk.domain.states import State
from helpdesk.history.mapping import HAPPENINGS, load_mapping
from helpdesk.history.run import BATCH, Brought, Job, run_import
from helpdesk.kernel.instants import DAY, HOUR, to_iso
from helpdesk.queries.reports.attainment import attainment
from helpdesk.queries.reports.comparison import compare
from helpdesk.queries.reports.stock import ledger_balance
from helpdesk.queries.reports.tables import tabulate, to_csv
from helpdesk.queries.tickets.evidence import gather_evidence, seal_evidence
from helpdesk.queries.tickets.search import Wish, search_tickets
from helpdesk.store import schema
from helpdesk.store.histories import read_histories
from helpdesk.store.indexing import index_waiting
from helpdesk.store.timers import Clocks
from helpdesk.verify.evidence import verify_evidence

FIND = Directory().of

CSV_MAPPING = """\
source = "otrs"
defaults.line = "first"

[file]
format = "csv"
delimiter = ";"
zone = "Europe/Moscow"
times = "%d.%m.%Y %H:%M"

[ticket]
id = "Номер"
received_at = "Создана"
subject = "Тема"
text = "Описание"
channel = "Канал"
requester = "Клиент"
contact = "Клиент"
level = "Приоритет"
agent = "Исполнитель"

[values]
channel."Почта" = "email"
level."Высокий" = "high"
level."Обычный" = ""
outcome."Решена" = "solved"

[[columns]]
what = "answer_sent"
at = "Первый ответ"
actor = "Исполнитель"

[[columns]]
what = "resolved"
at = "Решена"

[[columns]]
what = "closed"
at = "Закрыта"
outcome = "Итог"
"""
HEAD = "Номер;Создана;Тема;Описание;Канал;Клиент;Приоритет;Исполнитель;Первый ответ;Решена;Закрыта;Итог"
ROWS = (
    "А-1;02.03.2026 09:00;Не печатает;«Ёлка» — №1;Почта;c1@client.example;Высокий;Анна;"
    "02.03.2026 09:05;02.03.2026 10:00;02.03.2026 12:00;Решена",
    'А-2;02.03.2026 09:00;"Точка; запятая";"две\nстроки";Почта;c2@client.example;Обычный;Борис;02.03.2026 09:30;;;',
    "А-3;03.03.2026 23:59;Ночь;Нет;Почта;c3@client.example;Высокий;;;;;",
)


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Iterator[Town]:
    """A company a few days later, with no tickets of its own."""
    shutil.copy(sqlite_template, tmp_path / "town.db")
    made = Town(f"sqlite:///{tmp_path}/town.db", SAMPLE)
    made.now = BEGIN + 3 * DAY
    yield made
    made.database.close()


def bring(town: Town, folder: Path, content: bytes, mapping: str = CSV_MAPPING, **more: Any) -> Brought:
    file, rules = folder / "export.txt", folder / "mapping.toml"
    file.write_bytes(content)
    rules.write_text(mapping, encoding="utf-8")
    job = Job(file, load_mapping(rules), folder / "rejects.jsonl", **more)
    return run_import(town.database, town.agent, job)


def exported(*rows: str, encoding: str = "cp1251") -> bytes:
    return "\r\n".join((HEAD, *rows)).encode(encoding)


def rejects(folder: Path) -> list[dict[str, Any]]:
    file = folder / "rejects.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def count(town: Town, table: Any) -> int:
    return town.database.read_now(
        town.agent, lambda s: int(s.connection.execute(select(func.count()).select_from(table)).scalar_one())
    )


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig"])
def test_tickets_are_brought_in_and_told_to_nobody(encoding: str, town: Town, tmp_path: Path) -> None:
    """Judged by the edition of their receipt, marked in log and ledger; no letter, no event, no timer for the past."""
    found = bring(town, tmp_path, exported(*ROWS, encoding=encoding))
    assert found == Brought(records=3, imported=3, there=0, rejected=0, orphans=0)
    assert (count(town, schema.outbox), rejects(tmp_path)) == (0, [])
    assert town.database.read_now(town.agent, lambda s: due_before(s, town.now + 1, 10)) == []
    past = town.database.read_now(town.agent, read_histories)
    first, second, third = (one.ticket for one in past)
    assert (first.number, first.state, first.outcome, first.assignee, first.level) == (
        1,
        "closed",
        "solved",
        "Анна",
        "high",
    )
    assert (second.subject, second.level, second.assignee) == ("Точка; запятая", "low", "Борис")
    assert (third.state, third.closed_at, third.line) == ("new", None, "first")
    assert past[0].log[0].data["imported"] == {"source": "otrs", "id": "А-1"}
    assert to_iso(first.received_at) == "2026-03-02T06:00:00+00:00"
    states = {
        one.ticket.number: {clock.name: clock.state.value for clock in _clocks(town, one.ticket.id)} for one in past
    }
    assert states[1] | {"reaction": "met", "resolution": "met"} == states[1]
    assert states[2]["reaction"] == "breached"
    checked = town.database.read_now(town.agent, lambda s: check_clocks(s, FIND))
    assert checked is not None
    assert checked.differences == ()
    texts = town.database.read_now(
        town.agent, lambda s: s.connection.execute(select(schema.messages.c.text)).scalars().all()
    )
    assert {"«Ёлка» — №1", "две\nстроки"} <= set(texts)
    balance = town.database.read_now(town.agent, lambda s: ledger_balance(s, FIND, last_day="2026-03-07"))
    assert (balance.received, sum(line.imported for line in balance.items), balance.balanced) == (3, 3, True)
    report = town.database.read_now(town.agent, lambda s: attainment(s, FIND, by=("target",)))
    assert sum(line.limit.met + line.limit.breached for line in report.items) > 0


def _clocks(town: Town, ticket: Any) -> Any:
    return town.database.read_now(town.agent, lambda s: Clocks(s).of(ticket))


def test_nothing_is_brought_in_twice(town: Town, tmp_path: Path) -> None:
    """The same file again: all there already, and nothing is written; a longer one brings in what is new; one whose
    content has changed is told, not overwritten; an id twice in a file counts once.
    """
    bring(town, tmp_path, exported(*ROWS[:2]))
    again = bring(town, tmp_path, exported(*ROWS[:2]))
    assert (again.imported, again.there, count(town, schema.tickets)) == (0, 2, 2)
    changed = ROWS[0].replace("Не печатает", "Печатает")
    more = bring(town, tmp_path, exported(changed, ROWS[1], ROWS[2], ROWS[2]))
    assert (more.imported, more.there, more.rejected) == (1, 2, 1)
    assert rejects(tmp_path)[0]["reason"] == "'А-1' was brought in before as ticket 1 with another content"
    assert count(town, schema.tickets) == 3
    other = bring(town, tmp_path, exported(ROWS[0]), CSV_MAPPING.replace('"otrs"', '"jira"'))
    assert other.imported == 1  # another system's id of the same name is another ticket


def test_a_dry_run_says_the_same_and_writes_nothing(town: Town, tmp_path: Path) -> None:
    """What would be imported, what is there, what would be rejected."""
    bring(town, tmp_path, exported(ROWS[0]))
    before = {table.name: count(town, table) for table in schema.metadata.sorted_tables}
    bad = "А-9;32.03.2026 09:00;;;Почта;;;;;;;"
    would = bring(town, tmp_path, exported(*ROWS, ROWS[1], bad), dry=True)
    assert (would.records, would.imported, would.there, would.rejected) == (5, 2, 2, 1)
    assert {table.name: count(town, table) for table in schema.metadata.sorted_tables} == before
    assert bring(town, tmp_path, exported(*ROWS, ROWS[1], bad)) == would


REJECTED = {
    "А;02.03.2026 09:00;x;x;Факс;c;;;;;;": "the regulation has no channel 'Факс'",
    ";02.03.2026 09:00;x;x;Почта;c;;;;;;": "no id in 'Номер'",
    "А;2026-03-02;x;x;Почта;c;;;;;;": "'Создана': '2026-03-02' is not of the form",
    "А;02.03.2099 09:00;x;x;Почта;c;;;;;;": "received in the future",
    "А;02.03.2019 09:00;x;x;Почта;c;;;;;;": "no edition of the regulation was in force at 2019-03-02",
    "А;02.03.2026 09:00;x;x;Почта;c;Срочный;;;;;": "no level 'Срочный'",
    "А;02.03.2026 09:00;x;x;Почта;c;;;02.03.2026 08:00;;;": "2026-03-02T05:00:00+00:00): it comes before",
    "А;02.03.2026 09:00;x;x;Почта;c;;;02.03.2099 08:00;;;": "it lies in the future",
    "А;02.03.2026 09:00;x;x;Почта;c;;;02.03.2026 12:00;;02.03.2026 11:00;Решена": "possible while the ticket is closed",
    "А;02.03.2026 09:00;x;x;Почта;c;;;;;02.03.2026 11:00;Иначе": "the regulation has no outcome 'Иначе'",
    "А;02.03.2026 09:00;x;x;Почта": "5 columns where the head has 12",
    "А;02.03.2026 09:00;x;x;Почта;c;;;;;;;;": "14 columns where the head has 12",
}  # fmt: skip


def test_what_cannot_be_brought_in_is_set_aside_with_its_reason(town: Town, tmp_path: Path) -> None:
    """Every record is counted once; a rejected one is kept as it was read, with its line; the others come in."""
    found = bring(town, tmp_path, exported(ROWS[0], *REJECTED, ROWS[2]))
    assert (found.records, found.imported, found.rejected) == (len(REJECTED) + 2, 2, len(REJECTED))
    kept = rejects(tmp_path)
    for line, (row, reason), reject in zip(range(3, 99), REJECTED.items(), kept, strict=False):
        assert (reject["line"], reject["of"]) == (line, "tickets")
        assert reason in reject["reason"]
        assert row.split(";")[1] in reject["record"].values()


JSON_MAPPING = """\
source = "our-own"

[file]
format = "jsonl"

[ticket]
id = "id"
received_at = "received_at"
registered_at = "registered_at"
subject = "subject"
channel = "channel"
requester = "who.address"

[events]
path = "events"
what = "what"
at = "at"
actor = "actor"
level = "data.level"
line = "data.line"
agent = "data.agent"
reason = "data.reason"
outcome = "data.outcome"
cause = "data.cause"
names_engineer = "data.names_engineer"
"""


def _exported_log(one: Any) -> dict[str, Any]:
    """A ticket of ours as another system would tell it."""
    ticket, log = one.ticket, one.log
    return {
        "id": ticket.number, "received_at": to_iso(ticket.received_at), "registered_at": to_iso(log[1].at),
        "subject": ticket.subject, "channel": ticket.channel, "who": {"address": ticket.requester},
        "events": [
            {"what": entry.what.value, "at": to_iso(entry.at), "actor": "x", "data": entry.data}
            for entry in log[2:] if entry.what.value in HAPPENINGS
        ],
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_a_past_told_elsewhere_is_judged_as_if_it_had_been_lived_here(
    seed: int, town: Town, sqlite_template: Path, tmp_path: Path
) -> None:
    """The logs of random histories, exported and brought in, have the same entries, states, clocks and deadlines."""
    (tmp_path / "real").mkdir()
    shutil.copy(sqlite_template, tmp_path / "real" / "town.db")
    real = Town(f"sqlite:///{tmp_path}/real/town.db", SAMPLE)
    asyncio.run(feed(real, history(seed)))
    lived = real.database.read_now(real.agent, read_histories)
    clocks = {one.ticket.number: _clocks(real, one.ticket.id) for one in lived}
    real.database.close()
    town.now = real.now + HOUR
    content = "\n".join(json.dumps(_exported_log(one), ensure_ascii=False) for one in lived).encode()
    found = bring(town, tmp_path, content, JSON_MAPPING)
    assert [reject["reason"] for reject in rejects(tmp_path)] == []
    assert found == Brought(len(lived), len(lived), 0, 0, 0)
    ours = (*HAPPENINGS, Happened.RECEIVED, Happened.REGISTERED)
    for one, told in zip(lived, town.database.read_now(town.agent, read_histories), strict=True):
        assert [(e.at, e.what) for e in told.log] == [(e.at, e.what) for e in one.log if e.what in ours]
        for name in ("state", "level", "line", "assignee", "closed_at", "outcome", "expedited"):
            assert getattr(told.ticket, name) == getattr(one.ticket, name), name
        clocks_told = {(c.name, c.seq): (c.state, c.due, c.goal) for c in _clocks(town, told.ticket.id)}
        expected = {(c.name, c.seq): (c.state, c.due, c.goal) for c in clocks[one.ticket.number]}
        # Ours stands as of its last entry, which may be a warning that the other system knows nothing of.
        for key, (state, due, goal) in expected.items():
            assert clocks_told[key][1:] == (due, goal)
            standing = clocks_told[key][0]
            assert standing == state or (standing, state) in {("running", "breached"), ("running", "expired")}
    checked = town.database.read_now(town.agent, lambda s: check_clocks(s, FIND))
    assert checked is not None
    assert checked.differences == ()


def test_an_answer_that_resolves_ends_the_waits(sqlite_template: Path, tmp_path: Path) -> None:
    """Intervale 5.10: an answer closes preliminarily; taken up again, the ticket waits for nobody, its clocks run."""
    shutil.copy(sqlite_template, tmp_path / "town.db")
    town = Town(f"sqlite:///{tmp_path}/town.db", POLICIES / "intervale")
    town.now = BEGIN + 3 * DAY
    events = [
        {"what": what, "at": to_iso(BEGIN + (2 + hours) * HOUR), "data": {}}
        for hours, what in enumerate(("question_sent", "paused", "answer_sent", "reopened"))
    ]
    one = {"id": 1, "received_at": to_iso(BEGIN + HOUR), "channel": "email", "level": "high", "events": events}
    mapping = JSON_MAPPING.replace("[events]", 'level = "level"\n\n[events]')
    assert bring(town, tmp_path, json.dumps(one).encode(), mapping).imported == 1
    (told,) = town.database.read_now(town.agent, read_histories)
    assert [entry.what.value for entry in told.log[-4:]] == ["answer_sent", "resumed", "resolved", "reopened"]
    assert told.ticket.state is State.OPEN
    assert ClockState.PAUSED not in {clock.state for clock in _clocks(town, told.ticket.id)}
    town.database.close()


@pytest.mark.parametrize("still", ["paused", "resolved"])
def test_what_passed_before_a_clock_stood_still_is_told_to_nobody(still: str, town: Town, tmp_path: Path) -> None:
    """A goal that passed elsewhere is not told when the wait ends, or the work is taken up anew; the limit is."""
    received = BEGIN + HOUR
    town.now = received + 20 * HOUR
    events = [{"what": still, "at": to_iso(received + 5 * HOUR), "data": {}}]  # the goal was four of its eight hours
    one = {"id": 1, "received_at": to_iso(received), "channel": "email", "level": "low", "events": events}
    mapping = JSON_MAPPING.replace("[events]", 'level = "level"\n\n[events]')
    assert bring(town, tmp_path, json.dumps(one).encode(), mapping).imported == 1
    act = commands.Release(1, "waiting_client") if still == "paused" else commands.Reopen(1, "не помогло")

    async def live() -> None:
        await town.desk.change(town.agent, act)
        await town.go_to(town.now + 4 * HOUR)

    asyncio.run(live())
    (told,) = town.database.read_now(town.agent, read_histories)
    happened = [entry.what for entry in told.log]
    assert (happened.count(Happened.GOAL_PASSED), happened.count(Happened.BREACHED)) == (0, 1)


def test_events_may_stand_in_a_file_of_their_own(town: Town, tmp_path: Path) -> None:
    """In any order; those of no ticket are set aside too; words that the mapping drops are dropped."""
    mapping = JSON_MAPPING.replace('path = "events"', 'ticket = "of"') + (
        '\n[values.what]\n"письмо" = "client_message"\n"просмотр" = ""\n'
    )
    tickets = [
        {"id": n, "received_at": "2026-03-03T10:00:00+03:00", "channel": "email", "who": {"address": f"c{n}@x.ru"}}
        for n in (1, 2)
    ]
    events = [
        {"of": 2, "what": "resolved", "at": "2026-03-03T12:00:00+03:00"},
        {"of": 1, "what": "письмо", "at": "2026-03-03T11:00:00+03:00"},
        {"of": 2, "what": "answer_sent", "at": "2026-03-03T11:00:00+03:00"},
        {"of": 2, "what": "просмотр", "at": "2026-03-03T11:30:00+03:00"},
        {"of": 7, "what": "resolved", "at": "2026-03-03T12:00:00+03:00"},
    ]
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    found = bring(
        town, tmp_path, "\n".join(map(json.dumps, tickets)).encode(), mapping, events=tmp_path / "events.jsonl"
    )
    assert (found.imported, found.rejected, found.orphans) == (2, 0, 1)
    assert (rejects(tmp_path)[0]["of"], rejects(tmp_path)[0]["line"]) == ("events", 5)
    logs = [[e.what.value for e in one.log[2:]] for one in town.database.read_now(town.agent, read_histories)]
    assert logs == [["client_message"], ["answer_sent", "resolved"]]


def test_a_line_that_is_no_json_loses_no_other(town: Town, tmp_path: Path) -> None:
    """It is set aside as it was read; more than a batch of good ones around it come in, numbered without gaps."""
    good = [{"id": n, "received_at": "2026-03-03T10:00:00Z", "channel": "email"} for n in range(BATCH + 3)]
    lines = [json.dumps(each) for each in good]
    lines[5:5] = ['{"id": 1,', "[1]", ""]
    found = bring(town, tmp_path, "\n".join(lines).encode(), JSON_MAPPING)
    assert (found.records, found.imported, found.rejected) == (BATCH + 5, BATCH + 3, 2)
    assert [reject["record"][""] for reject in rejects(tmp_path)] == ['{"id": 1,\n', [1]]
    numbers = [one.ticket.number for one in town.database.read_now(town.agent, lambda s: read_histories(s, limit=999))]
    assert sorted(numbers) == [*range(1, BATCH + 4)]


def test_what_was_brought_in_can_be_searched_proved_and_compared(town: Town, tmp_path: Path) -> None:
    """Closed history with its messages is found by its words, its evidence holds, old promises stand beside ours."""
    mapping = CSV_MAPPING + '\n[promised]\nreaction = "Срок"\n'
    head = f"{HEAD};Срок"
    rows = (f"{ROWS[0]};02.03.2026 09:02", f"{ROWS[1]};02.03.2026 18:00", f"{ROWS[2]};")
    content = "\r\n".join((head, *rows)).encode("cp1251")
    assert bring(town, tmp_path, content, mapping).imported == 3
    town.database.write_now(town.agent, index_waiting)
    wish = Wish("ёлкой", state=State.CLOSED)
    found = town.database.read_now(town.agent, lambda s: search_tickets(s, FIND, wish=wish, limit=5))
    assert [(one.number, one.excerpt, one.excerpt_marks) for one in found.items] == [(1, "«Ёлка» — №1", ((1, 5),))]
    gathered = town.database.read_now(town.agent, lambda s: gather_evidence(s, 1, FIND))
    proved = verify_evidence(seal_evidence(gathered, town.desk.resources.files.get), [gathered.seal.public_key])
    assert proved.ticket == 1
    report = town.database.read_now(town.agent, lambda s: compare(s, FIND, source="otrs"))
    assert report.tickets == 3
    reaction = next(line for line in report.items if line.name == "reaction")
    assert (reaction.compared, reaction.kept_there) == (3, 1)
    different = {(one.source_id, one.name): one for one in report.differences}
    assert (different["А-1", "reaction"].here, different["А-1", "reaction"].there) == ("met", "breached")
    assert (different["А-2", "reaction"].here, different["А-2", "reaction"].there) == ("breached", "met")
    assert (reaction.only_here, reaction.only_there) == (1, 1)
    table = to_csv(tabulate([report]), lang="ru")
    assert table.startswith("компания,номер,номер там,срок,пункт,сделано,срок здесь,срок там,здесь,там")
    assert bring(town, tmp_path, content.replace("Срок".encode("cp1251"), b"x"), CSV_MAPPING).rejected == 3
