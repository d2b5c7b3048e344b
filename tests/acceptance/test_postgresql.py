"""The same service on PostgreSQL, under a role that owns nothing."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.support.postgres import PostgresServer

from helpdesk.demo.api import Api
from helpdesk.demo.service import NotServing, Service
from helpdesk.demo.sink import Sink

ROOT = Path(__file__).resolve().parents[2]


async def _first_ticket(folder: Path, url: str) -> tuple[dict[str, Any], list[dict[str, Any]], str]:
    """Take on a company by the command, register a call, wait for its letter; return ticket, deadlines and subject."""
    sink = Sink()
    await sink.start()
    service = Service(folder, sink.port, {"HELPDESK_DATABASE_URL": url})
    try:
        await service.command("tenant", "add", "--regulation", str(ROOT / "policies" / "siroca"))
        words = ("key", "create", "--role", "agent", "--name", "t", "--tenant", "siroca", "--quiet")
        key = (await service.command(*words)).strip()
        service.launch()
        await service.ready()
        async with Api(service, key) as api:
            call: dict[str, object] = {"dialled": "+996312979805", "caller": "+996550000001", "summary": "Nothing"}
            call |= {"level": "1", "criterion": "work is impossible", "affected": 40, "contact": "shop@clients.example"}
            made = await api.post("/v1/calls", "siroca", call)
            mail = await sink.expect(lambda mail: mail.recipient == "shop@clients.example", 30)
            ticket = await api.get(f"/v1/tickets/{made['number']}", "siroca")
            deadlines = await api.get(f"/v1/tickets/{made['number']}/deadlines", "siroca")
        return ticket, deadlines["items"], mail.subject
    except NotServing as problem:
        raise AssertionError(str(problem)) from problem
    finally:
        assert service.stop() == 0, service.last_words()
        await sink.stop()


def test_a_call_becomes_a_ticket_with_a_deadline_and_a_letter(
    tmp_path: Path, postgres: PostgresServer, postgres_template: str
) -> None:
    """Nothing changes for anybody but the setting of the database."""
    name = postgres.create(postgres_template)
    try:
        ticket, deadlines, subject = asyncio.run(_first_ticket(tmp_path, postgres.url(name)))
    finally:
        postgres.drop(name)
    assert ticket["number"] == 1
    assert "#1" in subject
    assert "resolution" in {deadline["name"] for deadline in deadlines if deadline["due"] is not None}


def test_a_database_that_is_not_upgraded_is_refused(tmp_path: Path, postgres: PostgresServer) -> None:
    """The service owns nothing there, so it says who must do what."""
    name = postgres.create()
    service = Service(tmp_path, 9, {"HELPDESK_DATABASE_URL": postgres.url(name)})
    try:
        service.launch()
        with pytest.raises(NotServing):
            asyncio.run(service.ready())
        assert service.stop() == 1
        assert "helpdesk db upgrade" in service.last_words()
    finally:
        service.stop()
        postgres.drop(name)
