"""What Telegram tells of: updates, read strictly as far as they are used. Foreign bytes raise one error only."""

import re
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field

_Id = Annotated[int, Meta(ge=-(2**52), le=2**52)]
_Number = Annotated[int, Meta(ge=0, le=2**52)]
_Moment = Annotated[int, Meta(ge=-(2**40), le=2**40)]

ALLOWED: tuple[str, ...] = ("message", "edited_message")
"""The kinds of updates that are asked for."""
_UPDATE_ID = re.compile(rb'"update_id"\s*:\s*([0-9]{1,18})(?![0-9])')


class NotAnUpdate(ValueError):
    """The bytes are no update as it is read here."""


class User(Struct, frozen=True):
    """An account."""

    id: _Id
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""


class Chat(Struct, frozen=True):
    """Where it was written: ``private``, ``group``, ``supergroup`` or ``channel``."""

    id: _Id
    type: str


class File(Struct, frozen=True):
    """A file that stays with Telegram until it is fetched."""

    file_id: str
    file_size: _Number = 0
    file_name: str = ""


class Entity(Struct, frozen=True):
    """A marked part of a text."""

    type: str
    url: str = ""


class Contact(Struct, frozen=True):
    """A card of somebody, shared: it proves nothing but that it was shared."""

    phone_number: str = ""
    first_name: str = ""
    last_name: str = ""
    user_id: _Id = 0


class Location(Struct, frozen=True):
    """A place."""

    latitude: float
    longitude: float


class Sticker(Struct, frozen=True):
    """A picture instead of words."""

    emoji: str = ""


class Origin(Struct, frozen=True):
    """Who wrote first what was forwarded."""

    type: str = ""
    sender_user: User | None = None
    sender_user_name: str = ""


class Answered(Struct, frozen=True):
    """The message that another answers."""

    message_id: _Number
    from_: User | None = field(name="from", default=None)
    entities: list[Entity] = []


class Message(Struct, frozen=True):
    """One message, or what it became by an edit."""

    message_id: _Number
    date: _Moment
    """Seconds since 1970, by Telegram's clock."""
    chat: Chat
    from_: User | None = field(name="from", default=None)
    edit_date: _Moment = 0
    text: str = ""
    caption: str = ""
    reply_to_message: Answered | None = None
    media_group_id: str = ""
    forward_origin: Origin | None = None
    photo: list[File] = []
    """One picture in several sizes."""
    document: File | None = None
    audio: File | None = None
    voice: File | None = None
    video: File | None = None
    video_note: File | None = None
    animation: File | None = None
    contact: Contact | None = None
    location: Location | None = None
    sticker: Sticker | None = None


class Update(Struct, frozen=True):
    """One update; at most one of the rest is there."""

    update_id: _Number
    message: Message | None = None
    edited_message: Message | None = None


_decoder = msgspec.json.Decoder(Update)
_batches = msgspec.json.Decoder(list[msgspec.Raw])


def read_update(raw: bytes) -> Update:
    """Return the update.

    Raises:
        NotAnUpdate: the bytes are none; says why, quoting nothing of it.
    """
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAnUpdate(f"cannot be read: {type(error).__name__}") from None


def split_batch(result: bytes) -> list[bytes]:
    """Return the updates of one answer, each as its bytes.

    Raises:
        NotAnUpdate: one of them spoils the whole.
    """
    try:
        return [bytes(each) for each in _batches.decode(result)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAnUpdate(f"cannot be read: {type(error).__name__}") from None


def id_of(raw: bytes) -> int | None:
    """Return the update's number, if need be out of bytes that cannot be read otherwise."""
    found = _UPDATE_ID.search(raw)
    return int(found[1]) if found else None
