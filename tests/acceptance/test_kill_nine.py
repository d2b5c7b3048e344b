"""kill -9 at any moment loses nothing that was acknowledged, fires every timer once, and sends what is owed.

Clients keep writing and calling while the service is killed again and again: at random, around the instants at which
timers are due, right after an acknowledgement, and while it starts. Each time the store of its NATS server is wiped.
What was acknowledged is noted outside; what happened is read from the database and from the mail sink at the end.
"""

import asyncio
import random
import shutil
import smtplib
import sqlite3
import time
from collections import Counter
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import httpx2
import nats
import pytest

from helpdesk.demo.api import Api
from helpdesk.demo.service import NotServing, Service
from helpdesk.demo.sink import Sink

POLICIES = Path(__file__).resolve().parents[2] / "policies"
KILLS = 30
SLUG = "demo"
MAILBOX, NUMBER = "support@demo.example", "+74950000009"
WITHIN_SECONDS = 2.0
"""The target of an urgent call in this test; a warning comes at half of it."""
CLIENTS = 4
SETTLE_SECONDS = 180.0
"""A letter that was cut off more than three times waits for its claim's end, and a minute more."""


class Clients:
    """Callers and mail writers that try again until they are acknowledged, as real ones do."""

    def __init__(self, service: Service, key: str) -> None:
        self._service = service
        self._headers = {"Authorization": f"Bearer {key}", "Helpdesk-Tenant": SLUG}
        self.acknowledged: dict[str, int | None] = {}
        """What was acknowledged, by its subject; a call's ticket number."""
        self.tries: Counter[str] = Counter()
        self.urgent_since = 0.0
        """When the latest urgent call was acknowledged, by the steady clock."""
        self.news = asyncio.Event()
        self.stopping = False

    async def run(self) -> None:
        """Write and call until told to stop; what was begun is finished."""
        async with httpx2.AsyncClient(base_url=self._service.url, headers=self._headers, timeout=3.0) as http:
            await asyncio.gather(*(self._work(http, mails=index == 0) for index in range(CLIENTS)))

    async def _work(self, http: httpx2.AsyncClient, *, mails: bool) -> None:
        while not self.stopping:
            subject = f"case {uuid4()}"
            while True:
                if await (self._mail(subject) if mails else self._call(http, subject)):
                    break
                await asyncio.sleep(0.05)
            self.news.set()
            await asyncio.sleep(random.uniform(0.0, 0.2))

    async def _call(self, http: httpx2.AsyncClient, subject: str) -> bool:
        self.tries[subject] += 1
        body = {
            "dialled": NUMBER,
            "caller": "+74950000070",
            "summary": subject,
            "contact": f"{subject.partition(' ')[2]}@clients.example",
            "level": "urgent",
            "criterion": "test",
            "call_id": subject.partition(" ")[2],
        }
        try:
            answer = await http.post("/v1/calls", json=body)
        except httpx2.TransportError:
            return False
        if answer.status_code != httpx2.codes.CREATED:
            assert answer.status_code in {429, 503}, answer.text
            return False
        self.acknowledged[subject] = answer.json()["number"]
        self.urgent_since = time.monotonic()
        return True

    async def _mail(self, subject: str) -> bool:
        self.tries[subject] += 1
        identity = subject.partition(" ")[2]
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = f"{identity}@clients.example", MAILBOX, subject
        message["Message-ID"] = f"<{identity}@clients.example>"
        message.set_content("test")

        def send() -> None:
            with smtplib.SMTP("127.0.0.1", self._service.smtp_port, timeout=3) as client:
                client.send_message(message)

        try:
            await asyncio.to_thread(send)
        except (OSError, smtplib.SMTPException):
            return False
        self.acknowledged[subject] = None
        return True


class Killer:
    """Ends the service in the worst moments, and starts it again."""

    def __init__(self, service: Service, clients: Clients, dice: random.Random) -> None:
        self._service = service
        self._clients = clients
        self._dice = dice
        self._moments = [self._any, self._at_warning, self._at_due, self._after_acknowledgement]
        self.kills: Counter[str] = Counter()
        self.starts: list[float] = []

    async def run(self) -> None:
        """Kill ``KILLS`` times; afterwards the service runs."""
        while sum(self.kills.values()) < KILLS:
            await self._start()
            moment = self._moments[sum(self.kills.values()) % len(self._moments)]
            await moment()
            self._kill(moment.__name__)
            if sum(self.kills.values()) % 6 == 0:
                self._service.launch()
                await asyncio.sleep(self._dice.uniform(0.2, 1.5))
                self._kill("_while_starting")
        await self._start()

    async def _start(self) -> None:
        self._service.launch()
        self.starts.append(await self._service.ready())

    def _kill(self, moment: str) -> None:
        self._service.kill()
        shutil.rmtree(self._service.data / "nats", ignore_errors=True)
        self.kills[moment] += 1

    async def _any(self) -> None:
        await asyncio.sleep(self._dice.uniform(0.0, 1.5))

    async def _after_acknowledgement(self) -> None:
        self._clients.news.clear()
        await asyncio.wait_for(self._clients.news.wait(), 20)
        await asyncio.sleep(self._dice.uniform(0.0, 0.01))

    async def _at_warning(self) -> None:
        await self._around(WITHIN_SECONDS / 2)

    async def _at_due(self) -> None:
        await self._around(WITHIN_SECONDS)

    async def _around(self, seconds: float) -> None:
        """Wait until the latest urgent call's timer is due, give or take 150 ms."""
        await self._after_acknowledgement()
        moment = self._clients.urgent_since + seconds + self._dice.uniform(-0.15, 0.15)
        await asyncio.sleep(max(0.0, moment - time.monotonic()))


