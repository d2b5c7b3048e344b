"""What an update becomes: who, where, what, and what it belongs to."""

from typing import Any

import msgspec
import pytest
from tests.corpus.telegram import hostile_updates, update

from helpdesk.contracts.messages import Inbound, Nature, Standing
from helpdesk.kernel.instants import SECOND
from helpdesk_channel_telegram.config import Bot
from helpdesk_channel_telegram.inbound import Draft, draft
from helpdesk_channel_telegram.updates import NotAnUpdate, read_update

BOT = Bot("@siroca_technology_bot", "100001:" + "x" * 30)
OTHER = Bot("@other_bot", "100002:" + "x" * 30)
TOKEN = "a" * 42
USER = {"id": 5, "is_bot": False, "first_name": "A"}


def read(raw: bytes, bot: Bot = BOT) -> Draft:
    return draft(read_update(raw), bot, raw)


def message(**changed: Any) -> Inbound:
    return read(update(**changed)).message


def answering(url: str, **sender: Any) -> dict[str, Any]:
    """Return a message that answers one of ours with this link in its first line."""
    own = {"id": 100001, "is_bot": True, "first_name": "bot", **sender}
    return {"message_id": 77, "from": own, "entities": [{"type": "text_link", "offset": 0, "length": 4, "url": url}]}


def test_a_private_message_is_from_an_account_that_the_platform_proves() -> None:
    """The sender is the account's id; the name is its own word; the date is Telegram's; the original is kept."""
    found = message(text="Не работает", **{"from": {**USER, "last_name": "Б", "username": "ab"}})
    assert (found.sender, found.standing, found.chat_kind) == ("5", Standing.AUTHENTICATED, "private")
    assert (found.sender_name, found.text, found.subject) == ("A Б (@ab)", "Не работает", "")
    assert found.received_at == 1_790_000_000 * SECOND
    assert found.raw == update(text="Не работает", **{"from": {**USER, "last_name": "Б", "username": "ab"}})


def test_the_key_is_the_bots_account_the_chat_and_the_number() -> None:
    """Another number of the update is the same message; another bot, chat, number or edit is another."""
    keys = [
        read(raw, bot).message.source_key
        for raw, bot in (
            (update(), BOT), (update(11), BOT), (update(), OTHER), (update(message_id=2), BOT),
            (update(chat={"id": 6, "type": "private"}, **{"from": {**USER, "id": 6}}), BOT),
            (update(12, "edited_message", edit_date=1), BOT), (update(13, "edited_message", edit_date=2), BOT),
        )
    ]  # fmt: skip
    assert keys[0] == keys[1]
    assert len(set(keys)) == len(keys) - 1


def test_a_group_is_called_one_and_names_its_chat() -> None:
    """A refusal goes to the group's chat; the sender stays who wrote."""
    found = message(chat={"id": -100500, "type": "supergroup"})
    assert (found.chat_kind, found.reply_to, found.sender) == ("group", "-100500", "5")
    assert message().reply_to == ""


def test_an_answer_to_ours_brings_the_token_back() -> None:
    """Out of the link that we put there; nobody else's message, and no other link, brings one."""
    link = f"https://t.me/siroca_technology_bot?start={TOKEN}#018f"
    assert message(reply_to_message=answering(link)).tokens == (TOKEN,)
    assert message(reply_to_message=answering(link)).references == ("5/77",)
    assert message(reply_to_message=answering(link, id=9)).tokens == ()
    for other in (f"https://evil.example/?start={TOKEN}", f"https://t.me/a?start={TOKEN}x", "https://t.me/a"):
        assert message(reply_to_message=answering(other)).tokens == ()


def test_the_link_to_a_ticket_says_nothing_by_itself() -> None:
    """Pressing it sends ``/start`` with the token: noted on the ticket, no word of the client; forwarded, nothing."""
    pressed = message(text=f"/start {TOKEN}")
    assert (pressed.nature, pressed.tokens) == (Nature.AUTOMATIC, (TOKEN,))
    assert message(text="/start").nature is Nature.AUTOMATIC
    forwarded = message(text=f"/start {TOKEN}", forward_origin={"type": "hidden_user", "sender_user_name": "V"})
    assert (forwarded.nature, forwarded.tokens) == (Nature.REQUEST, ())
    assert forwarded.text.startswith("[переслано: V]\n")


def test_an_edit_refers_to_what_it_changed() -> None:
    """Its own message, under another key and id; its instant is the edit's."""
    found = message(number=12, kind="edited_message", edit_date=1_790_000_100)
    assert (found.nature, found.references) == (Nature.EDIT, ("5/1",))
    assert (found.message_id, found.received_at) == ("5/1/1790000100", 1_790_000_100 * SECOND)


@pytest.mark.parametrize(("user_id", "stated"), [(5, {"phone": "+79990000000"}), (999, {}), (0, {})])
def test_a_number_counts_only_on_the_writers_own_card(user_id: int, stated: dict[str, str]) -> None:
    """Whoever shares another's card states nothing; the card is in the text either way."""
    found = message(text=None, contact={"phone_number": "+79990000000", "user_id": user_id, "first_name": "Б"})
    assert found.fields == stated
    assert found.text == "[контакт: +79990000000 Б]"


def test_files_are_wanted_under_harmless_names() -> None:
    """A picture in its largest size, an animation once, a document by its name."""
    sizes = [{"file_id": "s", "file_size": 10}, {"file_id": "l", "file_size": 99}]
    assert [(each.file.file_id, each.name) for each in read(update(photo=sizes)).files] == [("l", "photo-1.jpg")]
    twice = {"animation": {"file_id": "a"}, "document": {"file_id": "a"}}
    assert len(read(update(**twice)).files) == 1
    assert [each.name for each in read(update(voice={"file_id": "v"})).files] == ["voice-1.ogg"]


def test_controls_do_not_come_through() -> None:
    """Neither in names, which stand in one line, nor in texts, which keep their lines."""
    found = message(text="a\0b\x1b[2J\nc", **{"from": {**USER, "first_name": "A\r\nBcc: x@y\u202e"}})
    assert found.text == "a\ufffdb\ufffd[2J\nc"
    assert found.sender_name == "A Bcc: x@y"


@pytest.mark.parametrize("name", hostile_updates())
def test_each_hostile_update_ends_as_listed(name: str) -> None:
    """A message of the nature listed, or one error, which quotes nothing."""
    raw, ends, _ = hostile_updates()[name]
    if ends == "quarantine":
        with pytest.raises(NotAnUpdate) as problem:
            read(raw)
        assert len(str(problem.value)) < 60
    else:
        found = read(raw).message
        assert f"submit {found.nature}" == ends
        msgspec.json.encode(msgspec.structs.replace(found, raw=b""))  # is text that can be stored
        assert "\0" not in found.text + found.sender_name
