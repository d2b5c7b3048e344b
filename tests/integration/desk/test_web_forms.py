"""Forms from the door to the database: what a stranger may do with somebody's address, and what is kept of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

import httpx2
import pytest
from msgspec import Struct
from sqlalchemy import func, select
from tests.integration.desk.lives import Life, at
from tests.support import web_place

from helpdesk.contracts.channels import Channel, Gateway
from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Inbound, Receipt
from helpdesk.intake.gateway import Intake
from helpdesk.kernel.instants import HOUR
from helpdesk.store.engine.session import Session
from helpdesk.store.schema import attachments, events, ledger, outbox, tickets
from helpdesk_channel_email.channel import EmailChannel
from helpdesk_channel_web.channel import WebChannel

pytestmark = pytest.mark.anyio
T = TypeVar("T")
SITES = {"intervale": "helpdesk.intervale.ru", "pass24": "b24-6s4knr.bitrix24.site", "siroca": "www.siroca.com"}
VICTIM, CANARY = "victim@elsewhere.example", "КАНАРЕЙКА"
ASKED = {"text": f"{CANARY} текст", "steps": CANARY, "name": CANARY, "subject": CANARY, "email": VICTIM}


class Broken:
    """A gateway whose answers are lost: what it committed stays."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.losing = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    async def submit(self, message: Inbound) -> Receipt:
        receipt = await self._gateway.submit(message)
        if self.losing:
            self.losing -= 1
            raise ConnectionResetError
        return receipt


class Forms(Struct):
    """The forms of one company."""

    life: Life
    gateway: Broken
    client: httpx2.AsyncClient | None = None

    async def send(self, **fields: str) -> httpx2.Response:
        """Send a form."""
        site = SITES[self.life.company]
        assert self.client is not None
        return await self.client.post(f"/forms/{site}", json={"token": web_place.token(site), **fields})

    def count(self, table: Any, *where: Any) -> int:
        """Count the company's rows."""
        return self.read(lambda session: session.connection.execute(
            select(func.count()).select_from(table).where(table.c.tenant_id == session.tenant_id, *where)
        ).scalar_one())  # fmt: skip

    def letters(self) -> list[dict[str, Any]]:
        """Return what is owed to go out, oldest first."""
        owed = select(outbox.c.payload).where(outbox.c.kind == "delivery").order_by(outbox.c.created_at, outbox.c.id)
        return self.read(lambda session: list(session.connection.execute(owed).scalars()))

    def read(self, work: Callable[[Session], T]) -> T:
        """Read as the company."""
        return self.life.five.database.read_now(self.life.five.agent(self.life.company), work)


Open = Callable[[str], AbstractAsyncContextManager[Forms]]


@pytest.fixture
def door(lives: Callable[[str], Life]) -> Open:
    """Return what opens a company's door."""

    @asynccontextmanager
    async def opened(company: str) -> AsyncIterator[Forms]:
        life = lives(company)
        channels: Mapping[str, Channel] = {"web": WebChannel(), "email": EmailChannel()}
        gateway = Broken(Intake(life.five.database, life.five.desk, channels))
        given = web_place.settings(SITES=" ".join(SITES.values()))
        async with web_place.listening(gateway, given) as listener:
            url = f"http://127.0.0.1:{listener.port}"
            async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
                yield Forms(life, gateway, client)

    return opened


async def test_five_hundred_forms_that_name_one_victim(door: Open) -> None:
    """P12: all are requests; the address gets one letter an hour without a word of theirs; the log says what was kept
    back."""
    async with door("intervale") as forms:
        for _ in range(10):
            answers = await asyncio.gather(*(forms.send(**ASKED) for _ in range(50)))
            assert {each.status_code for each in answers} == {201}
        assert forms.count(tickets) == forms.count(ledger, ledger.c.outcome == "ticket") == 500
        (letter,) = forms.letters()
        assert (letter["recipient"], letter["automatic"]) == (VICTIM, True)
        assert CANARY not in str(letter)
        assert forms.count(events, events.c.what == Happened.WITHHELD.value) == 499
        forms.life.five.move_to(forms.read(lambda session: session.now) + HOUR)
        for _ in range(2):
            await forms.send(**ASKED)
        assert len(forms.letters()) == 2


async def test_killed_between_commit_and_answer_the_same_again_tells_the_same(door: Open) -> None:
    """The page sends its form again and learns the number that it had; there is one request, one file, one letter."""
    async with door("intervale") as forms:
        assert forms.client is not None
        token = web_place.token(SITES["intervale"])
        fields = [*((name, None, text.encode()) for name, text in {**ASKED, "token": token}.items()),
                  ("file", "снимок.png", b"\x89PNG\r\n\x1a\nx")]  # fmt: skip
        content, kind = web_place.multipart(*fields)

        async def post() -> httpx2.Response:
            assert forms.client is not None
            where = f"/forms/{SITES['intervale']}"
            return await forms.client.post(where, content=content, headers={"content-type": kind})

        forms.gateway.losing = 1
        assert (await post()).status_code == 503
        again = await post()
        assert (again.status_code, again.json()["number"], again.json()["repeated"]) == (201, 1, True)
        assert (forms.count(tickets), forms.count(attachments), len(forms.letters())) == (1, 1, 1)
        assert (await forms.send(**{**ASKED, "token": token, "text": "другое"})).status_code == 409
        assert forms.count(ledger) == 2  # the ticket, and its repetition


async def test_a_form_joins_no_ticket(door: Open) -> None:
    """P13: the number in a subject is held for an agent, whoever is named as the sender; nothing reaches the ticket."""
    async with door("intervale") as forms:
        await forms.send(**ASKED)
        held = await forms.send(**{**ASKED, "subject": "Re: [#1] Обращение зарегистрировано"})
        assert (held.status_code, held.json()["outcome"], held.json()["number"]) == (202, "held", None)
        assert forms.life.happened().count(Happened.CLIENT_MESSAGE) == 0
        assert len(forms.letters()) == 1


async def test_a_form_is_asked_for_what_the_regulation_demands(door: Open) -> None:
    """Intervale 5.3: the visitor is told what lacks and the clause, and nothing is registered."""
    async with door("intervale") as forms:
        lacking = await forms.send(text="Не платит")
        assert (lacking.status_code, lacking.json()["clause"]) == (422, "5.3")
        assert {each["path"] for each in lacking.json()["errors"]} == {"email", "steps"}
        unreadable = await forms.send(**{**ASKED, "email": "a@b@c"})
        assert [each["path"] for each in unreadable.json()["errors"]] == ["email"]
        assert (forms.count(tickets), forms.count(ledger)) == (0, 0)


async def test_a_refusal_names_the_clause_and_is_kept(door: Open) -> None:
    """PASS24 1.2: on a holiday a form is refused, with the mail's address for a hint; a repetition is told the same."""
    async with door("pass24") as forms:
        forms.life.five.move_to(at("2026-01-04T12:00:00+03:00"))
        token = web_place.token(SITES["pass24"])
        first, second = [await forms.send(text="Не открывается", token=token) for _ in range(2)]
        assert (first.status_code, first.content) == (422, second.content)
        assert (first.json()["code"], first.json()["clause"]) == ("refused", "1.2")
        assert "support@pass24online.ru" in first.json()["hint"]
        assert forms.count(ledger, ledger.c.outcome == "refused") == 1
        assert forms.letters() == []
