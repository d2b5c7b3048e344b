"""Bringing in history, and reporting means over it, on both databases under Siroca's own regulation."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.integration.desk.companies import Five, take_on_all
from tests.unit.cli.test_importing import HEAD, MAPPING, ROWS

from helpdesk.contracts.messages import Inbound
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.desk.upkeep.refolding import check_clocks
from helpdesk.domain import commands
from helpdesk.domain.commands import ReplyKind
from helpdesk.history.mapping import load_mapping
from helpdesk.history.run import Brought, Job, run_import
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import MINUTE
from helpdesk.queries.reports.averages import averages
from helpdesk.queries.reports.stock import ledger_balance
from helpdesk.store.engine.database import Database

NOON = 1_773_651_600_000_000  # 2026-03-16, 12:00 in Moscow


@pytest.fixture
def five(database: Database) -> Five:
    found = take_on_all(database)
    found.move_to(NOON)
    return found


def test_a_word_that_came_without_its_text_is_no_reason_to_disagree(five: Five, tmp_path: Path) -> None:
    """Siroca 3.7: an objection has reasons; those of a word brought in without its text must be told."""
    said = [
        {"what": "resolved", "at": "2026-03-16T11:00:00+03:00"},
        {"what": "client_message", "at": "2026-03-16T11:30:00+03:00"},
    ]
    record = {"id": "1", "at": "2026-03-16T10:00:00+03:00", "who": "m1@client.example", "history": said}
    file, mapping = tmp_path / "export.jsonl", tmp_path / "old.toml"
    file.write_text(json.dumps(record), encoding="utf-8")
    mapping.write_text(
        'source = "old"\ndefaults.channel = "email"\nfile.format = "jsonl"\nevents = {path = "history", what = "what", '
        'at = "at"}\nticket = {id = "id", received_at = "at", requester = "who"}\n',
        encoding="utf-8",
    )
    agent = five.agent("siroca")
    assert run_import(five.database, agent, Job(file, load_mapping(mapping), tmp_path / "rejects.jsonl")).imported == 1
    with pytest.raises(Invalid, match=r"3\.7"):
        asyncio.run(five.desk.change(agent, commands.Disagree(1)))
    assert asyncio.run(five.desk.change(agent, commands.Disagree(1, "Не печатает"))).state == "open"


def test_the_past_comes_in_once_and_the_means_count_it(five: Five, tmp_path: Path) -> None:
    """Clause 2.6: a mean of 15 minutes over the month, of a ticket brought in, one answered here and one still open."""
    agent, find = five.agent("siroca"), five.resources.directory.of
    file, mapping = tmp_path / "export.csv", tmp_path / "otrs.toml"
    file.write_text("\n".join((HEAD, *ROWS)), encoding="cp1251")
    mapping.write_text(MAPPING, encoding="utf-8")
    job = Job(file, load_mapping(mapping), tmp_path / "rejects.jsonl")
    assert run_import(five.database, agent, job) == Brought(2, 1, 0, 1, 0)
    assert run_import(five.database, agent, job) == Brought(2, 0, 1, 1, 0)

    async def live() -> None:
        for key in ("m1", "m2"):
            mail = Inbound("email", "support@siroca.com", key, f"{key}@client.example", None, "Не работает", "Совсем")
            await five.desk.receive(five.channel("siroca"), Arrival(mail))
        five.move_to(NOON + 45 * MINUTE)
        await five.desk.change(agent, commands.Reply(2, ReplyKind.ANSWER, "Обновите"))

    asyncio.run(live())
    report = five.database.read_now(agent, lambda s: averages(s, find, first_month="2026-03", last_month="2026-03"))
    (line,) = report.items
    # The one brought in was answered in 5 minutes, the one here in 45: a mean of 25 of the promised 15.
    assert (line.counted, line.open, line.promised_seconds, line.state) == (2, 1, 15 * 60, "failing")
    # Of three times 15 minutes the two have used 50 already.
    assert line.mean_seconds == pytest.approx(25 * 60, abs=60)
    assert line.open_seconds == pytest.approx(45 * 60, abs=60)
    assert line.rest_mean_seconds == pytest.approx(-5 * 60, abs=60)
    checked = five.database.read_now(agent, lambda s: check_clocks(s, find))
    assert checked is not None
    assert (checked.tickets, checked.differences) == (3, ())
    balance = five.database.read_now(agent, lambda s: ledger_balance(s, find, first_day="2026-03-01"))
    assert (balance.received, balance.balanced, sum(line.imported for line in balance.items)) == (3, True, 1)
