"""From an outgoing message to what the Bot API is asked to send. What comes in is text: no markup is read in it."""

import re
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from helpdesk.contracts.messages import Outbound
from helpdesk_channel_telegram.address import is_group, normalise

TEXT_LIMIT = 4096
"""UTF-16 units of one message, as Telegram counts."""
MOST_PARTS = 20
_HEAD_LIMIT = 250
_CAPTION_LIMIT = 1024
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ANSWERED = re.compile(r"(-?[0-9]{1,19})/([0-9]{1,15})(?:/.*)?")


class Part(Struct, frozen=True):
    """One call of the Bot API."""

    method: str
    given: dict[str, Any]
    file: tuple[str, bytes, str] | None = None
    """Name, content, content type."""


def compose(message: Outbound) -> list[Part]:
    """Return the calls that send ``message``, in their order.

    Each begins with the subject, which is a link: it carries the ticket's token, so that an answer to it brings the
    token back, and the message's id, by which a repetition is known. It depends on the message alone.

    Raises:
        ValueError: sender or recipient is no address, it is for a group and no refusal, or it is too long.
    """
    bot, chat = normalise(message.sender), normalise(message.recipient)
    if chat.startswith("@"):
        raise ValueError("a person is reached by the id of their account, which their first message tells")
    if is_group(chat) and message.purpose != "refusal":
        raise ValueError("nothing about a ticket is sent to a group")
    head = _clip(" ".join(_UNWANTED.sub(" ", message.subject).split()) or "\N{BULLET}", _HEAD_LIMIT)
    start = f"?start={message.token}" if message.token else ""
    link = f"https://t.me/{bot.removeprefix('@')}{start}#{quote(message.id)}"
    texts = _split(_UNWANTED.sub("", message.text).strip(), TEXT_LIMIT - _units(head) - 20)
    if len(texts) > MOST_PARTS:
        raise ValueError(f"it would take more than {MOST_PARTS} messages")
    parts = []
    for number, text in enumerate(texts, 1):
        line = head if len(texts) == 1 else f"{head} ({number}/{len(texts)})"
        given: dict[str, Any] = {
            "chat_id": int(chat),
            "text": f"{line}\n\n{text}".strip(),
            "entities": [_linked(head, link)],
            "link_preview_options": {"is_disabled": True},
        }
        parts.append(Part("sendMessage", given))
    answered = _ANSWERED.fullmatch(message.in_reply_to)
    if answered and answered[1] == chat:
        parts[0].given["reply_parameters"] = {"message_id": int(answered[2]), "allow_sending_without_reply": True}
    caption = _clip(head, _CAPTION_LIMIT)
    for file in message.attachments:
        given = {"chat_id": int(chat), "caption": caption, "caption_entities": [_linked(caption, link)]}
        name = _UNWANTED.sub("", file.name).replace("\n", " ").replace("\t", " ") or "file"
        parts.append(Part("sendDocument", given, (name, file.content, file.content_type)))
    return parts


def _linked(head: str, link: str) -> dict[str, Any]:
    return {"type": "text_link", "offset": 0, "length": _units(head), "url": link}


def _units(text: str) -> int:
    """Return how long Telegram takes a text to be."""
    return len(text.encode("utf-16-le")) // 2


def _clip(text: str, limit: int) -> str:
    """Return at most ``limit`` units of the beginning, whole characters."""
    if _units(text) <= limit:
        return text
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")


def _split(text: str, limit: int) -> list[str]:
    """Cut a text where paragraphs, else lines, else words end, so that no piece is longer than ``limit`` units."""
    pieces: list[str] = []
    while _units(text) > limit:
        room = _clip(text, limit)
        cut = next((at for mark in ("\n\n", "\n", " ") if (at := room.rfind(mark)) > len(room) // 2), len(room))
        pieces.append(room[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text]
