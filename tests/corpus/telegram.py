"""Hostile and odd updates of Telegram, each with what must become of it.

``ends``: ``submit`` (a message of this nature), ``quarantine`` (kept for a person, no message).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from tests.support.telegram import DATE

_USER: dict[str, Any] = {"id": 5, "is_bot": False, "first_name": "A"}
_MESSAGE: dict[str, Any] = {
    "message_id": 1, "date": DATE, "chat": {"id": 5, "type": "private"}, "from": _USER, "text": "hi",
}  # fmt: skip


class Hostile(NamedTuple):
    """One update, how it must end, and what is behind it."""

    raw: bytes
    ends: str
    why: str


def update(number: Any = 10, kind: Any = "message", **changed: Any) -> bytes:
    """Return an update whose message differs from the plainest in what is given; None takes a field away."""
    said = {name: value for name, value in {**_MESSAGE, **changed}.items() if value is not None}
    return msgspec.json.encode({"update_id": number, kind: said})


def by(writer: dict[str, Any] | None, **changed: Any) -> bytes:
    """Return an update that ``writer`` wrote; None: nobody."""
    return update(**{"from": writer, **changed})


def hostile_updates() -> Mapping[str, Hostile]:
    """Return the corpus by name."""
    group = {"id": -100500, "type": "supergroup", "title": "g"}
    return {
        "same update of another bot": Hostile(update(), "submit request", "its key holds the bot"),
        "group chat": Hostile(update(chat=group), "submit request", "the regulation refuses it, not the channel"),
        "channel post": Hostile(by(None, chat={"id": -9, "type": "channel"}), "submit request", "nobody wrote it"),
        "from a bot": Hostile(
            by({"id": 7, "is_bot": True, "first_name": "loop"}),
            "submit automatic",
            "two bots",
        ),
        "another's contact": Hostile(
            update(contact={"phone_number": "+79990000000", "user_id": 999}), "submit request", "a card proves nothing"
        ),
        "another's token": Hostile(
            update(
                text="/start " + "a" * 42, forward_origin={"type": "user", "sender_user": {"id": 1, "first_name": "V"}}
            ),
            "submit request",
            "a forwarded link opens nothing",
        ),
        "document of 2 GB": Hostile(
            update(document={"file_id": "x", "file_size": 2147483648, "file_name": "../../x"}),
            "submit request",
            "not fetched; no path in its name",
        ),
        "forged callback": Hostile(
            msgspec.json.encode(
                {"update_id": 11, "callback_query": {"id": "1", "from": _USER, "data": "close:{TICKET_OF_B}"}}
            ),
            "quarantine",
            "we make no buttons, so nothing is done by one",
        ),
        "edited": Hostile(update(12, "edited_message"), "submit edit", "noted, moves no clock"),
        "in another's chat": Hostile(update(chat={"id": 6, "type": "private"}), "quarantine", "not the writer's chat"),
        "from nobody": Hostile(by(None), "quarantine", "nobody wrote it"),
        "empty": Hostile(update(text=None), "submit automatic", "a pinned message and the like"),
        "an update alone": Hostile(b'{"update_id":10}', "quarantine", "tells nothing"),
        "wrong types": Hostile(b'{"update_id":10,"message":{"message_id":"1","date":[]}}', "quarantine", "no message"),
        "message in a message": Hostile(
            b'{"update_id":10,"message":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}", "quarantine", "too deep"
        ),
        "half a character": Hostile(
            update(text="HALF").replace(b"HALF", b"\\ud800"), "quarantine", "no Unicode: spoils the whole answer"
        ),
        "not UTF-8": Hostile(update(text="HALF").replace(b"HALF", b"\xff\xfe"), "quarantine", "spoils the answer"),
        "huge number": Hostile(update(message_id=10**30), "quarantine", "no number of a message"),
        "long": Hostile(update(text="ы" * 200_000), "submit request", "longer than Telegram allows"),
        "controls": Hostile(update(text="a\0b\x1b[2J\u202e\n[#1] x"), "submit request", "terminal and log injection"),
        "names": Hostile(
            by({**_USER, "first_name": "A\r\nBcc: x@y\u202e", "username": "x\0y"}),
            "submit request",
            "header injection by a name",
        ),
        "file path": Hostile(
            update(text=None, document={"file_id": "../../etc/passwd", "file_name": "\u202egpj.exe"}),
            "submit request",
            "no such file: the message goes on without it",
        ),
        "negative date": Hostile(update(date=-1), "submit request", "out of bounds: the service's own clock counts"),
    }
