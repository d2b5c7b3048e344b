"""What is asked of Telegram for one outgoing message."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from helpdesk.contracts.messages import Attachment, Outbound
from helpdesk_channel_telegram.compose import compose

TOKEN = "a" * 42
LETTER = Outbound(
    id="018f0000-0000-7000-8000-000000000001",
    channel_kind="telegram",
    sender="@siroca_technology_bot",
    recipient="5",
    subject="[#17] Обращение",
    text="Здравствуйте!\n\n<b>Код</b> *x* [y](z) _q_",
    token=TOKEN,
)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def first_line(given: dict[str, Any]) -> str:
    """Return what the link stands on."""
    (entity,) = given["entities"]
    assert (entity["type"], entity["offset"]) == ("text_link", 0)
    found: bytes = given["text"].encode("utf-16-le")[: 2 * entity["length"]]
    return found.decode("utf-16-le")


def test_a_text_goes_out_as_it_is_written() -> None:
    """No markup is read in it: there is no parse mode, and one mark of our own, the link on the subject."""
    (part,) = compose(LETTER)
    assert part.method == "sendMessage"
    assert part.given["text"] == "[#17] Обращение\n\nЗдравствуйте!\n\n<b>Код</b> *x* [y](z) _q_"
    assert "parse_mode" not in part.given
    assert first_line(part.given) == "[#17] Обращение"
    assert part.given["link_preview_options"] == {"is_disabled": True}


def test_the_link_carries_the_token_and_the_id() -> None:
    """An answer brings the token back; a repetition is known by the id. Each try is the same."""
    (part,) = compose(LETTER)
    url = part.given["entities"][0]["url"]
    assert url == f"https://t.me/siroca_technology_bot?start={TOKEN}#{LETTER.id}"
    assert compose(LETTER) == compose(LETTER)
    (bare,) = compose(replace(LETTER, token=""))
    assert bare.given["entities"][0]["url"] == f"https://t.me/siroca_technology_bot#{LETTER.id}"


def test_the_answered_message_is_named_if_it_is_of_this_chat() -> None:
    """By its number; if it is gone meanwhile, the answer comes all the same."""
    (part,) = compose(replace(LETTER, in_reply_to="5/77"))
    assert part.given["reply_parameters"] == {"message_id": 77, "allow_sending_without_reply": True}
    for other in ("6/77", "<x@y>", "5/77 ", "5/"):
        assert "reply_parameters" not in compose(replace(LETTER, in_reply_to=other))[0].given


def test_nothing_about_a_ticket_goes_to_a_group() -> None:
    """Only a refusal does."""
    with pytest.raises(ValueError, match="group"):
        compose(replace(LETTER, recipient="-100500", purpose="answer"))
    assert compose(replace(LETTER, recipient="-100500", purpose="refusal"))[0].given["chat_id"] == -100500


def test_a_name_reaches_nobody() -> None:
    """Telegram lets bots write to ids only."""
    with pytest.raises(ValueError, match="id"):
        compose(replace(LETTER, recipient="@somebody"))


def test_files_follow_the_text() -> None:
    """Each as a document under its name, with the link, so that an answer to it threads too."""
    files = (Attachment("a\nб.pdf", "application/pdf", b"%PDF"), Attachment("", "text/plain", b"x"))
    _, first, second = compose(replace(LETTER, attachments=files))
    assert (first.method, first.file) == ("sendDocument", ("a б.pdf", b"%PDF", "application/pdf"))
    assert first.given["caption_entities"][0]["url"].endswith(LETTER.id)
    assert second.file == ("file", b"x", "text/plain")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="аб 😀\n.", max_size=900), max_size=12).map("\n\n".join), st.text(max_size=300))
def test_a_long_text_is_cut_and_nothing_of_it_is_lost(text: str, subject: str) -> None:
    """Each message is at most 4096 UTF-16 units, and the words come in their order."""
    parts = compose(replace(LETTER, text=text, subject=subject))
    told = []
    for part in parts:
        assert 0 < units(part.given["text"]) <= 4096
        head = first_line(part.given)
        told.append(re.sub(r"^( \(\d+/\d+\))?\n*", "", part.given["text"][len(head) :]))
    assert "".join("".join(told).split()) == "".join(text.split())


def test_what_would_be_a_flood_is_refused() -> None:
    """More than twenty messages are no answer."""
    with pytest.raises(ValueError, match="20"):
        compose(replace(LETTER, text="а" * 100_000))