class Aftermath:
    """What is in the database in the end, and what reached the sink and the bus."""

    def __init__(self, file: Path, clients: Clients, killer: Killer, sink: Sink, in_stream: int) -> None:
        self.clients, self.killer, self.sink, self.in_stream = clients, killer, sink, in_stream
        self._database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        self._database.row_factory = sqlite3.Row

    def rows(self, query: str) -> list[sqlite3.Row]:
        """Return the rows of ``query``."""
        return self._database.execute(query).fetchall()

    def count(self, query: str) -> int:
        """Return the single number that ``query`` gives."""
        return int(self.rows(query)[0][0])


def _policy(folder: Path) -> Path:
    """Return a copy of the demonstration's regulation, with a target short enough to be aimed at."""
    shutil.copytree(POLICIES / SLUG, folder / SLUG)
    edition = next((folder / SLUG / "editions").glob("*.toml"))
    text = edition.read_text(encoding="utf-8")
    assert "6 elapsed seconds" in text
    edition.write_text(text.replace("6 elapsed seconds", f"{WITHIN_SECONDS:g} elapsed seconds"), encoding="utf-8")
    return folder / SLUG


async def _live(folder: Path) -> Aftermath:
    sink = Sink()
    await sink.start()
    policies = _policy(folder / "policies").parent
    service = Service(folder, sink.port, {"HELPDESK_POLICIES": str(policies), "HELPDESK_LOG_LEVEL": "warning"})
    try:
        operator = (await service.command("key", "create", "--role", "operator", "--name", "t", "--quiet")).strip()
        service.launch()
        await service.ready()
        async with Api(service, operator) as api:
            await api.post("/v1/operator/tenants", "", {"regulation": SLUG})
            made = await api.post("/v1/operator/keys", "", {"role": "agent", "name": "t", "tenants": [SLUG]})
        service.kill()
        clients = Clients(service, made["secret"])
        killer = Killer(service, clients, random.Random(20261122))
        load = asyncio.create_task(clients.run())
        await killer.run()
        clients.stopping = True
        await asyncio.wait_for(load, 60)
        file = service.data / "helpdesk.sqlite3"
        await _settled(file)
        in_stream = await _events_in_stream(service.nats_url())
        assert service.stop() == 0, service.last_words()
        return Aftermath(file, clients, killer, sink, in_stream)
    except (NotServing, TimeoutError) as problem:
        raise AssertionError(f"{problem}\n{service.last_words()}") from problem
    finally:
        service.kill()
        await sink.stop()


async def _settled(file: Path) -> None:
    """Wait until no timer is due and nothing is owed."""
    limit = time.monotonic() + SETTLE_SECONDS
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    waiting = """SELECT (SELECT count(*) FROM outbox WHERE state IN ('open', 'published', 'sending'))
        + (SELECT count(*) FROM timers JOIN tickets ON tickets.id = ticket_id
           WHERE timers.state = 'pending' AND tickets.level = 'urgent')"""
    while database.execute(waiting).fetchone()[0]:
        assert time.monotonic() < limit, _unsettled(database)
        await asyncio.sleep(0.2)
    database.close()


async def _events_in_stream(url: str) -> int:
    client = await nats.connect(url)
    try:
        info = await client.jetstream().stream_info("HD_EVENTS")
        return int(info.state.messages)
    finally:
        await client.close()


def _unsettled(database: sqlite3.Connection) -> str:
    owed = "SELECT kind, state, attempts, error, count(*) FROM outbox WHERE state <> 'done' GROUP BY 1, 2, 3, 4"
    return f"still owed: {database.execute(owed).fetchall()}"


