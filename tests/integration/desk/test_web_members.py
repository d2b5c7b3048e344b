"""Signed-in users from the door to the database and back: what joins what, who sees what, what is told again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from tests.integration.desk.companies import Five
from tests.integration.desk.lives import Life
from tests.support import web_place
from tests.support.web_place import bearer, signed

from helpdesk.contracts.channels import Answering, Channel
from helpdesk.contracts.messages import Attachment, Inbound, Outbound, Receipt
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.desk import Desk
from helpdesk.domain.commands import Confirm, Reply, ReplyKind, TicketCommand
from helpdesk.domain.ways import Ways
from helpdesk.intake.gateway import Intake
from helpdesk.kernel.principal import system
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import to_row
from helpdesk.store.schema import outbox
from helpdesk.workers.shelf import Shelf
from helpdesk_channel_email.channel import EmailChannel
from helpdesk_channel_web.channel import ChatChannel, WebChannel

pytestmark = pytest.mark.anyio
SECRET = b"0" * 32
SITES = {"siroca": "www.siroca.com", "intervale": "helpdesk.intervale.ru"}
SIGNING = {site: f"canary-{site}-{'u' * 32}" for site in SITES.values()}
WHERE = {"siroca": "chats", "intervale": "accounts"}
FULL = {"subject": "Касса", "text": "Не печатает", "steps": "1", "email": "a@b.example"}


class Members:
    """Two companies' sites before one desk, and the shelf that letters are put on."""

    def __init__(self, five: Five) -> None:
        self.five = five
        channels: Mapping[str, Channel] = {"web": WebChannel(), "chat": ChatChannel(), "email": EmailChannel()}
        answering = Answering({"email": "", "web": "user:", "chat": "user:"})
        self.desk = Desk(five.database, Resources(Directory(), SECRET, ways=Ways(answering)))
        self.intake = Intake(five.database, self.desk, channels)
        self.shelf = Shelf(five.database, SECRET, self.intake.readers.wake)
        self.client = httpx2.AsyncClient(timeout=60)
        self.lost = 0

    async def submit(self, message: Inbound) -> Receipt:
        """Commit, and lose as many answers as is wanted."""
        receipt = await self.intake.submit(message)
        if self.lost:
            self.lost -= 1
            raise ConnectionResetError
        return receipt

    def __getattr__(self, name: str) -> Any:
        return getattr(self.intake, name)

    async def say(self, own_id: str, by: str = "17", company: str = "siroca", **fields: str) -> httpx2.Response:
        """Write as a signed-in user."""
        body = {"id": own_id, **FULL, **fields}
        return await self.client.post(self._url(company, "messages"), json=body, headers=self.by(by, company))

    async def letters(self, by: str = "17", company: str = "siroca", **query: int) -> list[dict[str, Any]]:
        """Read a signed-in user's letters."""
        url = self._url(company, "letters")
        answer = await self.client.get(url, params=query, headers=self.by(by, company))
        assert answer.status_code == 200
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def do(self, command: TicketCommand, company: str = "siroca") -> None:
        """Act as an agent."""
        await self.desk.change(self.five.agent(company), command)

    async def deliver(self) -> list[Outbound]:
        """Put on the shelf what is owed to the two channels, twice, as after a crash; return what goes by mail."""
        mails = []
        for tenant in self.five.tenants.values():

            def owed(session: Session) -> list[Outbound]:
                wanted = outbox.c.kind == "delivery", outbox.c.tenant_id == session.tenant_id
                rows = session.connection.execute(
                    select(outbox).where(*wanted).order_by(outbox.c.created_at, outbox.c.id)
                )
                return [to_row(row).outbound() for row in rows]

            for message in await self.five.database.read(system("test", tenant), owed):
                if message.channel_kind == "email":
                    mails.append(message)
                    continue
                for _ in range(2):
                    await self.shelf.send(message)
        return mails

    def _url(self, company: str, what: str) -> str:
        return f"/{WHERE[company]}/{SITES[company]}/{what}"

    def by(self, by: str, company: str) -> dict[str, str]:
        """Return the header that signs somebody in."""
        site = SITES[company]
        mail = f"{by}@client.example"
        return bearer(signed(site, by, secret=SIGNING[site], name="Анна", email=mail, email_verified=True))


@pytest.fixture
async def members(lives: Callable[[str], Life]) -> AsyncIterator[Members]:
    place = Members(lives("siroca").five)
    users = " ".join(f"{site}={secret}" for site, secret in SIGNING.items())
    given = web_place.settings(SITES=" ".join(SIGNING), COPIES=SITES["intervale"])
    given["HELPDESK_WEB_USERS"] = users
    async with place.client, web_place.listening(place, given) as listener:
        place.client.base_url = httpx2.URL(f"http://127.0.0.1:{listener.port}")
        yield place


