"""From an update to the message it is: who wrote, where, what, which files, and what it belongs to. Pure."""

import re
from collections.abc import Iterator

from msgspec import Struct

from helpdesk.contracts.messages import Inbound, Nature, Standing
from helpdesk.contracts.threads import TOKEN_LENGTH
from helpdesk.kernel.instants import SECOND
from helpdesk_channel_telegram.config import Bot
from helpdesk_channel_telegram.updates import File, Message, NotAnUpdate, Update

_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_UNFIT_FOR_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+")
_NAME_LIMIT = 120
_START = re.compile(r"/start(?:@\w+)?(?:\s+(\S+))?\s*")
_TOKEN = re.compile(rf"[a-z2-7]{{{TOKEN_LENGTH}}}")
_LINK = re.compile(rf"https://t\.me/[a-z0-9_]+\?start=([a-z2-7]{{{TOKEN_LENGTH}}})(?:#.*)?")


class Wanted(Struct, frozen=True):
    """A file to fetch."""

    file: File
    name: str


class Draft(Struct, frozen=True):
    """A message but for its files."""

    message: Inbound
    chat_id: int
    album: str = ""
    """Messages that were sent as one share it."""
    files: tuple[Wanted, ...] = ()


def source_key(bot: Bot, update_id: int) -> str:
    """Return the key of an update that is no message that can be read."""
    return f"telegram:{bot.id}:update:{update_id}"


def draft(update: Update, bot: Bot, raw: bytes) -> Draft:
    """Return the message of an update.

    It is known by its chat and number, which Telegram never gives twice: numbers of updates may begin anew.

    Raises:
        NotAnUpdate: it is no message, or one that nobody wrote.
    """
    edited = update.edited_message is not None
    said = update.edited_message or update.message
    if said is None:
        raise NotAnUpdate("is no message")
    private = said.chat.type == "private"
    writer = said.from_
    if writer is None and private:
        raise NotAnUpdate("nobody wrote it")
    if private and writer is not None and not writer.is_bot and writer.id != said.chat.id:
        raise NotAnUpdate("its chat is not the writer's")
    at = said.edit_date or said.date if edited else said.date
    place = f"{said.chat.id}/{said.message_id}"
    text = _text(said)
    start = None if edited or said.forward_origin is not None else _START.fullmatch(said.text)
    message = Inbound(
        channel_kind="telegram",
        address=bot.address,
        source_key=f"telegram:{bot.id}:{place}" + (f":edit:{said.edit_date or update.update_id}" if edited else ""),
        sender=str(writer.id if writer is not None else said.chat.id),
        received_at=at * SECOND,
        text=text,
        new_text=text,
        sender_name=_name(said),
        standing=Standing.AUTHENTICATED,
        nature=_nature(said, text, edited=edited, started=start is not None),
        reply_to="" if private else str(said.chat.id),
        chat_kind="private" if private else "group",
        message_id=place + (f"/{at}" if edited else ""),
        references=tuple(_references(said, place if edited else "")),
        tokens=tuple(_tokens(said, bot, start)),
        fields=_fields(said),
        raw=raw,
    )
    return Draft(message, said.chat.id, said.media_group_id, tuple(_files(said)))


def _nature(said: Message, text: str, *, edited: bool, started: bool) -> Nature:
    """Say what it is. Another bot is never answered; the button that opens the chat says nothing by itself."""
    robot = said.from_ is not None and said.from_.is_bot
    if robot or started or not (text or any(_files(said))):
        return Nature.AUTOMATIC
    return Nature.EDIT if edited else Nature.REQUEST


def _text(said: Message) -> str:
    """Return the words, with what is no words described in brackets."""
    lines = [_forwarded(said), said.text or said.caption]
    if said.contact is not None:
        card = " ".join(filter(None, (said.contact.phone_number, said.contact.first_name, said.contact.last_name)))
        lines.append(f"[контакт: {card}]")
    if said.location is not None:
        lines.append(f"[место: {said.location.latitude:.6f}, {said.location.longitude:.6f}]")
    if said.sticker is not None:
        lines.append(f"[наклейка {said.sticker.emoji}]")
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", "\n".join(line for line in lines if line))


def _forwarded(said: Message) -> str:
    origin = said.forward_origin
    if origin is None:
        return ""
    who = origin.sender_user.first_name if origin.sender_user is not None else origin.sender_user_name
    return f"[переслано: {_clean(who)}]" if who else "[переслано]"


def _name(said: Message) -> str:
    """Return how the writer calls themselves: their own word, no proof of anything."""
    if said.from_ is None:
        return ""
    name = _clean(f"{said.from_.first_name} {said.from_.last_name}")
    login = f"@{_clean(said.from_.username)}" if said.from_.username else ""
    return f"{name} ({login})" if name and login else name or login


def _clean(text: str) -> str:
    return " ".join(_UNFIT_FOR_NAMES.sub(" ", text).split())[:_NAME_LIMIT]


def _fields(said: Message) -> dict[str, str]:
    """Return the telephone number that the writer shared as their own. Another's card states nothing of the writer."""
    own = said.contact is not None and said.from_ is not None and said.contact.user_id == said.from_.id
    if said.contact is None or not own or not said.contact.phone_number:
        return {}
    return {"phone": _clean(said.contact.phone_number)}


def _references(said: Message, own: str) -> Iterator[str]:
    if own:
        yield own
    if said.reply_to_message is not None:
        yield f"{said.chat.id}/{said.reply_to_message.message_id}"


def _tokens(said: Message, bot: Bot, start: re.Match[str] | None) -> Iterator[str]:
    """Yield the tokens that come back: out of the message of ours that is answered, and by the link to the ticket."""
    answered = said.reply_to_message
    if answered is not None and answered.from_ is not None and answered.from_.id == bot.id:
        for entity in answered.entities:
            link = _LINK.fullmatch(entity.url)
            if link:
                yield link[1]
    if start is not None and start[1] is not None and _TOKEN.fullmatch(start[1]):
        yield start[1]


def _files(said: Message) -> Iterator[Wanted]:
    number = said.message_id
    if said.photo:
        yield Wanted(max(said.photo, key=lambda size: size.file_size), f"photo-{number}.jpg")
    documents = (said.document,) if said.animation is None else (said.animation,)  # an animation comes as both
    for found in documents:
        if found is not None:
            yield Wanted(found, found.file_name or f"document-{number}")
    for found, name in (
        (said.audio, f"audio-{number}.mp3"),
        (said.voice, f"voice-{number}.ogg"),
        (said.video, f"video-{number}.mp4"),
        (said.video_note, f"video-{number}.mp4"),
    ):
        if found is not None:
            yield Wanted(found, found.file_name or name)