@pytest.fixture(scope="module", name="after")
def _after(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    return asyncio.run(_live(tmp_path_factory.mktemp("kill")))


def test_it_was_killed_often_and_in_every_kind_of_moment(after: Aftermath) -> None:
    """A suite in which nothing happens would pass: there were kills of each kind, and work in between."""
    assert sum(after.killer.kills.values()) >= KILLS
    assert set(after.killer.kills) == {
        "_any",
        "_at_warning",
        "_at_due",
        "_after_acknowledgement",
        "_while_starting",
    }
    calls = [number for number in after.clients.acknowledged.values() if number is not None]
    assert len(calls) >= KILLS * 2
    assert len(after.clients.acknowledged) - len(calls) >= KILLS // 2
    assert sum(after.clients.tries.values()) > len(after.clients.acknowledged)
    starts = sorted(after.killer.starts)
    mails = len(after.clients.acknowledged) - len(calls)
    figures = f"starts {starts[0]:.2f} to {starts[-1]:.2f} s, calls {len(calls)}, mails {mails}"
    print(f"kills {dict(after.killer.kills)}, {figures}, letters {len(after.sink.mails)}")  # noqa: T201 for -rP


def test_everything_acknowledged_is_there_once(after: Aftermath) -> None:
    """Each acknowledged call and mail is exactly one ticket, the call's under the number that its caller was told."""
    tickets: dict[str, list[int]] = {}
    for row in after.rows("SELECT subject, number FROM tickets"):
        tickets.setdefault(row["subject"], []).append(row["number"])
    for subject, number in after.clients.acknowledged.items():
        assert len(tickets.get(subject, [])) == 1, subject
        assert number in (None, tickets[subject][0])
    assert all(len(numbers) == 1 for numbers in tickets.values()), "an input became two tickets"
    assert set(tickets) <= set(after.clients.tries), "a ticket that nobody asked for"


def test_numbers_have_no_gaps(after: Aftermath) -> None:
    """A number given out in a transaction that died is given out again."""
    numbers = sorted(row["number"] for row in after.rows("SELECT number FROM tickets"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_timer_took_effect_exactly_once_and_never_early(after: Aftermath) -> None:
    """Each urgent call was warned of once and breached once, in its log, not before its moment."""
    urgent = after.count("SELECT count(*) FROM tickets WHERE level = 'urgent'")
    told: Counter[tuple[bytes, str]] = Counter()
    for row in after.rows("SELECT ticket_id, what FROM events WHERE what IN ('warned', 'breached')"):
        told[bytes(row["ticket_id"]), row["what"]] += 1
    assert set(told.values()) == {1}
    assert len(told) == 2 * urgent
    assert after.count("SELECT count(*) FROM timers WHERE state = 'fired' AND fired_at < due_at") == 0
    fired = after.count("SELECT count(*) FROM timers WHERE state = 'fired'")
    assert fired == 2 * urgent
    early = """SELECT count(*) FROM events JOIN timers USING (tenant_id, ticket_id)
        WHERE timers.state = 'fired' AND events.at < timers.due_at
        AND (events.what = 'breached' AND timers.point = 'due' OR events.what = 'warned' AND timers.point = 'warn:0')"""
    assert after.count(early) == 0


def test_logs_are_gapless(after: Aftermath) -> None:
    """Each ticket's log counts from 1 to the last entry that its row knows."""
    query = """SELECT number, last_seq, count(*) AS n, min(seq) AS first, max(seq) AS last
        FROM tickets JOIN events ON events.ticket_id = tickets.id GROUP BY tickets.id"""
    for row in after.rows(query):
        assert (row["first"], row["last"], row["n"]) == (1, row["last_seq"], row["last_seq"]), row["number"]


def test_everything_owed_was_sent(after: Aftermath) -> None:
    """No row is left owed or dead, and the sink has each ticket's acknowledgement; repeats have the same Message-ID."""
    states = {row["state"]: row["n"] for row in after.rows("SELECT state, count(*) AS n FROM outbox GROUP BY state")}
    assert set(states) == {"done"}
    letters: dict[str, set[str]] = {}
    for mail in after.sink.mails:
        letters.setdefault(mail.recipient, set()).add(mail.message_id)
    contacts = [row["contact"] for row in after.rows("SELECT contact FROM tickets")]
    assert set(letters) == set(contacts)
    assert {contact: len(ids) for contact, ids in letters.items() if len(ids) != 1} == {}


def test_the_ledger_adds_up(after: Aftermath) -> None:
    """One line of the ledger for each ticket, further ones for repeats only, and none that was not tried."""
    outcomes: dict[str, int] = {
        row["outcome"]: row["n"] for row in after.rows("SELECT outcome, count(*) AS n FROM ledger GROUP BY outcome")
    }
    assert set(outcomes) <= {"ticket", "duplicate"}
    assert outcomes["ticket"] == after.count("SELECT count(*) FROM tickets")
    assert sum(outcomes.values()) <= sum(after.clients.tries.values())
    orphans = """SELECT count(*) FROM ledger WHERE outcome = 'duplicate'
        AND duplicate_of NOT IN (SELECT id FROM ledger WHERE outcome = 'ticket')"""
    assert after.count(orphans) == 0


def test_the_feed_has_every_event_in_its_place(after: Aftermath) -> None:
    """Every event has a position in the feed, without gaps, and in the end NATS has it, though wiped each time."""
    positions = [row["position"] for row in after.rows("SELECT position FROM outbox WHERE kind = 'event' ORDER BY 1")]
    assert positions == list(range(1, len(positions) + 1))
    assert after.in_stream == len(positions)