async def test_a_chat_is_answered_in_the_chat(members: Members) -> None:
    """Number, question and answer come in their order, each once, each to what it answers; nothing goes by mail."""
    first = await members.say("m1", subject="")
    assert (first.status_code, first.json()["number"]) == (201, 1)
    assert (await members.say("m2", text="и ещё")).json()["outcome"] == "follow_up"  # the only open ticket
    waiting = asyncio.create_task(members.letters(wait=20))
    await members.do(Reply(1, ReplyKind.QUESTION, "Какая <b>версия</b>?"))
    assert await members.deliver() == []
    assert len(await waiting) >= 1
    acknowledged, question = await members.letters()
    assert (acknowledged["purpose"], acknowledged["automatic"], acknowledged["answers"]) == (
        "acknowledgement",
        True,
        "m1",
    )
    assert (question["purpose"], question["ticket"], question["answers"]) == ("question", 1, "m2")
    assert "Какая <b>версия</b>?" in question["text"]
    await members.do(Reply(1, ReplyKind.ANSWER, "Готово"))
    await members.deliver()
    (answer,) = await members.letters(after=question["position"])
    assert (answer["position"], answer["answers"]) == (3, "m2")
    assert "@" not in str([letter["id"] for letter in await members.letters()])


async def test_an_account_begins_requests_and_goes_on_with_them(members: Members) -> None:
    """Intervale: each new message is a request; with its number it joins; a closed one is followed by a new one."""
    numbers = [(await members.say(f"m{n}", company="intervale")).json()["number"] for n in range(2)]
    assert numbers == [1, 2]
    joined = await members.say("m3", company="intervale", ticket="1", text="ещё")
    assert (joined.json()["outcome"], joined.json()["number"]) == ("follow_up", 1)
    await members.do(Reply(1, ReplyKind.ANSWER, "Обновите"), "intervale")
    await members.do(Confirm(1), "intervale")
    followed = await members.say("m4", company="intervale", ticket="1", text="снова")
    assert (followed.json()["outcome"], followed.json()["number"]) == ("ticket", 3)
    lacking = await members.say("m5", company="intervale", steps="")
    assert (lacking.status_code, lacking.json()["clause"]) == (422, "5.3")


async def test_copies_go_to_the_address_that_the_site_verified(members: Members) -> None:
    """Intervale 5.9: what people write is in the account and by mail; what is automatic is in the account alone."""
    await members.say("m1", company="intervale")
    await members.do(Reply(1, ReplyKind.ANSWER, "Обновите"), "intervale")
    (copy,) = await members.deliver()
    assert (copy.recipient, copy.purpose, "Обновите" in copy.text) == ("17@client.example", "answer", True)
    assert [each["purpose"] for each in await members.letters(company="intervale")] == ["acknowledgement", "answer"]
    await members.say("m1")
    await members.do(Reply(1, ReplyKind.ANSWER, "Готово"))
    assert await members.deliver() == [copy]  # Siroca wants no copies


async def test_nobody_reaches_what_is_anothers(members: Members) -> None:
    """P10, P11: who x what: only one's own ticket is there; all else has the same 404, byte for byte, and changes
    nothing; letters are one's own alone."""
    await members.say("m1", "17", text="секрет17")
    await members.say("m1", "18", text="секрет18")
    await members.say("m1", "17", "intervale", text="секрет")
    await members.deliver()
    tried = {("17", "siroca"): {"1"}, ("18", "siroca"): {"2"}, ("19", "siroca"): set(), ("17", "intervale"): {"1"},
             ("18", "intervale"): set()}  # fmt: skip
    absent = set()
    for (by, company), own in tried.items():
        for number in ("1", "2", "3", "999999999"):
            answer = await members.say(f"t{number}", by, company, ticket=number)
            if number in own:
                assert (answer.status_code, answer.json()["number"]) == (201, int(number))
            else:
                absent.add((answer.status_code, answer.content))
        letters = await members.letters(by, company)
        assert {letter["ticket"] for letter in letters} == {int(each) for each in own}
    assert {status for status, _ in absent} == {404}
    assert len(absent) == 1


async def test_a_stolen_number_or_token_in_the_text_opens_nothing(members: Members) -> None:
    """P13: another's number in a subject is held for an agent; the person whose ticket it is sees nothing of it."""
    await members.say("m1", "17", "intervale")
    held = await members.say("m1", "18", "intervale", subject="Re: [#1]")
    assert (held.status_code, held.json()["outcome"]) == (202, "held")
    await members.deliver()
    assert len(await members.letters("17", "intervale")) == 1


async def test_killed_between_commit_and_answer_the_same_again_tells_the_same(members: Members) -> None:
    """One message, one ticket, one letter with the number; another text under the id is 409; ids are a person's own."""
    members.lost = 1
    assert (await members.say("m1")).status_code == 503
    again = await members.say("m1")
    assert (again.status_code, again.json()["number"], again.json()["repeated"]) == (201, 1, True)
    assert (await members.say("m1", text="другое")).status_code == 409
    assert (await members.say("m1", "18", text="другое")).json()["number"] == 2
    await members.deliver()
    assert [len(await members.letters(by)) for by in ("17", "18")] == [1, 1]


async def test_a_letter_takes_its_files_along(members: Members) -> None:
    """What an agent attached is read by whom it was written to, and by nobody else."""
    site = SITES["siroca"]
    sha256 = members.desk.resources.files.put(members.five.tenants["siroca"], b"bytes")
    file = Attachment("а.png", "image/png", b"bytes", 5, sha256)
    await members.shelf.send(Outbound("l-1", "chat", site, f"user:{site}/17", "S", "T", attachments=(file,)))
    (letter,) = await members.letters()
    assert [(each["name"], each["bytes"]) for each in letter["files"]] == [("а.png", 5)]
    url = f"/chats/{site}/letters/l-1/files/0"
    mine, yours = [await members.client.get(url, headers=members.by(who, "siroca")) for who in ("17", "18")]
    assert (mine.content, yours.status_code) == (b"bytes", 404)
