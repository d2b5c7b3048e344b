"""SpecPromDesign is confidential: what its clients write, and who they are, is in no event, no log, not on the bus."""

import io
import json
import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog
from sqlalchemy import select
from tests.acceptance.stories.driver import Story

from helpdesk.bootstrap import logs
from helpdesk.contracts.event_data import EVENT_DATA, plain
from helpdesk.contracts.log import Happened
from helpdesk.kernel.principal import system
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import messages, outbox

CANARY = "kanareika7f3a"
"""Every word, name and address of this story has it."""


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile, whatever its level."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("debug", "text", stream)
    structlog.configure(cache_logger_on_first_use=False)  # or other tests would go on logging here
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)


def test_nothing_personal_leaves_the_database(story: Story, logged: io.StringIO) -> None:
    """Mails, calls, replies, notes, files, causes, complaints and mistakes, with canaries in every text."""
    story.at("2026-06-15 10:00")
    story.client, story.number = f"{CANARY}-a@clients.example", "+79169998877"
    story.registered(equipment={"name": f"Шкаф {CANARY}", "accepted_on": "2020-01-01"})
    number, _ = story.write(f"Тело {CANARY}", f"Тема {CANARY}")
    story.mail(f"Кто я? {CANARY}", f"Чужой {CANARY}", sender=f"{CANARY}-b@elsewhere.example")
    story.act(number, "level", "PUT", level="high", criterion=f"важно {CANARY}")
    story.act(number, "assignment", "PUT", agent=f"Агент {CANARY}")
    story.ask("PUT", f"/v1/tickets/{number}/line", line="line_2", reason=f"диагностика {CANARY}")
    story.act(number, "notes", text=f"Заметка {CANARY}")
    story.act(number, "replies", kind="question", text=f"Вопрос {CANARY}")
    story.mail(f"Ответ {CANARY}", answers=story.letters()[-1])
    story.act(number, "replies", kind="answer", text=f"Решение {CANARY}")
    called = story.call(summary=f"Звонок {CANARY}", contact=story.client, caller_name=CANARY)
    story.ask("GET", f"/v1/callers/{story.number}")
    story.ask("GET", f"/v1/callers/{CANARY}@clients.example")
    story.ask("GET", f"/v1/search?q={CANARY}")
    story.ask("POST", f"/v1/tickets/{number}/replies", kind="nothing", text=CANARY)
    story.at("2026-06-29 10:00")

    database = story.house.database
    tenant = database.read_now(system("test"), lambda s: _tenant_of(s, CANARY))
    rows = database.read_now(
        system("test"),
        lambda s: s.connection.execute(select(outbox.c.payload, outbox.c.subject).where(
            outbox.c.kind == "event", outbox.c.tenant_id == tenant)).all(),
    )  # fmt: skip
    happened = {row.payload["type"] for row in rows}
    assert {"ticket.received", "ticket.level_set", "ticket.question_sent", "ticket.client_message"} <= happened, (
        happened
    )
    assert called.status_code < 500
    for secret in (CANARY, "clients.example", story.number, story.number[1:]):
        assert not [row for row in rows if secret in json.dumps([row.payload, row.subject], ensure_ascii=False)], secret
        assert secret not in logged.getvalue(), secret
    for file in story.house.folder.rglob("*"):  # of all companies: only the canary is this one's alone
        if file.is_file() and "jetstream" in str(file):
            assert CANARY.encode() not in file.read_bytes(), file
    assert "/v1/callers/" in logged.getvalue()
    assert any("jetstream" in str(file) for file in story.house.folder.rglob("*.blk"))
    feed = story.do("GET", "/v1/feed?limit=200")
    assert feed["items"]
    assert CANARY not in json.dumps(feed, ensure_ascii=False)


def test_every_happening_says_what_its_event_may_hold(story: Story) -> None:
    """None is forgotten, no key is both, and a key that nobody named stays inside."""
    assert set(EVENT_DATA) == set(Happened)
    assert not [what for what, holds in EVENT_DATA.items() if set(holds.plain) & set(holds.personal)]
    assert plain(Happened.RECEIVED, {"channel": "email", "sender": "a@b", "new": 1}) == {"channel": "email"}


def _tenant_of(session: Session, text: str) -> UUID:
    wanted = select(messages.c.tenant_id).where(messages.c.text.contains(text)).distinct()
    found: UUID = session.connection.execute(wanted).scalar_one()
    return found
