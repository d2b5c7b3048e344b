"""An edition that its text wants looked at again is told of, once, without being asked."""

import asyncio
import logging
from collections.abc import Callable

import pytest
from sqlalchemy import select
from tests.integration.desk.conftest import five_template, lives
from tests.integration.desk.lives import Life

from helpdesk.desk.companies.reviewing import tell_overdue
from helpdesk.kernel.errors import Unavailable
from helpdesk.kernel.principal import system
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import outbox
from helpdesk.store.tenants import Tenants
from helpdesk.workers.reviews import Reviews

__all__ = ["five_template", "lives"]

REVIEWER = system("reviews")


def test_an_overdue_review_is_told_once(lives: Callable[[str], Life]) -> None:
    """TelemedHelp 1.1: the version of 2017 was to be reviewed within a year; to the head, subscribers and the audit."""
    life = lives("telemedhelp")
    five, tenant = life.five, life.five.tenants["telemedhelp"]
    told = {"name": "ТелемедХелп", "alert_address": "head@company.example"}
    five.database.write_now(system("test"), lambda session: Tenants(session).change(tenant, **told))

    def tell(session: Session) -> tuple[str, ...]:
        return tell_overdue(session, five.resources)

    assert five.database.write_now(REVIEWER, tell) == ("telemedhelp",)
    assert five.database.write_now(REVIEWER, tell) == ()
    (act,) = life.read(lambda session: Audit(session).latest(1))
    assert (act.act, act.object, act.data["clause"], act.data["latest"]) == (
        "edition.review_overdue",
        "edition:2017-10-01",
        "1.1",
        "2018-10-01",
    )
    rows = life.read(lambda session: session.connection.execute(select(outbox.c.payload)).scalars().all())
    assert [row["data"]["latest"] for row in rows if row.get("type") == "edition.review_overdue"] == ["2018-10-01"]
    (letter,) = [row for row in rows if row.get("purpose") == "review"]
    assert letter["recipient"] == "head@company.example"
    assert "не позднее 2018-10-01" in letter["text"]


def test_the_worker_looks_again_when_the_database_was_away(caplog: pytest.LogCaptureFixture) -> None:
    """What fails is tried again; who is overdue stands in the service's log."""
    caplog.set_level(logging.WARNING)
    answers: list[tuple[str, ...] | None] = [None, ("telemedhelp",)]

    async def tell() -> tuple[str, ...]:
        if not answers:
            worker.stop()
            return ()
        answer = answers.pop(0)
        if answer is None:
            raise Unavailable("away")
        return answer

    worker = Reviews(tell, every_seconds=0.0)
    asyncio.run(asyncio.wait_for(worker.run(lambda: None), 10))
    assert [record.args for record in caplog.records] == [("telemedhelp",)]
