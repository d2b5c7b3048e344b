"""Requests by a bot: what joins which ticket in a private chat, and how they are answered."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select
from tests.integration.desk.conftest import SECRET, World
from tests.integration.desk.lives import Life

from helpdesk.contracts.channels import Answering
from helpdesk.contracts.log import Happened
from helpdesk.contracts.messages import Attachment, Inbound, Nature, Outcome, Standing
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.desk import Desk
from helpdesk.desk.receiving.receive import Arrival
from helpdesk.domain.commands import Close, Reply, ReplyKind, Taken, TicketCommand
from helpdesk.domain.ways import Ways
from helpdesk.kernel.principal import system
from helpdesk.store.engine.session import Session
from helpdesk.store.participants import Participants
from helpdesk.store.schema import messages, outbox

pytestmark = pytest.mark.anyio
BOT = "@siroca_technology_bot"


class Chatting(World):
    """Siroca, whose regulation names a bot, for private chats."""

    async def say(self, number: int, text: str = "Не работает", **fields: Any) -> Taken:
        """Write to the bot."""
        plain = Inbound(
            channel_kind="telegram", address=BOT, source_key=f"telegram:1:5/{number}", sender="5", received_at=None,
            text=text, standing=Standing.AUTHENTICATED, chat_kind="private", message_id=f"5/{number}",
        )  # fmt: skip
        message = replace(plain, **fields)
        return await self.desk.receive(system("channel:telegram", self.tenant_id), Arrival(message))

    async def do(self, command: TicketCommand) -> None:
        """Act as an agent."""
        await self.desk.change(self.agent, command)

    async def letters(self) -> list[dict[str, Any]]:
        """Return all that is owed to go out, oldest first."""

        def work(session: Session) -> list[dict[str, Any]]:
            wanted = select(outbox.c.payload).where(outbox.c.kind == "delivery")
            return list(session.connection.execute(wanted.order_by(outbox.c.created_at, outbox.c.id)).scalars())

        return await self.database.read(self.agent, work)


@pytest.fixture
def chat(lives: Callable[[str], Life]) -> Chatting:
    five = lives("siroca").five
    resources = Resources(Directory(), SECRET, ways=Ways(Answering({"email": "", "telegram": ""})))
    return Chatting(five.database, Desk(five.database, resources), five.tenants["siroca"])


async def test_a_request_by_a_bot_is_answered_there(chat: Chatting) -> None:
    """The requester is where letters go; the first words are the subject; each letter answers the latest message."""
    taken = await chat.say(1, "\n  Касса не печатает  \nсовсем")
    assert (taken.outcome, taken.number) == (Outcome.TICKET, 1)
    ticket = await chat.ticket()
    assert (ticket.contact, ticket.requester, ticket.subject) == ("5", "5", "Касса не печатает")
    await chat.say(2, "Ещё не печатает")
    await chat.do(Reply(1, ReplyKind.ANSWER, "Готово"))
    acknowledged, answer = await chat.letters()
    for letter, answered in ((acknowledged, "5/1"), (answer, "5/2")):
        assert (letter["channel_kind"], letter["sender"], letter["recipient"]) == ("telegram", BOT, "5")
        assert letter["in_reply_to"] == answered


async def test_pieces_join_the_only_open_ticket(chat: Chatting) -> None:
    """While one is open they join it; of two, only by naming one; a closed one is followed."""
    await chat.say(1)
    assert (await chat.say(2, "и ещё")).outcome is Outcome.FOLLOW_UP
    other = await chat.say(3, "Другое", sender="6", message_id="6/3")
    assert (other.outcome, other.number) == (Outcome.TICKET, 2)  # another person's chat
    first = await chat.ticket(1)

    def second(session: Session) -> None:
        """Let the other ticket be this person's, as after a merge of accounts."""
        Participants(session).add(other.ticket_id or first.id, "telegram", "5", "client")

    await chat.database.write(chat.agent, second)
    assert (await chat.say(4, "По №2: готово?")).number == 2
    assert (await chat.say(5, "это", references=("6/3",))).number == 2
    await chat.do(Close(1, "solved_info"))
    assert (await chat.say(6, "спасибо")).number == 3  # none of their own is open: a new request
    answered = await chat.say(7, "снова", references=("5/2",))
    assert (answered.number, (await chat.ticket(4)).follows) == (4, 1)
    assert (await chat.say(8, "которое?")).number == 5  # two are open: nobody guesses


async def test_another_bots_messages_name_nothing(chat: Chatting) -> None:
    """Message ids are a bot's own: by another address of ours, and unproved, they open nothing."""
    await chat.say(1)
    await chat.do(Close(1, "solved_info"))
    claimed = await chat.say(3, references=("5/1",), standing=Standing.CLAIMED)
    assert (claimed.number, (await chat.ticket(2)).follows) == (2, None)


async def test_an_edit_is_kept_beside_what_it_changed(chat: Chatting) -> None:
    """Both versions; no clock, no wait moves; on a closed ticket too. Of what nobody knows it is noted alone."""
    await chat.say(1, "Касса не печатат")
    await chat.do(Reply(1, ReplyKind.QUESTION, "Какая?"))
    before = [entry.what for entry in await chat.log()]
    edit = {"nature": Nature.EDIT, "references": ("5/1",), "message_id": "5/1/99"}
    taken = await chat.say(2, "Касса не печатает", **edit)
    assert (taken.outcome, taken.number) == (Outcome.NOTED, 1)
    assert [entry.what for entry in await chat.log()] == [*before, Happened.NOTE_ADDED]
    assert (await chat.ticket()).state == "waiting"
    await chat.do(Close(1, "solved_info"))
    assert (await chat.say(3, "Касса опять", **edit)).number == 1
    assert (await chat.say(4, "Ничьё", nature=Nature.EDIT, references=("5/77",))).number is None

    def texts(session: Session) -> set[str]:
        return set(session.connection.execute(select(messages.c.text).where(messages.c.direction == "in")).scalars())

    assert await chat.database.read(chat.agent, texts) == {"Касса не печатат", "Касса не печатает", "Касса опять"}


async def test_a_group_is_refused_to_itself_once_a_day(chat: Chatting) -> None:
    """By the clause; to the group's chat, not to who wrote; the ledger has every message."""
    for number in range(1, 5):
        group = {"chat_kind": "group", "reply_to": "-100500", "message_id": f"-100500/{number}"}
        taken = await chat.say(number, "Секрет", **group)
        assert (taken.outcome, taken.clause) == (Outcome.REFUSED, "2.2")
    (letter,) = await chat.letters()
    assert (letter["channel_kind"], letter["recipient"], letter["purpose"]) == ("telegram", "-100500", "refusal")
    assert "Секрет" not in letter["text"]
    await chat.pass_seconds(86_500)
    await chat.say(9, chat_kind="group", reply_to="-100500", message_id="-100500/9")
    assert len(await chat.letters()) == 2


async def test_a_file_that_stayed_with_its_source_is_told_of(chat: Chatting) -> None:
    """Too large to fetch: the message is a request all the same, the log and the client are told."""
    left = Attachment("video.mp4", "application/octet-stream", b"", 2147483648)
    gone = Attachment("a.txt", "application/octet-stream", b"", 5)
    await chat.say(1, attachments=(left, gone))
    refused = [entry.data for entry in await chat.log() if entry.what is Happened.ATTACHMENT_REFUSED]
    assert [(each["name"], each["reason"]) for each in refused] == [("video.mp4", "size"), ("a.txt", "absent")]
    assert [letter["purpose"] for letter in await chat.letters()] == ["acknowledgement", "attachment"]
